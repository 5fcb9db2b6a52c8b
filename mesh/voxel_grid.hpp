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

}  // namespace voxode::mesh
