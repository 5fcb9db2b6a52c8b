#pragma once
// Exact Euclidean distance of a mask's voxels to its outside.
#include <cstdint>
#include <vector>

#include "mesh/distance_rows.hpp"
#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

/// Squared distance, in voxels, from the centre of each voxel of the mask (not 0) to the centre of the nearest voxel outside it; 0 outside, `no_target` where the mask
/// fills the box. Closed sides of the box are not outside; across periodic ones the mask goes on. Shape as VoxelGrid::phase. Exact (integers), hence the same for
/// every thread count. Meijster, Roerdink and Hesselink (2000).
std::vector<std::int32_t> squared_distances(const Index3& n, const std::vector<std::uint8_t>& mask, const Periodicity& periodic);

}  // namespace voxode::mesh
