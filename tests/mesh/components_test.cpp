#include "mesh/components.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace voxode;
using namespace voxode::mesh;

namespace {

// Flood fill, one voxel after the other.
Components reference(const Index3& n, const std::vector<std::int32_t>& key, const Periodicity& periodic) {
  Components c;
  c.of_voxel.assign(key.size(), -1);
  for (Index start = 0; start < product(n); ++start) {
    if (key[std::size_t(start)] < 0 || c.of_voxel[std::size_t(start)] >= 0) continue;
    const auto number = std::int32_t(c.size.size());
    c.first.push_back(start);
    c.size.push_back(0);
    std::vector<Index> stack{start};
    c.of_voxel[std::size_t(start)] = number;
    while (!stack.empty()) {
      const Index v = stack.back();
      stack.pop_back();
      ++c.size.back();
      const Index3 at{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
      for (std::size_t a = 0; a < 3; ++a)
        for (Index step : {-1, 1}) {
          Index3 next = at;
          next[a] += step;
          if (periodic[a]) next[a] = (next[a] + n[a]) % n[a];
          if (next[a] < 0 || next[a] >= n[a]) continue;
          const auto w = std::size_t(linear_index(n, next[0], next[1], next[2]));
          if (c.of_voxel[w] >= 0 || key[w] != key[std::size_t(v)]) continue;
          c.of_voxel[w] = number;
          stack.push_back(Index(w));
        }
    }
  }
  return c;
}

std::vector<std::int32_t> random_keys(const Index3& n, int kinds, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int32_t> key(static_cast<std::size_t>(product(n)));
  for (auto& k : key) k = std::int32_t(random() % unsigned(kinds + 1)) - 1;
  return key;
}

}  // namespace

TEST(Components, RandomImages_MatchFloodFill) {
  for (const Index3& n : {Index3{1, 1, 1}, Index3{7, 1, 3}, Index3{1, 9, 2}, Index3{13, 11, 17}, Index3{40, 31, 23}})
    for (int kinds : {1, 2, 5})
      for (const Periodicity& periodic : {Periodicity{false, false, false}, Periodicity{true, false, true}, Periodicity{true, true, true}}) {
        const auto key = random_keys(n, kinds, unsigned(kinds) + 17);
        const Components found = find_components(n, key, periodic), expected = reference(n, key, periodic);
        ASSERT_EQ(found.of_voxel, expected.of_voxel) << n[0] << " " << n[1] << " " << n[2];
        EXPECT_EQ(found.size, expected.size);
        EXPECT_EQ(found.first, expected.first);
      }
}

TEST(Components, SpiralThroughTheBox_IsOne) {
  const Index3 n{65, 65, 1};  // a comb: long chains of parents
  std::vector<std::int32_t> key(65 * 65, -1);
  for (std::size_t y = 0; y < 65; ++y)
    for (std::size_t x = 0; x < 65; ++x)
      if (y % 2 == 0 || x == (y % 4 == 1 ? 64u : 0u)) key[x + 65 * y] = 3;
  EXPECT_EQ(find_components(n, key, {false, false, false}).count(), 1);
}

TEST(Components, CornerAndEdgeContacts_DoNotConnect) {
  EXPECT_EQ(find_components({2, 2, 1}, {0, -1, -1, 0}, {false, false, false}).count(), 2);
  EXPECT_EQ(find_components({2, 2, 2}, {0, -1, -1, -1, -1, -1, -1, 0}, {false, false, false}).count(), 2);
}

TEST(Components, Empty_HasNone) { EXPECT_EQ(find_components({3, 3, 3}, std::vector<std::int32_t>(27, -1), {true, true, true}).count(), 0); }
