#include "mesh/distance_transform.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/error.hpp"
#include "mesh/counter_random.hpp"

using namespace voxode;
using namespace voxode::mesh;

namespace {

std::vector<std::int32_t> by_brute_force(const Index3& n, const std::vector<std::uint8_t>& mask, const Periodicity& periodic) {
  std::vector<std::int32_t> squared(mask.size(), 0);
  const auto place = [&](Index v) { return Index3{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])}; };
  for (Index v = 0; v < product(n); ++v) {
    if (!mask[std::size_t(v)]) continue;
    squared[std::size_t(v)] = no_target;
    for (Index w = 0; w < product(n); ++w) {
      if (mask[std::size_t(w)]) continue;
      Index d = 0;
      for (std::size_t a = 0; a < 3; ++a) {
        Index along = std::abs(place(v)[a] - place(w)[a]);
        if (periodic[a]) along = std::min(along, n[a] - along);
        d += along * along;
      }
      squared[std::size_t(v)] = std::min(squared[std::size_t(v)], std::int32_t(d));
    }
  }
  return squared;
}

}  // namespace

TEST(SquaredDistances, RandomMasks_AreThoseOfBruteForce) {
  const CounterRandom random{7};
  std::uint64_t stream = 0;
  for (const Index3& n : {Index3{1, 1, 1}, Index3{9, 1, 1}, Index3{1, 7, 2}, Index3{11, 6, 9}, Index3{16, 9, 2}})
    for (const double outside : {0.5, 0.05, 0.002})
      for (int sides = 0; sides < 8; ++sides) {
        const Periodicity periodic{(sides & 1) != 0, (sides & 2) != 0, (sides & 4) != 0};
        std::vector<std::uint8_t> mask(std::size_t(product(n)));
        ++stream;
        for (std::size_t v = 0; v < mask.size(); ++v) mask[v] = random.uniform(stream, v) < outside ? 0 : 2;
        EXPECT_EQ(squared_distances(n, mask, periodic), by_brute_force(n, mask, periodic)) << n[0] << " " << n[1] << " " << n[2] << ", sides " << sides << ", outside " << outside;
      }
}

TEST(SquaredDistances, MaskWithoutOutside_HasNoTarget) {
  const std::vector<std::uint8_t> full(24, 1);
  for (const bool periodic : {false, true})
    for (const std::int32_t d : squared_distances({4, 3, 2}, full, {periodic, periodic, periodic})) EXPECT_EQ(d, no_target);
  EXPECT_TRUE(squared_distances({0, 3, 2}, {}, {false, false, false}).empty());
  EXPECT_THROW(squared_distances({2, 2, 2}, full, {false, false, false}), InternalError);
}
