#pragma once
// Mechanical bodies taken apart for coarse levels: what is far softer than the rest of its body, such as a bridge of binder in electrolyte, lets what
// lies on both its sides move apart. A coarse element of mean stiffness cannot do that; two bodies with a spring between them can.
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

/// Parts: face-connected voxels of one mechanical body that are soft, or that are not. All empty if no body has soft voxels.
struct BodyParts {
  std::vector<std::int32_t> of_voxel;  ///< -1 where nothing takes part
  std::vector<std::int32_t> of_node;   ///< a node that several parts share is that of the stiffest
  std::vector<PartTie> ties;           ///< by vertex: between a shared node's part and each of the others
  bool empty() const { return of_voxel.empty(); }
};

/// `class_stiffness`: Young's modulus times voxel edge per class, N/m.
BodyParts find_body_parts(const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body, const std::vector<std::uint32_t>& cell_class, const std::vector<float>& class_stiffness);

}  // namespace voxode::mesh
