#pragma once
// What the cycle driver hands out: plain host data, SI units. io/ writes it.
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::physics {

/// Effective conduction of one kind of carrier. Empty optionals: not asked for or does not apply.
struct Conduction {
  std::optional<double> conductivity;         ///< S/m, through-plane; 0 if nothing percolates
  std::optional<double> tortuosity_factor;    ///< empty if nothing percolates
  std::optional<double> relative;             ///< over the best conducting phase
  std::optional<std::array<double, 9>> tensor;  ///< S/m, row by row, x y z
  int iterations = 0;
  double residual = 0;
};

/// One row of steps.csv and the head of a row of cycles.csv (docs/manual/file-formats.md). Lengths m, stresses Pa, energies J.
struct StepRow {
  int cycle = 0;
  std::string state;  ///< pristine | charging | charged | discharging | discharged
  int step = 0;
  double lithium_content = 0, stack_pressure = 0, thickness = 0, void_fraction = 0, opened_volume_fraction = 0, gap_volume_fraction = 0;
  /// Shares of cohesive area; empty where there is no such area.
  std::optional<double> open_area_fraction, broken_area_fraction, contact_area_fraction, mean_separation, mean_damage;
  Voigt mean_stress{};
  double elastic_energy = 0, dissipated_energy = 0;
  // not columns of the table's fixed head:
  double plate_work = 0, swelling_work = 0, snap_energy = 0;  ///< since pristine, J
  int nonlinear_iterations = 0, multigrid_cycles = 0, substeps = 1;
  double residual = 0, wall_seconds = 0;
};

struct ConductionRow {
  Conduction ionic, electronic;
  std::optional<double> active_surface_per_volume;  ///< 1/m
  std::optional<double> isolated_active_fraction;
};

/// Fields of one state, per voxel, shape (n_z, n_y, n_x), x fastest.
struct FieldSnapshot {
  std::string name;      ///< e.g. "cycle 1 charged"
  double time = 0;       ///< half cycles since pristine
  std::vector<float> displacement;  ///< (n_voxels, 3), m, mean of the corners; NaN where the voxel takes no part
  std::vector<float> stress;        ///< (n_voxels, 6), Pa, centre
  std::vector<float> lithium;       ///< content; NaN where there is none
  std::vector<float> ionic_potential, electronic_potential;  ///< V (unit drop), NaN where it does not conduct; may be empty
};

/// Cohesive faces of one state, parallel to mesh::Faces restricted to those with an entry.
struct CrackSnapshot {
  std::vector<Index> face;        ///< number in mesh::Faces
  std::vector<float> opening;     ///< mean normal opening of the four points, m
  std::vector<float> sliding;     ///< m
  std::vector<float> damage, separation, opened_part;  ///< opened_part = damage x normal opening, m
  std::vector<float> traction;    ///< normal traction, Pa, tension positive
  // Vectors from the lower cell's body to the upper's as the normal; the files do without where they are empty.
  std::vector<float> jump;             ///< (n, 3), u_upper - u_lower, m
  std::vector<float> traction_vector;  ///< (n, 3), on the lower body, Pa
  std::vector<float> mode_mix;         ///< B = K_s d_s^2 / (K_n <d_n>^2 + K_s d_s^2)
};

}  // namespace voxode::physics
