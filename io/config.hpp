#pragma once
// A job's file: TOML in, plain structs in SI units out. One table of keys reads, validates, writes the resolved file and prints the reference.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/fields.hpp"
#include "io/image/prepare.hpp"
#include "mesh/packing.hpp"
#include "physics/settings.hpp"

namespace voxode::io {

struct OutputSettings {
  enum class Fields { none, half_cycle, step };
  std::filesystem::path folder = "out";  ///< relative to the working directory
  Fields fields = Fields::half_cycle;
  Fields voids = Fields::none;
  Fields checkpoints = Fields::step;
  std::vector<std::string> field_arrays = default_field_arrays();
  bool report = true;  ///< report.html at the end of a run
};

/// A job with its files. Exactly one of `image` and `synthetic` is set; paths of input files are absolute.
struct Config {
  std::filesystem::path file;
  physics::Job job;  ///< phases in the order of the file's [phase.*] tables: bring a grid into it with `align_phases`
  std::optional<ImageSettings> image;
  std::optional<mesh::SyntheticRecipe> synthetic;
  OutputSettings output;
  std::string hash;           ///< 16 hexadecimal digits of all that decides the results: not the output folder, of paths only the last part
  std::string resolved_toml;  ///< every key with its value; loads to the same numbers
  std::vector<std::string> notes;  ///< what a user should know before a run, one line each, for the log
};

/// Reads and validates a job's file. Each override is "key.path=value" ("interface[0].law=bonded"); the value is TOML, or else text.
/// Throws ConfigError, "FILE:LINE:COLUMN: key = value must ..." with what to do, and InputError if a table it names cannot be read.
Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

/// Reads the [synthetic] section of a file that needs nothing else (the phases may be left out), for `voxode generate`. Errors as above.
mesh::SyntheticRecipe load_recipe(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

/// Renumbers the phases of a grid (as prepare_image or generate_cathode number them) by name to those of `config.job.phases`.
/// Throws ConfigError if the grid has a phase that the job has not.
void align_phases(const Config& config, mesh::VoxelGrid& grid);

/// The reference of all keys: key, type, unit, default, range, sentence.
std::string schema_text();
/// The same as JSON: {"keys": [{"key", "type", "unit", "default", "range", "description"}, ...]}.
std::string schema_json();

}  // namespace voxode::io
