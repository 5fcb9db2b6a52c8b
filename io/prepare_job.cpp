#include "io/prepare_job.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>

#include "io/run.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"
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

void refuse_if_short(const PreparedJob& job) {
  if (job.needed_bytes <= job.available_bytes) return;
  const double share = job.available_bytes / job.needed_bytes;
  const int coarsen = int(std::ceil(std::cbrt(1 / share)));
  const double edge = 0.97 * std::cbrt(share);
  const Index3& n = job.grid.n;
  throw MemoryError(fmt::format("mechanics on {} x {} x {} voxels needs about {:.0f} MB, and {:.0f} MB are free. A crop of {} x {} x {} voxels would fit, or image.coarsen = {}.", n[0], n[1], n[2], job.needed_bytes / 1e6, job.available_bytes / 1e6, Index(edge * double(n[0])), Index(edge * double(n[1])),
                                Index(edge * double(n[2])), coarsen));
}

void check_phases(const Config& config, const mesh::VoxelGrid& grid) {
  std::set<std::uint8_t> present(grid.phase.begin(), grid.phase.end());
  if (config.job.kind != physics::JobKind::cycle) return;
  for (std::size_t p = 0; p < config.job.phases.size(); ++p)
    if (config.job.phases[p].role == physics::Role::active && present.count(std::uint8_t(p))) return;
  throw InputError("nothing in the image is active material: no voxel belongs to a phase with role = \"active\", so nothing swells. Check image.labels and phase.*.role, or set job = \"properties\".");
}

}  // namespace

double available_memory() {
  double available = 1e18;
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  double value;
  while (file >> key >> value) {
    std::getline(file, unit);
    if (key == "MemAvailable:") available = value * 1024;
  }
  if (const char* limit = std::getenv("VOXODE_MEMORY_LIMIT_MB")) available = std::min(available, std::atof(limit) * 1e6);
  return available;
}

PreparedJob prepare_job(const Config& config, bool enforce_memory) {
  const auto begin = std::chrono::steady_clock::now();
  PreparedJob job;
  if (config.image) {
    PreparedImage image = prepare_image(*config.image);
    job.grid = std::move(image.grid);
    job.notes = std::move(image.notes);
  } else {
    mesh::SyntheticCathode cathode = mesh::generate_cathode(*config.synthetic);
    job.grid = std::move(cathode.grid);
  }
  align_phases(config, job.grid);
  job.notes.insert(job.notes.end(), config.notes.begin(), config.notes.end());
  check_phases(config, job.grid);
  const bool mechanics = config.job.kind == physics::JobKind::cycle || config.job.effective.stiffness || config.job.effective.swelling;
  job.available_bytes = available_memory();
  if (mechanics && enforce_memory) {  // before bodies and faces are made: as if no interface had split a vertex
    job.needed_bytes = physics::estimate_mechanics_bytes(job.grid.n_voxels(), job.grid.n_voxels(), 0);
    refuse_if_short(job);
  }
  job.structure = physics::make_microstructure(job.grid, config.job, config.job.kind == physics::JobKind::cycle);
  for (const auto* list : {&job.structure.notes, &job.structure.warnings}) job.notes.insert(job.notes.end(), list->begin(), list->end());
  if (mechanics) {
    count_nodes(job);
    job.needed_bytes = physics::estimate_mechanics_bytes(job.grid.n_voxels(), job.n_nodes, job.n_points);
    if (enforce_memory) refuse_if_short(job);
  }
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
  double softest = 0;
  for (const auto& phase : config.job.phases)
    if (phase.role == physics::Role::electrolyte) softest = phase.material.youngs_modulus;
  for (std::size_t e = 0; e < config.job.interfaces.size(); ++e) {
    const auto& entry = config.job.interfaces[e];
    if (entry.law != physics::InterfaceLawKind::bilinear) continue;
    const double onset = entry.normal_strength / entry.normal_stiffness, failure = 2 * entry.toughness_I / entry.normal_strength;
    out << fmt::format("interface[{}] {} - {}: K h / E = {}, opening at onset over opening at failure {:.3g}{}\n", e, config.job.phases[entry.phase_a].name, config.job.phases[entry.phase_b].name,
                       softest > 0 ? fmt::format("{:.3g}", entry.normal_stiffness * job.grid.spacing / softest) : "not defined (no isotropic electrolyte)", onset / failure, onset / failure > 0.25 ? " (warning: above 0.25, the interface's stiffness shows in the result; raise normal_stiffness_Pa_per_m)" : "");
  }
  if (job.n_nodes > 0) out << fmt::format("{} unknowns, {} cohesive points, about {:.0f} MB needed, {:.0f} MB free\n", 3 * job.n_nodes, job.n_points, job.needed_bytes / 1e6, job.available_bytes / 1e6);
  if (config.job.kind == physics::JobKind::cycle)
    out << fmt::format("{} cycles, {} load steps, lithium content {} to {}, {:.4g} MPa\n", config.job.cycling.cycles, physics::CycleDriver::n_steps(config.job), config.job.lithium.discharged, config.job.lithium.charged, config.job.boundary.pressure_of_cycle(1) * 1e-6);
  if (job.needed_bytes > job.available_bytes) out << "warning: a run would be refused: too little memory\n";
}

}  // namespace voxode::io
