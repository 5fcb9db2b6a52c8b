#pragma once
// What an output folder holds for a report: summary, tables as text, the resolved config. Unlike finished_run it takes runs that have not finished, and columns it does not know.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/toml_node.hpp"

namespace voxode::io {

/// A table with its fields as they stand in the file.
struct ReportTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< each as long as `columns`
  /// Empty: no such column or row.
  std::string at(std::size_t row, const std::string& column) const;
};

struct ReportRun {
  std::filesystem::path folder;
  nlohmann::ordered_json summary;  ///< summary.json or properties.json; null: the run has written none yet
  bool properties = false;         ///< job = "properties": neither tables nor fields
  std::string config_text;         ///< resolved.toml; empty: it is missing
  Node config;
  ReportTable cycles, steps;
  std::vector<std::string> warnings;  ///< about the folder as a whole, for the page

  /// Value of the config at "a.b"; null: not there.
  const Node* key(const std::string& path) const;
};

/// Throws InputError where the folder is none, holds no run, or a file in it is damaged.
ReportRun read_report_run(const std::filesystem::path& folder);

/// A table that may still be growing: a last line without its end is left out. A missing file is an empty table. Throws InputError.
ReportTable read_report_table(const std::filesystem::path& path);

/// All of a file. Throws InputError.
std::string report_file_text(const std::filesystem::path& path);

}  // namespace voxode::io
