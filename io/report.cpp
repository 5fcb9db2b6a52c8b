#include "io/report.hpp"

#include <fmt/format.h>

#include <exception>

#include "io/report_fields.hpp"
#include "io/report_page.hpp"
#include "io/report_run.hpp"
#include "io/result_file.hpp"

namespace voxode::io {

namespace {

std::string size_text(std::size_t bytes) { return bytes < 100000 ? fmt::format("{:.0f} kB", double(bytes) / 1e3) : fmt::format("{:.1f} MB", double(bytes) / 1e6); }

std::vector<std::string> phase_names(const ReportRun& run) {
  std::vector<std::string> names;
  if (run.summary.contains("phases") && run.summary["phases"].is_array())
    for (const auto& phase : run.summary["phases"])
      if (phase.is_object() && phase.contains("name") && phase["name"].is_string()) names.push_back(phase["name"]);
  if (names.empty())
    if (const Node* phases = run.key("phase"))
      for (const Node::Entry& entry : phases->entries) names.push_back(entry.key);
  return names;
}

}  // namespace

Report write_report(const ReportOptions& options) {
  const ReportRun run = read_report_run(options.folder);
  ReportFields fields;
  if (!run.properties) fields = read_report_fields(options.folder, phase_names(run), options.slice_budget);
  const std::string page = report_page(run, fields, options.version);
  Report report{options.folder / "report.html", page.size()};
  write_result_file(report.file.string(), page, "a copy of the run");
  return report;
}

std::string report_note(const ReportOptions& options) noexcept {
  try {
    const Report report = write_report(options);
    return fmt::format("report in {} ({})", report.file.string(), size_text(report.bytes));
  } catch (const std::exception& error) {
    try {
      return fmt::format("no report.html: {} Results are complete without it; `voxode report {}` tries again.", error.what(), options.folder.string());
    } catch (const std::exception&) {
      return {};
    }
  }
}

}  // namespace voxode::io
