#include "io/material_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "io/material_keys.hpp"
#include "kernels/error.hpp"
#include "physics/swelling.hpp"

namespace voxode::io {
namespace {

constexpr Unit gigapascal{"GPa", 9};

bool is_path(const std::string& name) { return name.find('/') != std::string::npos || name.ends_with(".toml"); }

std::string listed(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) result += (result.empty() ? "" : ", ") + name;
  return result;
}

/// The values of `top` over those of `base`; one way of giving the stiffness replaces the other.
Node overlay(Node base, const Node& top) {
  const auto drop = [&](const char* key) { std::erase_if(base.entries, [&](const Node::Entry& entry) { return entry.key == key; }); };
  if (top.find("C_GPa")) {
    drop("E_GPa");
    drop("poisson_ratio");
  }
  if (top.find("E_GPa") || top.find("poisson_ratio")) drop("C_GPa");
  for (const Node::Entry& entry : top.entries) {
    if (entry.key == "base") continue;
    if (Node::Entry* there = base.find(entry.key))
      *there = entry;
    else
      base.entries.push_back(entry);
  }
  base.place = top.place;
  return base;
}

Node resolve(const Node& value, const std::string& path, const std::filesystem::path& folder, int depth) {
  const auto fail = [&](const std::string& message) { throw ConfigError(fmt::format("{}: {} = {} {}", value.place.text(), path, value.rendered(), message)); };
  if (depth > 8) fail("builds on itself; end the chain of `base`.");
  if (value.kind == Node::Kind::text) {
    const std::filesystem::path file = is_path(value.text) ? folder / value.text : materials_folder() / (value.text + ".toml");
    if (!std::filesystem::is_regular_file(file)) {
      if (is_path(value.text)) fail(fmt::format("is no file (looked for {}); paths are relative to the file they stand in.", std::filesystem::absolute(file).lexically_normal().string()));
      const std::vector<std::string> names = shipped_materials();
      const std::string near = nearest(value.text, names);
      fail(fmt::format("is no shipped material{} Shipped: {}. A file of your own is named with its .toml.", near.empty() ? "." : "; did you mean \"" + near + "\"?", listed(names)));
    }
    Node table = read_toml(file, is_path(value.text) ? file.string() : value.text + ".toml");
    const bool named = table.find("name");
    table = resolve(table, path, file.parent_path(), depth + 1);
    if (!named) {
      Node name = value;
      name.text = file.stem().string();
      if (Node::Entry* entry = table.find("name"))
        entry->value = name;
      else
        table.entries.insert(table.entries.begin(), {"name", value.place, name});
    }
    return table;
  }
  if (value.kind != Node::Kind::table) fail("must be the name of a shipped material, the path of a .toml file, or a table like { E_GPa = 20.0, poisson_ratio = 0.3 }.");
  const Node::Entry* base = value.find("base");
  if (!base) return value;
  if (base->value.kind != Node::Kind::text) throw ConfigError(fmt::format("{}: {}.base must be the name or path of a material, in quotes.", base->place.text(), path));
  return overlay(resolve(base->value, path + ".base", folder, depth + 1), value);
}

std::string row_text(const std::vector<double>& row) {
  std::string text;
  for (double value : row) text += (text.empty() ? "" : ", ") + written(value);
  return "[" + text + "]";
}

/// An array of rows of `n_columns` numbers; calls `use(row index, numbers)`.
template <class Use>
void read_rows(Section& section, const char* key, const Node& node, std::size_t n_columns, const char* form, Use use) {
  if (node.kind != Node::Kind::array) section.fail(node, key, fmt::format("must be {}.", form));
  for (std::size_t r = 0; r < node.items.size(); ++r) {
    const Node& row = node.items[r];
    const bool good = row.kind == Node::Kind::array && row.items.size() == n_columns &&
                      std::all_of(row.items.begin(), row.items.end(), [](const Node& cell) { return cell.is_number() && std::isfinite(cell.number); });
    const std::string name = fmt::format("{}[{}]", key, r);
    if (!good) section.fail(row, name, fmt::format("must be a row of {} numbers; {} is {}.", n_columns, key, form));
    std::vector<double> numbers;
    for (const Node& cell : row.items) numbers.push_back(cell.number);
    use(row, name, numbers);
  }
}

void stiffness_rows(Section& s, physics::Material& m) {
  const bool has_e = s.number("E_GPa", m.youngs_modulus, gigapascal, above(0), "Young's modulus", "required for mechanics, unless C_GPa");
  const bool has_nu = s.number("poisson_ratio", m.poisson_ratio, {}, inside(-1, 0.5), "Poisson's ratio", "required with E_GPa");
  const char* form = "6 x 6 numbers, [[...], ...], order xx yy zz yz xz xy with engineering shear";
  const Node* c = s.value("C_GPa", "array", "GPa", "none", "symmetric, positive definite", "stiffness in the crystal frame (c axis = crystal z), order xx yy zz yz xz xy, engineering shear, in place of E_GPa and poisson_ratio");
  if (has_e != has_nu && !c) s.fail(has_e ? "poisson_ratio" : "E_GPa", fmt::format("is missing; {} alone does not give a stiffness.", has_e ? "E_GPa" : "poisson_ratio"));
  if (c && (has_e || has_nu)) s.fail("C_GPa", "stands beside E_GPa or poisson_ratio; keep one way to give the stiffness.");
  if (has_e) m.stiffness = physics::isotropic_stiffness(m.youngs_modulus, m.poisson_ratio);
  if (!c) return;
  m.isotropic = false;
  std::size_t next = 0;
  std::string text;
  read_rows(s, "C_GPa", *c, 6, form, [&](const Node&, const std::string&, const std::vector<double>& row) {
    text += (text.empty() ? "" : ", ") + row_text(row);
    for (double value : row)
      if (next < 36) m.stiffness[next++] = to_si(value, gigapascal);
  });
  if (c->items.size() != 6) s.fail("C_GPa", fmt::format("has {} rows; it must be {}.", c->items.size(), form));
  if (!physics::is_positive_definite(m.stiffness))
    s.fail("C_GPa", "must be symmetric (to 1e-9 of its largest entry) and positive definite; check signs, order (xx yy zz yz xz xy) and the shear entries.");
  s.write("C_GPa", "[" + text + "]");
}

void strain_rows(Section& s, physics::Material& m) {
  const char* form = "rows [[lithium, eps_a, eps_c], ...]";
  const Node* table = s.value("strain_table", "array", "", "none (does not swell)", "lithium increasing, strains in (-0.5, 0.5)",
                              "lattice strain along a and c over lithium content, [[lithium, eps_a, eps_c], ...], in between a monotone cubic");
  if (!table) return;
  std::string text;
  read_rows(s, "strain_table", *table, 3, form, [&](const Node& at, const std::string& name, const std::vector<double>& row) {
    if (!(row[0] >= 0)) s.fail(at, name, "has a negative lithium content.");
    if (!m.strain_table.empty() && !(row[0] > m.strain_table.back()[0])) s.fail(at, name, "must have more lithium than the row before it; sort the rows, each content once.");
    if (!inside(-0.5, 0.5).holds(row[1]) || !inside(-0.5, 0.5).holds(row[2])) s.fail(at, name, "has a strain outside (-0.5, 0.5); strains are numbers, not percent.");
    m.strain_table.push_back({row[0], row[1], row[2]});
    text += (text.empty() ? "" : ", ") + row_text(row);
  });
  if (m.strain_table.size() < 2) s.fail("strain_table", "needs at least two rows.");
  s.write("strain_table", "[" + text + "]");
}

}  // namespace

Node resolve_material(const Node& value, const std::string& path, const std::filesystem::path& folder) { return resolve(value, path, folder, 0); }

void material_rows(Section& s, physics::Material& m) {
  s.allow_sources();
  s.value("base", "text", "", "none", "", "a shipped material or .toml file whose values hold where this table gives none");
  s.text("name", m.name, "name in reports", "the shipped name, or the phase's");
  for (const char* key : {"description", "source", "mark"}) {
    const Node* node = s.value(key, "text", "", "none", "", "for the reader; a single value may be { value, source, mark, range } too");
    if (!node) continue;
    if (node->kind != Node::Kind::text) s.fail(*node, key, "must be a text in quotes.");
    s.write(key, toml_text(node->text));
  }
  s.write_only_given(true);
  stiffness_rows(s, m);
  s.write_only_given(false);
  m.integration = m.isotropic && m.poisson_ratio > 0.45 ? physics::Integration::bbar : physics::Integration::full;
  s.choice("integration", m.integration, {{"full", physics::Integration::full}, {"bbar", physics::Integration::bbar}},
           "full is plain 2x2x2; bbar for nearly incompressible materials", "\"full\", but \"bbar\" if poisson_ratio > 0.45");
  s.write_only_given(true);
  strain_rows(s, m);
  s.number("ionic_S_per_m", m.ionic_conductivity, {"S/m", 0}, at_least(0), "ionic conductivity, 0: does not conduct", "0");
  s.number("electronic_S_per_m", m.electronic_conductivity, {"S/m", 0}, at_least(0), "electronic conductivity, 0: does not conduct", "0");
  s.number("density_kg_per_m3", m.density, {"kg/m3", 0}, above(0), "density", "none");
  for (const char* key : {"yield_MPa", "hardening_MPa"}) s.not_yet(key, "plasticity");
  for (const char* key : {"max_concentration_mol_per_m3", "diffusivity_m2_per_s", "diffusivity_ratio_c_to_a", "open_circuit_V", "exchange_current_A_per_m2", "transfer_coefficient"})
    s.not_yet(key, "lithium that moves");
  s.finish();
}

std::filesystem::path materials_folder() {
  const char* from_environment = std::getenv("VOXODE_MATERIALS");
  std::string tried;
  for (const char* folder : {from_environment, VOXODE_MATERIALS_BUILD_DIR, VOXODE_MATERIALS_INSTALL_DIR}) {
    if (!folder || !*folder) continue;
    if (std::filesystem::is_directory(folder)) return folder;
    tried += fmt::format("{}{}", tried.empty() ? "" : ", ", folder);
  }
  throw InputError(fmt::format("The shipped materials are not there (looked in {}); set VOXODE_MATERIALS to the folder `materials` of the sources or of the installation.", tried));
}

std::vector<std::string> shipped_materials() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(materials_folder()))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

namespace {
Node named(const std::string& name_or_path) {
  Node value;
  value.kind = Node::Kind::text;
  value.text = name_or_path;
  value.place.file = std::make_shared<const std::string>("voxode");
  return value;
}
}  // namespace

physics::Material load_material(const std::string& name_or_path, const std::filesystem::path& folder) {
  const Node table = resolve_material(named(name_or_path), "material", folder);
  physics::Material material;
  Section section(&table, table.place, "material", nullptr);
  material_rows(section, material);
  return material;
}

std::string describe_material(const std::string& name_or_path) {
  load_material(name_or_path);  // checks it
  const Node table = resolve_material(named(name_or_path), "material", {});
  std::vector<KeyRecord> records;
  physics::Material unused;
  Section documented("", &records);
  material_rows(documented, unused);
  const auto text_of = [&](const char* key) { return table.find(key) ? table.find(key)->value.text : std::string(); };
  std::string result = fmt::format("{}: {}\n", text_of("name"), text_of("description"));
  for (const KeyRecord& record : records) {
    const Node::Entry* entry = table.find(record.key);
    if (!entry || record.key == "name" || record.key == "description" || record.key == "source" || record.key == "mark") continue;
    const bool annotated = entry->value.kind == Node::Kind::table;
    const Node& value = annotated ? entry->value.find("value")->value : entry->value;
    const bool rows = value.kind == Node::Kind::array;
    result += fmt::format("  {}{}", record.key, rows ? ":" : " = " + value.rendered());
    if (rows)
      for (const Node& row : value.items) result += "\n    " + row.rendered();
    if (annotated) {
      if (const auto* range = entry->value.find("range")) result += fmt::format("{}range {}", rows ? "\n    " : "  ", range->value.rendered());
      std::string source;
      if (const auto* mark = entry->value.find("mark")) source = mark->value.text;
      if (const auto* from = entry->value.find("source")) source += (source.empty() ? "" : ": ") + from->value.text;
      if (!source.empty()) result += "\n    " + source;
    }
    result += "\n";
  }
  return result;
}

}  // namespace voxode::io
