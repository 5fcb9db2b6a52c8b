#pragma once
// One step of the hierarchy from a finer level, the finest mesh or a coarse one, to the next.
#include <array>
#include <cstdint>
#include <vector>

#include "mesh/hierarchy.hpp"

namespace voxode::mesh::coarsening {

/// The finer side. Elements of the finest mesh are its voxels, numbered as they are.
struct Finer {
  const HierarchyInput* input = nullptr;
  const CoarseLevel* level = nullptr;  ///< null: the finest mesh
  Index3 n_cells{}, n_vertices{};
  Periodicity periodic{};
  std::array<std::vector<std::int32_t>, 3> coordinate;
  double cell_edge = 1;
  std::vector<std::int32_t> joined;    ///< by body or part of one: what it is on the coarse level; empty: itself
  std::vector<std::uint32_t> same;     ///< by node: the first of those that the coarse level takes for one; empty: each is alone
  std::vector<std::uint16_t> place;    ///< by element: which of its coarse cell's elements it belongs to

  static Finer finest(const HierarchyInput& input);
  static Finer of(const HierarchyInput& input, const CoarseLevel& level);
  /// Takes over what parts join others in coarse cells of this edge (voxels).
  void join(double coarse_edge);

  Index n_elements() const { return level ? level->n_elements() : product(n_cells); }
  std::int32_t body(Index element) const {
    const std::int32_t own = level ? level->element_body[std::size_t(element)] : (*input->cell_body)[std::size_t(element)];
    return joined.empty() || own < 0 ? own : joined[std::size_t(own)];
  }
  /// What tells nodes of one vertex apart: a node, on the finest mesh a body.
  std::uint32_t key(Index element, int corner) const {
    return level ? key_of_node(level->element_node[std::size_t(corner) * std::size_t(level->n_elements()) + std::size_t(element)]) : std::uint32_t(body(element));
  }
  std::uint32_t key_of_node(std::uint32_t node) const {
    if (level) return same.empty() ? node : same[node];
    const std::int32_t own = (*input->node_body)[node];
    return std::uint32_t(joined.empty() ? own : joined[std::size_t(own)]);
  }
  const std::vector<std::uint32_t>& node_offset() const { return level ? level->node_offset : input->nodes->offset; }
  Index cell_of(Index element) const { return level ? Index(level->element_cell[std::size_t(element)]) : element; }
  template <class F>
  void for_elements(Index cell, const F& f) const {
    if (!level) {
      if ((*input->cell_body)[std::size_t(cell)] >= 0) f(cell);
      return;
    }
    const Index first = level->cell_first[std::size_t(cell)], end = first + level->cell_count[std::size_t(cell)];
    for (Index e = first; e < end; ++e) f(e);
  }
};

inline Index corner_vertex(const CoarseLevel& level, const Index3& cell, int corner) {
  return vertex_of(level.n_vertices, cell[0] + (corner & 1), cell[1] + (corner >> 1 & 1), cell[2] + (corner >> 2));
}
/// The coarse cell with a finer one, along an axis: an odd last cell has joined its neighbour.
inline Index coarse_cell(Index finer_cell, Index n_finer, Index n_coarse) {
  if (n_coarse == n_finer) return finer_cell;
  return finer_cell / 2 < n_coarse ? finer_cell / 2 : n_coarse - 1;
}
inline Index3 coarse_cell(const Index3& finer_cell, const Finer& finer, const CoarseLevel& level) {
  return {coarse_cell(finer_cell[0], finer.n_cells[0], level.n_cells[0]), coarse_cell(finer_cell[1], finer.n_cells[1], level.n_cells[1]), coarse_cell(finer_cell[2], finer.n_cells[2], level.n_cells[2])};
}
/// The coarse element with a finer one.
inline std::uint32_t coarse_element(Index element, const Finer& finer, const CoarseLevel& level) {
  const Index3 cell = coarse_cell(coordinates_of(finer.cell_of(element), finer.n_cells), finer, level);
  return level.cell_first[std::size_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]))] + finer.place[std::size_t(element)];
}
/// Parent of what has a key at a finer vertex; `none` if no element there has it.
Parent find_parent(const Index3& finer_vertex, std::uint32_t key, const Finer& finer, const CoarseLevel& level);
/// The same on the host: throws InternalError if there is none.
Parent parent_of_body(Index finer_vertex, std::int32_t body, const Finer& finer, const CoarseLevel& level);

/// The coarse level's elements, and `finer.place`.
void make_elements(Finer& finer, CoarseLevel& level);
/// Its nodes, and the parents of the finer level's.
void make_nodes(const Finer& finer, CoarseLevel& level);

/// `pair_element`: the two elements of every finest pair and tie on a level, as long as its groups are made of those, (pairs, then ties; 2).
void make_springs(const Finer& finer, bool of_pairs, std::vector<std::uint32_t>& pair_element, CoarseLevel& level);

/// A wall spring between two nodes.
struct WallEntry {
  std::uint32_t row, column;  ///< nodes; of the finest mesh vertices
  std::int32_t body;          ///< of the finest mesh
  std::uint8_t component, plate;
  double value;
  double patch;  ///< edge of a square as large as all that the body touches of the wall, voxels
};
std::vector<WallEntry> finest_walls(const HierarchyInput& input);
/// The same energy in coarse unknowns, times the ratio of cell edges; stored in the level too.
std::vector<WallEntry> coarsen_walls(const std::vector<WallEntry>& walls, const Finer& finer, CoarseLevel& level);

}  // namespace voxode::mesh::coarsening
