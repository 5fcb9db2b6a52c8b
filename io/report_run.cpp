#include "io/report_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "io/run_folder.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* remedy = "Put the file back from a copy, or run the job again.";

[[noreturn]] void fail_without_run(const fs::path& folder) {
  fail_in(folder, fmt::format("is no output folder of voxode: there is neither resolved.toml nor summary.json in it.{} Give the folder that `voxode run` names at its end.", run_inside(folder, {"summary.json", "properties.json"})));
}

json read_json(const fs::path& path) {
  json root = json::parse(report_file_text(path), nullptr, false);
  if (!root.is_object()) fail_in(path, fmt::format("is damaged: it is no JSON object. {}", remedy));
  return root;
}

void read_config(ReportRun& run) {
  const fs::path path = run.folder / "resolved.toml";
  if (!fs::exists(path)) {
    run.warnings.emplace_back("resolved.toml is missing, so that this page cannot say with which values the run was made.");
    return;
  }
  run.config_text = report_file_text(path);
  try {
    run.config = parse_toml(run.config_text, path.string());
  } catch (const ConfigError& error) {
    throw InputError(fmt::format("{} {}", error.what(), remedy));
  }
}

/// A summary that an earlier run left in the folder says nothing about the tables of a later one.
void drop_stale_summary(ReportRun& run) {
  if (run.summary.is_null() || run.steps.rows.empty() || !run.summary.contains("final") || !run.summary["final"].is_object()) return;
  const std::size_t last = run.steps.rows.size() - 1;
  for (const char* name : {"cycle", "state", "step"}) {
    const json& value = run.summary["final"].value(name, json());
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (value.is_null() || text == run.steps.at(last, name)) continue;
    run.warnings.push_back(fmt::format("summary.json belongs to another run than steps.csv, which ends with cycle {} {} step {}: it was left out.", run.steps.at(last, "cycle"), run.steps.at(last, "state"), run.steps.at(last, "step")));
    run.summary = json();
    return;
  }
}

}  // namespace

std::string report_file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || fs::is_directory(path)) fail_in(path, fmt::format("cannot be read. Make it readable, or put it back from a copy."));
  text << file.rdbuf();
  if (file.bad()) fail_in(path, fmt::format("cannot be read to its end. {}", remedy));
  return text.str();
}

std::string ReportTable::at(std::size_t row, const std::string& column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  return row < rows.size() && found != columns.end() ? rows[row][std::size_t(found - columns.begin())] : std::string();
}

const Node* ReportRun::key(const std::string& path) const {
  const Located found = locate(config, path);
  return found.found ? found.node : nullptr;
}

ReportTable read_report_table(const fs::path& path) {
  ReportTable table;
  if (!fs::exists(path)) return table;
  std::string text = report_file_text(path);
  text.erase(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::vector<std::string> fields = split_row(line);
    if (number == 1) {
      table.columns = std::move(fields);
      if (std::find(table.columns.begin(), table.columns.end(), "state") == table.columns.end()) fail_in(path, fmt::format("is no table of voxode: its first line has no column `state`. {}", remedy));
    } else if (fields.size() == table.columns.size()) {
      table.rows.push_back(std::move(fields));
    } else {
      fail_in(path, fmt::format("is damaged: line {} has {} fields, and the first line names {}. {}", number, fields.size(), table.columns.size(), remedy));
    }
  }
  return table;
}

ReportRun read_report_run(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) fail_in(folder, "there is no such folder. Give the output folder of a `voxode run`.");
  if (!fs::is_directory(folder, ignored)) fail_in(folder, "is no folder. Give the output folder of a `voxode run`.");
  const auto has = [&](const char* name) { return fs::exists(folder / name, ignored); };
  if (!has("summary.json") && !has("properties.json") && !has("resolved.toml")) fail_without_run(folder);
  ReportRun run;
  run.folder = folder;
  read_config(run);
  const Node* job = run.key("job");
  run.properties = job ? job->text == "properties" : !has("summary.json");
  if (run.properties) {
    if (has("properties.json")) run.summary = read_json(folder / "properties.json");
    return run;
  }
  if (has("summary.json")) run.summary = read_json(folder / "summary.json");
  run.cycles = read_report_table(folder / "cycles.csv");
  run.steps = read_report_table(folder / "steps.csv");
  drop_stale_summary(run);
  return run;
}

}  // namespace voxode::io
