#pragma once
// Numbers of voxels that seldom change from one to the next.
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace voxode::mesh {

/// Run by run what a list holds voxel by voxel.
struct Runs {
  std::vector<std::int32_t> value;
  std::vector<std::uint32_t> length;

  Runs() = default;
  explicit Runs(const std::vector<std::int32_t>& list) {
    for (const std::int32_t v : list) {
      if (value.empty() || value.back() != v || length.back() == std::numeric_limits<std::uint32_t>::max()) {
        value.push_back(v);
        length.push_back(0);
      }
      ++length.back();
    }
  }
  std::vector<std::int32_t> expand() const {
    std::vector<std::int32_t> list;
    list.reserve(std::accumulate(length.begin(), length.end(), std::size_t(0)));
    for (std::size_t r = 0; r < value.size(); ++r) list.insert(list.end(), length[r], value[r]);
    return list;
  }
};

}  // namespace voxode::mesh
