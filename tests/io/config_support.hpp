#pragma once
// Configs for tests: a small valid one, written to a scratch folder with lines replaced.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "io/config.hpp"
#include "kernels/error.hpp"

namespace voxode::io::test {

/// Line numbers are in the comments; tests count on them.
inline const std::vector<std::string> valid_lines{
    /*  1 */ "job = \"cycle\"",
    /*  2 */ "[image]",
    /*  3 */ "file = \"data/nmc.tif\"",
    /*  4 */ "voxel_size_um = 0.398",
    /*  5 */ "labels = { 0 = \"electrolyte\", 1 = \"active\", 2 = \"pore\" }",
    /*  6 */ "[phase.active]",
    /*  7 */ "bodies = \"particles\"",
    /*  8 */ "material = { E_GPa = 142.5, poisson_ratio = 0.3, strain_table = [[0.2, -0.02, -0.01], [0.95, 0.0, 0.0]], electronic_S_per_m = 0.5 }",
    /*  9 */ "[phase.electrolyte]",
    /* 10 */ "material = \"li6ps5cl\"",
    /* 11 */ "[[interface]]",
    /* 12 */ "between = [\"active\", \"electrolyte\"]",
    /* 13 */ "normal_strength_MPa = 20.0",
    /* 14 */ "toughness_I_J_per_m2 = 1.0",
    /* 15 */ "[[interface]]",
    /* 16 */ "between = [\"active\", \"active\"]",
    /* 17 */ "[boundary]",
    /* 18 */ "pressure_MPa = 19.0",
    /* 19 */ "[lithium]",
    /* 20 */ "discharged = 0.93",
    /* 21 */ "charged = 0.24",
};

/// A folder of this test's own, with `cathode.toml` in it.
class ConfigFile {
 public:
  explicit ConfigFile(std::vector<std::string> lines = valid_lines) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::temp_directory_path() / (std::string("voxode_config_") + test->test_suite_name() + "_" + test->name() + "_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    write("cathode.toml", lines);
  }
  ~ConfigFile() { std::filesystem::remove_all(folder); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  std::filesystem::path write(const std::string& name, const std::vector<std::string>& lines) const {
    std::ofstream out(folder / name);
    for (const std::string& line : lines) out << line << "\n";
    return folder / name;
  }
  std::filesystem::path path() const { return folder / "cathode.toml"; }
  std::filesystem::path folder;
};

/// The valid config with one line (from 1) replaced; several lines may stand in one text.
inline std::vector<std::string> with_line(std::size_t line, const std::string& text) {
  std::vector<std::string> lines = valid_lines;
  lines[line - 1] = text;
  return lines;
}

/// The message of the error of type E that loading these lines gives, from the name "cathode.toml" on; empty and a failure if there is none.
template <class E = ConfigError>
std::string message_of(const std::vector<std::string>& lines, const std::vector<std::string>& overrides = {}) {
  const ConfigFile file(lines);
  try {
    load_config(file.path(), overrides);
  } catch (const E& error) {
    const std::string text = error.what(), folder = file.folder.string() + "/";
    return text.rfind(folder, 0) == 0 ? text.substr(folder.size()) : text;
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace voxode::io::test
