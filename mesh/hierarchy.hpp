#pragma once
// The coarse levels of a mesh with split nodes, by what hangs together: a coarse cell holds one element for each set of the finer level's elements in it
// that share nodes there, and elements of neighbouring cells share a coarse node where they share a finer one that hangs on it (after Dick, Georgii and
// Westermann, IEEE Trans. Vis. Comput. Graph. 17, 1663, 2011). So neither a thin gap nor a thin soft layer inside a cell is welded shut.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "mesh/blocks.hpp"
#include "mesh/cohesive_points.hpp"
#include "mesh/nodes.hpp"
#include "mesh/body_parts.hpp"

namespace voxode::mesh {

/// How vertices along one axis hang on the next coarser level's: between coarse vertices `left` and `left + 1` with weight `right_weight` of the latter.
struct AxisTransfer {
  std::vector<std::int32_t> left;
  std::vector<float> right_weight;
  /// The same by coarse vertex: finer vertices with a non-zero weight, and that weight.
  std::vector<std::int32_t> child_offset, child;
  std::vector<float> child_weight;
};

/// Wall springs of one level as rows of a sparse matrix among the nodes of a wall: force(node, component) = sum of value x (u(column, component) - plate).
struct WallSprings {
  std::vector<std::uint32_t> node;
  std::vector<std::uint8_t> component;
  std::vector<std::uint8_t> to_plate;
  std::vector<std::uint32_t> row_offset, column;
  std::vector<float> value;
  Index n_rows() const { return Index(node.size()); }
};

/// How a node of the finer level hangs on a coarse one: on the corners of one element, by trilinear weights.
struct Parent {
  static constexpr int element_bits = 29;
  static constexpr std::uint32_t element_mask = (1u << element_bits) - 1;
  static constexpr std::uint32_t none = 0xffffffffu;  ///< code of a node of what the coarse level leaves out (LooseBodies)
  /// Bit a of `code >> element_bits`: the element's cell is the one before AxisTransfer::left along axis a; the finer vertex then lies between the two.
  std::uint32_t code = 0;
  static constexpr std::uint32_t missing = none - 1;  ///< code of a node that should hang on something, and does not
  VOXODE_FUNCTION bool is_none() const { return code == none; }
  VOXODE_FUNCTION std::uint32_t element() const { return code & element_mask; }
  /// The element's corner at the coarse vertex that is `corner` of the cell at AxisTransfer::left; only for vertices with a weight.
  VOXODE_FUNCTION int corner(int corner) const { return corner | int(code >> element_bits); }
};

/// Interface springs of a coarse cell between two elements: the jump at each finer point is interpolated from the cell's 8 corners. An element may also be
/// of a cell before this one, where the points lie between the two.
struct SpringGroups {
  std::vector<std::uint32_t> block_offset;  ///< first group of each block of cells
  std::vector<std::uint32_t> node;          ///< nodes of the first and the second element at the 8 corners, shape (n_groups, 16); `absent` where an element of a cell before does not reach, `ground` as second where what lies behind is left out
  std::vector<std::uint32_t> member_offset;  ///< first member of each group
  std::vector<std::uint32_t> member;         ///< `of_pairs`: pairs of the finest level, then ties of parts; else groups of the finer level
  std::vector<std::uint8_t> place;           ///< of each member in the cell: of a pair's vertex, (n_members, 3); of a group's lower and upper corner, (n_members, 6). Numbers into:
  std::vector<float> place_value;            ///< 0..1, the few that there are
  std::vector<std::uint32_t> cell;           ///< of each group (*)
  std::vector<std::uint32_t> element;        ///< of each group, (n_groups, 2) (*)
  std::vector<std::uint8_t> reached;         ///< of each group: bit c: its springs have a weight at corner c (*)
  static constexpr std::uint32_t absent = 0xffffffffu, ground = absent - 1;
  bool of_pairs = false;
  Index n_groups() const { return Index(member_offset.empty() ? 0 : member_offset.size() - 1); }
};

/// Small bodies, or a few that hold together, that nothing else holds: a coarse level leaves them out, and their rigid motions are solved for on the finer one:
/// u(x) = t + w x (x - middle) / radius.
struct LooseBodies {
  std::vector<std::uint32_t> node_offset;  ///< first node of each
  std::vector<std::uint32_t> node;         ///< of the finer level
  std::vector<float> node_place;           ///< from the middle, over the radius, (n_nodes, 3)
  std::vector<std::uint32_t> facet_offset; ///< first facet of each: what it shares with one other
  std::vector<std::int32_t> facet_other;   ///< that one's number; -1: not among these
  std::vector<std::uint32_t> pair_offset;  ///< first pair of each facet
  std::vector<std::uint32_t> pair;         ///< of the finest level
  std::vector<float> pair_place;           ///< in the body and in the other, (n_pairs, 6)
  std::vector<float> wall;                 ///< stiffness of its wall springs, packed 6 x 6, (n, 21)
  Index count() const { return Index(node_offset.empty() ? 0 : node_offset.size() - 1); }
  /// A component of the displacement at a place by the six motions, t then w.
  template <class T>
  static VOXODE_FUNCTION void motions(const float* place, int component, T (&row)[6]) {
    const int next = (component + 1) % 3, last = (component + 2) % 3;
    for (int m = 0; m < 6; ++m) row[m] = m == component ? T(1) : T(0);
    row[3 + next] = T(place[last]);
    row[3 + last] = -T(place[next]);
  }
};

/// One coarse level.
struct CoarseLevel {
  Index3 n_cells{}, n_vertices{};
  Periodicity periodic{};
  std::array<std::vector<std::int32_t>, 3> coordinate;  ///< of the vertices, in finest voxels, n_cells + 1 long per axis
  std::array<AxisTransfer, 3> from_finer;
  double cell_edge = 0;  ///< of a regular cell, in finest voxels (largest axis)

  std::vector<std::uint32_t> node_offset;  ///< per vertex, n_vertices + 1
  Index n_nodes = 0;
  std::vector<std::uint32_t> parent;       ///< Parent::code of each node of the finer level

  Blocks blocks;
  std::vector<std::uint32_t> element_offset;  ///< first element of each block
  std::vector<std::uint32_t> cell_first;      ///< first element of each cell; this and what is marked (*) is empty once the hierarchy is made
  std::vector<std::uint32_t> cell_count;      ///< elements in each cell (*)
  std::vector<std::uint32_t> element_node;    ///< shape (8, n_elements), corner by corner
  std::vector<std::int32_t> element_body;     ///< or part of one: that of its finer elements, or the one they join here
  std::vector<std::uint32_t> element_cell;   ///< (*)
  std::vector<std::uint8_t> element_wide;     ///< bit a: the cell is the last along axis a and wider than the others
  Vector3 regular_edge{}, last_edge{};        ///< cell edges along each axis, in finest voxels
  std::vector<float> property;                ///< class properties times volume in voxels, summed, shape (n_properties, n_elements)
  std::vector<std::int8_t> element_centre;    ///< where in its cell [-1, 1] an element's stiffness has its centre, times 127, shape (3, n_elements)
  std::vector<std::uint8_t> element_spread;   ///< its standard deviation over that of a full cell, times 255, shape (3, n_elements)
  std::vector<float> element_moment;          ///< stiffness, and its centre and variance along the axes (voxels), shape (n_elements, 7) (*)
  Index n_elements() const { return Index(element_body.size()); }

  SpringGroups springs;
  WallSprings walls;
  LooseBodies loose;  ///< of the finer level, not on this one

  /// Nodes, with their weights, on which a node of a finer vertex hangs; returns how many.
  int nodes_of(Parent parent, const Index3& finer_vertex, std::uint32_t (&node)[8], float (&weight)[8]) const;
};

/// A wall of the finest level that fixes one displacement component, normal to it.
struct Wall {
  int axis = 0;
  bool upper = false;
  bool plate = false;  ///< tied to the plate's displacement instead of zero
};

/// How far a pair of the finest level holds: not at all, more softly than the bodies behind it, or like one body.
enum class Bond : std::uint8_t { open, soft, stiff };

struct HierarchyInput {
  const Nodes* nodes = nullptr;
  const CohesivePoints* points = nullptr;
  std::vector<std::int32_t> cell_body;                   ///< bodies to coarsen, per voxel
  std::vector<std::int32_t> node_body;                   ///< the same per node of the finest mesh
  const BodyParts* parts = nullptr;                        ///< where those bodies are parts of mechanical ones; may be empty
  const std::vector<std::uint32_t>* cell_class = nullptr;  ///< per voxel
  int n_properties = 0;
  std::vector<float> class_property;      ///< shape (n_classes, n_properties)
  std::vector<float> class_stiffness;     ///< E x voxel edge, per class
  std::vector<Wall> walls;
  const std::vector<Bond>* bonds = nullptr;  ///< of each pair; where many small bodies crowd a level those that hold like one merge. Null: all stay apart
  bool fine_blocks = false;               ///< single-cell blocks, for a GPU
  Index bottom_nodes = 1000;               ///< stop coarsening at or below this
};

namespace coarsening {
struct FirstMerging;
}
struct Hierarchy {
  std::vector<CoarseLevel> levels;  ///< from finer to coarser, one at least
  std::size_t n_unmerged = 0;       ///< levels before the first on which bodies merged or were left out
  std::shared_ptr<const coarsening::FirstMerging> first_merging;  ///< null: none did
  bool merged() const { return first_merging != nullptr; }
};
Hierarchy make_hierarchy(HierarchyInput input);
/// The levels from the first on which bodies merged, anew for other `bonds`; all else of the input must be as it was.
void merge_anew(Hierarchy& hierarchy, HierarchyInput input);

}  // namespace voxode::mesh
