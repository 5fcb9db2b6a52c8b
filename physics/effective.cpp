#include "physics/effective.hpp"

#include <limits>
#include <numeric>

#include "kernels/union_find.hpp"

namespace voxode::physics {
namespace {

constexpr double blocking_share = 0.01;  ///< w under this blocks
constexpr double least_area_share = 0.02;

bool is_pair(const Job& job, std::uint8_t a, std::uint8_t b, Role first, Role second) {
  if (a == mesh::pore || b == mesh::pore) return false;
  const Role ra = job.phases[a].role, rb = job.phases[b].role;
  return (ra == first && rb == second) || (ra == second && rb == first);
}

}  // namespace

ConductionProblem EffectiveConduction::problem(Carrier carrier, const std::vector<double>& w, std::vector<double>& resistance) const {
  ConductionProblem p;
  p.n = grid_.n;
  p.spacing = grid_.spacing;
  p.phase = grid_.phase;
  for (const Phase& phase : job_.phases) p.conductivity.push_back(carrier == Carrier::ionic ? phase.material.ionic_conductivity : phase.material.electronic_conductivity);
  const mesh::Faces& faces = structure_.faces;
  resistance.assign(std::size_t(faces.size()), 0.0);
  for (std::size_t f = 0; f < resistance.size(); ++f) {
    if (faces.entry[f] == mesh::Faces::no_entry) continue;
    const InterfaceEntry& e = job_.interfaces[faces.entry[f]];
    const double r = carrier == Carrier::ionic ? e.ionic_resistance : e.electronic_resistance;
    const double share = w.empty() ? 1.0 : w[f];
    if (share < blocking_share) resistance[f] = std::numeric_limits<double>::infinity();
    else if (r > 0) resistance[f] = r / (std::max(double(faces.area_share[f]), least_area_share) * share);
  }
  p.faces = &faces;
  p.face_resistance = resistance;
  const mesh::Periodicity periodic = job_.periodicity();
  p.wrap = {periodic[0], periodic[1], periodic[2]};
  return p;
}

Conduction EffectiveConduction::solve(Carrier carrier, const std::vector<double>& w) {
  std::vector<double> resistance;
  const ConductionProblem p = problem(carrier, w, resistance);
  bool any = false;
  for (double k : p.conductivity) any = any || k > 0;
  if (!any) return {};
  ConductionOptions options;
  options.tolerance = job_.solver.tolerance;
  options.jacobi = job_.solver.preconditioner == Preconditioner::jacobi;
  return effective_conduction(p, job_.effective.tensor, options, carrier == Carrier::ionic ? &ionic_ : &electronic_);
}

double EffectiveConduction::percolating_share(Carrier carrier, const std::vector<double>& w) const {
  std::vector<double> resistance;
  const ConductionProblem p = problem(carrier, w, resistance);
  return percolation_of(p, 2).share();
}

std::optional<double> EffectiveConduction::active_surface_per_volume(const std::vector<double>& open) const {
  const mesh::Faces& faces = structure_.faces;
  double area = 0;
  bool any = false;
  for (std::size_t f = 0; f < std::size_t(faces.size()); ++f) {
    const std::uint8_t a = grid_.phase[std::size_t(faces.cell[f])], b = grid_.phase[std::size_t(mesh::upper_cell(grid_.n, faces.cell[f], faces.axis[f]))];
    if (!is_pair(job_, a, b, Role::active, Role::electrolyte)) continue;
    any = true;
    area += double(faces.area_share[f]) * (open.empty() ? 1.0 : 1.0 - open[f]);
  }
  if (!any) return std::nullopt;
  return area * grid_.spacing * grid_.spacing / grid_.volume();
}

std::optional<double> EffectiveConduction::isolated_active_fraction(const std::vector<double>& w) const {
  const mesh::Bodies& bodies = structure_.bodies;
  const mesh::Faces& faces = structure_.faces;
  const auto is_active = [&](std::int32_t b) { return job_.phases[bodies.table[std::size_t(b)].phase].role == Role::active; };
  std::vector<double> resistance;
  const Percolation electrons = percolation_of(problem(Carrier::electronic, w, resistance), 2);
  const Percolation ions = percolation_of(problem(Carrier::ionic, w, resistance), 2);
  // bodies of active material share lithium through faces in contact
  std::vector<std::int32_t> parent(bodies.table.size());
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](std::size_t b) { return std::size_t(kernels::find_root(parent.data(), std::int32_t(b))); };
  std::vector<std::uint8_t> has_electrons(bodies.table.size(), 0), has_ions(bodies.table.size(), 0);
  Index n_active = 0;
  for (std::size_t v = 0; v < grid_.phase.size(); ++v) {
    const std::int32_t b = bodies.of_voxel[v];
    if (b < 0 || !is_active(b)) continue;
    ++n_active;
    has_electrons[std::size_t(b)] |= (electrons.mask[v] & reaches_low) != 0;
    has_ions[std::size_t(b)] |= (ions.mask[v] & reaches_high) != 0;
  }
  if (n_active == 0) return std::nullopt;
  for (std::size_t f = 0; f < std::size_t(faces.size()); ++f) {
    if (faces.entry[f] != mesh::Faces::no_entry && !w.empty() && w[f] < blocking_share) continue;
    const Index cells[2] = {faces.cell[f], mesh::upper_cell(grid_.n, faces.cell[f], faces.axis[f])};
    const std::int32_t body[2] = {bodies.of_voxel[std::size_t(cells[0])], bodies.of_voxel[std::size_t(cells[1])]};
    for (int side = 0; side < 2; ++side) {
      if (!is_active(body[side])) continue;
      const auto other = std::size_t(cells[1 - side]);
      has_electrons[std::size_t(body[side])] |= (electrons.mask[other] & reaches_low) != 0;
      has_ions[std::size_t(body[side])] |= (ions.mask[other] & reaches_high) != 0;
    }
    if (is_active(body[0]) && is_active(body[1])) kernels::unite(parent.data(), body[0], body[1]);
  }
  std::vector<std::uint8_t> group_electrons(parent.size(), 0), group_ions(parent.size(), 0);
  for (std::size_t b = 0; b < parent.size(); ++b) {
    group_electrons[root(b)] |= has_electrons[b];
    group_ions[root(b)] |= has_ions[b];
  }
  Index isolated = 0;
  for (std::size_t b = 0; b < parent.size(); ++b) {
    const std::size_t r = root(b);
    if (is_active(std::int32_t(b)) && !(group_electrons[r] && group_ions[r])) isolated += bodies.table[b].n_voxels;
  }
  return double(isolated) / double(n_active);
}

}  // namespace voxode::physics
