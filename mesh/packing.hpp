#pragma once
// Synthetic cathodes: log-normal spheres packed by growth and relaxation, then binder and pores between them. All in SI units.
#include <array>
#include <cstdint>
#include <vector>

#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

/// What to make. Shares are of the whole box. Defaults: 70 voxels of 0.5 um a side, half active material.
struct SyntheticRecipe {
  Index3 n{70, 70, 70};   ///< voxels along x, y, z
  double spacing = 0.5e-6;  ///< edge of a voxel, m
  /// Axes on which the packing continues on its other side; on the others particles stay inside the box.
  Periodicity periodic{true, true, false};
  std::uint64_t seed = 1;

  double active_fraction = 0.5;       ///< volume share of the particles, (0, 1)
  double diameter_median = 5e-6;      ///< m, of the number distribution
  double diameter_sigma = 0.3;        ///< standard deviation of ln(diameter), 0: all the same
  double diameter_minimum = 1.5e-6;   ///< m; the distribution is cut here, not piled up
  double diameter_maximum = 15e-6;    ///< m
  double overlap_tolerance = 0.02;    ///< largest depth of overlap over the smaller diameter, [0, 0.5)

  double binder_fraction = 0.0;       ///< volume share of binder voxels
  double binder_morphology = 0.0;     ///< 0: at the necks between particles (localised) ... 1: spread over their surfaces as a thin film
  double binder_blob_share = 0.0;     ///< share of the binder that sits as blobs in the electrolyte, [0, 1]
  double binder_blob_diameter = 2e-6;  ///< m

  double pore_fraction = 0.0;         ///< volume share of pores in the electrolyte
  double pore_diameter = 2e-6;        ///< m
};

/// A particle; centre in metres from the box's corner.
struct Sphere {
  Vector3 centre{};
  double radius = 0;
};

/// What was reached. Shares are counted in voxels.
struct SyntheticStatistics {
  double active_fraction = 0, electrolyte_fraction = 0, binder_fraction = 0, pore_fraction = 0;
  Index n_spheres = 0;
  std::array<double, 5> diameter_quantiles{};  ///< m; 0, 10, 50, 90 and 100 % of the number of particles
  double volume_median_diameter = 0;           ///< m; half the active volume is in smaller particles
  double diameter_scale = 1;                   ///< factor between drawn and final diameters, from the final adjustment of the share
  double maximal_overlap = 0;                  ///< depth over the smaller diameter; 0: no two particles overlap
  double coordination_number = 0;              ///< mean number of neighbours nearer than one voxel
  double active_surface_per_volume = 0;        ///< 1/m, of the spheres less the caps inside others, over the box
};

/// Phases "electrolyte" (0), "active" (1) and, if asked for, "binder" (2); pores are `pore`. `grid.instance` is the number of the
/// particle from 1, 0 outside of particles. `spheres[p]` is particle p + 1.
struct SyntheticCathode {
  VoxelGrid grid;
  std::vector<Sphere> spheres;
  SyntheticStatistics statistics;
};

/// Throws ConfigError for values out of range or that contradict each other, without packing anything.
void validate(const SyntheticRecipe& recipe);

/// Makes the cathode; seeded, the same for every thread count. Throws ConfigError where the recipe cannot be met, with what can be reached.
SyntheticCathode generate_cathode(const SyntheticRecipe& recipe);

}  // namespace voxode::mesh
