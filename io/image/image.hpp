#pragma once
// A label image as a file holds it: any label values, array axes in file order.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

struct LabelImage {
  std::array<Index, 3> shape{};  ///< array axes 0, 1, 2; the last is fastest (a multi-page TIFF: page, row, column)
  std::vector<std::uint32_t> label;
  std::string type;              ///< "uint8", "uint16", "uint32"
  std::optional<std::array<double, 3>> voxel_size;  ///< m, per array axis, from the file's own tags
  std::string source;            ///< the path, for messages
  Index n_voxels() const { return shape[0] * shape[1] * shape[2]; }
};

}  // namespace voxode::io
