#include "mesh/thin_sets.hpp"

#include <Kokkos_Core.hpp>

#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {

Components find_thin_sets(const Nodes& nodes, const std::vector<std::int32_t>& body) {
  std::vector<std::uint8_t> cube(std::size_t(nodes.vertex_count()));  // all eight voxels around the vertex are of one body
  Kokkos::parallel_for("voxode::mesh::find_thin_sets::vertices", HostPolicy(0, nodes.vertex_count()), [&](Index v) {
    std::int32_t of[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
    nodes.for_cells_around(v, [&](std::size_t corner, std::size_t cell) { of[corner] = body[cell]; });
    bool same = of[0] >= 0;
    for (int c = 1; c < 8; ++c) same = same && of[c] == of[0];
    cube[std::size_t(v)] = same;
  });
  Kokkos::fence();
  std::vector<std::int32_t> thin(body.size());
  const Index3& n = nodes.n_cells;
  Kokkos::parallel_for("voxode::mesh::find_thin_sets::voxels", HostPolicy(0, product(n)), [&](Index voxel) {
    const Index i = voxel % n[0], j = voxel / n[0] % n[1], k = voxel / (n[0] * n[1]);
    bool thick = false;
    for (int c = 0; c < 8; ++c) thick = thick || cube[std::size_t(nodes.vertex(i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)))];
    thin[std::size_t(voxel)] = thick ? -1 : body[std::size_t(voxel)];
  });
  Kokkos::fence();
  return find_components(n, thin, nodes.periodic);
}

}  // namespace voxode::mesh
