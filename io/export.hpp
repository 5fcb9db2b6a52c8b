#pragma once
// `voxode export`: a finished run's positive electrode as BPX files or as parameters by PyBaMM's names.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/cell_parameters.hpp"

namespace voxode::io {

/// A BPX file that fills what the microstructure does not know.
struct CellTemplate {
  std::string text;          ///< as checked: JSON that has all fields which the export replaces or builds on
  bool shipped = false;      ///< then electrolyte conductivity and nominal capacity follow the run, too
  double particle_radius = 0;
};

/// The shipped cell, or the user's file. Throws InputError where it cannot be read, is no BPX file or lacks a field.
CellTemplate read_cell_template(const std::optional<std::filesystem::path>& file);

/// One BPX file. The shipped cell's nominal capacity is that of the pristine electrode, cut off or not.
std::string bpx_text(const CellTemplate& cell, const FinishedRun& run, const CellParameters& p);
/// One flat JSON object.
std::string pybamm_text(const CellParameters& p);
/// The same numbers and the others of CellParameters, a row per state.
std::string pybamm_table(const std::vector<CellParameters>& rows);

enum class CellModel { bpx, pybamm };

struct ExportOptions {
  std::filesystem::path folder;   ///< of the run
  CellModel model = CellModel::bpx;
  std::string output;             ///< a file, a folder, or a name with {cycle}
  std::optional<int> cycle;       ///< empty: the last one
  bool all = false;
  std::string state = "discharged";
  std::optional<std::filesystem::path> cell_template;
};

struct Exported {
  std::vector<std::string> files, notes;
};

/// Nothing is written unless all of it can be computed. Throws ConfigError, InputError, OutputError.
Exported export_run(const ExportOptions& options);

}  // namespace voxode::io
