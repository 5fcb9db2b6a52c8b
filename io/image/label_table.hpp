#pragma once
// Which labels an image holds, and a number for each.
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// Distinct labels in increasing order with their counts, and the way back from a label to its position there.
class LabelTable {
 public:
  explicit LabelTable(std::span<const std::uint32_t> labels);
  const std::vector<std::uint32_t>& labels() const { return labels_; }
  const std::vector<Index>& counts() const { return counts_; }
  /// Position of a label that occurs.
  std::size_t position(std::uint32_t label) const { return label < small_.size() ? small_[label] : large_.at(label); }

 private:
  std::vector<std::uint32_t> labels_;
  std::vector<Index> counts_;
  std::vector<std::uint32_t> small_;  // labels below 65536
  std::unordered_map<std::uint32_t, std::uint32_t> large_;
};

}  // namespace voxode::io
