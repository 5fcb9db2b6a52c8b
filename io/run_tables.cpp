#include "io/run_tables.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numbers>

namespace voxode::io {

namespace {

const char* const law_names[] = {"bilinear", "bonded", "spring", "contact"};
const char* const where_names[] = {"any", "within_particle", "between_particles"};

}  // namespace

std::vector<std::string> interface_names(const physics::Job& job) {
  std::vector<std::string> names;
  for (const auto& entry : job.interfaces) names.push_back(fmt::format("{} - {}, {}, {}", job.phases[entry.phase_a].name, job.phases[entry.phase_b].name, where_names[int(entry.where)], law_names[int(entry.law)]));
  return names;
}

std::vector<InterfaceSummary> interface_table(const physics::Job& job, const PreparedJob& prepared, const physics::Mechanics& mechanics) {
  std::vector<InterfaceSummary> table(job.interfaces.size());
  std::vector<double> open(table.size(), 0), broken(table.size(), 0), separation(table.size(), 0), damage(table.size(), 0);
  physics::CrackSnapshot cracks;
  mechanics.fill(cracks);
  const std::vector<double> open_share = mechanics.open_share();
  const double face_area = prepared.grid.spacing * prepared.grid.spacing;
  for (std::size_t i = 0; i < cracks.face.size(); ++i) {
    const auto f = std::size_t(cracks.face[i]);
    const std::size_t e = prepared.structure.faces.entry[f];
    const double area = face_area * double(prepared.structure.faces.area_share[f]);
    ++table[e].n_faces;
    table[e].area += area;
    open[e] += area * open_share[f];
    broken[e] += cracks.separation[i] >= 0.99f ? area : 0.0;
    separation[e] += area * double(cracks.separation[i]);
    damage[e] += area * double(cracks.damage[i]);
  }
  for (std::size_t e = 0; e < table.size(); ++e) {
    const auto& entry = job.interfaces[e];
    InterfaceSummary& s = table[e];
    s.between_a = job.phases[entry.phase_a].name;
    s.between_b = job.phases[entry.phase_b].name;
    s.where = where_names[int(entry.where)];
    s.law = law_names[int(entry.law)];
    if (s.area <= 0) continue;
    s.open_area_fraction = open[e] / s.area;
    if (entry.law != physics::InterfaceLawKind::bilinear) continue;
    s.broken_area_fraction = broken[e] / s.area;
    s.mean_separation = separation[e] / s.area;
    s.mean_damage = damage[e] / s.area;
  }
  return table;
}

namespace {

/// Sum of r^3 over sum of r^2, r that of the sphere with a particle's volume: grains and sectors count with their particle.
std::optional<double> particle_radius(const PreparedJob& prepared, std::uint8_t phase) {
  std::map<std::int32_t, Index> particles;
  for (const auto& body : prepared.structure.bodies.table)
    if (body.phase == phase && body.particle >= 0) particles[body.particle] += body.n_voxels;
  double cubes = 0, squares = 0;
  for (const auto& [particle, n_voxels] : particles) {
    const double radius = prepared.grid.spacing * std::cbrt(0.75 / std::numbers::pi * double(n_voxels));
    cubes += radius * radius * radius;
    squares += radius * radius;
  }
  return squares > 0 ? std::optional(cubes / squares) : std::nullopt;
}

}  // namespace

std::vector<PhaseSummary> phase_table(const physics::Job& job, const PreparedJob& prepared) {
  static const char* const role_names[] = {"active", "electrolyte", "binder", "conductor", "other"};
  std::vector<PhaseSummary> table(job.phases.size());
  for (std::size_t p = 0; p < table.size(); ++p) {
    table[p].name = job.phases[p].name;
    table[p].role = role_names[int(job.phases[p].role)];
    table[p].material = job.phases[p].material.name;
    table[p].ionic_conductivity = job.phases[p].material.ionic_conductivity;
    table[p].electronic_conductivity = job.phases[p].material.electronic_conductivity;
    table[p].particle_radius = particle_radius(prepared, std::uint8_t(p));
  }
  for (std::uint8_t phase : prepared.grid.phase)
    if (phase != mesh::pore) ++table[phase].n_voxels;
  for (const auto& body : prepared.structure.bodies.table) ++table[body.phase].n_bodies;
  for (auto& row : table) row.volume_fraction = double(row.n_voxels) / double(prepared.grid.n_voxels());
  return table;
}

}  // namespace voxode::io
