#include "benchmarks/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace voxode::benchmarks {
namespace {

constexpr const char* row_format = "{:<{}}  {:>8}  {:>11}  {:>10}  {:>8}  {:>8}  {}\n";

/// Counters with a column of their own; the others follow as "name value".
bool has_column(const std::string& counter) {
  return counter == "voxels_per_second" || counter == "voxel_loads_per_second" || counter == "solver_iterations" || counter == "bytes_per_voxel" ||
         counter == "of_bound";
}

std::string cell(const benchmark::UserCounters& counters, const char* name, const char* format, double factor) {
  const auto found = counters.find(name);
  return found == counters.end() ? "-" : fmt::format(fmt::runtime(format), factor * found->second.value);
}

/// 1 200 000 and 0.01234 as 1.2e+06 and 0.01234.
std::string others(const benchmark::UserCounters& counters) {
  std::string text;
  for (const auto& [name, counter] : counters)
    if (!has_column(name)) text += fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ", name, counter.value);
  return text;
}

}  // namespace

std::string format_seconds(double seconds) {
  const double scale = seconds >= 1 ? 1 : seconds >= 1e-3 ? 1e3 : 1e6;
  const double value = seconds * scale;
  return fmt::format("{:.{}f} {}", value, value < 10 ? 2 : value < 100 ? 1 : 0, scale == 1 ? "s" : scale == 1e3 ? "ms" : "us");
}

bool Table::ReportContext(const Context& context) {
  width_ = std::max<std::size_t>(context.name_field_width, 8);
  GetOutputStream() << heading_ << "\n\n"
                    << fmt::format(fmt::runtime(row_format), "case", width_, "time", "M voxels/s", "iterations", "B/voxel", "of bound", "also") << std::flush;
  return true;
}

void Table::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    const std::string name = run.run_name.function_name + (run.run_name.args.empty() ? "" : "/" + run.run_name.args);
    if (run.error_occurred) {
      failed_ = true;
      GetOutputStream() << fmt::format("{:<{}}  ERROR: {}\n", name, width_, run.error_message) << std::flush;
      continue;
    }
    if (!run.report_label.empty()) {  // why there are no figures
      GetOutputStream() << fmt::format("{:<{}}  {}\n", name, width_, run.report_label) << std::flush;
      continue;
    }
    const benchmark::UserCounters& c = run.counters;
    const double seconds = run.real_accumulated_time / double(std::max<benchmark::IterationCount>(run.iterations, 1));
    const char* const rate = c.count("voxels_per_second") ? "voxels_per_second" : "voxel_loads_per_second";
    GetOutputStream() << fmt::format(fmt::runtime(row_format), name, width_, format_seconds(seconds), cell(c, rate, "{:.4g}", 1e-6),
                                     cell(c, "solver_iterations", "{:.0f}", 1), cell(c, "bytes_per_voxel", "{:.1f}", 1), cell(c, "of_bound", "{:.1f} %", 100),
                                     others(c))
                      << std::flush;
    const std::string& edge = run.run_name.args;
    if (!c.count("solver_iterations") || edge.empty() || edge.find_first_not_of("0123456789") != std::string::npos) continue;
    auto& row = iterations_of_[run.run_name.function_name];
    if (row.empty()) families_.push_back(run.run_name.function_name);
    row[std::stol(edge)] = int(std::lround(c.at("solver_iterations").value));
  }
}

void Table::Finalize() {
  GetOutputStream()
      << "\nM voxels/s: of the box, a solve's for one load. B/voxel: of a solve the host memory at its peak, of a kernel what it must move at the least.\n"
         "of bound: share of the speed at the lower of triad x flops per byte and half of the multiply-add peak.\n";
  print_growth();
}

/// One line a family of which two edges, one twice the other, were run.
void Table::print_growth() {
  std::string text;
  for (const std::string& family : families_) {
    const auto& row = iterations_of_.at(family);
    std::string cells;
    double most_percent = -1e9;
    int most = -1000000;
    bool any = false, kept = true;
    for (const auto& [edge, count] : row) {
      const auto half = row.find(edge / 2);
      const bool doubled = edge % 2 == 0 && half != row.end();
      cells += fmt::format("  {:>5}: {:>4}{:>6}", edge, count, doubled ? fmt::format(" ({:+d})", count - half->second) : "");
      if (!doubled) continue;
      any = true;
      const int more = count - half->second;
      const double percent = 100.0 * more / half->second;
      most_percent = std::max(most_percent, percent);
      most = std::max(most, more);
      kept = kept && (more <= 3 || percent <= 30);
    }
    if (any) text += fmt::format("{:<{}}{}   at most {:+d}, {:+.0f} % a doubling: {}\n", family, width_, cells, most, most_percent, kept ? "kept" : "NOT KEPT");
  }
  if (!text.empty()) GetOutputStream() << "\nIterations by edge; bar: at most 30 % or 3 more where it doubles\n" << text;
  GetOutputStream() << std::flush;
}

}  // namespace voxode::benchmarks
