#pragma once
// Effective conduction by cell-centred finite volumes (docs/manual/theory.md).
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mesh/faces.hpp"
#include "mesh/voxel_grid.hpp"
#include "physics/percolation.hpp"
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
  /// All three axes wrap.
  bool periodic = false;
  /// Axes along which the box continues on its other side; the sides of the others insulate. Along an axis that does not wrap, potentials
  /// 1 (start) and 0 (end) lie on the outer faces of the two end planes; along one that does, a unit mean gradient is imposed.
  std::array<bool, 3> wrap{};
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
  /// Per voxel, V for a unit drop over the box (1 towards the start of the axis; periodic: up to a constant for each piece), NaN where it
  /// does not conduct or does not percolate.
  std::vector<float> potential;
};

/// Solves for a unit drop along `axis` (0, 1, 2). `start`: potential of an earlier solve, may be empty. If nothing percolates the
/// conductivity is exactly 0, without an iteration. Off-diagonal currents are 0 unless both axes wrap.
/// Throws ConvergenceError with the residual history, InputError where arrays do not fit, MemoryError beyond 2^32 - 2 voxels (on a GPU `kernels::longest_scan`).
ConductionSolution solve_conduction(const ConductionProblem& problem, int axis, const ConductionOptions& options, std::span<const float> start = {});

/// Pieces of conducting phases joined through faces that don't block, and the end planes of `axis` that they reach.
Percolation percolation_of(const ConductionProblem& problem, int axis);

/// Everything a row needs: through-plane (axis z) and, if asked, the full tensor. `potential`: start of the solve along z if it has the
/// right length, then its result.
Conduction effective_conduction(const ConductionProblem& problem, bool tensor, const ConductionOptions& options, std::vector<float>* potential = nullptr);

/// What `voxode tortuosity` prints.
struct TortuosityResult {
  std::optional<double> tortuosity_factor;  ///< volume share / relative conductivity; empty if nothing percolates
  double relative = 0;                      ///< D_eff / D_0
  double percolating_share = 0;             ///< of the conducting volume, joined to both end planes
  double volume_share = 0;                  ///< of the conducting phase in the box
  int iterations = 0;
  double residual = 0;
};

/// Tortuosity of the voxels where `conducts` is not 0, all of one conductivity; shape (n_z, n_y, n_x), x fastest; between the end planes of
/// `axis`, sides as `wrap` says.
TortuosityResult tortuosity_of_mask(const Index3& n, std::span<const std::uint8_t> conducts, int axis, const ConductionOptions& options = {},
                                    const std::array<bool, 3>& wrap = {});

/// The same for the voxels whose label is one of `selected`.
TortuosityResult tortuosity_of_labels(const Index3& n, std::span<const std::uint8_t> labels, std::span<const std::uint8_t> selected, int axis,
                                      const ConductionOptions& options = {}, const std::array<bool, 3>& wrap = {});

}  // namespace voxode::physics
