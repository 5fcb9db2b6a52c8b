#pragma once
// report.html: one file without network that says what a run did and what came of it (docs/manual/file-formats.md).
#include <cstddef>
#include <filesystem>
#include <string>

namespace voxode::io {

struct ReportOptions {
  std::filesystem::path folder;       ///< output of a run, finished or not
  std::string version;                ///< of the voxode that makes the report
  std::size_t slice_budget = 9500000;  ///< bytes of the page for slices
};

struct Report {
  std::filesystem::path file;
  std::size_t bytes = 0;
};

/// Makes `folder`/report.html anew. Throws InputError: the folder holds no run, or a file that cannot be read; OutputError.
Report write_report(const ReportOptions& options);

/// The same at the end of a run, where a failure must not hurt: what the log should say of it, in a line.
std::string report_note(const ReportOptions& options) noexcept;

}  // namespace voxode::io
