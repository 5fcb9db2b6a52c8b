#pragma once
// Particles that touch, told apart by their necks.
#include <cstdint>
#include <vector>

#include "mesh/components.hpp"

namespace voxode::mesh {

/// When two basins of the distance to the outside are two particles.
struct NeckRule {
  double ratio = 0.9;   ///< the neck's half width is at most this share of the smaller particle's
  double depth = 0.3;   ///< and smaller than it by this, voxels: less is the grid's own roughness
};

/// Cuts the voxels of a mask (not 0) into particles where they are joined by necks: basins of steepest ascent of the distance to the outside, joined in the order of
/// their saddles, highest first, unless a neck parts them. Every particle is connected by faces; numbered by smallest voxel. The same for every thread count.
Components separate_particles(const Index3& n, const std::vector<std::uint8_t>& mask, const Periodicity& periodic, const NeckRule& rule = {});

}  // namespace voxode::mesh
