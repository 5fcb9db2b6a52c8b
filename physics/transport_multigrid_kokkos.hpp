#pragma once
// Multigrid for conduction, in single precision, as preconditioner. Blocks of 2 x 2 x 2 cells become the cells of the next grid, but only
// what is joined inside a block by conductances of comparable strength becomes one unknown there: pieces on both sides of a crack, a
// resistive face or a jump of conductivity stay apart, so that a coarse grid never ties together what floats freely on the fine one.
#include <vector>

#include "physics/transport_graph_kokkos.hpp"

namespace voxode::physics::transport {

struct MultigridSettings {
  int degree = 2;             ///< of the Chebyshev smoother, before and after each coarse correction
  float lower = 0.4f, upper = 2.0f;  ///< its interval, of D^-1 A
  float overcorrection = 1.7f;       ///< factor on the coarse correction
  float strength = 0.1f;      ///< joins two nodes of a block whose conductance is at least this share of the largest of either
  int krylov_levels = 5;      ///< levels below the finest that are solved with two flexible CG steps instead of one cycle
  Index bottom = 256;         ///< most unknowns of the level that is solved directly
};

struct Level {
  Index n = 0;
  Rows rows;                                     ///< of coarse levels
  View<Id> start, column;                        ///< (n + 1), (n_edges)
  View<float> weight, to_ground;                 ///< (n_edges), (n)
  View<float> inverse_diagonal;                  ///< (n)
  View<float> correction, correction_next, direction;  ///< work, (n)
  View<float> residual;                          ///< coarse levels: right-hand side, (n)
  View<float> krylov[4];                         ///< work of the K-cycle, (n)
  View<Id> child_start, child;                   ///< to the next level: (n_next + 1), (<= n), nodes of this level by node of the next
};

struct Multigrid {
  MultigridSettings settings;
  StencilData stencil;
  std::vector<Level> levels;        ///< the finest first
  View<float> bottom_inverse;       ///< (n, n) of the last level
  View<double> partial;             ///< work of the reductions
};

/// `first`: number of the first unknown of each cell of the grid `n_cells`, (n_cells + 1).
Multigrid make_multigrid(const StencilData& stencil, const Index3& n_cells, View<Id> first, const MultigridSettings& settings);

/// One cycle on the residual (n); returns the correction (n), valid until the next call.
const float* apply_multigrid(Multigrid& multigrid, const double* residual);

/// 1 / diagonal of the finest level, single precision.
View<float> inverse_diagonal(const StencilData& stencil);

}  // namespace voxode::physics::transport
