#include "io/report_page.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "io/report_plots.hpp"
#include "io/report_slices.hpp"
#include "io/report_texts.hpp"

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;

/// JSON that may stand in a <script> element.
std::string script_json(const json& data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace))
    if (c == '<') text += "\\u003c";
    else text += c;
  return text;
}

/// The template with each {{name}} replaced; what is put in is not looked at again.
std::string filled(std::string_view page, const std::map<std::string_view, std::string>& parts) {
  std::string text;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t open = page.find("{{", at), close = page.find("}}", open);
    if (open == std::string_view::npos || close == std::string_view::npos) return text.append(page.substr(at));
    text.append(page.substr(at, open - at)).append(parts.at(page.substr(open + 2, close - open - 2)));
    at = close + 2;
  }
  return text;
}

std::string section(const char* id, const char* title, const std::string& content) {
  return content.empty() ? std::string() : fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, content);
}

std::string plots_section(const json& data) {
  if (data["plots"].empty()) return "";
  std::string text;
  if (report_text::chart_library.empty()) text += "<p class=\"note\">There are no plots: this voxode was built without the chart library (Debian: libjs-chart.js). The numbers stand below.</p>\n";
  return text + "<div class=\"controls\" id=\"plot-controls\"></div>\n<div class=\"plots\" id=\"plots\"></div>\n<noscript><p class=\"note\">Plots need JavaScript; the numbers are in cycles.csv and steps.csv beside this page.</p></noscript>\n";
}

std::string slices_section(const ReportFields& fields) {
  if (!fields.missing.empty()) return fmt::format("<p class=\"note\">{}</p>\n", escaped(fields.missing));
  if (fields.slices.is_null()) return "";
  if (fields.slices["fields"].empty()) return "<p class=\"note\">The image is too large for slices in this page.</p>\n";
  return "<div id=\"viewer\"></div>\n<noscript><p class=\"note\">Slices need JavaScript; ParaView opens fields.pvd beside this page.</p></noscript>\n";
}

std::string title_of(const ReportRun& run) {
  if (run.summary.contains("title") && run.summary["title"].is_string() && !run.summary["title"].get<std::string>().empty()) return run.summary["title"];
  const Node* title = run.key("title");
  return title && !title->text.empty() ? title->text : run.folder.lexically_normal().string();
}

/// Length of a well-formed UTF-8 sequence at `at`, 0: none.
std::size_t utf8_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (std::size_t i = 1; i < length; ++i)
    if (byte(at + i) >> 6 != 2) return 0;
  return length;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string html;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    switch (text[at]) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += length > 0 ? text.substr(at, length) : "\xef\xbf\xbd";
    }
    at += length > 0 ? length : 1;
  }
  return html;
}

std::string report_page(const ReportRun& run, const ReportFields& fields, const std::string& version) {
  const json plots = plot_data(run);
  std::string config;
  if (!run.config_text.empty()) config = "<details>\n<summary>resolved.toml: every key and value, as the program read it</summary>\n<pre>" + escaped(run.config_text) + "</pre>\n</details>\n";
  const std::string sections[][3] = {{"glance", "Results at a glance", glance_section(run) + properties_section(run)},
                                     {"notes", "Warnings and notes", notes_section(run)},
                                     {"curves", "Over the cycles", plots_section(plots)},
                                     {"slices", "Slices", run.properties ? "" : slices_section(fields)},
                                     {"cracks", "Open interfaces", cracks_section(fields)},
                                     {"setup", "What was run", setup_section(run) + config},
                                     {"materials", "Materials and their sources", materials_section(run)},
                                     {"assumptions", "Assumptions", assumptions_section(run)},
                                     {"provenance", "Provenance", provenance_section(run, version)}};
  std::string links, content;
  for (const auto& [id, title, text] : sections) {
    if (text.empty()) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>\n", id, title);
    content += section(id.c_str(), title.c_str(), text);
  }
  std::string scripts = std::string("<script>\n").append(report_text::common) + "</script>\n";
  if (!plots["plots"].empty()) {
    scripts += fmt::format("<script type=\"application/json\" id=\"plot-data\">{}</script>\n", script_json(plots));
    if (!report_text::chart_library.empty()) scripts += std::string("<script>").append(report_text::chart_library) + "</script>\n";
    scripts += std::string("<script>\n").append(report_text::plots) + "</script>\n";
  }
  if (!fields.slices.is_null() && !fields.slices["fields"].empty())
    scripts += fmt::format("<script type=\"application/json\" id=\"slice-data\">{}</script>\n", script_json(fields.slices)) + std::string("<script>\n").append(report_text::slices) + "</script>\n";
  const bool with_chart = !plots["plots"].empty() && !report_text::chart_library.empty();
  return filled(report_text::page, {{"title", escaped(title_of(run))}, {"style", std::string(report_text::style)}, {"status", status_section(run)}, {"links", links}, {"content", content},
                                    {"version", escaped(version)}, {"chart_licence", with_chart ? "" : " hidden"}, {"scripts", scripts}});
}

}  // namespace voxode::io
