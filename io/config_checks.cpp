#include "io/config_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kernels/error.hpp"

namespace voxode::io {
namespace {

using namespace physics;

std::string phase_path(const Phase& phase) { return "phase." + toml_key(phase.name); }
std::string entry_path(std::size_t e) { return fmt::format("interface[{}]", e); }

std::string pair_of(const Job& job, const InterfaceEntry& entry) {
  return fmt::format("{}-{}", job.phases[entry.phase_a].name, job.phases[entry.phase_b].name);
}

const Phase* find_phase(const Job& job, const std::string& name) {
  const auto found = std::find_if(job.phases.begin(), job.phases.end(), [&](const Phase& phase) { return phase.name == name; });
  return found == job.phases.end() ? nullptr : &*found;
}

void check_labels(const Node& root, const Config& c) {
  std::set<std::string> named;
  for (const auto& [label, name] : c.image->labels) {
    named.insert(name);
    if (name != "pore" && !find_phase(c.job, name)) {
      std::vector<std::string> names{"pore"};
      for (const Phase& phase : c.job.phases) names.push_back(phase.name);
      const std::string near = nearest(name, names);
      fail_at(root, fmt::format("image.labels.{}", label), fmt::format("must be \"pore\" or a phase with a [phase.NAME] section: {}.{}", fmt::join(names, ", "),
                                                                        near.empty() ? "" : " Did you mean \"" + near + "\"?"));
    }
  }
  for (const Phase& phase : c.job.phases)
    if (!named.count(phase.name)) fail_at(root, phase_path(phase), "is the name of no label in image.labels; name one so, or remove the section.");
}

void check_synthetic(const Node& root, const Config& c) {
  std::vector<std::string> made{"electrolyte", "active"};
  if (c.synthetic->binder_fraction > 0) made.push_back("binder");
  for (const std::string& name : made)
    if (!find_phase(c.job, name)) fail_at(root, "synthetic", fmt::format("makes the phase \"{}\", which has no [phase.{}] section; add one with a material.", name, name));
  for (const Phase& phase : c.job.phases)
    if (phase.name != "electrolyte" && phase.name != "active" && phase.name != "binder")
      fail_at(root, phase_path(phase), "is not made by [synthetic], which makes electrolyte, active and binder; rename or remove it.");
}

void check_phases(const Node& root, Config& c) {
  const bool mechanics = c.job.kind == JobKind::cycle || c.job.effective.stiffness || c.job.effective.swelling;
  const bool has_instances = c.synthetic || !c.image->bodies_file.empty();
  for (const Phase& phase : c.job.phases) {
    const std::string path = phase_path(phase);
    if (mechanics && phase.material.stiffness[0] == 0)
      fail_at(root, path + ".material", "has no stiffness; give E_GPa and poisson_ratio, or C_GPa (only properties without stiffness and swelling go without).");
    if (phase.bodies.mode == mesh::BodyMode::file && !has_instances) fail_at(root, path + ".bodies", "needs image.bodies_file, a file of instance labels.");
    if (phase.bodies.orientation == mesh::OrientationMode::file && !has_instances)
      fail_at(root, path + ".orientation", "needs image.bodies_file: its instance labels are the `body` of the table.");
    if (phase.bodies.orientation != mesh::OrientationMode::file && locate(root, path + ".orientation_file").found)
      c.notes.push_back(fmt::format("{}.orientation_file is not read: orientation is not \"file\".", path));
    const bool cuts = phase.bodies.mode == mesh::BodyMode::grains || phase.bodies.mode == mesh::BodyMode::rods;
    if (phase.bodies.grain_size > 0 && !cuts) c.notes.push_back(fmt::format("{}.grain_size_um has no effect: bodies is neither grains nor rods.", path));
  }
}

/// Onset before failure, that is lambda_f > lambda_0, or toughness > strength^2 / (2 stiffness): both sides are linear in B^eta, so the pure modes decide.
void check_law(const Node& root, const Job& job, std::size_t e) {
  const InterfaceEntry& entry = job.interfaces[e];
  if (entry.law != InterfaceLawKind::bilinear) return;
  struct Mode {
    const char* name;
    const char* toughness_key;
    const char* word;
    double toughness, strength, stiffness;
  };
  for (const Mode& m : {Mode{"I (opening)", "toughness_I_J_per_m2", "normal", entry.toughness_I, entry.normal_strength, entry.normal_stiffness},
                        Mode{"II (sliding)", "toughness_II_J_per_m2", "shear", entry.toughness_II, entry.shear_strength, entry.shear_stiffness}}) {
    const double least = m.strength * m.strength / (2 * m.stiffness);
    if (m.toughness > least) continue;
    fail_at(root, entry_path(e) + "." + m.toughness_key,
            fmt::format("must be > strength^2 / (2 stiffness) = {:.6g} J/m2, else the {} interface would fail before it is damaged (mode {}: strength {:g} MPa, "
                        "stiffness {:g} Pa/m). Raise the toughness or {}_stiffness_Pa_per_m, or lower {}_strength_MPa.",
                        least, pair_of(job, entry), m.name, m.strength / 1e6, m.stiffness, m.word, m.word), fmt::format("{:g}", m.toughness));
  }
}

/// A face that heals in part and has no resistance of its own would have no conductance to take a share of.
void check_recontact(const Node& root, const Job& job, std::size_t e) {
  const InterfaceEntry& entry = job.interfaces[e];
  const bool opens = entry.law == InterfaceLawKind::bilinear || entry.law == InterfaceLawKind::contact;
  if (!opens || entry.recontact == 0 || entry.recontact == 1) return;
  const Material &a = job.phases[entry.phase_a].material, &b = job.phases[entry.phase_b].material;
  const char* key = nullptr;
  if (a.ionic_conductivity > 0 && b.ionic_conductivity > 0 && entry.ionic_resistance == 0) key = "ionic_resistance_Ohm_m2";
  if (a.electronic_conductivity > 0 && b.electronic_conductivity > 0 && entry.electronic_resistance == 0) key = "electronic_resistance_Ohm_m2";
  if (key)
    fail_at(root, entry_path(e) + ".recontact", fmt::format("is a share of the conductance of the {} interface, which is infinite with {} = 0; give that resistance, or recontact = 0 or 1.",
                                                             pair_of(job, entry), key), fmt::format("{:g}", entry.recontact));
}

void note_defaults(const Node& root, Config& c) {
  const Job& job = c.job;
  const auto given = [&](std::size_t e, const char* key) { return locate(root, entry_path(e) + "." + key).found; };
  if (job.interfaces.empty()) return;
  const InterfaceEntry& first = job.interfaces.front();
  const bool bilinear = std::any_of(job.interfaces.begin(), job.interfaces.end(), [](const InterfaceEntry& e) { return e.law == InterfaceLawKind::bilinear; });
  if (bilinear)
    for (const auto& [key, value] : {std::pair("normal_strength_MPa", first.normal_strength / 1e6), {"toughness_I_J_per_m2", first.toughness_I}})
      if (!given(0, key)) c.notes.push_back(fmt::format("interface[0].{} is left out and taken as {:g}; published values spread widely, so choose one.", key, value));
  struct Pair {
    const char *normal, *shear;
    bool differ;
  };
  for (std::size_t e = 1; e < job.interfaces.size(); ++e)
    for (const Pair& p : {Pair{"normal_stiffness_Pa_per_m", "shear_stiffness_Pa_per_m", first.normal_stiffness != first.shear_stiffness},
                          Pair{"normal_strength_MPa", "shear_strength_MPa", first.normal_strength != first.shear_strength},
                          Pair{"toughness_I_J_per_m2", "toughness_II_J_per_m2", first.toughness_I != first.toughness_II}})
      if (p.differ && !given(e, p.shear)) c.notes.push_back(fmt::format("interface[{}].{} is left out and taken equal to its {}, not to interface[0].{}.", e, p.shear, p.normal, p.shear));
}

void check_interfaces(const Node& root, Config& c) {
  const auto& entries = c.job.interfaces;
  for (std::size_t e = 0; e < entries.size(); ++e) {
    check_law(root, c.job, e);
    check_recontact(root, c.job, e);
    for (std::size_t before = 0; before < e; ++before) {
      const bool same = std::minmax(entries[e].phase_a, entries[e].phase_b) == std::minmax(entries[before].phase_a, entries[before].phase_b);
      if (same && (entries[before].where == Where::any || entries[before].where == entries[e].where)) {
        c.notes.push_back(fmt::format("{} never holds: {} comes first for {}.", entry_path(e), entry_path(before), pair_of(c.job, entries[e])));
        break;
      }
    }
  }
  note_defaults(root, c);
}

void check_lithium(const Node& root, const Job& job) {
  const bool cycles = job.kind == JobKind::cycle && job.cycling.cycles > 0;
  const bool swells = cycles || (job.kind == JobKind::properties && job.effective.swelling);
  if (!swells) return;
  bool any_active = false, any_moving = false;
  for (const Phase& phase : job.phases) {
    any_active |= phase.role == Role::active;
    if (phase.material.strain_table.empty()) continue;
    any_moving |= phase.role == Role::active;
    const double low = phase.material.strain_table.front()[0], high = phase.material.strain_table.back()[0];
    for (const auto& [key, value] : {std::pair("discharged", job.lithium.discharged), {"charged", job.lithium.charged}})
      if (!(value >= low && value <= high))
        fail_at(root, std::string("lithium.") + key,
                fmt::format("must lie in [{:g}, {:g}], the lithium contents of the strain_table of phase.{}.material ({}). Choose a content in there, or extend the table.", low, high,
                            toml_key(phase.name), phase.material.name),
                fmt::format("{:g}", value));
  }
  if (cycles && !any_moving)
    fail_at(root, "phase", any_active ? "has nothing that swells: no phase with role = \"active\" has a strain_table in its material. Give one, or set cycling.cycles = 0."
                                      : "has nothing active: no phase has role = \"active\". Name a phase so or give it that role, or set cycling.cycles = 0 or job = \"properties\".");
}

void check_effective(const Node& root, const Job& job) {
  const bool periodic = job.kind == JobKind::properties && job.boundary.in_plane == InPlane::periodic;
  for (const auto& [key, asked] : {std::pair("stiffness", job.effective.stiffness), {"swelling", job.effective.swelling}})
    if (asked && !periodic) fail_at(root, std::string("effective.") + key, "needs job = \"properties\" and boundary.in_plane = \"periodic\"; set both, or leave it out.");
}

}  // namespace

void check_config(const Node& root, Config& config) {
  if (config.image)
    check_labels(root, config);
  else
    check_synthetic(root, config);
  check_effective(root, config.job);
  check_phases(root, config);
  check_interfaces(root, config);
  check_lithium(root, config.job);
  if (config.job.kind == JobKind::cycle && config.job.cycling.press > 0)
    config.notes.push_back("cycling.press_MPa changes nothing: without plasticity all strain of the press goes back on release.");
}

}  // namespace voxode::io
