#include "mesh/bodies.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "kernels/error.hpp"
#include "kernels/parallel_algorithms.hpp"
#include "mesh/body_cuts.hpp"
#include "mesh/components.hpp"
#include "mesh/grains.hpp"
#include "mesh/watershed.hpp"

namespace voxode::mesh {
namespace {

using Labels = std::vector<std::int32_t>;

std::string place(const VoxelGrid& grid, Index v) {
  const Index3& n = grid.n;
  return "x, y, z = " + std::to_string(v % n[0]) + ", " + std::to_string(v / n[0] % n[1]) + ", " + std::to_string(v / (n[0] * n[1]));
}

void check(const VoxelGrid& grid, const std::vector<BodyRule>& rules) {
  const auto n = std::size_t(grid.n_voxels());
  if (grid.phase.size() != n) throw InternalError("make_bodies: the phases do not fit the box");
  if (rules.size() != grid.phase_names.size()) throw InternalError("make_bodies: there must be one rule for each phase");
  if (!grid.instance.empty() && grid.instance.size() != n)
    throw InputError("the instance labels have " + std::to_string(grid.instance.size()) + " voxels, the image has " + std::to_string(n) +
                     "; give a bodies_file of the image's size");
  for (std::size_t p = 0; p < rules.size(); ++p) {
    const BodyRule& rule = rules[p];
    if ((rule.mode == BodyMode::grains || rule.mode == BodyMode::rods) && !(rule.grain_size > 0))
      throw ConfigError("phase." + grid.phase_names[p] + ": bodies = \"grains\" or \"rods\" needs a positive grain_size_um");
    if (rule.mode == BodyMode::file && grid.instance.empty())
      throw ConfigError("phase." + grid.phase_names[p] + ": bodies = \"file\" needs instance labels; name them as image.bodies_file");
  }
}

/// The instance labels in use, increasing, with the phase of each.
struct Instances {
  std::vector<std::uint32_t> label;
  std::vector<std::uint8_t> phase;
  std::int32_t number(std::uint32_t wanted) const { return std::int32_t(std::lower_bound(label.begin(), label.end(), wanted) - label.begin()); }
};

Instances find_instances(const VoxelGrid& grid) {
  Instances instances;
  if (grid.instance.empty()) return instances;
  std::uint32_t previous = 0;
  for (std::size_t v = 0; v < grid.phase.size(); ++v) {
    if (grid.phase[v] == pore || grid.instance[v] == 0 || grid.instance[v] == previous) continue;
    previous = grid.instance[v];
    instances.label.push_back(previous);
  }
  kernels::sort_unique(instances.label);
  instances.phase.assign(instances.label.size(), pore);
  for (std::size_t v = 0; v < grid.phase.size(); ++v) {
    if (grid.phase[v] == pore || grid.instance[v] == 0) continue;
    std::uint8_t& phase = instances.phase[std::size_t(instances.number(grid.instance[v]))];
    if (phase == pore) phase = grid.phase[v];
    if (phase != grid.phase[v])
      throw InputError("instance label " + std::to_string(grid.instance[v]) + " lies in two phases, \"" + grid.phase_names[phase] + "\" and \"" +
                       grid.phase_names[grid.phase[v]] + "\" (the latter at " + place(grid, Index(v)) +
                       "); a body has one material: correct the bodies_file, or set its labels to 0 there");
  }
  return instances;
}

/// Grains and rods take the place of particles as bodies, each connected by faces. New numbers start at `next`.
void cut_into_grains_and_rods(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, std::uint64_t seed, Index next, BodyCuts& cuts) {
  for (std::size_t phase = 0; phase < rules.size(); ++phase) {
    const BodyRule& rule = rules[phase];
    if (rule.mode != BodyMode::grains && rule.mode != BodyMode::rods) continue;
    std::vector<std::uint8_t> chosen(grid.phase.size());
    for (std::size_t v = 0; v < chosen.size(); ++v) chosen[v] = grid.phase[v] == phase;
    const CutRule cut{rule.mode == BodyMode::rods, rule.grain_size / grid.spacing};
    const Components cells = find_components(grid.n, cut_particles(grid.n, cuts.particle, chosen, periodic, cut, seed + phase), periodic);
    if (next + cells.count() > std::numeric_limits<std::int32_t>::max()) throw MemoryError("the image has more than 2^31 bodies; crop, coarsen or clean it");
    for (std::size_t v = 0; v < chosen.size(); ++v)
      if (cells.of_voxel[v] >= 0) cuts.body[v] = std::int32_t(next + cells.of_voxel[v]);
    next += cells.count();
  }
}

}  // namespace

Bodies make_bodies(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, std::uint64_t seed) {
  check(grid, rules);
  const Instances instances = find_instances(grid);
  const std::size_t n = grid.phase.size();
  const auto labelled = [&](std::size_t v) { return !grid.instance.empty() && grid.instance[v] != 0; };
  const auto mode_of = [&](std::size_t v) { return rules[grid.phase[v]].mode; };

  // Particles: instance labels first, then pieces, then what the watershed separates. Phases of one body have none.
  BodyCuts cuts;
  cuts.particle.assign(n, -1);
  cuts.instance_label = instances.label;
  auto next = std::int32_t(instances.label.size());
  Labels pieces(n, -1);
  bool any_pieces = false, any_cut = false;
  std::vector<std::uint8_t> touches(rules.size(), 0);  // phases with voxels for the watershed
  for (std::size_t v = 0; v < n; ++v) {
    if (grid.phase[v] == pore) continue;
    const BodyMode mode = mode_of(v);
    const bool cut = mode == BodyMode::grains || mode == BodyMode::rods;
    any_cut = any_cut || cut;
    if (labelled(v)) cuts.particle[v] = instances.number(grid.instance[v]);
    else if (mode == BodyMode::pieces) { pieces[v] = grid.phase[v]; any_pieces = true; }
    else if (mode == BodyMode::particles || cut) touches[grid.phase[v]] = 1;
  }
  const auto number_more = [&](const Components& found) {
    if (found.count() + next > std::numeric_limits<std::int32_t>::max() - 256) throw MemoryError("the image has more than 2^31 bodies; crop, coarsen or clean it");
    for (std::size_t v = 0; v < n; ++v)
      if (found.of_voxel[v] >= 0) cuts.particle[v] = next + found.of_voxel[v];
    next += std::int32_t(found.count());
  };
  if (any_pieces) number_more(find_components(grid.n, pieces, periodic));
  for (std::size_t phase = 0; phase < rules.size(); ++phase) {
    if (!touches[phase]) continue;
    std::vector<std::uint8_t> mask(n);
    for (std::size_t v = 0; v < n; ++v) mask[v] = grid.phase[v] == phase && !labelled(v);
    number_more(separate_particles(grid.n, mask, periodic));
  }

  // Bodies: the particle, the whole rest of the phase where there is none, or a grain or sector of the particle.
  cuts.body.assign(n, -1);
  for (std::size_t v = 0; v < n; ++v)
    if (grid.phase[v] != pore) cuts.body[v] = cuts.particle[v] >= 0 ? cuts.particle[v] : next + grid.phase[v];
  if (any_cut) cut_into_grains_and_rods(grid, rules, periodic, seed, next + Index(rules.size()), cuts);

  Bodies bodies;
  bodies.n_merged_fragments = merge_fragments(grid, rules, periodic, cuts);
  fill_body_table(grid, periodic, cuts, bodies);
  orient_bodies(grid, rules, periodic, seed, bodies);
  return bodies;
}

}  // namespace voxode::mesh
