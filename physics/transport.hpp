#pragma once
// Effective conduction by cell-centred finite volumes (mechanics.md, Transport).
#include <memory>
#include <span>
#include <vector>

#include "mesh/faces.hpp"
#include "mesh/voxel_grid.hpp"
#include "physics/results.hpp"

namespace voxode::physics {

struct ConductionProblem {
  Index3 n{};
  double spacing = 1;                       ///< m
  std::span<const std::uint8_t> phase;      ///< per voxel, number into `conductivity`, or mesh::pore
  std::vector<double> conductivity;         ///< S/m of each phase, 0: blocks
  const mesh::Faces* faces = nullptr;       ///< faces with an extra resistance, may be null
  /// R / (a w) of each face, Ohm m2; 0: none; infinity: blocks. n_faces long.
  std::span<const double> face_resistance;
  /// mirror: potentials 1 and 0 on the outer faces of the two end planes of an axis, sides insulate; periodic: unit mean gradient, all sides wrap.
  bool periodic = false;
};

struct ConductionOptions {
  double tolerance = 1e-6;
  bool jacobi = false;    ///< plain baseline instead of multigrid
  int max_iterations = 2000;
};

struct ConductionSolution {
  double conductivity = 0;           ///< S/m along the axis (of `axis`), 0 if nothing percolates
  std::array<double, 3> current{};   ///< mean current density for a unit mean gradient along the axis, S/m: a row of the tensor
  double percolating_share = 0;      ///< volume share (of the conducting phases) joined to both end planes
  int iterations = 0;
  double residual = 0;
  std::vector<float> potential;      ///< per voxel, V for a unit drop, NaN where it does not conduct or does not percolate
};

/// Solves for a unit drop along `axis` (0, 1, 2). `start`: potential of an earlier solve, may be empty.
/// Throws ConvergenceError with the residual history.
ConductionSolution solve_conduction(const ConductionProblem& problem, int axis, const ConductionOptions& options, std::span<const float> start = {});

/// Everything a row needs: through-plane (axis z) and, if asked, the full tensor.
Conduction effective_conduction(const ConductionProblem& problem, bool tensor, const ConductionOptions& options, std::vector<float>* potential = nullptr);

}  // namespace voxode::physics
