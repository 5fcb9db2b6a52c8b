#include "io/report_plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <set>

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 20000;

struct Known {
  const char *name, *title, *plot;  ///< columns with the same plot share axes
};
/// In the order of the plots; other columns follow, each in a plot of its own.
constexpr std::array known{
    Known{"void_fraction", "Void fraction", "Void fraction"},
    Known{"opened_volume_fraction", "of it, opened gaps", "Void fraction"},
    Known{"ionic_conductivity_S_per_m", "Ionic conductivity", "Ionic conductivity"},
    Known{"electronic_conductivity_S_per_m", "Electronic conductivity", "Electronic conductivity"},
    Known{"ionic_tortuosity_factor", "Ionic tortuosity factor", "Ionic tortuosity factor"},
    Known{"electronic_tortuosity_factor", "Electronic tortuosity factor", "Electronic tortuosity factor"},
    Known{"contact_area_fraction", "Contact of active material and electrolyte", "Interface area"},
    Known{"open_area_fraction", "Open", "Interface area"},
    Known{"broken_area_fraction", "Broken", "Interface area"},
    Known{"thickness_um", "Thickness", "Thickness"},
    Known{"stack_pressure_MPa", "Stack pressure", "Stack pressure"},
    Known{"isolated_active_fraction", "Isolated active material", "Isolated active material"},
    Known{"active_surface_per_volume_per_m", "Active surface per volume", "Active surface per volume"},
    Known{"mean_damage", "Damage", "Mean damage and separation of interfaces"},
    Known{"mean_separation", "Separation", "Mean damage and separation of interfaces"},
    Known{"mean_stress_xx_MPa", "xx", "Mean stress, normal"},
    Known{"mean_stress_yy_MPa", "yy", "Mean stress, normal"},
    Known{"mean_stress_zz_MPa", "zz", "Mean stress, normal"},
    Known{"mean_stress_yz_MPa", "yz", "Mean stress, shear"},
    Known{"mean_stress_xz_MPa", "xz", "Mean stress, shear"},
    Known{"mean_stress_xy_MPa", "xy", "Mean stress, shear"},
    Known{"elastic_energy_J", "Elastic", "Energy"},
    Known{"dissipated_energy_J", "Dissipated", "Energy"},
    Known{"gap_volume_fraction", "Gap volume fraction (undamaged faces included)", "Gap volume fraction"},
    Known{"lithium_content", "Lithium content", "Lithium content"},
};

/// Ends of column names that are units, the longer before those that end alike.
constexpr std::array<std::array<const char*, 2>, 31> units{{{"_S_per_m", "S/m"}, {"_mAh_per_cm2", "mAh/cm²"}, {"_mAh_per_g", "mAh/g"}, {"_mA_per_cm2", "mA/cm²"}, {"_J_per_m2", "J/m²"},
                                                            {"_mol_per_m3", "mol/m³"}, {"_kg_per_m3", "kg/m³"}, {"_MPa_per_um", "MPa/µm"}, {"_Pa_per_m", "Pa/m"}, {"_A_per_m2", "A/m²"},
                                                            {"_m2_per_s", "m²/s"}, {"_s_per_m", "s/m"}, {"_per_um", "1/µm"}, {"_per_m", "1/m"}, {"_Ohm_m2", "Ω m²"},
                                                            {"_GPa", "GPa"}, {"_MPa", "MPa"}, {"_Pa", "Pa"}, {"_um", "µm"}, {"_nm", "nm"},
                                                            {"_mV", "mV"}, {"_V", "V"}, {"_m2", "m²"}, {"_m", "m"}, {"_J", "J"},
                                                            {"_K", "K"}, {"_h", "h"}, {"_s", "s"}, {"_A", "A"}, {"_W", "W"}, {"_percent", "%"}}};

const Known* find_known(const std::string& name) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const Known& k) { return name == k.name; });
  return found == known.end() ? nullptr : &*found;
}

/// Where a row stands along the axis of cycles: a charge ends at half.
double cycle_number(const ReportTable& table, std::size_t row) {
  double cycle = double(row) / 2;
  read_field(table.at(row, "cycle"), cycle);
  return table.at(row, "state") == "charged" ? cycle - 0.5 : cycle;
}

/// Columns of numbers: {name: {title, unit, values}}, thinned where there are too many rows.
json table_data(const ReportTable& table, bool steps) {
  const std::size_t every = table.rows.size() / most_rows + 1;
  json data = {{"every", every}, {"x", json::array()}, {"labels", json::array()}, {"columns", json::object()}};
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < table.rows.size(); r += every) rows.push_back(r);
  for (const std::size_t r : rows) {
    data["x"].push_back(steps ? double(r) : cycle_number(table, r));
    data["labels"].push_back(row_label(table, r, steps));
  }
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& name = table.columns[c];
    if (name == "cycle" || name == "state" || name == "step") continue;
    json values = json::array();
    bool any = false, numbers = true;
    for (const std::size_t r : rows) {
      double number = 0;
      const std::string& field = table.rows[r][c];
      const bool is_number = read_field(field, number);
      any = any || is_number;
      numbers = numbers && (is_number || field.empty());
      values.push_back(is_number ? json(std::strtod(fmt::format("{:.6g}", number).c_str(), nullptr)) : json());
    }
    if (!any || !numbers) continue;
    const ColumnTitle title = column_title(name);
    data["columns"][name] = {{"title", title.title}, {"unit", title.unit}, {"values", values}};
  }
  return data;
}

}  // namespace

bool read_field(const std::string& field, double& number) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) return false;
  number = value;
  return true;
}

ColumnTitle column_title(const std::string& name) {
  ColumnTitle result{name, ""};
  for (const auto& [ending, unit] : units)
    if (name.size() > std::string(ending).size() && name.ends_with(ending)) {
      result = {name.substr(0, name.size() - std::string(ending).size()), unit};
      break;
    }
  if (const Known* k = find_known(name)) return {k->title, result.unit};
  std::replace(result.title.begin(), result.title.end(), '_', ' ');
  if (result.title[0] >= 'a' && result.title[0] <= 'z') result.title[0] = char(result.title[0] - 'a' + 'A');
  return result;
}

std::string row_label(const ReportTable& table, std::size_t row, bool with_step) {
  std::string state = table.at(row, "state");
  if (state == "pristine") return state;
  return fmt::format("{} {}{}", table.at(row, "cycle"), state, with_step ? " step " + table.at(row, "step") : std::string());
}

json plot_data(const ReportRun& run) {
  json data = {{"cycles", table_data(run.cycles, false)}, {"steps", table_data(run.steps, true)}, {"plots", json::array()}};
  const auto is_there = [&](const std::string& name) { return data["cycles"]["columns"].contains(name) || data["steps"]["columns"].contains(name); };
  std::set<std::string> placed;
  const auto place = [&](const std::string& name, const std::string& plot) {
    if (!is_there(name) || !placed.insert(name).second) return;
    auto& plots = data["plots"];
    if (plots.empty() || plots.back()["title"] != plot) plots.push_back({{"title", plot}, {"unit", column_title(name).unit}, {"columns", json::array()}});
    plots.back()["columns"].push_back(name);
  };
  for (const Known& k : known) place(k.name, k.plot);
  for (const char* table : {"cycles", "steps"})
    for (const auto& [name, column] : data[table]["columns"].items()) place(name, column["title"]);
  return data;
}

}  // namespace voxode::io
