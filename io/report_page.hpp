#pragma once
// The HTML of report.html: text and tables by io/report_sections, plots and slices as data for the scripts in io/report.
#include <string>

#include "io/report_fields.hpp"
#include "io/report_run.hpp"

namespace voxode::io {

/// The page, complete. `version`: of the voxode that makes it.
std::string report_page(const ReportRun& run, const ReportFields& fields, const std::string& version);

/// Text as HTML: & < > " ' escaped, bytes that are no UTF-8 replaced.
std::string escaped(const std::string& text);

// The sections of text; each is HTML, empty where there is nothing to say.
std::string status_section(const ReportRun& run);
std::string glance_section(const ReportRun& run);
std::string notes_section(const ReportRun& run);
std::string properties_section(const ReportRun& run);
std::string cracks_section(const ReportFields& fields);
std::string setup_section(const ReportRun& run);
std::string materials_section(const ReportRun& run);
std::string assumptions_section(const ReportRun& run);
std::string provenance_section(const ReportRun& run, const std::string& version);

}  // namespace voxode::io
