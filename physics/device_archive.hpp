#pragma once
// Arrays of the device as items of an Archive.
// A device header: only .cpp files that link Kokkos include it.
#include "kernels/device.hpp"
#include "physics/archive.hpp"

namespace voxode::physics {

/// All that the view holds, as it lies there.
template <class View>
void go_over(Archive& archive, const std::string& name, const View& view) {
  using Value = typename View::non_const_value_type;
  const auto host = Kokkos::create_mirror_view(view);
  if (!archive.loads()) Kokkos::deep_copy(host, view);
  Kokkos::fence();
  archive.block(name, Archive::type_of<Value>(), host.data(), Index(host.span()));
  if (archive.loads()) Kokkos::deep_copy(view, host);
}

}  // namespace voxode::physics
