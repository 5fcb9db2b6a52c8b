#pragma once
// Grid vertices and their nodes: one node per vertex and mechanical body that touches it.
#include <array>
#include <cstdint>
#include <vector>

#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

/// Nodes of a box of voxels. Vertices are numbered x fastest, n + 1 along an axis, or n if it is periodic.
struct Nodes {
  Index3 n_cells{};
  Index3 n_vertices{};
  Periodicity periodic{};
  std::vector<std::uint32_t> offset;  ///< first node of each vertex, n_vertices + 1 long
  std::vector<std::int32_t> body;     ///< mechanical body of each node; the nodes of a vertex stand in increasing order of it; may be given back once all is set up (`bodies_of_nodes`)
  /// Per cell: rank (3 bits) of the cell's body among the nodes of each of its 8 corners, corner = x + 2 y + 4 z; bit 24: the cell is solid.
  std::vector<std::uint32_t> corner_rank;

  static constexpr std::uint32_t solid_bit = 1u << 24;
  Index n_nodes() const { return offset.empty() ? 0 : Index(offset.back()); }
  Index vertex_count() const { return product(n_vertices); }
  /// Vertex at corner (cx, cy, cz) of a cell, wrapped if periodic.
  Index vertex(Index i, Index j, Index k) const { return vertex_of(n_vertices, i, j, k); }
  /// The 8 nodes of a solid cell, corner by corner.
  std::array<std::uint32_t, 8> of_cell(Index cell) const {
    const Index3 at = coordinates_of(cell, n_cells);
    std::array<std::uint32_t, 8> node;
    for (std::size_t c = 0; c < 8; ++c) node[c] = offset[std::size_t(vertex(at[0] + Index(c & 1), at[1] + Index(c >> 1 & 1), at[2] + Index(c >> 2)))] + (corner_rank[std::size_t(cell)] >> (3 * c) & 7u);
    return node;
  }
  /// Calls f(cell, its 8 nodes) for all solid cells in turn.
  template <class F>
  void for_solid_cells(const F& f) const {
    for (std::size_t cell = 0; cell < corner_rank.size(); ++cell)
      if (corner_rank[cell] & solid_bit) f(cell, of_cell(Index(cell)));
  }
  /// Calls f(corner, cell) for each cell inside the box of which the vertex is corner `corner`, across periodic sides too.
  template <class F>
  void for_cells_around(Index vertex, const F& f) const {
    mesh::for_cells_around(n_cells, periodic, coordinates_of(vertex, n_vertices), [&](const Index3& cell, int corner) { f(std::size_t(corner), std::size_t(linear_index(n_cells, cell[0], cell[1], cell[2]))); });
  }
};

/// `mechanical_body`: per voxel, -1 where nothing takes part in mechanics. Throws MemoryError beyond 2^32 - 1 nodes.
Nodes make_nodes(const Index3& n_cells, const Periodicity& periodic, const std::vector<std::int32_t>& mechanical_body);
/// Nodes::body anew.
std::vector<std::int32_t> bodies_of_nodes(const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body);

}  // namespace voxode::mesh
