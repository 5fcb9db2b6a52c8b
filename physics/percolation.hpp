#pragma once
// Which cells are joined, face to face, to the end planes of an axis (docs/manual/theory.md).
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::physics {

/// What conducts and which faces block. Shapes as VoxelGrid: x fastest.
struct Connectivity {
  Index3 n{};
  std::span<const std::uint8_t> conducts;  ///< per voxel, 0: no
  /// Per voxel, bit d set: the face to the neighbour in direction +d blocks. May be empty: none does.
  std::span<const std::uint8_t> blocked;
  std::array<bool, 3> wrap{};  ///< axes along which the box continues on its other side
};

/// Bits of Percolation::mask.
inline constexpr std::uint8_t reaches_low = 1;   ///< joined to the end plane at the start of the axis (z = 0: the collector)
inline constexpr std::uint8_t reaches_high = 2;  ///< joined to the end plane at its end (top: the separator)
inline constexpr std::uint8_t reaches_both = 3;  ///< by one connected piece: percolates

struct Percolation {
  std::vector<std::uint8_t> mask;  ///< per voxel, the bits above; 0 where it does not conduct
  Index n_conducting = 0;
  Index n_low = 0, n_high = 0, n_both = 0;  ///< voxels that reach the plane at the start, at the end, both
  /// Share of the conducting volume that percolates; 0 where nothing conducts.
  double share() const { return n_conducting > 0 ? double(n_both) / double(n_conducting) : 0.0; }
};

/// Pieces joined through faces that don't block, and the end planes of `axis` (0, 1, 2) they touch. Where the axis itself wraps there are
/// no planes: a piece counts as reaching both if it is joined to its own image one or more periods along the axis, else neither.
/// Throws InputError on arrays of wrong length, MemoryError beyond 2^32 - 2 voxels.
Percolation find_percolation(const Connectivity& connectivity, int axis);

}  // namespace voxode::physics
