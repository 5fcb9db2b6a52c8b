#pragma once
// Bodies inside particles: grains (Voronoi cells) and rods (radial sectors).
#include <cstdint>
#include <vector>

#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

/// How the particles of one phase are cut.
struct CutRule {
  bool rods = false;
  double size = 0;  ///< voxels; grains: mean edge of the cells; rods: width of the sectors on the particle's surface
};

/// Number of the cell of each voxel with `particle` >= 0 and `chosen` not 0, -1 elsewhere; cells of different particles differ, a cell need not be connected.
/// Grains: volume / size^3 seeds per particle, at random voxels of it, cells by squared distance. Rods: 4 pi R^2 / size^2 directions on a randomly turned Fibonacci
/// lattice (R: radius of the sphere of equal volume) about the particle's centre. Seeded; the same for every thread count.
std::vector<std::int32_t> cut_particles(const Index3& n, const std::vector<std::int32_t>& particle, const std::vector<std::uint8_t>& chosen, const Periodicity& periodic,
                                        const CutRule& rule, std::uint64_t seed);

}  // namespace voxode::mesh
