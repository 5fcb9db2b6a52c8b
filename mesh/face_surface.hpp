#pragma once
// A smooth surface through cohesive faces, for pictures: the corners of the faces moved off the grid.
#include <cstdint>
#include <vector>

#include "mesh/faces.hpp"

namespace voxode::mesh {

/// A corner is a vertex of the grid (the same one across periodic sides) and a pair of bodies.
struct FaceCorners {
  std::vector<std::uint32_t> corner;  ///< corners of each face, counter-clockwise about +axis from the lower vertex, shape (n_faces, 4); 0 for faces without an entry
  std::vector<float> shift;           ///< of each corner from its vertex, voxels, shape (n_corners, 3)
  Index n_corners() const { return Index(shift.size() / 3); }
};

/// Offsets of a face's corners along the axes (axis + 1) % 3 and (axis + 2) % 3.
inline constexpr int face_corner[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};

/// Moves each corner to where the planes through its faces' centres, with their smoothed normals, have it on the average, `n_steps` times; by half a voxel along each axis at most,
/// and on sides of the box only within them. All faces with an entry take part, whatever their state; so a crack that grows moves no triangle. A plane stays one to the last bit;
/// the normals of `voxel` faces leave the staircase as it is. Sphere with a radius of 12 voxels: normals to 2.3 degrees (root mean square; the staircase: 49), area to 0.1 % (50 %).
FaceCorners smooth_corners(const Index3& n, const Bodies& bodies, const Faces& faces, int n_steps = 24);

}  // namespace voxode::mesh
