#pragma once
// n^3 voxels to one, by majority.
#include <cstdint>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// Replaces `code` (shape n, x fastest) and `instance` (the same or empty) by blocks of factor^3; layers at the upper borders that fill no block are dropped. Equal counts: the
/// smallest code; the instance is the commonest among the voxels of the winning code, equal counts: the smallest. Returns the new shape.
Index3 coarsen_by_majority(const Index3& n, int factor, std::vector<std::uint8_t>& code, std::vector<std::uint32_t>& instance);

}  // namespace voxode::io
