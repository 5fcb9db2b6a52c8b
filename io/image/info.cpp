#include "io/image/info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "io/image/label_table.hpp"

namespace voxode::io {
namespace {

bool all_known(const std::optional<std::array<double, 3>>& size) {
  return size && std::all_of(size->begin(), size->end(), [](double s) { return std::isfinite(s); });
}

void count_faces(const LabelImage& image, const LabelTable& table, std::vector<LabelInfo>& infos) {
  const auto& n = image.shape;
  const Index step[3] = {n[1] * n[2], n[2], 1};
  const std::uint32_t* label = image.label.data();
  for (Index i = 0; i < n[0]; ++i)
    for (Index j = 0; j < n[1]; ++j) {
      const Index row = (i * n[1] + j) * n[2];
      const bool more[2] = {i + 1 < n[0], j + 1 < n[1]};
      for (Index k = 0; k < n[2]; ++k)
        for (int a = 0; a < 3; ++a) {
          if (a < 2 ? !more[a] : k + 1 >= n[2]) continue;
          const std::uint32_t here = label[row + k], there = label[row + k + step[a]];
          if (here == there) continue;
          ++infos[table.position(here)].faces[std::size_t(a)];
          ++infos[table.position(there)].faces[std::size_t(a)];
        }
    }
}

std::string size_text(const ImageInfo& info) {
  if (!info.voxel_size) return "not in the file";
  std::string text;
  for (const double s : *info.voxel_size) text += (text.empty() ? "" : " x ") + (std::isfinite(s) ? fmt::format("{:.6g}", s * 1e6) : std::string("?"));
  return text + " um";
}

}  // namespace

ImageInfo image_info(const LabelImage& image) {
  ImageInfo info{image.source, image.type, image.shape, image.voxel_size, {}};
  const LabelTable table(image.label);
  info.labels.resize(table.labels().size());
  count_faces(image, table, info.labels);
  const double n_voxels = double(image.n_voxels());
  for (std::size_t p = 0; p < info.labels.size(); ++p) {
    LabelInfo& l = info.labels[p];
    l.label = table.labels()[p];
    l.n_voxels = table.counts()[p];
    l.share = double(l.n_voxels) / n_voxels;
    l.surface_per_voxel = double(l.faces[0] + l.faces[1] + l.faces[2]) / n_voxels;
    if (all_known(image.voxel_size)) {
      // A face normal to axis a has the voxel's volume over its length along a.
      l.surface_per_m = 0;
      for (std::size_t a = 0; a < 3; ++a) *l.surface_per_m += double(l.faces[a]) / (*image.voxel_size)[a] / n_voxels;
    }
  }
  return info;
}

std::string to_text(const ImageInfo& info, std::size_t max_labels) {
  std::string text = fmt::format("{}\n  shape       {} x {} x {} (array axes 0, 1, 2)\n  type        {}\n  voxel size  {}\n", info.file, info.shape[0], info.shape[1], info.shape[2],
                                 info.type, size_text(info));
  text += fmt::format("  {:>10}  {:>14}  {:>9}  {:>15}{}\n", "label", "voxels", "share", "faces per voxel", all_known(info.voxel_size) ? fmt::format("  {:>15}", "surface, 1/m") : "");
  const std::size_t n = max_labels == 0 ? info.labels.size() : std::min(max_labels, info.labels.size());
  for (std::size_t p = 0; p < n; ++p) {
    const LabelInfo& l = info.labels[p];
    text += fmt::format("  {:>10}  {:>14}  {:>9.5f}  {:>15.5f}", l.label, l.n_voxels, l.share, l.surface_per_voxel);
    text += l.surface_per_m ? fmt::format("  {:>15.6g}\n", *l.surface_per_m) : "\n";
  }
  if (n < info.labels.size()) {
    const Index rest = std::accumulate(info.labels.begin() + std::ptrdiff_t(n), info.labels.end(), Index(0), [](Index sum, const LabelInfo& l) { return sum + l.n_voxels; });
    text += fmt::format("  and {} more labels with {} voxels\n", info.labels.size() - n, rest);
  }
  text += "  (faces to other labels, without the border of the image; about 1.5 times the area of a smooth surface)\n";
  return text;
}

nlohmann::json to_json(const ImageInfo& info) {
  nlohmann::json j{{"file", info.file}, {"type", info.type}, {"shape", info.shape}, {"n_voxels", info.shape[0] * info.shape[1] * info.shape[2]}};
  j["voxel_size_m"] = nullptr;
  if (info.voxel_size) {
    j["voxel_size_m"] = nlohmann::json::array();
    for (const double s : *info.voxel_size) j["voxel_size_m"].push_back(std::isfinite(s) ? nlohmann::json(s) : nlohmann::json(nullptr));
  }
  j["labels"] = nlohmann::json::array();
  for (const LabelInfo& l : info.labels) {
    nlohmann::json entry{{"label", l.label}, {"voxels", l.n_voxels}, {"share", l.share}, {"surface_per_voxel", l.surface_per_voxel}};
    entry["surface_per_m"] = l.surface_per_m ? nlohmann::json(*l.surface_per_m) : nlohmann::json(nullptr);
    j["labels"].push_back(entry);
  }
  return j;
}

}  // namespace voxode::io
