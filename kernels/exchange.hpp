#pragma once
// Node values into a buffer that can be sent, and out of one. Include only from .cpp files and other device headers.
#include "kernels/device.hpp"

namespace voxode::kernels {

/// buffer(i) = x(nodes(i)); buffer: shape (n_listed, 3), contiguous.
template <class T>
void pack_nodes(const Field<T>& x, const ConstArray<std::uint32_t>& nodes, const Field<T>& buffer) {
  for_each("voxode::kernels::pack_nodes", Index(nodes.extent(0)), KOKKOS_LAMBDA(Index i) {
    for (int d = 0; d < 3; ++d) buffer(i, d) = x(nodes(i), d);
  });
}

/// x(nodes(i)) = buffer(i).
template <class T>
void unpack_nodes(const Field<T>& buffer, const ConstArray<std::uint32_t>& nodes, const Field<T>& x) {
  for_each("voxode::kernels::unpack_nodes", Index(nodes.extent(0)), KOKKOS_LAMBDA(Index i) {
    for (int d = 0; d < 3; ++d) x(nodes(i), d) = buffer(i, d);
  });
}

}  // namespace voxode::kernels
