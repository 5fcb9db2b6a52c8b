#include "io/prepare_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "io/run.hpp"
#include "kernels/error.hpp"
#include "physics/cycle.hpp"
#include "physics/effective.hpp"

namespace voxode::io {
namespace {

/// Nodes that the grid will have: one per vertex, and one more for each further mechanical body there.
void count_nodes(PreparedJob& job) {
  const Index3& n = job.grid.n;
  const std::vector<std::int32_t>& body = job.structure.mechanical.of_voxel;
  for (Index k = 0; k <= n[2]; ++k)
    for (Index j = 0; j <= n[1]; ++j)
      for (Index i = 0; i <= n[0]; ++i) {
        std::int32_t seen[8];
        int count = 0;
        for (int c = 0; c < 8; ++c) {
          const Index p = i - 1 + (c & 1), q = j - 1 + (c >> 1 & 1), r = k - 1 + (c >> 2);
          if (p < 0 || q < 0 || r < 0 || p >= n[0] || q >= n[1] || r >= n[2]) continue;
          const std::int32_t b = body[std::size_t(linear_index(n, p, q, r))];
          bool known = b < 0;
          for (int m = 0; m < count; ++m) known = known || seen[m] == b;
          if (!known) seen[count++] = b;
        }
        job.n_nodes += count;
      }
  for (std::uint8_t entry : job.structure.faces.entry) job.n_points += entry == mesh::Faces::no_entry ? 0 : 4;
}

bool needs_mechanics(const physics::Job& job) { return job.kind == physics::JobKind::cycle || job.effective.stiffness || job.effective.swelling; }

/// Bytes of the job's large arrays. Mechanics stays in memory while conduction is solved.
double expected_bytes(const physics::Job& job, Index n_voxels, Index n_nodes, Index n_points) {
  const double conduction = job.effective.ionic || job.effective.electronic ? conduction_bytes_per_voxel * double(n_voxels) : 0.0;
  return conduction + (needs_mechanics(job) ? physics::estimate_mechanics_bytes(n_voxels, n_nodes, n_points) : 0.0);
}

/// What to change so that a job of n voxels (x, y, z) fits.
std::string remedy(const Config& config, const Index3& n, double needed, double available) {
  const std::optional<Index3> box = box_that_fits(n, needed, available);
  if (config.synthetic) return box ? fmt::format("synthetic.size_voxels = [{}, {}, {}] would fit.", (*box)[0], (*box)[1], (*box)[2]) : "Give the job more memory.";
  const ImageSettings& image = *config.image;
  const int further = coarsening_that_fits(needed, available), coarsen = image.coarsen * further;
  const bool resampled = image.cube_edge_m || (image.voxel_size_m && ((*image.voxel_size_m)[0] != (*image.voxel_size_m)[1] || (*image.voxel_size_m)[0] != (*image.voxel_size_m)[2]));
  if (!box || further > *std::min_element(n.begin(), n.end())) return "Give the job more memory.";
  if (resampled) return fmt::format("A crop (image.crop) to {:.0f} % of every edge would fit, or image.coarsen = {}.", std::floor(100.0 * double((*box)[0]) / double(n[0])), coarsen);
  Index3 crop{};  // per array axis of the file: the stack axis is z, the later of the others x
  const auto z = std::size_t(image.stack_axis);
  crop[z] = (*box)[2] * image.coarsen;
  crop[z == 2 ? 1 : 2] = (*box)[0] * image.coarsen;
  crop[z == 0 ? 1 : 0] = (*box)[1] * image.coarsen;
  return fmt::format("A crop (image.crop) of {} x {} x {} voxels along array axes 0, 1, 2 would fit, or image.coarsen = {}.", crop[0], crop[1], crop[2], coarsen);
}

/// `least`: what the job needs in any case; `likely`: what the remedy goes by.
void refuse_if_short(const Config& config, const Index3& n, double least, double likely, const FreeMemory& free) {
  if (least <= free.bytes) return;
  throw MemoryError(fmt::format("this job on {} x {} x {} voxels needs {} {}, and {} are free. {}", n[0], n[1], n[2], likely > least ? "at least" : "about", memory_text(least), memory_text(free), remedy(config, n, likely, free.bytes)));
}

/// Before a voxel is known: the least is a grid that no interface splits, the likely one has particles of a few voxels (1.7 nodes and 1.6 cohesive points a voxel).
void refuse_early(const Config& config, const Index3& n, const FreeMemory& free) {
  const Index voxels = product(n);
  refuse_if_short(config, n, expected_bytes(config.job, voxels, voxels, 0), expected_bytes(config.job, voxels, voxels * 17 / 10, voxels * 16 / 10), free);
}

void check_phases(const Config& config, const mesh::VoxelGrid& grid) {
  std::set<std::uint8_t> present(grid.phase.begin(), grid.phase.end());
  if (config.job.kind != physics::JobKind::cycle) return;
  for (std::size_t p = 0; p < config.job.phases.size(); ++p)
    if (config.job.phases[p].role == physics::Role::active && present.count(std::uint8_t(p))) return;
  throw InputError("nothing in the image is active material: no voxel belongs to a phase with role = \"active\", so nothing swells. Check image.labels and phase.*.role, or set job = \"properties\".");
}

}  // namespace

PreparedJob prepare_job(const Config& config, bool enforce_memory) {
  const auto begin = std::chrono::steady_clock::now();
  PreparedJob job;
  job.free = free_memory();
  if (config.image) {
    PreparedImage image = prepare_image(*config.image);
    job.grid = std::move(image.grid);
    job.notes = std::move(image.notes);
    if (enforce_memory) refuse_early(config, job.grid.n, job.free);
  } else {
    if (enforce_memory) refuse_early(config, config.synthetic->n, job.free);
    mesh::SyntheticCathode cathode = mesh::generate_cathode(*config.synthetic);
    job.grid = std::move(cathode.grid);
  }
  align_phases(config, job.grid);
  job.notes.insert(job.notes.end(), config.notes.begin(), config.notes.end());
  check_phases(config, job.grid);
  job.structure = physics::make_microstructure(job.grid, config.job, config.job.kind == physics::JobKind::cycle);
  for (const auto* list : {&job.structure.notes, &job.structure.warnings}) job.notes.insert(job.notes.end(), list->begin(), list->end());
  if (needs_mechanics(config.job)) count_nodes(job);
  job.needed_bytes = expected_bytes(config.job, job.grid.n_voxels(), job.n_nodes, job.n_points);
  if (enforce_memory) refuse_if_short(config, job.grid.n, job.needed_bytes, job.needed_bytes, job.free);
  job.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return job;
}

void check_job(const Config& config, std::ostream& out) {
  const PreparedJob job = prepare_job(config, false);
  const Index3& n = job.grid.n;
  out << fmt::format("{}\n{} x {} x {} voxels of {:.4g} um\n", config.job.title, n[0], n[1], n[2], job.grid.spacing * 1e6);
  for (const std::string& note : job.notes) out << note << "\n";
  std::vector<Index> count(config.job.phases.size(), 0);
  Index pores = 0;
  for (std::uint8_t p : job.grid.phase) p == mesh::pore ? ++pores : ++count[p];
  for (std::size_t p = 0; p < count.size(); ++p) out << fmt::format("phase {}: {:.4f} of the box\n", config.job.phases[p].name, double(count[p]) / double(job.grid.n_voxels()));
  out << fmt::format("pores: {:.4f} of the box\n", double(pores) / double(job.grid.n_voxels()));
  out << fmt::format("{} bodies, {} particles, {} mechanical bodies, {} faces between bodies\n", job.structure.bodies.table.size(), job.structure.bodies.n_particles, job.structure.mechanical.count(), job.structure.faces.size());
  physics::EffectiveConduction conduction(job.grid, job.structure, config.job);
  out << fmt::format("percolating: ionic {:.4f}, electronic {:.4f} of what conducts\n", conduction.percolating_share(physics::Carrier::ionic, {}), conduction.percolating_share(physics::Carrier::electronic, {}));
  for (std::size_t e = 0; e < config.job.interfaces.size(); ++e) {
    const auto& entry = config.job.interfaces[e];
    if (entry.law != physics::InterfaceLawKind::bilinear) continue;
    const double onset = entry.normal_strength / entry.normal_stiffness, failure = 2 * entry.toughness_I / entry.normal_strength;
    const physics::Phase* softer = nullptr;
    for (const std::size_t p : {std::size_t(entry.phase_a), std::size_t(entry.phase_b)})
      if (config.job.phases[p].material.youngs_modulus > 0 && (!softer || config.job.phases[p].material.youngs_modulus < softer->material.youngs_modulus)) softer = &config.job.phases[p];
    const double ratio = softer ? entry.normal_stiffness * job.grid.spacing / softer->material.youngs_modulus : 0.0;
    out << fmt::format("interface[{}] {} - {}: K h / E = {}, opening at onset over opening at failure {:.3g}{}\n", e, config.job.phases[entry.phase_a].name, config.job.phases[entry.phase_b].name,
                       softer ? fmt::format("{:.3g} (E of {})", ratio, softer->name) : "not defined (neither side is isotropic)", onset / failure, onset / failure > 0.25 ? " (warning: above 0.25, the interface's stiffness shows in the result; raise normal_stiffness_Pa_per_m)" : "");
    if (ratio > 1e3) {
      // what a film of a fifteenth of a voxel has, but stiff enough for the law to begin at a quarter of its end at most
      const double softer_stiffness = std::max(15 * softer->material.youngs_modulus / job.grid.spacing, 4 * entry.normal_strength * entry.normal_strength / (2 * entry.toughness_I));
      if (softer_stiffness < 0.1 * entry.normal_stiffness)
        out << fmt::format("warning: interface[{}] is {:.1g} times stiffer than a voxel of {}: steps in which it debonds take many times the iterations. A film of {} is softer: consider normal_stiffness_Pa_per_m = {:.0e} and the same in shear\n", e, ratio,
                           softer->name, softer->name, softer_stiffness);
    }
  }
  if (job.n_nodes > 0) out << fmt::format("{} unknowns, {} cohesive points\n", 3 * job.n_nodes, job.n_points);
  out << fmt::format("about {} needed, {} free\n", memory_text(job.needed_bytes), memory_text(job.free));
  if (config.job.kind == physics::JobKind::cycle)
    out << fmt::format("{} cycles, {} load steps, lithium content {} to {}, {:.4g} MPa\n", config.job.cycling.cycles, physics::CycleDriver::n_steps(config.job), config.job.lithium.discharged, config.job.lithium.charged, config.job.boundary.pressure_of_cycle(1) * 1e-6);
  if (job.needed_bytes > job.free.bytes) out << "warning: a run would be refused: too little memory. " << remedy(config, job.grid.n, job.needed_bytes, job.free.bytes) << "\n";
}

}  // namespace voxode::io
