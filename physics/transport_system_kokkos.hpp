#pragma once
// One conduction problem along one axis as a linear system, in units of (largest conductivity x voxel edge) and of the drop over the box.
#include "physics/transport.hpp"
#include "physics/transport_graph_kokkos.hpp"

namespace voxode::physics::transport {

struct System {
  StencilData stencil;
  Index3 n{};
  int axis = 0;
  std::array<bool, 3> wrap{};
  double largest_conductivity = 0;  ///< S/m
  View<Id> first;     ///< (n_voxels + 1): first unknown at or after each voxel
  View<Id> voxel_of;  ///< voxel of each unknown
  bool periodic() const { return wrap[axis]; }
};

/// Unknowns: the voxels where `taken` is `value`. Faces with infinite resistance carry nothing.
System make_system(const ConductionProblem& problem, const std::array<bool, 3>& wrap, int axis, std::span<const std::uint8_t> taken, std::uint8_t value);

struct IterationResult {
  int iterations = 0;
  double residual = 0;  ///< true residual over the boundary load
};

/// Solves for `x` (initial guess in, potential out: plates: the potential; periodic: its periodic part). Throws ConvergenceError.
IterationResult solve_system(System& system, const View<double>& x, const ConductionOptions& options);

struct Fluxes {
  double conductivity = 0;           ///< S/m along the axis
  std::array<double, 3> current{};   ///< mean current density per unit mean gradient, S/m
};
Fluxes fluxes_of(const System& system, const View<double>& x);

}  // namespace voxode::physics::transport
