#pragma once
// One step of the hierarchy from a finer level, the finest mesh or a coarse one, to the next.
#include <array>
#include <cstdint>
#include <vector>

#include "mesh/hierarchy.hpp"
#include "mesh/merging.hpp"

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
  bool merged_before = false;          ///< bodies have merged on this level: its elements' bodies are each one of several
  std::vector<std::uint8_t> left_out;  ///< by body or part of one: the coarse level leaves it out; empty: none
  std::vector<std::uint16_t> place;    ///< by element: which of its coarse cell's elements it belongs to
  static constexpr std::uint16_t no_place = 0xffff;

  static Finer finest(const HierarchyInput& input);
  static Finer of(const HierarchyInput& input, const CoarseLevel& level);
  /// Takes over what parts join others in coarse cells of this edge (voxels).
  void join(double coarse_edge);
  /// Takes nodes of bodies that merge for one, and leaves out what is loose. `levels`: up to this one.
  void merge(const Merging& merging, const std::vector<CoarseLevel>& levels, double coarse_edge);
  bool is_left_out(Index element) const {
    if (left_out.empty()) return false;
    const std::int32_t own = body(element);
    return own >= 0 && left_out[std::size_t(own)] != 0;
  }

  Index n_elements() const { return level ? level->n_elements() : product(n_cells); }
  std::int32_t body(Index element) const {
    const std::int32_t own = level ? level->element_body[std::size_t(element)] : input->cell_body[std::size_t(element)];
    return joined.empty() || own < 0 ? own : joined[std::size_t(own)];
  }
  /// What tells nodes of one vertex apart: a node, on the finest mesh a body.
  std::uint32_t key(Index element, int corner) const {
    if (level) return key_of_node(level->element_node[std::size_t(corner) * std::size_t(level->n_elements()) + std::size_t(element)]);
    if (same.empty()) return std::uint32_t(body(element));
    const Index3 at = coordinates_of(element, n_cells);
    return key_of_body(input->nodes->vertex(at[0] + (corner & 1), at[1] + (corner >> 1 & 1), at[2] + (corner >> 2)), body(element));
  }
  std::uint32_t key_of_node(std::uint32_t node) const {
    if (level) return same.empty() ? node : same[node];
    return std::uint32_t(body_of_node(same.empty() ? node : same[node]));
  }
  /// Of the finest mesh.
  std::int32_t body_of_node(std::uint32_t node) const {
    const std::int32_t own = input->node_body[node];
    return joined.empty() ? own : joined[std::size_t(own)];
  }
  /// Of the finest mesh: a part that shares its node with a stiffer one keeps its own.
  std::uint32_t key_of_body(Index vertex, std::int32_t own) const {
    if (!same.empty())
      for (std::uint32_t n = input->nodes->offset[std::size_t(vertex)]; n < input->nodes->offset[std::size_t(vertex) + 1]; ++n)
        if (body_of_node(n) == own) return key_of_node(n);
    return std::uint32_t(own);
  }
  const std::vector<std::uint32_t>& node_offset() const { return level ? level->node_offset : input->nodes->offset; }
  Index cell_of(Index element) const { return level ? Index(level->element_cell[std::size_t(element)]) : element; }
  template <class F>
  void for_elements(Index cell, const F& f) const {
    if (!level) {
      if (input->cell_body[std::size_t(cell)] >= 0) f(cell);
      return;
    }
    const Index first = level->cell_first[std::size_t(cell)], end = first + level->cell_count[std::size_t(cell)];
    for (Index e = first; e < end; ++e) f(e);
  }

 private:
  void start_same();
  /// Takes the nodes on both sides of a group of springs for one.
  void unite_sides(std::size_t group);
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
inline constexpr std::uint32_t no_element = 0xffffffffu;
/// The coarse element with a finer one, `no_element` if that is none or left out.
inline std::uint32_t coarse_element(Index element, const Finer& finer, const CoarseLevel& level) {
  if (element == Index(no_element) || finer.place[std::size_t(element)] == Finer::no_place) return no_element;
  const Index3 cell = coarse_cell(coordinates_of(finer.cell_of(element), finer.n_cells), finer, level);
  return level.cell_first[std::size_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]))] + finer.place[std::size_t(element)];
}
/// Parent of what has a key at a finer vertex; code `none` if it is left out, `missing` if no element there has the key.
Parent find_parent(const Index3& finer_vertex, std::uint32_t key, const Finer& finer, const CoarseLevel& level);
/// The same for a body of the finest mesh. Throws InternalError if it is missing.
Parent parent_of_body(Index finer_vertex, std::int32_t body, const Finer& finer, const CoarseLevel& level);

/// The coarse level's elements, and `finer.place`.
void make_elements(Finer& finer, CoarseLevel& level);
/// Its nodes, and the parents of the finer level's.
void make_nodes(const Finer& finer, CoarseLevel& level);

/// A wall spring between two nodes.
struct WallEntry {
  std::uint32_t row, column;  ///< nodes; of the finest mesh vertices
  std::int32_t body;          ///< of the finest mesh
  std::uint8_t component, plate;
  double value;
  double patch;  ///< edge of a square as large as all that the body touches of the wall, voxels
};
/// What `merge_anew` goes on from.
struct FirstMerging {
  std::vector<WallEntry> walls;              ///< of the last level before
  std::vector<std::uint32_t> pair_element;   ///< as `make_springs` takes it
};

/// What the coarse level leaves out. `walls`: of the finer level.
void find_loose(const Finer& finer, const Merging& merging, const std::vector<WallEntry>& walls, CoarseLevel& level);

/// `pair_element`: the two elements of every finest pair and tie on a level, as long as its groups are made of those, (pairs, then ties; 2).
void make_springs(const Finer& finer, bool of_pairs, std::vector<std::uint32_t>& pair_element, CoarseLevel& level);

std::vector<WallEntry> finest_walls(const HierarchyInput& input);
/// The same energy in coarse unknowns, times the ratio of cell edges; stored in the level too.
std::vector<WallEntry> coarsen_walls(const std::vector<WallEntry>& walls, const Finer& finer, CoarseLevel& level);

}  // namespace voxode::mesh::coarsening
