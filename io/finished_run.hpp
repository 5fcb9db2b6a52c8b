#pragma once
// A finished cycling run as it lies on disk: summary.json and cycles.csv of an output folder.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// "pristine", "cycle 3 charged".
inline std::string state_text(int cycle, const std::string& state) { return state == "pristine" ? state : "cycle " + std::to_string(cycle) + " " + state; }

/// A row of cycles.csv as far as cell models ask for it; SI. Empty: the field is empty.
struct HalfCycle {
  int cycle = 0;
  std::string state;  ///< pristine | charged | discharged
  double lithium_content = 0, stack_pressure = 0, thickness = 0, void_fraction = 0;
  std::optional<double> contact_area_fraction, ionic_conductivity, electronic_conductivity, ionic_tortuosity_factor, active_surface_per_volume, isolated_active_fraction;
};

/// Shares are of the undeformed volume.
struct FinishedRun {
  std::filesystem::path folder;
  std::string title, version, config_hash;
  double active_share = 0, electrolyte_share = 0;
  double bulk_ionic_conductivity = 0;     ///< of the best conducting electrolyte, S/m
  std::optional<double> particle_radius;  ///< of active material, m
  std::vector<HalfCycle> half_cycles;

  /// Cycle 0: the pristine row. Throws InputError that says which cycles are there.
  const HalfCycle& at(int cycle, const std::string& state) const;
  /// Cycle 0 and those that have a row of this state.
  std::vector<int> cycles(const std::string& state) const;
};

/// Throws InputError where the folder holds no run, one that has not finished, one without cycles, or one that lacks what cell models ask for.
FinishedRun read_finished_run(const std::filesystem::path& folder);

/// "0 to 3, 7" for rising numbers.
std::string ranges_text(const std::vector<int>& numbers);

}  // namespace voxode::io
