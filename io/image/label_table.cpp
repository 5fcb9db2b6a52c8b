#include "io/image/label_table.hpp"

#include <algorithm>

namespace voxode::io {

LabelTable::LabelTable(std::span<const std::uint32_t> labels) {
  constexpr std::uint32_t n_small = 65536;
  std::vector<Index> small(n_small, 0);
  std::unordered_map<std::uint32_t, Index> large;
  // Labels come in runs: look up once a run.
  for (std::size_t i = 0; i < labels.size();) {
    std::size_t end = i + 1;
    while (end < labels.size() && labels[end] == labels[i]) ++end;
    (labels[i] < n_small ? small[labels[i]] : large[labels[i]]) += Index(end - i);
    i = end;
  }
  for (std::uint32_t label = 0; label < n_small; ++label)
    if (small[label] > 0) labels_.push_back(label);
  for (const auto& [label, count] : large) labels_.push_back(label);
  std::sort(labels_.begin(), labels_.end());
  small_.assign(n_small, 0);
  for (std::size_t p = 0; p < labels_.size(); ++p) {
    const std::uint32_t label = labels_[p];
    counts_.push_back(label < n_small ? small[label] : large[label]);
    if (label < n_small)
      small_[label] = std::uint32_t(p);
    else
      large_[label] = std::uint32_t(p);
  }
}

}  // namespace voxode::io
