#pragma once
// Kokkos spaces and view types used by all kernels. Include only from .cpp files and other device headers.
#include <Kokkos_Core.hpp>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::kernels {

using Space = Kokkos::DefaultExecutionSpace;
using Memory = Space::memory_space;
/// Whether kernels take their variants for a host: whole rows at once, results added in place, no copies. VOXODE_GPU_VARIANTS: a host build that takes
/// those for a GPU, to test them where there is none.
#ifdef VOXODE_GPU_VARIANTS
inline constexpr bool on_host = false;
#else
inline constexpr bool on_host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, Memory>::accessible;
#endif

/// Array on the device.
template <class T>
using Array = Kokkos::View<T*, Memory>;
/// Vector field on nodes, component by component: shape (n_nodes, 3).
template <class T>
using Field = Kokkos::View<T* [3], Kokkos::LayoutLeft, Memory>;

/// Vector field node by node: shape (n_nodes, 4), the last entry of a node is padding and 0. For nodes that lie scattered: all of one comes with a single load.
template <class T>
using NodeField = Kokkos::View<T* [4], Kokkos::LayoutRight, Memory>;

template <class T>
Array<T> make_array(const std::string& label, Index n) {
  return Array<T>(Kokkos::view_alloc(label, Kokkos::WithoutInitializing), std::size_t(n));
}
template <class T>
Field<T> make_field(const std::string& label, Index n) {
  return Field<T>(label, std::size_t(n));
}
template <class T>
NodeField<T> make_node_field(const std::string& label, Index n) {
  return NodeField<T>(label, std::size_t(n));
}

/// The vector's content on the device: without a copy where the device reads host memory (the vector must then outlive the array).
template <class T>
Kokkos::View<const T*, Memory, Kokkos::MemoryTraits<0>> to_device(const std::string& label, const std::vector<T>& values) {
  Kokkos::View<const T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged> host(values.data(), values.size());
  if constexpr (on_host) {
    return Kokkos::View<const T*, Memory>(values.data(), values.size());
  } else {
    Array<T> device = make_array<T>(label, Index(values.size()));
    Kokkos::deep_copy(device, host);
    return device;
  }
}
template <class T>
using ConstArray = Kokkos::View<const T*, Memory>;

/// Copies the vector into an array of its length.
template <class T>
void copy_to(const Array<T>& device, const std::vector<T>& values) {
  Kokkos::deep_copy(device, Kokkos::View<const T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(values.data(), values.size()));
}
/// A copy of the vector on the device.
template <class T>
Array<T> upload(const std::string& label, const std::vector<T>& values) {
  Array<T> device = make_array<T>(label, Index(values.size()));
  copy_to(device, values);
  return device;
}

/// An array for a kernel to write what `fetch` then leaves in the vector: the vector's own memory where the device is the host.
template <class T>
Array<T> output_array(const std::string& label, std::vector<T>& values) {
  if constexpr (on_host) return Array<T>(values.data(), values.size());
  else return make_array<T>(label, Index(values.size()));
}
template <class T>
void fetch(const Array<T>& array, std::vector<T>& values) {
  Kokkos::fence();
  if constexpr (!on_host) Kokkos::deep_copy(Kokkos::View<T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(values.data(), values.size()), array);
}

template <class T>
std::vector<T> to_host(const Array<T>& array) {
  std::vector<T> values(array.extent(0));
  Kokkos::View<T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged> host(values.data(), values.size());
  Kokkos::deep_copy(host, array);
  return values;
}

/// parallel_for over [0, n) on the device.
template <class Body>
void for_each(const std::string& label, Index n, const Body& body) {
  if (n > 0) Kokkos::parallel_for(label, Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(0, n), body);
}

}  // namespace voxode::kernels
