#pragma once
// Cohesive faces: voxel faces between two bodies, with the smoothed normal and the share of the true area.
#include <cstdint>
#include <functional>
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

/// Finds all faces. `rule` is asked once for each pair of touching bodies, with the lower number first.
/// Smoothed normals: direction of grad phi_A - grad phi_B at the face's centre, phi the signed distance (negative inside) from the voxels of the body and, on sides that
/// are not periodic, of its mirror image, smoothed along each axis with weights 1 2 3 4 5 4 3 2 1 (standard deviation: two voxels). Area of a sphere: right to 0.5 % at a
/// radius of 8 voxels, 0.2 % at 16, 0.1 % at 32; normals to 1.1, 1.0, 0.9 degrees (root mean square). Periodic images count within five cells. Where no face of a pair of bodies keeps area at a vertex, the first of them there is raw (normal e, share 1).
Faces make_faces(const VoxelGrid& grid, const Bodies& bodies, const std::function<FaceRule(std::int32_t body_a, std::int32_t body_b)>& rule,
                 const Periodicity& periodic);

/// The cell on the upper side of a face, wrapped at periodic sides.
Index upper_cell(const Index3& n, Index cell, int axis);

}  // namespace voxode::mesh
