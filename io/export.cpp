#include "io/export.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "io/material_library.hpp"
#include "io/result_file.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr double faraday = 96485.33212;  // C/mol
constexpr const char* contact_share_name = "Positive electrode contact area share";
constexpr const char* description_start = "Positive electrode: voxode ";

// What BPX asks of an electrode and the export does not fill; State and User-defined may be absent.
constexpr std::array sections{"Cell", "Electrolyte", "Negative electrode", "Separator", "Positive electrode"};
constexpr std::array positive_numbers{"Thickness [m]", "Porosity", "Transport efficiency", "Conductivity [S.m-1]", "Surface area per unit volume [m-1]", "Particle radius [m]",
                                      "Minimum stoichiometry", "Maximum stoichiometry", "Maximum concentration [mol.m-3]", "Reaction rate constant [mol.m-2.s-1]"};
constexpr std::array positive_functions{"Diffusivity [m2.s-1]", "OCP [V]"};

class Template {
 public:
  Template(std::string name, const std::string& text) : name_(std::move(name)), root_(json::parse(text, nullptr, false)) {
    if (!root_.is_object()) fail("is no JSON object");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("--template {}: {}. Give a whole cell as a BPX file (https://bpxstandard.com), or leave --template out for the shipped NCM | Li6PS5Cl | Li-In.", name_, what));
  }
  void check() const {
    const json& header = object(root_, "Header", "");
    if (!header.contains("BPX") || !header.contains("Model")) fail("is no BPX file: its Header lacks BPX or Model");
    if (header["Model"] == "SPM" || header["Model"] == "Partial")
      fail(fmt::format("its Header says Model = {}, which has no place for transport; the export needs a whole cell for DFN or SPMe", header["Model"].dump()));
    const json& parameters = object(root_, "Parameterisation", "");
    for (const char* section : sections) object(parameters, section, "Parameterisation / ");
    const json& positive = parameters["Positive electrode"];
    if (positive.contains("Particle")) fail("its positive electrode blends several materials (Particle), and a run has one active material");
    for (const char* field : positive_numbers) {
      require(positive, field);
      if (!positive[field].is_number() || !(positive[field].get<double>() > 0 || std::string(field).ends_with("stoichiometry"))) fail(fmt::format("Parameterisation / Positive electrode / {} = {} must be a positive number", field, positive[field].dump()));
    }
    for (const char* field : positive_functions) require(positive, field);
    if (parameters.contains("User-defined")) {
      const json& extras = object(parameters, "User-defined", "Parameterisation / ");
      if (extras.contains(contact_share_name) && !(extras[contact_share_name].is_number() && extras[contact_share_name].get<double>() > 0)) fail(fmt::format("Parameterisation / User-defined / {} must be a positive number", contact_share_name));
    }
  }
  const json& root() const { return root_; }

 private:
  const json& object(const json& from, const char* key, const std::string& path) const {
    if (!from.contains(key)) fail(fmt::format("is no whole BPX cell: it lacks {}{}", path, key));
    if (!from[key].is_object()) fail(fmt::format("{}{} must be an object", path, key));
    return from[key];
  }
  void require(const json& positive, const char* field) const {
    if (!positive.contains(field)) fail(fmt::format("lacks Parameterisation / Positive electrode / {}", field));
  }
  std::string name_;
  json root_;
};

std::string text_of(const json& header, const char* key) { return header.contains(key) && header[key].is_string() ? header[key].get<std::string>() : std::string(); }

/// What a template says, without what an earlier export added to it.
std::string own_text(const json& header, const char* key, const char* added) {
  std::string text = text_of(header, key);
  text = text.substr(0, text.find(added));
  if (!text.empty() && text.back() != ' ') text += ' ';
  return text;
}

/// By PyBaMM's names, and the two that say how much of the surface is left.
json pybamm_parameters(const CellParameters& p) {
  return {{"Positive electrode thickness [m]", p.thickness},
          {"Positive electrode porosity", p.porosity},
          {"Positive electrode Bruggeman coefficient (electrolyte)", p.bruggeman()},
          {"Positive electrode conductivity [S.m-1]", p.electronic_conductivity},
          {"Positive electrode Bruggeman coefficient (electrode)", 0.0},
          {"Positive electrode active material volume fraction", p.accessible_share},
          {"Positive particle radius [m]", p.particle_radius},
          {"Electrolyte conductivity [S.m-1]", p.bulk_ionic_conductivity},
          {"Cation transference number", 1.0},
          {"Positive electrode contact area per unit volume [m-1]", p.contact_area},
          {contact_share_name, p.contact_share}};
}

json extras(const CellParameters& p) {
  return {{"Cycle number", p.cycle},
          {"Positive electrode lithium content", p.lithium_content},
          {"Stack pressure [Pa]", p.stack_pressure},
          {"Positive electrode void fraction", p.void_fraction},
          {"Positive electrode total active material volume fraction", p.active_share},
          {"Positive electrode cut-off active material fraction", p.isolated_fraction},
          {"Positive electrode effective ionic conductivity [S.m-1]", p.ionic_conductivity},
          {"Positive electrode transport efficiency", p.transport_efficiency},
          {"Positive electrode contact area per unit volume [m-1]", p.contact_area},
          {contact_share_name, p.contact_share}};
}

std::string dumped(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n"; }

std::string file_name(const std::string& pattern, int cycle) {
  const std::string word = "{cycle}";
  std::string name = pattern;
  for (std::size_t at = name.find(word); at != std::string::npos; at = name.find(word, at)) name.replace(at, word.size(), fmt::format("{:04}", cycle));
  return name;
}

/// Where the file of a cycle goes, with {cycle} for its number where there are several.
std::string output_pattern(const ExportOptions& o) {
  const std::string ending = o.model == CellModel::bpx ? ".bpx.json" : ".pybamm.json";
  std::error_code ignored;
  if (o.output.empty()) throw ConfigError("export: -o is empty. Name a file, a folder, or a pattern like cells/cycle_{cycle}" + ending + ".");
  if (o.output.find("{cycle}") != std::string::npos) return o.output;
  if (o.output.ends_with('/') || fs::is_directory(o.output, ignored) || (o.all && fs::path(o.output).extension() != ".json")) return (fs::path(o.output) / ("cycle_{cycle}" + ending)).string();
  if (o.all) throw ConfigError(fmt::format("export: -o {}: --cycle all writes a file for each cycle. Name a folder, or a pattern like {}_{{cycle}}.json.", o.output, fs::path(o.output).replace_extension().string()));
  return o.output;
}

/// Links are followed; a device or pipe is nothing that a finished file could be put in the place of.
void write_export(const std::string& file, const std::string& text) {
  std::error_code missing;
  const fs::path target = fs::canonical(file, missing);
  if (missing) return write_result_file(file, text, "-o");
  if (!fs::is_regular_file(target)) throw OutputError(fmt::format("could not write to {}: it is there and no file. Choose another name with -o.", file));
  write_result_file(target.string(), text, "-o");
}

void add_template_notes(const CellTemplate& cell, const FinishedRun& run, CellModel model, std::vector<std::string>& notes) {
  if (!usable_radius(run))
    notes.push_back(fmt::format("the run does not tell particles apart (bodies = \"particles\" or \"file\" does): the particle radius is the template's, {:.4g} m", cell.particle_radius));
  if (model != CellModel::bpx || cell.shipped) return;
  const json conductivity = json::parse(cell.text)["Parameterisation"]["Electrolyte"].value("Conductivity [S.m-1]", json());
  if (!conductivity.is_number() || std::abs(conductivity.get<double>() / run.bulk_ionic_conductivity - 1) > 0.01)
    notes.push_back(fmt::format("the template keeps its electrolyte conductivity, {}; the run's electrolyte has {:.4g} S/m, and the transport efficiency is relative to that", conductivity.dump(), run.bulk_ionic_conductivity));
}

}  // namespace

CellTemplate read_cell_template(const std::optional<fs::path>& file) {
  const fs::path path = file.value_or(materials_folder() / "cells" / "ncm_li6ps5cl_lithium_indium.json");
  std::ifstream stream(path, std::ios::binary);
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored) || !stream) throw InputError(fmt::format("--template {}: cannot be read. Name a BPX file, or leave --template out for the shipped NCM | Li6PS5Cl | Li-In.", path.string()));
  std::ostringstream text;
  text << stream.rdbuf();
  const Template checked(path.string(), text.str());
  checked.check();
  return {text.str(), !file, checked.root()["Parameterisation"]["Positive electrode"]["Particle radius [m]"].get<double>()};
}

std::string bpx_text(const CellTemplate& cell, const FinishedRun& run, const CellParameters& p) {
  json root = json::parse(cell.text);
  json& parameters = root["Parameterisation"];
  json& user_defined = parameters["User-defined"];  // made before others are referred to: it may move them
  json& positive = parameters["Positive electrode"];
  if (!user_defined.is_object()) user_defined = json::object();
  const double share_before = user_defined.value(contact_share_name, 1.0);  // of a template that is an export itself
  const double rate_constant = positive["Reaction rate constant [mol.m-2.s-1]"].get<double>() / share_before;
  positive["Thickness [m]"] = p.thickness;
  positive["Porosity"] = p.porosity;
  positive["Transport efficiency"] = p.transport_efficiency;
  positive["Conductivity [S.m-1]"] = p.electronic_conductivity;
  positive["Surface area per unit volume [m-1]"] = p.surface_per_volume();
  positive["Particle radius [m]"] = p.particle_radius;
  positive["Reaction rate constant [mol.m-2.s-1]"] = rate_constant * p.contact_share;
  if (cell.shipped) {
    const double window = positive["Maximum stoichiometry"].get<double>() - positive["Minimum stoichiometry"].get<double>();
    const double area = parameters["Cell"]["Electrode area [m2]"].get<double>();
    parameters["Electrolyte"]["Conductivity [S.m-1]"] = p.bulk_ionic_conductivity;
    parameters["Cell"]["Nominal cell capacity [A.h]"] = run.active_share * run.half_cycles.front().thickness * area * positive["Maximum concentration [mol.m-3]"].get<double>() * window * faraday / 3600;
  }
  user_defined.update(extras(p));
  json& header = root["Header"];
  const std::string title = run.title.empty() ? "voxode" : run.title;
  const std::string description = own_text(header, "Description", description_start), references = own_text(header, "References", "; positive electrode: voxode");
  header["Title"] = fmt::format("{}, {}", title, state_text(p.cycle, p.state));
  header["Description"] = fmt::format(
      "{}{}{}, \"{}\", {}, config {}. Porosity is the volume share of electrolyte, transport efficiency the effective over the bulk ionic conductivity ({:.6g} S/m). Surface area per unit volume is 3 x the "
      "accessible share of active material / particle radius: what is cut off is left out there and must not be counted again as LAM. The rate constant is {:.6g} mol/m2/s times the share of the pristine "
      "contact area that is in contact; that area and other results stand in User-defined.",
      description, description_start, run.version, run.title, state_text(p.cycle, p.state), run.config_hash, p.bulk_ionic_conductivity, rate_constant);
  header["References"] = fmt::format("{}; positive electrode: voxode {}", references.empty() ? "template without references" : references.substr(0, references.find_last_not_of(' ') + 1), run.version);
  return dumped(root);
}

std::string pybamm_text(const CellParameters& p) { return dumped(pybamm_parameters(p)); }

std::string pybamm_table(const std::vector<CellParameters>& rows) {
  std::string text;
  for (const CellParameters& p : rows) {
    json values = {{"cycle", p.cycle}, {"state", p.state}};
    values.update(pybamm_parameters(p));
    const json more = extras(p);
    for (const auto& [name, value] : more.items())
      if (name != "Cycle number" && !values.contains(name)) values[name] = value;
    std::string header, line;
    for (const auto& [name, value] : values.items()) {
      header += (header.empty() ? "" : ",") + name;
      line += (line.empty() ? "" : ",") + (value.is_string() ? value.get<std::string>() : value.is_number_integer() ? value.dump() : fmt::format("{:.12g}", value.get<double>()));
    }
    if (text.empty()) text = header + "\n";
    text += line + "\n";
  }
  return text;
}

Exported export_run(const ExportOptions& o) {
  const std::string pattern = output_pattern(o);
  const FinishedRun run = read_finished_run(o.folder);
  const CellTemplate cell = read_cell_template(o.cell_template);
  std::vector<int> cycles = run.cycles(o.state);
  if (!o.all) cycles = {o.cycle.value_or(cycles.back())};
  const double radius = usable_radius(run).value_or(cell.particle_radius);
  Exported done;
  add_template_notes(cell, run, o.model, done.notes);
  std::vector<CellParameters> rows;
  for (const int cycle : cycles) rows.push_back(cell_parameters(run, run.at(cycle, o.state), radius));
  for (const CellParameters& p : rows) {
    done.files.push_back(file_name(pattern, p.cycle));
    write_export(done.files.back(), o.model == CellModel::bpx ? bpx_text(cell, run, p) : pybamm_text(p));
  }
  if (o.model == CellModel::pybamm && o.all) {
    done.files.push_back((fs::path(pattern).parent_path() / "cycles.pybamm.csv").string());
    write_export(done.files.back(), pybamm_table(rows));
  }
  return done;
}

}  // namespace voxode::io
