#pragma once
// Binder and pores between the particles of a synthetic cathode.
#include "mesh/packing.hpp"

namespace voxode::mesh {

/// Turns `n_binder` electrolyte voxels of `grid` into `binder`: first the recipe's blobs, then the voxels with the smallest
/// d_1 + (1 - morphology) d_2, d_1 and d_2 the distances to the two nearest particles' surfaces; a film is spread by seeded noise within one voxel.
/// Throws ConfigError if there are not enough electrolyte voxels.
void place_binder(VoxelGrid& grid, const std::vector<Sphere>& spheres, const SyntheticRecipe& recipe, std::uint8_t electrolyte, std::uint8_t binder, Index n_binder);

/// Turns `n_target` voxels of phase `from` into `to` as balls of a diameter (m) around random voxels of `from`; the last ball is filled from its centre
/// outwards until the number is met exactly. Balls may touch and are cut where they leave `from`.
void place_blobs(VoxelGrid& grid, const Periodicity& periodic, std::uint8_t from, std::uint8_t to, double diameter, Index n_target, std::uint64_t seed,
                 std::uint64_t stream);

}  // namespace voxode::mesh
