#pragma once
// The tables of a run as the plots of report.html take them: a title and unit for every column, known or not, and which columns share a plot.
#include <nlohmann/json.hpp>
#include <string>

#include "io/report_run.hpp"

namespace voxode::io {

/// "void_fraction" -> "Void fraction"; "sinter_time_s" -> "Sinter time", "s".
struct ColumnTitle {
  std::string title, unit;
};
ColumnTitle column_title(const std::string& name);

/// "pristine", "1 charged", "1 charging 3".
std::string row_label(const ReportTable& table, std::size_t row, bool with_step);

/// A finite number, if the field holds one.
bool read_field(const std::string& field, double& number);

/// The data of io/report/plots.js.
nlohmann::ordered_json plot_data(const ReportRun& run);

}  // namespace voxode::io
