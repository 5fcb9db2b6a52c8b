#pragma once
// Crystal orientations of bodies from a CSV table.
#include <filesystem>
#include <utility>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// Reads `body,qw,qx,qy,qz`: instance label (from 1) and unit quaternion that turns crystal into sample axes, one row each; lines that start with # are comments.
/// Lengths within 1e-3 of 1 are made exactly 1. Throws InputError with the line: header, numbers, a length that is not 1, a label twice.
std::vector<std::pair<std::uint32_t, Quaternion>> read_orientations(const std::filesystem::path& file);

}  // namespace voxode::io
