#include "io/summary.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "io/result_file.hpp"
#include "io/tables.hpp"

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;

constexpr double per_um = 1e6, per_MPa = 1e-6, per_GPa = 1e-9;

json maybe(const std::optional<double>& value) { return value ? json(*value) : json(); }

json scaled(const Voigt& values, double factor) {
  json row = json::array();
  for (const double value : values) row.push_back(value * factor);
  return row;
}

/// Row by row.
template <std::size_t n>
json matrix(const std::array<double, n>& values, std::size_t width, double factor) {
  json rows = json::array();
  for (std::size_t i = 0; i < n / width; ++i) {
    json row = json::array();
    for (std::size_t j = 0; j < width; ++j) row.push_back(values[i * width + j] * factor);
    rows.push_back(row);
  }
  return rows;
}

json size_of(const Index3& n, double voxel_size) { return {{"voxels_xyz", n}, {"voxel_size_um", voxel_size * per_um}}; }

json provenance_of(const Provenance& p) {
  json work = json::object();
  for (const auto& [name, part] : p.work) {
    work[name] = {{"wall_time_s", part.seconds}, {"count", part.count}};
    if (part.iterations) work[name]["iterations"] = *part.iterations;
  }
  const std::optional<double> memory = peak_memory_bytes();
  return {{"voxode_version", p.version}, {"config_file", p.config_file}, {"config_hash", p.config_hash},   {"device", p.device},
          {"kokkos", p.kokkos},          {"threads", p.threads},         {"wall_time_s", p.wall_seconds}, {"peak_memory_bytes", memory ? json(*memory) : json()},
          {"work", work}};
}

/// Values and units by the names of the tables' columns.
void add_fields(const std::vector<TableField>& fields, json& values, json& units) {
  for (const TableField& field : fields) {
    if (!field.text.empty()) values[field.name] = field.text;
    else if (field.value && field.is_integer) values[field.name] = Index(*field.value);
    else values[field.name] = maybe(field.value);
    if (*field.unit) units[field.name] = field.unit;
  }
}

json interfaces_of(const std::vector<InterfaceSummary>& entries) {
  json table = json::array();
  for (const InterfaceSummary& e : entries)
    table.push_back({{"between", {e.between_a, e.between_b}}, {"where", e.where}, {"law", e.law}, {"faces", e.n_faces}, {"area_m2", e.area},
                     {"open_area_fraction", maybe(e.open_area_fraction)}, {"broken_area_fraction", maybe(e.broken_area_fraction)},
                     {"mean_separation", maybe(e.mean_separation)}, {"mean_damage", maybe(e.mean_damage)}});
  return table;
}

json phases_of(const std::vector<PhaseSummary>& phases) {
  json table = json::array();
  for (const PhaseSummary& p : phases) {
    json entry = {{"name", p.name}, {"role", p.role}, {"material", p.material}, {"voxels", p.n_voxels}, {"bodies", p.n_bodies}, {"volume_fraction", p.volume_fraction}};
    entry["ionic_S_per_m"] = p.ionic_conductivity;
    entry["electronic_S_per_m"] = p.electronic_conductivity;
    entry["particle_radius_um"] = p.particle_radius ? json(*p.particle_radius * per_um) : json();
    entry["mean_stress_MPa"] = p.mean_stress ? scaled(*p.mean_stress, per_MPa) : json();
    entry["mean_von_mises_MPa"] = p.mean_von_mises ? json(*p.mean_von_mises * per_MPa) : json();
    entry["largest_displacement_um"] = p.largest_displacement ? json(*p.largest_displacement * per_um) : json();
    table.push_back(entry);
  }
  return table;
}

json conduction_of(const std::optional<physics::Conduction>& c) {
  if (!c) return {};
  json entry = {{"conductivity_S_per_m", maybe(c->conductivity)}, {"relative", maybe(c->relative)}, {"tortuosity_factor", maybe(c->tortuosity_factor)}};
  if (c->tensor) entry["tensor"] = matrix(*c->tensor, 3, 1);
  entry["iterations"] = c->iterations;
  entry["residual"] = c->residual;
  return entry;
}

}  // namespace

std::optional<double> peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) {
      double kilobytes = 0;
      if (std::istringstream(line.substr(6)) >> kilobytes) return kilobytes * 1024;
    }
  return {};
}

std::string summary_text(const RunSummary& s) {
  json final_values = json::object(), units = json::object();
  add_fields(head_fields(s.last), final_values, units);
  add_fields(conduction_fields(s.conduction), final_values, units);
  add_fields({{"plate_work_J", "J", s.last.plate_work, false, {}}, {"swelling_work_J", "J", s.last.swelling_work, false, {}}, {"snap_energy_J", "J", s.last.snap_energy, false, {}}},
             final_values, units);
  json root = {{"title", s.title}, {"job", "cycle"}, {"finished", s.finished}, {"ended", s.ended}, {"cycles_done", s.cycles_done}, {"steps_done", s.steps_done}};
  root["final"] = final_values;
  root["units"] = units;
  root["interfaces"] = interfaces_of(s.interfaces);
  root["phases"] = phases_of(s.phases);
  root["image"] = size_of(s.n_voxels, s.voxel_size);
  root["mesh"] = {{"unknowns", s.n_unknowns}, {"cohesive_points", s.n_cohesive_points}};
  root["notes"] = s.notes;
  root["provenance"] = provenance_of(s.provenance);
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void write_summary(const std::string& folder, const RunSummary& summary) {
  write_result_file((std::filesystem::path(folder) / "summary.json").string(), summary_text(summary));
}

std::string properties_text(const PropertiesSummary& p) {
  json phases = json::array();
  for (const PhaseProperties& phase : p.phases) phases.push_back({{"name", phase.name}, {"fraction", phase.fraction}, {"percolating", maybe(phase.percolating)}});
  int iterations = 0;
  double residual = 0;
  const auto count = [&](int n, double r) {
    iterations += n;
    residual = std::max(residual, r);
  };
  if (p.ionic) count(p.ionic->iterations, p.ionic->residual);
  if (p.electronic) count(p.electronic->iterations, p.electronic->residual);
  json root = {{"title", p.title}, {"job", "properties"}, {"phases", phases}, {"ionic", conduction_of(p.ionic)}, {"electronic", conduction_of(p.electronic)}};
  root["stiffness_GPa"] = p.stiffness ? matrix(*p.stiffness, 6, per_GPa) : json();
  root["swelling"] = p.swelling ? scaled(*p.swelling, 1) : json();
  const auto add_solve = [&](const char* name, const Solve& solve) {
    count(solve.iterations, solve.residual);
    root["solves"][name] = {{"iterations", solve.iterations}, {"residual", solve.residual}};
  };
  root["solves"] = json::object();
  if (p.stiffness) add_solve("stiffness", p.stiffness_solve);
  if (p.swelling) add_solve("swelling", p.swelling_solve);
  root["iterations"] = iterations;
  root["residual"] = residual;
  root["image"] = size_of(p.n_voxels, p.voxel_size);
  root["notes"] = p.notes;
  root["provenance"] = provenance_of(p.provenance);
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void write_properties(const std::string& folder, const PropertiesSummary& properties) {
  write_result_file((std::filesystem::path(folder) / "properties.json").string(), properties_text(properties));
}

}  // namespace voxode::io
