#pragma once
// Connected specks of a few voxels.
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// What a code (phase) lost.
struct SpeckCount {
  Index n_specks = 0;
  Index n_voxels = 0;
};

struct SpeckResult {
  std::vector<SpeckCount> of_code;  ///< by the code before
  Index n_left = 0;                 ///< specks that had nothing but specks around them to the end
};

/// Gives each face-connected component of fewer than `limit` voxels the code that it shares most faces with (equal counts: the smallest code); neighbours that are specks
/// themselves do not count, those inside others are taken in a further pass. `code`: shape n, x fastest, values below n_codes. `instance` (same shape or empty):
/// changed voxels take the instance of the neighbours of the new code, the commonest (equal counts: the smallest).
SpeckResult remove_specks(const Index3& n, std::span<std::uint8_t> code, std::span<std::uint32_t> instance, int n_codes, Index limit);

}  // namespace voxode::io
