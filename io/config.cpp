#include "io/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/config_checks.hpp"
#include "io/config_keys.hpp"
#include "io/material_keys.hpp"
#include "kernels/error.hpp"

namespace voxode::io {
namespace {

constexpr std::size_t max_phases = 250, max_interfaces = 32;  // physics/cohesive/law.hpp holds as many

/// FNV-1a, 64 bit, in hexadecimal.
std::string fingerprint(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ull;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return fmt::format("{:016x}", hash);
}

struct Reader {
  Config config;
  Node root;
  ResolvedText out;
  std::filesystem::path folder;

  void open(const std::string& header) {
    out.full += "\n" + header + "\n";
    out.hashed += header + "\n";
  }

  /// The rows of a table of the file, or its defaults.
  template <class Rows>
  void section(Section& top, const char* key, Rows rows) {
    const Node::Entry* entry = top.table(key);
    open(fmt::format("[{}]", key));
    Section part(entry ? &entry->value : nullptr, entry ? entry->place : root.place, key, &out);
    rows(part);
  }

  void read_phase(const Node::Entry& entry) {
    const std::string path = "phase." + toml_key(entry.key);
    physics::Phase phase;
    phase.name = entry.key;
    if (phase.name == "pore") throw ConfigError(fmt::format("{}: {} cannot be: \"pore\" is the name of nothing, which has no material. Remove the section.", entry.place.text(), path));
    open("[" + path + "]");
    Section part(&entry.value, entry.place, path, &out);
    phase_rows(part, phase, folder);
    for (const auto& [label, q] : phase.bodies.orientation_table) out.hashed += fmt::format("{} {} {} {} {}\n", label, q[0], q[1], q[2], q[3]);
    const Node::Entry* material = part.table("material");
    part.finish();
    if (!material) part.fail("material", "is missing: name a shipped one (`voxode materials` lists them), a .toml file, or write a table like { E_GPa = 20.0, poisson_ratio = 0.3 }.");
    phase.material.name = phase.name;
    const Node values = resolve_material(material->value, path + ".material", folder);
    open("[" + path + ".material]");
    Section table(&values, material->place, path + ".material", &out);
    material_rows(table, phase.material);
    config.job.phases.push_back(std::move(phase));
  }

  void read_phases(const Node::Entry* entry, bool optional) {
    if (!entry) {
      if (optional) return;
      throw ConfigError(fmt::format("{}: [phase.NAME] is missing; every phase of the image needs one, with its material.", root.place.text()));
    }
    if (entry->value.kind != Node::Kind::table) throw ConfigError(fmt::format("{}: phase must be tables [phase.NAME].", entry->place.text()));
    for (const Node::Entry& phase : entry->value.entries) read_phase(phase);
    if (config.job.phases.size() > max_phases) throw ConfigError(fmt::format("{}: phase has {} tables; {} is the most.", entry->place.text(), config.job.phases.size(), max_phases));
  }

  void read_interfaces(const Node::Entry* entry) {
    if (!entry) return;
    const auto is_table = [](const Node& node) { return node.kind == Node::Kind::table; };
    const std::vector<Node>& items = entry->value.items;
    if (entry->value.kind != Node::Kind::array || !std::all_of(items.begin(), items.end(), is_table))
      throw ConfigError(fmt::format("{}: interface must be written [[interface]], in double brackets, once per entry.", entry->place.text()));
    if (items.size() > max_interfaces) throw ConfigError(fmt::format("{}: interface has {} entries; {} is the most.", entry->place.text(), items.size(), max_interfaces));
    std::vector<std::string> names;
    for (const physics::Phase& phase : config.job.phases) names.push_back(phase.name);
    for (std::size_t e = 0; e < items.size(); ++e) {
      physics::InterfaceEntry values;
      if (e > 0) values = config.job.interfaces.front();
      values.where = physics::Where::any;
      open("[[interface]]");
      Section part(&items[e], items[e].place, fmt::format("interface[{}]", e), &out);
      interface_rows(part, values, names);
      config.job.interfaces.push_back(values);
    }
  }

  void read_geometry(Section& top) {
    const Node::Entry* image = top.table("image");
    const Node::Entry* synthetic = top.table("synthetic");
    if (bool(image) == bool(synthetic)) {
      const Place& place = synthetic ? synthetic->place : root.place;
      throw ConfigError(fmt::format("{}: {}; a job has exactly one of [image] (a file of labels) and [synthetic] (a recipe).", place.text(),
                                    image ? "[synthetic] stands beside [image]" : "[image] is missing"));
    }
    if (image) {
      section(top, "image", [&](Section& part) { image_rows(part, config.image.emplace(), folder); });
      return;
    }
    mesh::SyntheticRecipe& recipe = config.synthetic.emplace();
    recipe.seed = config.job.seed;
    recipe.periodic[2] = config.job.periodicity()[2];
    section(top, "synthetic", [&](Section& part) { synthetic_rows(part, recipe); });
    try {
      mesh::validate(recipe);
    } catch (const ConfigError& error) {
      throw ConfigError(fmt::format("{}: synthetic: {}", synthetic->place.text(), error.what()));
    }
  }

  void read(bool recipe_only) {
    physics::Job& job = config.job;
    out.full = fmt::format("# Every key and value of {}, as voxode read it.\n", config.file.filename().string());
    Section top(&root, root.place, "", &out);
    top_rows(top, job);
    for (const char* key : {"image", "synthetic", "phase", "interface", "boundary", "lithium", "cycling", "effective", "output", "solver"}) top.table(key);
    top.not_yet("binder_film", "binder films thinner than a voxel");
    for (const char* key : {"electrochemistry", "protocol"}) top.not_yet(key, "lithium that moves by itself");
    top.finish();
    section(top, "boundary", [&](Section& part) { boundary_rows(part, job.boundary); });
    read_geometry(top);
    read_phases(top.table("phase"), recipe_only);
    if (!job.phases.empty()) read_interfaces(top.table("interface"));
    section(top, "lithium", [&](Section& part) { lithium_rows(part, job.lithium); });
    section(top, "cycling", [&](Section& part) { cycling_rows(part, job.cycling); });
    section(top, "effective", [&](Section& part) { effective_rows(part, job.effective); });
    section(top, "output", [&](Section& part) { output_rows(part, config.output); });
    section(top, "solver", [&](Section& part) { solver_rows(part, job.solver); });
    if (!recipe_only) check_config(root, config);
    config.hash = fingerprint(out.hashed);
    config.resolved_toml = out.full;
  }
};

Config load(const std::filesystem::path& file, const std::vector<std::string>& overrides, bool recipe_only) {
  Reader reader;
  reader.config.file = file;
  reader.folder = file.parent_path();
  reader.root = read_toml(file, file.string());
  for (const std::string& assignment : overrides) apply_override(reader.root, assignment);
  reader.read(recipe_only);
  return std::move(reader.config);
}

/// All rows, in the order of a file.
std::vector<KeyRecord> reference() {
  std::vector<KeyRecord> records;
  const auto list = [&](const char* path, auto rows) {
    Section section(path, &records);
    rows(section);
  };
  Config c;
  ImageSettings image;
  mesh::SyntheticRecipe recipe;
  physics::Phase phase;
  physics::InterfaceEntry entry;
  list("", [&](Section& s) { top_rows(s, c.job); });
  list("image", [&](Section& s) { image_rows(s, image, {}); });
  list("synthetic", [&](Section& s) { synthetic_rows(s, recipe); });
  list("phase.NAME", [&](Section& s) {
    phase_rows(s, phase, {});
    s.value("material", "text or table", "", "required", "", "a shipped name, the path of a .toml file, or a table with the keys of phase.NAME.material");
  });
  list("phase.NAME.material", [&](Section& s) { material_rows(s, phase.material); });
  list("interface[]", [&](Section& s) { interface_rows(s, entry, {}); });
  list("boundary", [&](Section& s) { boundary_rows(s, c.job.boundary); });
  list("lithium", [&](Section& s) { lithium_rows(s, c.job.lithium); });
  list("cycling", [&](Section& s) { cycling_rows(s, c.job.cycling); });
  list("effective", [&](Section& s) { effective_rows(s, c.job.effective); });
  list("output", [&](Section& s) { output_rows(s, c.output); });
  list("solver", [&](Section& s) { solver_rows(s, c.job.solver); });
  return records;
}

const char* about(const std::string& section) {
  if (section == "image") return "either this";
  if (section == "synthetic") return "or this, which packs spheres and makes the phases electrolyte, active and, if asked for, binder";
  if (section == "phase.NAME") return "one table per phase; their order numbers the phases";
  if (section == "phase.NAME.material") return "crystal frame, c axis = crystal z";
  if (section == "interface[]") return "[[interface]], any number; left out keys: shear = normal, mode II = mode I, `where` = any, otherwise the first entry's values; defaults below are the first entry's";
  return "";
}

}  // namespace

Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides) { return load(file, overrides, false); }

mesh::SyntheticRecipe load_recipe(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  const Config config = load(file, overrides, true);
  if (!config.synthetic) throw ConfigError(fmt::format("{}: [synthetic] is missing; a recipe has it in place of [image].", file.string()));
  return *config.synthetic;
}

void align_phases(const Config& config, mesh::VoxelGrid& grid) {
  std::vector<std::string> names;
  for (const physics::Phase& phase : config.job.phases) names.push_back(phase.name);
  std::array<std::uint8_t, 256> number{};
  number.fill(mesh::pore);
  for (std::size_t p = 0; p < grid.phase_names.size(); ++p) {
    const auto found = std::find(names.begin(), names.end(), grid.phase_names[p]);
    if (found == names.end()) throw ConfigError(fmt::format("{}: the image has the phase \"{}\", which has no [phase.{}].", config.file.string(), grid.phase_names[p], grid.phase_names[p]));
    number[p] = std::uint8_t(found - names.begin());
  }
  for (std::uint8_t& phase : grid.phase) phase = number[phase];
  grid.phase_names = names;
}

std::string schema_text() {
  std::string text = "Keys of a voxode config (TOML): key, type, [unit], default, range, meaning. SI units unless a key ends in another.\n";
  std::string section = "-";
  for (const KeyRecord& r : reference()) {
    const std::size_t dot = r.key.rfind('.');
    const std::string here = dot == std::string::npos ? "" : r.key.substr(0, dot);
    if (here != section) {
      section = here;
      const std::string intro = about(section);
      text += fmt::format("\n{}{}\n", section.empty() ? "top level" : section == "interface[]" ? "[[interface]]" : "[" + section + "]", intro.empty() ? "" : ": " + intro);
    }
    text += fmt::format("  {}  ({}{})  default: {}{}\n      {}\n", dot == std::string::npos ? r.key : r.key.substr(dot + 1), r.type, r.unit.empty() ? "" : ", " + r.unit, r.standard,
                        r.range.empty() ? "" : "  range: " + r.range, r.sentence);
  }
  return text;
}

std::string schema_json() {
  nlohmann::ordered_json keys = nlohmann::ordered_json::array();
  for (const KeyRecord& r : reference())
    keys.push_back({{"key", r.key}, {"type", r.type}, {"unit", r.unit}, {"default", r.standard}, {"range", r.range}, {"description", r.sentence}});
  return nlohmann::ordered_json{{"keys", keys}}.dump(2) + "\n";
}

}  // namespace voxode::io
