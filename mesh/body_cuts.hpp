#pragma once
// The steps of make_bodies after particles are known.
#include "mesh/bodies.hpp"

namespace voxode::mesh {

/// Provisional numbers per voxel, -1: none. Gaps in them are allowed; the table renumbers by smallest voxel index.
struct BodyCuts {
  std::vector<std::int32_t> particle, body;
  std::vector<std::uint32_t> instance_label;  ///< label of particle p, for p below its length: those that came from the instance file
};

/// Joins bodies under 8 voxels to the body of the same phase they share most faces with (the lower number if equal), smallest first; bodies of `one`, `pieces` and
/// the instance file stay as they are. Returns how many joined.
Index merge_fragments(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, BodyCuts& cuts);

/// Bodies and particles numbered by smallest voxel index, with sizes and centres.
void fill_body_table(const VoxelGrid& grid, const Periodicity& periodic, const BodyCuts& cuts, Bodies& bodies);

void orient_bodies(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, std::uint64_t seed, Bodies& bodies);

/// Centres of `count` sets of voxels, m, unwrapped across periodic sides; `label` < 0: none.
std::vector<Vector3> find_centres(const Index3& n, double spacing, const Periodicity& periodic, const std::vector<std::int32_t>& label, Index count);

}  // namespace voxode::mesh
