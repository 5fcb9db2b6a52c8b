#include "mesh/nodes.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>

#include "kernels/error.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {
namespace {

// The up to 8 different bodies around a vertex, in increasing order.
struct VertexBodies {
  const Nodes* nodes;
  const std::int32_t* body;
  int operator()(Index v, std::int32_t (&list)[8]) const {
    const Index3& nv = nodes->n_vertices;
    const Index3& n = nodes->n_cells;
    const Index at[3] = {v % nv[0], v / nv[0] % nv[1], v / (nv[0] * nv[1])};
    int count = 0;
    for (int c = 0; c < 8; ++c) {
      Index cell[3];
      bool inside = true;
      for (int a = 0; a < 3; ++a) {
        cell[a] = at[a] - 1 + (c >> a & 1);
        if (nodes->periodic[a]) cell[a] = (cell[a] + n[a]) % n[a];
        inside = inside && cell[a] >= 0 && cell[a] < n[a];
      }
      if (!inside) continue;
      const std::int32_t b = body[linear_index(n, cell[0], cell[1], cell[2])];
      if (b < 0) continue;
      int position = 0;
      while (position < count && list[position] < b) ++position;
      if (position < count && list[position] == b) continue;
      for (int m = count; m > position; --m) list[m] = list[m - 1];
      list[position] = b;
      ++count;
    }
    return count;
  }
};

}  // namespace

std::vector<std::int32_t> bodies_of_nodes(const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body) {
  std::vector<std::int32_t> of_node(std::size_t(nodes.n_nodes()));
  const VertexBodies bodies_of{&nodes, mechanical_body.data()};
  const std::uint32_t* const offset = nodes.offset.data();
  std::int32_t* const body = of_node.data();
  Kokkos::parallel_for("voxode::mesh::bodies_of_nodes", HostPolicy(0, nodes.vertex_count()), [=](Index v) {
    std::int32_t list[8];
    const int m = bodies_of(v, list);
    for (int i = 0; i < m; ++i) body[offset[v] + std::uint32_t(i)] = list[i];
  });
  Kokkos::fence();
  return of_node;
}

Nodes make_nodes(const Index3& n_cells, const Periodicity& periodic, const std::vector<std::int32_t>& mechanical_body) {
  Nodes nodes;
  nodes.n_cells = n_cells;
  nodes.periodic = periodic;
  for (int a = 0; a < 3; ++a) nodes.n_vertices[a] = n_cells[a] + (periodic[a] ? 0 : 1);
  const Index n_vertices = nodes.vertex_count();
  const VertexBodies bodies_of{&nodes, mechanical_body.data()};

  std::vector<std::uint8_t> count(static_cast<std::size_t>(n_vertices));
  std::uint8_t* const counts = count.data();
  Kokkos::parallel_for("voxode::mesh::make_nodes::count", HostPolicy(0, n_vertices), [=](Index v) {
    std::int32_t list[8];
    counts[v] = std::uint8_t(bodies_of(v, list));
  });
  Kokkos::fence();
  nodes.offset.resize(std::size_t(n_vertices) + 1);
  std::uint64_t sum = 0;
  for (Index v = 0; v < n_vertices; ++v) {
    nodes.offset[std::size_t(v)] = std::uint32_t(sum);
    sum += counts[v];
    if (sum > 0xffffffffull) throw MemoryError("the mesh has more than 2^32 - 1 nodes; crop or coarsen the image");
  }
  nodes.offset[std::size_t(n_vertices)] = std::uint32_t(sum);
  nodes.body = bodies_of_nodes(nodes, mechanical_body);
  nodes.corner_rank.assign(std::size_t(product(n_cells)), 0);

  const std::uint32_t* const offset = nodes.offset.data();
  const std::int32_t* const body = nodes.body.data();
  std::uint32_t* const rank = nodes.corner_rank.data();
  const Nodes* const all = &nodes;
  const std::int32_t* const of_cell = mechanical_body.data();
  Kokkos::parallel_for("voxode::mesh::make_nodes::rank", HostPolicy(0, product(n_cells)), [=](Index cell) {
    const std::int32_t b = of_cell[cell];
    if (b < 0) return;
    const Index3& n = all->n_cells;
    const Index i = cell % n[0], j = cell / n[0] % n[1], k = cell / (n[0] * n[1]);
    std::uint32_t word = Nodes::solid_bit;
    for (int c = 0; c < 8; ++c) {
      const Index v = all->vertex(i + (c & 1), j + (c >> 1 & 1), k + (c >> 2 & 1));
      std::uint32_t r = 0;
      while (body[offset[v] + r] != b) ++r;
      word |= r << (3 * c);
    }
    rank[cell] = word;
  });
  Kokkos::fence();
  return nodes;
}

}  // namespace voxode::mesh
