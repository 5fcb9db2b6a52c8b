#include "io/run_state.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "io/checkpoint.hpp"
#include "io/toml_node.hpp"
#include "kernels/error.hpp"
#include "physics/cycle.hpp"

namespace voxode::io {

namespace {

void go_over(physics::Archive& archive, const std::string& name, physics::Conduction& c) {
  archive.optional(name + "conductivity", c.conductivity);
  archive.optional(name + "tortuosity_factor", c.tortuosity_factor);
  archive.optional(name + "relative", c.relative);
  archive.count(name + "iterations", c.iterations);
  archive.number(name + "residual", c.residual);
}

void go_over(physics::Archive& archive, physics::StepRow& row) {
  const std::string name = "last_row/";
  archive.count(name + "cycle", row.cycle);
  archive.text(name + "state", row.state);
  archive.count(name + "step", row.step);
  const std::vector<std::pair<const char*, double*>> numbers{{"lithium_content", &row.lithium_content}, {"stack_pressure", &row.stack_pressure}, {"thickness", &row.thickness}, {"void_fraction", &row.void_fraction},
                                                             {"opened_volume_fraction", &row.opened_volume_fraction}, {"gap_volume_fraction", &row.gap_volume_fraction}, {"elastic_energy", &row.elastic_energy},
                                                             {"dissipated_energy", &row.dissipated_energy}, {"plate_work", &row.plate_work}, {"swelling_work", &row.swelling_work}, {"snap_energy", &row.snap_energy},
                                                             {"residual", &row.residual}};
  for (const auto& [key, value] : numbers) archive.number(name + key, *value);
  const std::vector<std::pair<const char*, std::optional<double>*>> shares{{"open_area_fraction", &row.open_area_fraction}, {"broken_area_fraction", &row.broken_area_fraction},
                                                                           {"contact_area_fraction", &row.contact_area_fraction}, {"mean_separation", &row.mean_separation}, {"mean_damage", &row.mean_damage}};
  for (const auto& [key, value] : shares) archive.optional(name + key, *value);
  for (std::size_t i = 0; i < row.mean_stress.size(); ++i) archive.number(fmt::format("{}mean_stress_{}", name, i), row.mean_stress[i]);
  archive.count(name + "nonlinear_iterations", row.nonlinear_iterations);
  archive.count(name + "multigrid_cycles", row.multigrid_cycles);
  archive.count(name + "substeps", row.substeps);
}

/// All values of a TOML document by their keys.
void flatten(const Node& node, const std::string& key, std::map<std::string, std::string>& values) {
  if (node.kind == Node::Kind::table) {
    for (const Node::Entry& entry : node.entries) flatten(entry.value, key.empty() ? entry.key : key + "." + entry.key, values);
  } else if (node.kind == Node::Kind::array && !node.items.empty() && node.items[0].kind == Node::Kind::table) {
    for (std::size_t i = 0; i < node.items.size(); ++i) flatten(node.items[i], fmt::format("{}[{}]", key, i), values);
  } else if (node.kind == Node::Kind::text && node.text.find('/') != std::string::npos) {
    values[key] = toml_text(std::filesystem::path(node.text).filename().string());
  } else if (node.kind == Node::Kind::array) {
    std::map<std::string, std::string> items;
    for (std::size_t i = 0; i < node.items.size(); ++i) flatten(node.items[i], fmt::format("{:09}", i), items);
    std::string& text = values[key];
    for (const auto& [place, item] : items) text += (text.empty() ? "[" : ", ") + item;
    text += text.empty() ? "[]" : "]";
  } else {
    values[key] = node.rendered();
  }
}

bool may_change(const std::string& key) { return key == "title" || key == "cycling.cycles" || key.starts_with("output."); }

}  // namespace

void RunState::go_over(physics::Archive& archive) {
  archive.text("job/resolved_toml", resolved_toml);
  archive.text("job/preconditioner", preconditioner);
  archive.text("job/microstructure", microstructure);
  archive.count("written/step_rows", step_rows);
  archive.count("written/cycle_rows", cycle_rows);
  archive.count("written/field_states", field_states);
  archive.count("written/crack_states", crack_states);
  archive.count("written/void_states", void_states);
  archive.count("run/steps", n_steps);
  archive.count("run/cycles", n_cycles);
  archive.number("run/wall_seconds", wall_seconds);
  std::string lines;
  for (const std::string& warning : warnings) lines += warning + "\n";
  archive.text("run/warnings", lines);
  if (archive.loads()) {
    std::istringstream each(lines);
    for (std::string warning; std::getline(each, warning);) warnings.push_back(warning);
  }
  if (!last) last.emplace();  // a checkpoint comes after a row
  io::go_over(archive, *last);
  bool has_conduction = conduction.has_value();
  archive.flag("run/has_conduction", has_conduction);
  if (!has_conduction) return;
  if (!conduction) conduction.emplace();
  io::go_over(archive, "last_conduction/ionic/", conduction->ionic);
  io::go_over(archive, "last_conduction/electronic/", conduction->electronic);
  archive.optional("last_conduction/active_surface_per_volume", conduction->active_surface_per_volume);
  archive.optional("last_conduction/isolated_active_fraction", conduction->isolated_active_fraction);
}

std::string preconditioner_name(const Config& config) { return config.job.solver.preconditioner == physics::Preconditioner::jacobi ? "\"jacobi\"" : "\"multigrid\""; }

std::string microstructure_hash(const PreparedJob& prepared) {
  const auto& bodies = prepared.structure.bodies;
  const auto& faces = prepared.structure.faces;
  std::vector<double> numbers{prepared.grid.spacing, double(prepared.grid.n[0]), double(prepared.grid.n[1]), double(prepared.grid.n[2])};
  for (const mesh::Body& body : bodies.table) {
    numbers.push_back(double(body.phase));
    numbers.insert(numbers.end(), body.orientation.begin(), body.orientation.end());
  }
  std::vector<std::pair<const void*, std::size_t>> pieces;
  const auto add = [&](const auto& list) { pieces.emplace_back(list.data(), list.size() * sizeof(list[0])); };
  add(numbers);
  add(prepared.grid.phase);
  add(bodies.of_voxel);
  add(faces.cell);
  add(faces.axis);
  add(faces.entry);
  return content_hash(pieces);
}

void check_same_job(const RunState& saved, const Config& config, const std::string& path) {
  std::map<std::string, std::string> before, now;
  flatten(parse_toml(saved.resolved_toml, path), "", before);
  flatten(parse_toml(config.resolved_toml, config.file.string()), "", now);
    before["solver.preconditioner"] = saved.preconditioner;
  now["solver.preconditioner"] = preconditioner_name(config);
  std::string changes;
  const auto say = [&](const std::string& key, const std::string& old_value, const std::string& new_value) { changes += fmt::format("{}{} was {} and is {}", changes.empty() ? "" : "; ", key, old_value, new_value); };
  for (const auto& [key, value] : before)
    if (!may_change(key) && (!now.contains(key) || now.at(key) != value)) say(key, value, now.contains(key) ? now.at(key) : "not there");
  for (const auto& [key, value] : now)
    if (!may_change(key) && !before.contains(key)) say(key, "not there", value);
  if (!changes.empty())
    throw ConfigError(fmt::format("the config has changed since the checkpoint {} was written: {}. Only cycling.cycles, title and [output] may change when a run goes on: put the old values back, or run without --resume.", path, changes));
  if (saved.n_steps > physics::CycleDriver::n_steps(config.job))
    throw ConfigError(fmt::format("the checkpoint {} is {} load steps on and cycling.cycles = {} asks for {}: ask for more cycles, or run without --resume.", path, saved.n_steps, config.job.cycling.cycles,
                                  physics::CycleDriver::n_steps(config.job)));
}

void check_same_microstructure(const RunState& saved, const std::string& hash, const std::string& path) {
  if (saved.microstructure != hash)
    throw InputError(fmt::format("voxels, bodies or faces are not those that the checkpoint {} was written for: an input file (image, instance labels, orientations) has changed. Put the old one back, or run without --resume.", path));
}

}  // namespace voxode::io
