#pragma once
// What `voxode info` says about an image.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "io/image/image.hpp"

namespace voxode::io {

struct LabelInfo {
  std::uint32_t label = 0;
  Index n_voxels = 0;
  double share = 0;                   ///< of all voxels
  std::array<Index, 3> faces{};       ///< voxel faces to other labels, by the array axis they are normal to; the image's border does not count
  double surface_per_voxel = 0;       ///< those faces over all voxels
  std::optional<double> surface_per_m;  ///< their area over the volume of the image, 1/m; voxel faces have about 1.5 times the area of a smooth surface
};

struct ImageInfo {
  std::string file, type;
  std::array<Index, 3> shape{};
  std::optional<std::array<double, 3>> voxel_size;  ///< m, per array axis; NaN where the file does not say
  std::vector<LabelInfo> labels;                    ///< by increasing label
};

ImageInfo image_info(const LabelImage& image);
/// A table for people; at most `max_labels` rows (0: all), the rest summed up.
std::string to_text(const ImageInfo& info, std::size_t max_labels = 40);
/// {file, type, shape, n_voxels, voxel_size_m, labels: [{label, voxels, share, surface_per_voxel, surface_per_m}]}
nlohmann::json to_json(const ImageInfo& info);

}  // namespace voxode::io
