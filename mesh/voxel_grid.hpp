#pragma once
// What is where: the phase of every voxel of a box. Axes are x, y, z with z the stack axis (collector at z = 0).
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::mesh {

/// Phase number of nothing.
inline constexpr std::uint8_t pore = 255;

struct VoxelGrid {
  Index3 n{};         ///< voxels along x, y, z
  double spacing = 0;  ///< edge of a voxel, m
  /// Phase of each voxel, shape (n_z, n_y, n_x), x fastest: a number into `phase_names`, or `pore`.
  std::vector<std::uint8_t> phase;
  std::vector<std::string> phase_names;
  /// Optional instance label of each voxel (same shape; empty if there is none), 0: none given.
  std::vector<std::uint32_t> instance;
  Index n_voxels() const { return product(n); }
  double volume() const { return double(n_voxels()) * spacing * spacing * spacing; }
};

/// Whether the box continues on its other side, per axis x, y, z.
using Periodicity = std::array<bool, 3>;

/// Number of the vertex (i, j, k), up to `n_vertices` along an axis, which is the first one again (across a periodic side).
inline Index vertex_of(const Index3& n_vertices, Index i, Index j, Index k) {
  return linear_index(n_vertices, i == n_vertices[0] ? 0 : i, j == n_vertices[1] ? 0 : j, k == n_vertices[2] ? 0 : k);
}
/// Calls f(cell, corner) for each cell inside a box of n_cells of which the vertex is corner `corner` (x + 2 y + 4 z), across periodic sides too.
template <class F>
void for_cells_around(const Index3& n_cells, const Periodicity& periodic, const Index3& vertex, const F& f) {
  for (int corner = 0; corner < 8; ++corner) {
    Index3 cell;
    bool inside = true;
    for (std::size_t a = 0; a < 3; ++a) {
      cell[a] = vertex[a] - Index(corner >> a & 1);
      if (cell[a] < 0 && periodic[a]) cell[a] += n_cells[a];
      inside = inside && cell[a] >= 0 && cell[a] < n_cells[a];
    }
    if (inside) f(cell, corner);
  }
}

}  // namespace voxode::mesh
