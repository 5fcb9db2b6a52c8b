#pragma once
// Bodies: pieces of one material and one crystal orientation between which cracks can run (docs/manual/concepts.md).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

enum class BodyMode { one, pieces, particles, grains, rods, file };
enum class OrientationMode { random, radial, aligned, file };

/// How one phase is cut into bodies.
struct BodyRule {
  BodyMode mode = BodyMode::one;
  double grain_size = 0;  ///< m; grains: mean edge of the Voronoi cells; rods: width of the radial sectors
  OrientationMode orientation = OrientationMode::random;
  /// For OrientationMode::file: (instance label, unit quaternion).
  std::vector<std::pair<std::uint32_t, Quaternion>> orientation_table;
};

struct Body {
  std::uint8_t phase = 0;
  std::int32_t particle = -1;  ///< number of the particle it belongs to; bodies of one particle share it
  std::uint32_t instance = 0;  ///< label in the instance file, 0 if none
  Quaternion orientation{1, 0, 0, 0};
  Index n_voxels = 0;
  Vector3 centre{};  ///< m
};

struct Bodies {
  std::vector<std::int32_t> of_voxel;  ///< body of each voxel, -1 in pores; shape as VoxelGrid::phase
  std::vector<Body> table;
  Index n_particles = 0;
  Index n_merged_fragments = 0;  ///< watershed basins, grains and sectors under 8 voxels that joined a neighbour
};

/// Cuts every phase into bodies by its rule (index: phase number). Seeded; the same for every thread count. Bodies and particles are numbered by
/// smallest voxel index. Instance labels are particles of phases with `grains` and `rods`, else bodies (and particles); voxels with label 0 follow the rule, and
/// with `file` make one body; labels of pore voxels are ignored. What is one body for want of another rule (`one`, the rest of `file`) has no particle.
/// Throws InputError where an instance file contradicts the image: a label in two phases, another size, no orientation for a label.
Bodies make_bodies(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, std::uint64_t seed);

}  // namespace voxode::mesh
