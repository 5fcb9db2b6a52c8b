#include "physics/transport.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/error.hpp"
#include "physics/transport_system_kokkos.hpp"

namespace voxode::physics {
namespace {

using transport::Space;
using transport::View;
using Host = Kokkos::DefaultHostExecutionSpace;

std::array<bool, 3> wrap_of(const ConductionProblem& p) {
  return p.periodic ? std::array{true, true, true} : p.wrap;
}

void check(const ConductionProblem& p, int axis, std::span<const float> start) {
  const Index n = product(p.n);
  const auto expect = [&](const char* what, std::size_t got, Index wanted) {
    if (Index(got) != wanted)
      throw InputError("conduction: " + std::string(what) + " holds " + std::to_string(got) + " values where " + std::to_string(wanted) + " are needed");
  };
  if (axis < 0 || axis > 2) throw InternalError("conduction along axis " + std::to_string(axis) + ": there are 0, 1 and 2");
  expect("the phase of the voxels", p.phase.size(), n);
  if (p.faces) expect("face_resistance", p.face_resistance.size(), p.faces->size());
  if (!start.empty()) expect("the potential to start from", start.size(), n);
  if (p.conductivity.size() > 255) throw InputError("conduction: " + std::to_string(p.conductivity.size()) + " phases, at most 255 can be told apart");
  if (!(p.spacing > 0)) throw InputError("conduction: the voxel edge must be positive");
  for (const double k : p.conductivity)
    if (!(k >= 0) || std::isinf(k)) throw InputError("conduction: a conductivity is " + std::to_string(k) + " S/m; it must be finite and not negative");
  for (const std::uint8_t phase : p.phase)
    if (phase != mesh::pore && phase >= p.conductivity.size())
      throw InputError("conduction: a voxel has phase " + std::to_string(phase) + ", but only " + std::to_string(p.conductivity.size()) + " conductivities are given");
  for (const double r : p.face_resistance)
    if (!(r >= 0)) throw InputError("conduction: a face resistance is " + std::to_string(r) + " Ohm m2; it must not be negative");
}

std::vector<std::uint8_t> conducting_voxels(const ConductionProblem& p) {
  std::array<std::uint8_t, 256> conducts{};
  for (std::size_t i = 0; i < p.conductivity.size(); ++i) conducts[i] = p.conductivity[i] > 0;
  std::vector<std::uint8_t> result(p.phase.size());
  const std::uint8_t* phase = p.phase.data();
  std::uint8_t* out = result.data();
  Kokkos::parallel_for("voxode::physics::transport::conducting", Kokkos::RangePolicy<Host>(0, Index(result.size())),
                       [=](Index v) { out[v] = conducts[phase[v]]; });
  return result;
}

std::vector<std::uint8_t> blocked_faces(const ConductionProblem& p) {
  std::vector<std::uint8_t> result;
  if (!p.faces) return result;
  for (Index f = 0; f < p.faces->size(); ++f) {
    if (!std::isinf(p.face_resistance[f])) continue;
    if (result.empty()) result.assign(p.phase.size(), 0);
    result[p.faces->cell[f]] |= std::uint8_t(1 << p.faces->axis[f]);
  }
  return result;
}

// Potential that the unknowns do not hold: plates none, periodic the linear drop.
struct Ramp {
  Index3 n;
  int axis;
  VOXODE_FUNCTION double operator()(Index voxel) const {
    const Index at = axis == 0 ? voxel % n[0] : axis == 1 ? voxel / n[0] % n[1] : voxel / (n[0] * n[1]);
    return 1 - (double(at) + 0.5) / double(n[axis]);
  }
};

View<double> initial_guess(const transport::System& system, std::span<const float> start) {
  const Index n = system.stencil.n;
  View<double> x = transport::allocate<double>("voxode::physics::transport::x", n);
  const auto host = Kokkos::create_mirror_view(x);
  const auto voxel = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.voxel_of);
  const Ramp ramp{system.n, system.axis};
  const bool periodic = system.periodic();
  const float* given = start.empty() ? nullptr : start.data();
  Kokkos::parallel_for("voxode::physics::transport::initial_guess", Kokkos::RangePolicy<Host>(0, n), [=](Index i) {
    const double linear = ramp(voxel(i));
    const double value = given && std::isfinite(given[voxel(i)]) ? given[voxel(i)] : linear;
    host(i) = periodic ? value - linear : value;
  });
  Kokkos::deep_copy(x, host);
  return x;
}

std::vector<float> potential_of(const transport::System& system, const View<double>& x) {
  std::vector<float> result(product(system.n), std::numeric_limits<float>::quiet_NaN());
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
  const auto voxel = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.voxel_of);
  const Ramp ramp{system.n, system.axis};
  const bool periodic = system.periodic();
  float* out = result.data();
  Kokkos::parallel_for("voxode::physics::transport::potential", Kokkos::RangePolicy<Host>(0, system.stencil.n),
                       [=](Index i) { out[voxel(i)] = float(host(i) + (periodic ? ramp(voxel(i)) : 0.0)); });
  return result;
}

// sum of f_i k_i over all phases, percolating or not, and the best conductor that is present.
struct Mean {
  double conductivity = 0, best = 0;
};
Mean mean_conductivity(const ConductionProblem& p) {
  std::array<Index, 256> count{};
  for (const std::uint8_t phase : p.phase) ++count[phase];
  Mean mean;
  for (std::size_t i = 0; i < p.conductivity.size(); ++i) {
    mean.conductivity += double(count[i]) * p.conductivity[i] / double(p.phase.size());
    if (count[i] > 0) mean.best = std::max(mean.best, p.conductivity[i]);
  }
  return mean;
}

}  // namespace

Percolation percolation_of(const ConductionProblem& problem, int axis) {
  check(problem, axis, {});
  const std::vector<std::uint8_t> conducts = conducting_voxels(problem), blocked = blocked_faces(problem);
  return find_percolation({problem.n, conducts, blocked, wrap_of(problem)}, axis);
}

ConductionSolution solve_conduction(const ConductionProblem& problem, int axis, const ConductionOptions& options, std::span<const float> start) {
  check(problem, axis, start);
  const std::vector<std::uint8_t> blocked = blocked_faces(problem);
  const Percolation percolation = [&] {
    const std::vector<std::uint8_t> conducts = conducting_voxels(problem);
    return find_percolation({problem.n, conducts, blocked, wrap_of(problem)}, axis);
  }();
  ConductionSolution solution;
  solution.percolating_share = percolation.share();
  if (percolation.n_both == 0) {
    solution.potential.assign(problem.phase.size(), std::numeric_limits<float>::quiet_NaN());
    return solution;
  }
  transport::System system = transport::make_system(problem, wrap_of(problem), axis, percolation.mask, reaches_both);
  View<double> x = initial_guess(system, start);
  const transport::IterationResult iteration = transport::solve_system(system, x, options);
  const transport::Fluxes fluxes = transport::fluxes_of(system, x);
  solution.conductivity = fluxes.conductivity;
  solution.current = fluxes.current;
  solution.iterations = iteration.iterations;
  solution.residual = iteration.residual;
  solution.potential = potential_of(system, x);
  return solution;
}

Conduction effective_conduction(const ConductionProblem& problem, bool tensor, const ConductionOptions& options, std::vector<float>* potential) {
  Conduction result;
  std::array<double, 9> all{};
  for (int axis = tensor ? 0 : 2; axis < 3; ++axis) {
    const bool reuse = axis == 2 && potential && potential->size() == problem.phase.size();
    ConductionSolution solution = solve_conduction(problem, axis, options, reuse ? std::span<const float>(*potential) : std::span<const float>());
    result.iterations += solution.iterations;
    result.residual = std::max(result.residual, solution.residual);
    for (int d = 0; d < 3; ++d) all[3 * d + axis] = problem.periodic || problem.wrap[axis] || d == axis ? solution.current[d] : 0.0;
    if (axis < 2) continue;
    const Mean mean = mean_conductivity(problem);
    result.conductivity = solution.conductivity;
    if (mean.best > 0) result.relative = solution.conductivity / mean.best;
    if (solution.conductivity > 0) result.tortuosity_factor = mean.conductivity / solution.conductivity;
    if (potential) *potential = std::move(solution.potential);
  }
  if (tensor) result.tensor = all;
  return result;
}

TortuosityResult tortuosity_of_mask(const Index3& n, std::span<const std::uint8_t> conducts, int axis, const ConductionOptions& options,
                                    const std::array<bool, 3>& wrap) {
  std::vector<std::uint8_t> phase(conducts.size());
  std::transform(conducts.begin(), conducts.end(), phase.begin(), [](std::uint8_t c) { return c ? std::uint8_t(0) : mesh::pore; });
  ConductionProblem problem;
  problem.n = n;
  problem.phase = phase;
  problem.conductivity = {1.0};
  problem.wrap = wrap;
  const ConductionSolution solution = solve_conduction(problem, axis, options);
  TortuosityResult result;
  result.relative = solution.conductivity;
  result.percolating_share = solution.percolating_share;
  result.volume_share = mean_conductivity(problem).conductivity;
  if (result.relative > 0) result.tortuosity_factor = result.volume_share / result.relative;
  result.iterations = solution.iterations;
  result.residual = solution.residual;
  return result;
}

TortuosityResult tortuosity_of_labels(const Index3& n, std::span<const std::uint8_t> labels, std::span<const std::uint8_t> selected, int axis,
                                      const ConductionOptions& options, const std::array<bool, 3>& wrap) {
  std::array<std::uint8_t, 256> chosen{};
  for (const std::uint8_t label : selected) chosen[label] = 1;
  std::vector<std::uint8_t> conducts(labels.size());
  std::transform(labels.begin(), labels.end(), conducts.begin(), [&](std::uint8_t label) { return chosen[label]; });
  return tortuosity_of_mask(n, conducts, axis, options, wrap);
}

}  // namespace voxode::physics
