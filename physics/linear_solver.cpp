#include "physics/linear_solver.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"

namespace voxode::physics {

using kernels::dot;

std::string residual_history(const std::vector<double>& history) {
  std::string text;
  const std::size_t n = history.size();
  const std::size_t stride = n > 24 ? n / 24 + 1 : 1;
  for (std::size_t i = 0; i < n; i += stride) text += fmt::format("{}{}: {:.2e}", i ? ", " : "", i, history[i]);
  if (n && (n - 1) % stride != 0) text += fmt::format(", {}: {:.2e}", n - 1, history[n - 1]);
  return text;
}

LinearResult solve_linear(const ElasticSystem& system, ElasticMultigrid& preconditioner, const Array<float>& pair_stiffness, const Field<double>& load, double plate_load,
                          const Field<double>& u, double& plate, const LinearOptions& options) {
  const Index n = system.n_nodes();
  const bool moves = system.support.plate_moves;
  const auto r = kernels::make_field<double>("residual", n), p = kernels::make_field<double>("direction", n), q = kernels::make_field<double>("product", n);
  const Field<float>& b = preconditioner.right_hand_side();
  const auto apply = [&](const Field<double>& x, const Field<double>& y) {  // y = A x, returns the plate's row
    system.bulk_force<double>(x, y);
    system.add_pair_forces<double>(pair_stiffness, x, y);
    const double force = moves ? system.plate_force(y) : 0.0;
    system.mask(y);
    return force;
  };
  double plate_residual = plate_load - apply(u, r);
  kernels::scale_and_add(r, -1.0, load);
  system.mask(r);
  double norm = std::sqrt(dot(r, r) + (moves ? plate_residual * plate_residual : 0.0));
  const double reference = options.reference > 0 ? options.reference : norm;
  LinearResult result;
  result.history.push_back(reference > 0 ? norm / reference : 0.0);
  double last_curvature = 1, plate_row = 0, plate_step = 0;  // of the last direction: p.A p, the plate's row of A p and entry of p
  kernels::fill(p, 0.0);
  while (!(norm <= options.tolerance * reference)) {
    if (!std::isfinite(norm)) throw ConvergenceError("the residual of the linear solve is not a number; residuals by iteration: " + residual_history(result.history) + ". Check that stiffnesses, strains and pressure are finite.");
    if (result.iterations >= options.max_iterations)
      throw ConvergenceError(fmt::format("the linear solve did not reach the residual {:.1e} in {} iterations; residuals by iteration: {}. Check the materials' contrast, or loosen solver.tolerance.", options.tolerance, options.max_iterations, residual_history(result.history)));
    kernels::assign_scaled(b, 1.0 / norm, r);  // single precision holds the residual whatever its size
    double plate_correction = plate_residual / norm;
    const Field<float>& z = preconditioner.apply(plate_correction);
    // conjugate to the last direction, explicitly: the preconditioner is rounded
    const double beta = result.iterations == 0 ? 0.0 : -(dot(q, z) + (moves ? plate_row * plate_correction : 0.0)) / last_curvature;
    kernels::scale_and_add(p, beta, z);
    plate_step = moves ? plate_correction + beta * plate_step : 0.0;
    if (moves) system.set_plate(p, plate_step);
    const double row = apply(p, q);
    const auto [pq, pr] = kernels::dots(p, q, r);
    const double curvature = pq + (moves ? plate_step * row : 0.0);
    if (!(curvature > 0)) throw ConvergenceError("the stiffness matrix is not positive definite along a search direction (curvature " + fmt::format("{:.2e}", curvature) + "); residuals by iteration: " + residual_history(result.history));
    const double slope = pr + (moves ? plate_step * plate_residual : 0.0);
    const double alpha = slope / curvature;
    kernels::add_scaled(u, alpha, p);
    kernels::add_scaled(r, -alpha, q);
    plate += moves ? alpha * plate_step : 0.0;
    plate_residual -= moves ? alpha * row : 0.0;
    plate_row = row;
    last_curvature = curvature;
    norm = std::sqrt(dot(r, r) + (moves ? plate_residual * plate_residual : 0.0));
    ++result.iterations;
    result.history.push_back(norm / reference);
  }
  result.residual = result.history.back();
  if (moves) system.set_plate(u, plate);
  return result;
}

}  // namespace voxode::physics
