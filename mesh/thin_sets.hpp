#pragma once
// Where a body is one voxel thick.
#include <cstdint>
#include <vector>

#include "mesh/components.hpp"
#include "mesh/nodes.hpp"

namespace voxode::mesh {

/// Face-connected sets of voxels of one body that are part of no cube of 2 x 2 x 2 voxels of it. `body`: of each voxel, negative where there is none.
Components find_thin_sets(const Nodes& nodes, const std::vector<std::int32_t>& body);

}  // namespace voxode::mesh
