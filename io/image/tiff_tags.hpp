#pragma once
// What a TIFF says about its voxels: resolution tags and ImageJ's description.
#include <array>
#include <optional>
#include <string>

#include "io/image/tiff.hpp"
#include "kernels/types.hpp"

namespace voxode::io {

struct TiffTags {
  std::optional<std::array<double, 3>> voxel_size;  ///< m, NaN where not said
  Index n_images = 0;                               ///< ImageJ's images=, 0: not said
};

/// Of the current directory. A resolution that programs write for printing (72 dpi and the like) is no voxel size. InputError on hyperstacks
/// with several channels or frames.
TiffTags read_tiff_tags(TIFF* tiff, const std::string& path);

}  // namespace voxode::io
