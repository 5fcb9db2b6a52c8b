#pragma once
// Mechanical bodies taken apart for coarse levels, whose elements cannot move as the finest ones do:
// - what is far softer than the rest of its body, such as a bridge of binder in electrolyte, lets what lies on both its sides move apart; a coarse element of mean stiffness does not;
// - a splinter one voxel thick that hangs on an edge turns about it as about a hinge; a coarse element welds it to what lies beyond the edge.
// Two bodies with springs between them can.
#include <cstdint>
#include <vector>

#include "mesh/nodes.hpp"

namespace voxode::mesh {

/// A spring on coarse levels between two parts of one mechanical body that share a node of the finest mesh.
struct PartTie {
  Index vertex = 0;             ///< of the finest mesh
  std::int32_t first = 0, second = 0;  ///< parts
  float stiffness = 0;          ///< N/m, the same in all directions
};

/// Parts: face-connected voxels of one mechanical body that are soft, or that are not, splinters of the latter apart. All empty if every body is one part.
struct BodyParts {
  std::vector<std::int32_t> of_voxel;  ///< -1 where nothing takes part
  std::vector<std::int32_t> of_node;   ///< a node that several parts share is that of the stiffest, of the largest among equals
  std::vector<PartTie> ties;           ///< by vertex: between a shared node's part and each of the others
  std::vector<std::int32_t> joins;     ///< by part: the neighbour that it is one with where cells are longer than it; itself, if it is the largest part of what is soft or not
  std::vector<Index> extent;           ///< by part: longest edge of its box, voxels
  bool empty() const { return of_voxel.empty(); }
  /// By part: the part that stands for it on a level of so long cells (voxels).
  std::vector<std::int32_t> joined(double cell_edge) const;
};

/// `class_stiffness`: Young's modulus times voxel edge per class, N/m.
BodyParts find_body_parts(const Nodes& nodes, const std::vector<std::int32_t>& node_body, const std::vector<std::int32_t>& mechanical_body, const std::vector<std::uint32_t>& cell_class, const std::vector<float>& class_stiffness);

}  // namespace voxode::mesh
