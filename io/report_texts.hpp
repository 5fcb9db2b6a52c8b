#pragma once
// The files of io/report and the chart library as texts in the program (cmake/embed.cmake).
#include <string_view>

namespace voxode::io::report_text {

extern const std::string_view page, style, common, plots, slices;
extern const std::string_view chart_library;  ///< empty: the build had none

}  // namespace voxode::io::report_text
