#include "io/finished_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "io/run_folder.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

constexpr double um = 1e-6, MPa = 1e6;

/// Why a folder without summary.json is no finished run.
[[noreturn]] void fail_without_summary(const fs::path& folder) {
  if (!fs::exists(folder)) fail_in(folder, "there is no such folder. Give the output folder of a finished `voxode run`.");
  if (!fs::is_directory(folder)) fail_in(folder, "is no folder. Give the output folder of a finished `voxode run`.");
  if (fs::exists(folder / "properties.json"))
    fail_in(folder, "is a run with job = \"properties\", which has no cycles and no surface of active material. Run it with job = \"cycle\" (--set job=cycle) and export that.");
  if (fs::exists(folder / "resolved.toml")) fail_in(folder, "this run has not finished: there is no summary.json yet. Let it end, or run it again, then export.");
  fail_in(folder, fmt::format("is no output folder of voxode: there is no summary.json in it.{} Give the folder that `voxode run` names at its end.", run_inside(folder, {"summary.json"})));
}

json read_summary(const fs::path& folder) {
  const fs::path path = folder / "summary.json";
  std::ifstream file(path, std::ios::binary);
  if (!fs::is_regular_file(path) || !file) fail_without_summary(folder);
  json summary = json::parse(file, nullptr, false);
  if (!summary.is_object()) fail_in(path, "is damaged: it is no JSON object. Run the job again.");
  return summary;
}

/// A value at a path of keys of summary.json.
template <class T>
T value(const json& from, const std::string& pointer, const fs::path& path) {
  try {
    return from.at(json::json_pointer(pointer)).get<T>();
  } catch (const json::exception&) {
    fail_in(path, fmt::format("has no {} of the kind that is needed: this version of voxode did not write it. Run the job again with this one.", pointer));
  }
}

void read_phases(const json& summary, const fs::path& path, FinishedRun& run) {
  double cubes = 0, squares = 0;
  for (const json& phase : value<json>(summary, "/phases", path)) {
    const std::string role = value<std::string>(phase, "/role", path);
    const double share = value<double>(phase, "/volume_fraction", path);
    if (role == "electrolyte") {
      run.electrolyte_share += share;
      run.bulk_ionic_conductivity = std::max(run.bulk_ionic_conductivity, value<double>(phase, "/ionic_S_per_m", path));
    }
    if (role != "active") continue;
    run.active_share += share;
    const json radius = value<json>(phase, "/particle_radius_um", path);
    if (!radius.is_number()) continue;
    cubes += share;  // as particles' volume over surface add up
    squares += share / (radius.get<double>() * um);
  }
  if (squares > 0) run.particle_radius = cubes / squares;
  if (run.active_share <= 0) fail_in(path, "this run has no active material, which a cell model is about. Give one phase role = \"active\".");
  if (run.electrolyte_share <= 0 || run.bulk_ionic_conductivity <= 0)
    fail_in(path, "this run has no electrolyte that conducts. Give one phase role = \"electrolyte\" and its material ionic_S_per_m.");
}

/// cycles.csv, field by column name.
class CyclesFile {
 public:
  explicit CyclesFile(const fs::path& path) : path_(path), file_(path) {
    std::string header;
    if (!std::getline(file_, header)) fail_in(path, "is missing or empty, and the run's numbers stand in it. Run the job again.");
    const std::vector<std::string> names = split_row(header);
    for (std::size_t c = 0; c < names.size(); ++c) column_[names[c]] = c;
  }
  bool next() {
    std::string line;
    while (std::getline(file_, line))
      if (!line.empty()) {
        ++row_;
        fields_ = split_row(line);
        return true;
      }
    return false;
  }
  const std::string& text(const std::string& name) const {
    const auto found = column_.find(name);
    if (found == column_.end()) fail_in(path_, fmt::format("has no column {}: it is not a table of this version of voxode. Run the job again.", name));
    if (found->second >= fields_.size()) fail_in(path_, fmt::format("row {} is cut off. Run the job again.", row_));
    return fields_[found->second];
  }
  std::optional<double> maybe(const std::string& name, double unit = 1) const {
    const std::string& field = text(name);
    if (field.empty()) return {};
    double number = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || end != field.data() + field.size()) fail_in(path_, fmt::format("row {}: {} = {} is no number. Run the job again.", row_, name, field));
    return number * unit;
  }
  double number(const std::string& name, double unit = 1) const {
    const std::optional<double> found = maybe(name, unit);
    if (!found) fail_in(path_, fmt::format("row {}: {} is empty. Run the job again.", row_, name));
    return *found;
  }

 private:
  fs::path path_;
  std::ifstream file_;
  std::map<std::string, std::size_t> column_;
  std::vector<std::string> fields_;
  int row_ = 0;
};

std::vector<HalfCycle> read_half_cycles(const fs::path& path) {
  std::vector<HalfCycle> rows;
  CyclesFile file(path);
  while (file.next()) {
    HalfCycle& row = rows.emplace_back();
    row.cycle = int(file.number("cycle"));
    row.state = file.text("state");
    row.lithium_content = file.number("lithium_content");
    row.stack_pressure = file.number("stack_pressure_MPa", MPa);
    row.thickness = file.number("thickness_um", um);
    row.void_fraction = file.number("void_fraction");
    row.contact_area_fraction = file.maybe("contact_area_fraction");
    row.ionic_conductivity = file.maybe("ionic_conductivity_S_per_m");
    row.electronic_conductivity = file.maybe("electronic_conductivity_S_per_m");
    row.ionic_tortuosity_factor = file.maybe("ionic_tortuosity_factor");
    row.active_surface_per_volume = file.maybe("active_surface_per_volume_per_m");
    row.isolated_active_fraction = file.maybe("isolated_active_fraction");
  }
  if (rows.empty() || rows.front().state != "pristine") fail_in(path, "does not begin with the pristine state, to which all others are compared. Run the job again.");
  return rows;
}

}  // namespace

std::string ranges_text(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    const char* between = end == i + 1 ? " and " : " to ";
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", numbers[i], end > i ? fmt::format("{}{}", between, numbers[end]) : "");
    i = end + 1;
  }
  return text;
}

std::vector<int> FinishedRun::cycles(const std::string& state) const {
  std::vector<int> found;
  for (const HalfCycle& row : half_cycles)
    if (row.state == "pristine" || row.state == state) found.push_back(row.cycle);
  return found;
}

const HalfCycle& FinishedRun::at(int cycle, const std::string& state) const {
  for (const HalfCycle& row : half_cycles)
    if (row.cycle == cycle && (row.state == "pristine" || row.state == state)) return row;
  fail_in(folder, fmt::format("there is no cycle {}; the run holds cycles {} (0: pristine).", cycle, ranges_text(cycles(state))));
}

FinishedRun read_finished_run(const fs::path& folder) {
  const json summary = read_summary(folder);
  const fs::path path = folder / "summary.json";
  FinishedRun run;
  run.folder = folder;
  if (!value<bool>(summary, "/finished", path))
    fail_in(folder, fmt::format("this run has not finished: {} cycles and {} load steps are done ({}). Run it to its end, or ask for fewer cycles (--set cycling.cycles=N).",
                             value<int>(summary, "/cycles_done", path), value<int>(summary, "/steps_done", path), summary.value("ended", "") == "done" ? "stopped as asked" : summary.value("ended", "")));
  run.title = value<std::string>(summary, "/title", path);
  run.version = value<std::string>(summary, "/provenance/voxode_version", path);
  run.config_hash = value<std::string>(summary, "/provenance/config_hash", path);
  read_phases(summary, path, run);
  run.half_cycles = read_half_cycles(folder / "cycles.csv");
  return run;
}

}  // namespace voxode::io
