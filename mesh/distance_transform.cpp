#include "mesh/distance_transform.hpp"

#include <Kokkos_Core.hpp>

#include "kernels/error.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {
namespace {

/// Rows along one axis. Periodic rows get half a period more at either end: nothing beyond can be nearest.
void transform_along(std::size_t axis, const Index3& n, bool periodic, std::vector<std::int32_t>& squared) {
  const Index stride[3] = {1, n[0], n[0] * n[1]};
  const std::size_t b = axis == 0 ? 1 : 0, c = axis == 2 ? 1 : 2;
  const Index length = n[axis], step = stride[axis], n_b = n[b], step_b = stride[b], step_c = stride[c];
  const Index halo = periodic ? length / 2 : 0;
  Kokkos::parallel_for("voxode::mesh::squared_distances::rows", HostPolicy(0, n_b * n[c]), [&](Index row) {
    thread_local DistanceRow work;
    work.resize(length + 2 * halo);
    std::int32_t* const values = squared.data() + row % n_b * step_b + row / n_b * step_c;
    for (Index i = 0; i < length + 2 * halo; ++i) work.value[std::size_t(i)] = values[(i - halo + length) % length * step];
    work.transform(length + 2 * halo, halo, halo + length, [=](Index u, std::int32_t d) { values[(u - halo) * step] = d; });
  });
  Kokkos::fence();
}

}  // namespace

std::vector<std::int32_t> squared_distances(const Index3& n, const std::vector<std::uint8_t>& mask, const Periodicity& periodic) {
  if (Index(mask.size()) != product(n)) throw InternalError("squared_distances: the mask does not fit the box");
  std::vector<std::int32_t> squared(mask.size());
  for (std::size_t v = 0; v < mask.size(); ++v) squared[v] = mask[v] != 0 ? no_target : 0;
  if (mask.empty()) return squared;
  for (std::size_t axis = 0; axis < 3; ++axis) transform_along(axis, n, periodic[axis], squared);
  return squared;
}

}  // namespace voxode::mesh
