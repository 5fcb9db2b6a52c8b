#pragma once
// summary.json of a cycled cathode and properties.json of an undeformed image (docs/manual/file-formats.md): SI in, named units out. A value that does not apply is null.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "physics/results.hpp"

namespace voxode::io {

/// One part of the work, e.g. "mechanics", "ionic conduction", "fields".
struct WorkPart {
  double seconds = 0;
  Index count = 0;                  ///< how often
  std::optional<Index> iterations;  ///< of its solver, where it iterates
};

/// Where numbers come from.
struct Provenance {
  std::string version;      ///< of voxode
  std::string config_file;
  std::string config_hash;  ///< of the resolved config, as its writer made it
  std::string device;       ///< kernels::device_description()
  std::string kokkos;       ///< kernels::kokkos_description()
  int threads = 0;
  double wall_seconds = 0;
  std::map<std::string, WorkPart> work;
};

/// Largest resident memory of this process so far, bytes (VmHWM of /proc/self/status); empty where the system does not say.
std::optional<double> peak_memory_bytes();

/// One [[interface]] entry at the end of a run.
struct InterfaceSummary {
  std::string between_a, between_b, where, law;
  Index n_faces = 0;
  double area = 0;  ///< true area, m2
  std::optional<double> open_area_fraction, broken_area_fraction, mean_separation, mean_damage;  ///< empty: no such area, or no damage in this law
};

/// One phase at the end of a run.
struct PhaseSummary {
  std::string name, role, material;
  Index n_voxels = 0, n_bodies = 0;
  double volume_fraction = 0;  ///< of the undeformed box
  double ionic_conductivity = 0, electronic_conductivity = 0;  ///< of the material, S/m; 0: does not conduct
  std::optional<double> particle_radius;       ///< m: 3 volume / surface of spheres with the particles' volumes; empty: no particles are told apart
  std::optional<Voigt> mean_stress;          ///< Pa, over the phase
  std::optional<double> mean_von_mises;      ///< Pa
  std::optional<double> largest_displacement;  ///< m
};

struct RunSummary {
  std::string title;
  bool finished = false;   ///< all asked cycles are done
  std::string ended;       ///< "done", or why the run ended before
  int cycles_done = 0, steps_done = 0;
  Index3 n_voxels{};
  double voxel_size = 0;   ///< m
  Index n_unknowns = 0, n_cohesive_points = 0;
  physics::StepRow last;   ///< the final values
  std::optional<physics::ConductionRow> conduction;
  std::vector<InterfaceSummary> interfaces;
  std::vector<PhaseSummary> phases;
  std::vector<std::string> notes;
  Provenance provenance;
};

/// The text of summary.json: "final" holds the columns of cycles.csv by their names (and works), "units" the unit of each.
std::string summary_text(const RunSummary& summary);
/// Writes `folder`/summary.json, whole or not at all. Throws OutputError.
void write_summary(const std::string& folder, const RunSummary& summary);

struct PhaseProperties {
  std::string name;
  double fraction = 0;               ///< of the box
  std::optional<double> percolating;  ///< share of the phase that joins both end planes; empty: there are none
};

/// Iterations and relative residual of a solve that is not conduction.
struct Solve {
  int iterations = 0;
  double residual = 0;
};

struct PropertiesSummary {
  std::string title;
  Index3 n_voxels{};
  double voxel_size = 0;  ///< m
  std::vector<PhaseProperties> phases;
  std::optional<physics::Conduction> ionic, electronic;  ///< empty: not asked for
  std::optional<Stiffness> stiffness;                    ///< Pa
  std::optional<Voigt> swelling;                         ///< engineering shear
  Solve stiffness_solve, swelling_solve;
  std::vector<std::string> notes;
  Provenance provenance;
};

/// The text of properties.json. `iterations` is the sum and `residual` the largest of all solves; each solve's own stand with it.
std::string properties_text(const PropertiesSummary& properties);
/// Writes `folder`/properties.json, whole or not at all. Throws OutputError.
void write_properties(const std::string& folder, const PropertiesSummary& properties);

}  // namespace voxode::io
