#pragma once
// Face-connected components of a label field.
#include <cstdint>
#include <vector>

#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

/// Components are numbered in the order of their smallest voxel index.
struct Components {
  std::vector<std::int32_t> of_voxel;  ///< component of each voxel, -1 where the key is negative; x fastest
  std::vector<Index> size;             ///< voxels of each component
  std::vector<Index> first;            ///< smallest voxel index of each component
  Index count() const { return Index(size.size()); }
};

/// Sets of voxels of equal key (negative: none) that faces connect, across the periodic sides too. The same for every thread count.
/// Throws MemoryError beyond 2^31 - 1 components; on a GPU beyond `kernels::longest_scan` voxels.
Components find_components(const Index3& n, const std::vector<std::int32_t>& key, const Periodicity& periodic);

}  // namespace voxode::mesh
