#pragma once
// Conjugate gradients on a linear elastic system, in double precision, preconditioned in single precision.
// A device header: only .cpp files that link Kokkos include it.
#include <vector>

#include "physics/elastic_multigrid.hpp"

namespace voxode::physics {

struct LinearOptions {
  double tolerance = 1e-6;   ///< residual norm over `reference`
  double reference = 0;      ///< norm of the load; 0: the norm of the first residual from zero
  int max_iterations = 500;
};

struct LinearResult {
  int iterations = 0;
  double residual = 0;            ///< relative
  std::vector<double> history;    ///< relative, from the first residual on
};

/// Solves (K_bulk + pair springs) u = load with walls masked; `plate` is the plate's displacement (with its load) if it moves.
/// u and plate hold the start and the solution. Throws ConvergenceError with the residual history.
LinearResult solve_linear(const ElasticSystem& system, ElasticMultigrid& preconditioner, const Array<float>& pair_stiffness, const Field<double>& load, double plate_load,
                          const Field<double>& u, double& plate, const LinearOptions& options);

/// The paragraph of a ConvergenceError: last residuals and what to do.
std::string residual_history(const std::vector<double>& history);

}  // namespace voxode::physics
