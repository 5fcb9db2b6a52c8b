#include "physics/microstructure.hpp"

#include <fmt/format.h>

#include "kernels/error.hpp"

namespace voxode::physics {

mesh::FaceRule face_rule(const Job& job, const mesh::Bodies& bodies, std::int32_t body_a, std::int32_t body_b) {
  const mesh::Body& a = bodies.table[std::size_t(body_a)];
  const mesh::Body& b = bodies.table[std::size_t(body_b)];
  const bool same_particle = a.particle >= 0 && a.particle == b.particle;
  for (std::size_t e = 0; e < job.interfaces.size(); ++e) {
    const InterfaceEntry& entry = job.interfaces[e];
    if (!((entry.phase_a == a.phase && entry.phase_b == b.phase) || (entry.phase_a == b.phase && entry.phase_b == a.phase))) continue;
    if (entry.where == Where::within_particle && !same_particle) continue;
    if (entry.where == Where::between_particles && same_particle) continue;
    return {entry.law == InterfaceLawKind::bonded ? mesh::Faces::no_entry : std::uint8_t(e), entry.normals};
  }
  return {};
}

namespace {

void report_idle(const mesh::MechanicalBodies& mechanical, const mesh::Bodies& bodies, const Job& job) {
  if (mechanical.idle_interfaces.empty()) return;
  const mesh::IdleInterface& idle = mechanical.idle_interfaces.front();
  const auto name = [&](std::uint8_t phase) { return job.phases[phase].name; };
  std::string path;
  for (std::size_t i = 0; i + 1 < idle.bonded_path.size(); ++i) {
    const std::string a = name(bodies.table[std::size_t(idle.bonded_path[i])].phase), b = name(bodies.table[std::size_t(idle.bonded_path[i + 1])].phase);
    path += fmt::format("{}{} - {}", path.empty() ? "" : ", ", a, b);
  }
  throw ConfigError(fmt::format("interface[{}] between {} and {} cannot open: on {:.4g} um2 ({} faces) both sides hang together through pairs that are bonded for good ({}). Give one of these pairs an [[interface]] entry of its own, or drop this one.", idle.entry,
                                name(idle.phase_a), name(idle.phase_b), idle.area * 1e12, idle.n_faces, path));
}

}  // namespace

Microstructure make_microstructure(const mesh::VoxelGrid& grid, const Job& job, bool needs_load_path) {
  Microstructure m;
  std::vector<mesh::BodyRule> rules;
  for (const Phase& p : job.phases) rules.push_back(p.bodies);
  const mesh::Periodicity periodic = job.periodicity();
  m.bodies = mesh::make_bodies(grid, rules, periodic, job.seed);
  std::vector<Index> per_phase(job.phases.size(), 0);
  for (const mesh::Body& b : m.bodies.table) ++per_phase[b.phase];
  for (std::size_t p = 0; p < job.phases.size(); ++p) m.notes.push_back(fmt::format("{}: {} {}", job.phases[p].name, per_phase[p], per_phase[p] == 1 ? "body" : "bodies"));
  if (m.bodies.n_merged_fragments > 0) m.notes.push_back(fmt::format("{} fragments under 8 voxels joined a neighbour", m.bodies.n_merged_fragments));
  m.faces = mesh::make_faces(grid, m.bodies, [&](std::int32_t a, std::int32_t b) { return face_rule(job, m.bodies, a, b); }, periodic);
  m.mechanical = mesh::find_mechanical_bodies(grid, m.bodies, m.faces, periodic);
  report_idle(m.mechanical, m.bodies, job);
  if (!m.mechanical.floating.empty())
    m.notes.push_back(fmt::format("{} solid pieces ({} voxels) touch nothing that leads to a plate: they take no part in mechanics", m.mechanical.floating.size(), m.mechanical.n_floating_voxels));
  if (needs_load_path && !m.mechanical.load_path)
    throw InputError("no chain of solid voxel faces leads from the lower to the upper plate, so that nothing can carry the stack pressure. Look at the image from the side: is `image.stack_axis` right, is a layer at one end all pore (crop it), or is a label named `pore` that is a solid?");
  return m;
}

}  // namespace voxode::physics
