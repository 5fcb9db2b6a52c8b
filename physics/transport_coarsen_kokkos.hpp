#pragma once
// The next coarser level of a conduction graph.
#include "physics/transport_multigrid_kokkos.hpp"

namespace voxode::physics::transport {

/// Cells of a grid, and the first node in each: (n_cells + 1).
struct CellMap {
  Index3 n{};
  View<Id> first;
};

struct Coarsening {
  Level level;      ///< graph of the coarse level, without work arrays
  CellMap cells;
  View<Id> child_start, child;
};

/// Joins what `strength` allows inside every block of 2 x 2 x 2 cells. Nodes without any conductance are left out.
Coarsening coarsen(const StencilData& stencil, const CellMap& cells, float strength);
Coarsening coarsen(const Level& level, const CellMap& cells, float strength);

}  // namespace voxode::physics::transport
