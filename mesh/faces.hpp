#pragma once
// Cohesive faces: voxel faces between two bodies, with the smoothed normal and the share of the true area.
#include <cstdint>
#include <vector>

#include "mesh/bodies.hpp"

namespace voxode::mesh {

/// All voxel faces between two different bodies, bonded for good or not; across periodic sides too. Structure of arrays, n_faces long,
/// ordered by axis, then by the linear index of the lower cell.
struct Faces {
  std::vector<Index> cell;           ///< linear index of the cell on the lower side; the other is its +axis neighbour (wrapped if periodic)
  std::vector<std::uint8_t> axis;    ///< 0, 1, 2
  std::vector<std::uint8_t> entry;   ///< number of the interface entry that holds, `no_entry` if bonded for good
  std::vector<float> normal;         ///< unit normal from the lower cell's body to the upper's, shape (n_faces, 3)
  std::vector<float> area_share;     ///< max(normal . e, 0): true area over h^2
  Index size() const { return Index(cell.size()); }
  static constexpr std::uint8_t no_entry = 255;
};

enum class NormalMode { smoothed, voxel };

/// How to find the entry and kind of normals of a pair of bodies.
struct FaceRule {
  std::uint8_t entry = Faces::no_entry;
  NormalMode normals = NormalMode::smoothed;
};

}  // namespace voxode::mesh
