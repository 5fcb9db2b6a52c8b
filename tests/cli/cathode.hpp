#pragma once
// A cathode of 8 x 8 x 8 voxels for the command line: image and config in a scratch folder, and readers of its tables.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "io/image/image.hpp"
#include "tests/cli/program.hpp"
#include "tests/io/scratch_folder.hpp"

namespace voxode::test {

/// Lines of the config by what they are for; tests replace one and count lines from 1.
inline const std::vector<std::string> cathode_lines{
    /*  1 */ "job = \"cycle\"",
    /*  2 */ "[image]",
    /*  3 */ "file = \"cathode.npy\"",
    /*  4 */ "voxel_size_um = 0.5",
    /*  5 */ "labels = { 0 = \"electrolyte\", 1 = \"active\" }",
    /*  6 */ "[phase.active]",
    /*  7 */ "material = { E_GPa = 140.0, poisson_ratio = 0.3, strain_table = [[0.2, -0.02, -0.02], [0.95, 0.0, 0.0]], electronic_S_per_m = 0.5 }",
    /*  8 */ "[phase.electrolyte]",
    /*  9 */ "material = { E_GPa = 20.0, poisson_ratio = 0.3, ionic_S_per_m = 0.1 }",
    /* 10 */ "[[interface]]",
    /* 11 */ "between = [\"active\", \"electrolyte\"]",
    /* 12 */ "normal_strength_MPa = 200.0",
    /* 13 */ "toughness_I_J_per_m2 = 10.0",
    /* 14 */ "[boundary]",
    /* 15 */ "pressure_MPa = 5.0",
    /* 16 */ "[lithium]",
    /* 17 */ "discharged = 0.9",
    /* 18 */ "charged = 0.8",
    /* 19 */ "[cycling]",
    /* 20 */ "cycles = 1",
    /* 21 */ "steps_per_half_cycle = 2",
    /* 22 */ "[output]",
    /* 23 */ "fields = \"none\"",
};

using LabelAt = std::function<int(Index i, Index j, Index k)>;

/// A cube of active material (1) in electrolyte (0), away from all sides.
inline int cube_in_electrolyte(Index i, Index j, Index k) {
  const auto inside = [](Index at) { return at >= 2 && at < 6; };
  return inside(i) && inside(j) && inside(k) ? 1 : 0;
}

class Cathode {
 public:
  Cathode() {
    image(cube_in_electrolyte);
    config();
  }
  /// The image anew: label of each voxel by its array index; array axis 0 is the stack.
  void image(const LabelAt& label, const std::array<Index, 3>& shape = {8, 8, 8}) const {
    io::LabelImage image;
    image.shape = shape;
    for (Index i = 0; i < shape[0]; ++i)
      for (Index j = 0; j < shape[1]; ++j)
        for (Index k = 0; k < shape[2]; ++k) image.label.push_back(std::uint32_t(label(i, j, k)));
    io::write_image(folder / "cathode.npy", image);
  }
  /// The config anew, with one line replaced (0: none); the text may hold several lines.
  void config(std::size_t line = 0, const std::string& text = "") const {
    std::vector<std::string> lines = cathode_lines;
    if (line > 0) lines[line - 1] = text;
    std::ofstream file(folder / "cathode.toml");
    for (const std::string& each : lines) file << each << "\n";
  }
  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }
  std::vector<std::string> arguments(const std::vector<std::string>& more = {}, const std::string& verb = "run") const {
    std::vector<std::string> words{verb, folder / "cathode.toml"};
    if (verb == "run") words.insert(words.end(), {"--out", out()});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Ended run(const std::vector<std::string>& more = {}, const Surroundings& with = {}) const { return run_program(arguments(more), with); }
  Ended check() const { return run_program(arguments({}, "check")); }
  std::string out() const { return folder / "out"; }
  std::string out(const std::string& name) const { return folder / ("out/" + name); }

  ScratchFolder folder;
};

/// A table as it lies on disk.
struct Csv {
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;
};

/// Fails unless every line is whole: as many fields as the header, numbers and states only, a line end after the last.
inline Csv read_csv(const std::string& path) {
  const std::string text = text_of(path);
  EXPECT_FALSE(text.empty()) << path << " is missing or empty";
  EXPECT_TRUE(text.ends_with("\n")) << path << " ends in the middle of a row";
  Csv csv;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> fields(1);
    for (const char c : line)
      if (c == ',') fields.emplace_back();
      else fields.back() += c;
    if (csv.columns.empty()) {
      csv.columns = fields;
      continue;
    }
    EXPECT_EQ(fields.size(), csv.columns.size()) << path << ": " << line;
    if (fields.size() != csv.columns.size()) break;
    for (std::size_t c = 0; c < fields.size(); ++c) {
      char* end = nullptr;
      const double value = std::strtod(fields[c].c_str(), &end);
      EXPECT_TRUE(csv.columns[c] == "state" || (*end == '\0' && std::isfinite(value))) << path << ": " << csv.columns[c] << " = " << fields[c];
    }
    std::map<std::string, std::string> row;
    for (std::size_t c = 0; c < fields.size(); ++c) row[csv.columns[c]] = fields[c];
    csv.rows.push_back(row);
  }
  return csv;
}

/// One paragraph, from the program: the last lines of standard error beginning with "voxode: ", to its end.
inline std::string last_words(const Ended& ended) {
  const std::size_t at = ended.err.rfind("\nvoxode: ");
  if (at != std::string::npos) return ended.err.substr(at + 1);
  return ended.err.starts_with("voxode: ") ? ended.err : "";
}

/// What ends with an error: the code, a paragraph on standard error that holds all of `parts`, nothing on standard output.
inline void expect_failure(const Ended& ended, int code, const std::vector<std::string>& parts) {
  EXPECT_EQ(ended.code, code) << ended.err;
  EXPECT_EQ(ended.out, "");
  const std::string message = last_words(ended);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 1) << "one paragraph, but: " << ended.err;
  for (const std::string& part : parts) EXPECT_THAT(message, testing::HasSubstr(part));
}

}  // namespace voxode::test
