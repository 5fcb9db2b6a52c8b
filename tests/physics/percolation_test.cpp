#include "physics/percolation.hpp"

#include <gtest/gtest.h>

#include <random>

#include "kernels/error.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

// Flood fill over the infinitely repeated box, unrolled `copies` times along the axis if that wraps: shares no idea with the union-find.
std::vector<std::uint8_t> flood_reference(const Connectivity& c, int axis) {
  const Index total = product(c.n);
  std::vector<std::uint8_t> mask(total, 0);
  for (Index seed = 0; seed < total; ++seed) {
    if (!c.conducts[seed]) continue;
    std::vector<Index> period(total, std::numeric_limits<Index>::min()), stack{seed};
    period[seed] = 0;
    bool low = false, high = false, winds = false;
    while (!stack.empty()) {
      const Index v = stack.back();
      stack.pop_back();
      const Index3 at{v % c.n[0], v / c.n[0] % c.n[1], v / (c.n[0] * c.n[1])};
      low |= at[axis] == 0;
      high |= at[axis] == c.n[axis] - 1;
      for (int d = 0; d < 3; ++d)
        for (const int step : {-1, 1}) {
          Index3 to = at;
          to[d] += step;
          Index turn = 0;
          if (to[d] < 0 || to[d] >= c.n[d]) {
            if (!c.wrap[d]) continue;
            turn = d == axis ? step : 0;
            to[d] = (to[d] + c.n[d]) % c.n[d];
          }
          const Index w = linear_index(c.n, to[0], to[1], to[2]), lower = step > 0 ? v : w;
          if (!c.conducts[w] || (!c.blocked.empty() && (c.blocked[lower] >> d & 1))) continue;
          if (period[w] == std::numeric_limits<Index>::min()) {
            period[w] = period[v] + turn;
            stack.push_back(w);
          } else {
            winds |= period[w] != period[v] + turn;
          }
        }
    }
    mask[seed] = c.wrap[axis] ? (winds ? 3 : 0) : std::uint8_t(low + 2 * high);
  }
  return mask;
}

TEST(Percolation, RandomBoxes_MatchFloodFill) {
  std::mt19937 random(4);
  for (int trial = 0; trial < 40; ++trial) {
    const Index3 n{Index(1 + random() % 7), Index(1 + random() % 6), Index(1 + random() % 9)};
    std::vector<std::uint8_t> conducts(product(n)), blocked(product(n));
    for (auto& v : conducts) v = random() % 100 < 45;
    for (auto& v : blocked) v = std::uint8_t(random() % 3 == 0 ? random() % 8 : 0);
    const std::array<bool, 3> wrap{random() % 2 == 0, random() % 2 == 0, random() % 2 == 0};
    const Connectivity c{n, conducts, trial % 3 ? std::span<const std::uint8_t>(blocked) : std::span<const std::uint8_t>(), wrap};
    for (int axis = 0; axis < 3; ++axis) {
      const Percolation p = find_percolation(c, axis);
      ASSERT_EQ(p.mask, flood_reference(c, axis)) << "trial " << trial << " axis " << axis;
      EXPECT_EQ(p.n_both, std::count(p.mask.begin(), p.mask.end(), 3));
      EXPECT_EQ(p.n_conducting, std::count(conducts.begin(), conducts.end(), 1));
    }
  }
}

TEST(Percolation, SlantedLoop_WindsOnlyWhereItsNetTurnIsNotZero) {
  // A staircase in the x-z plane that closes through both wrapped sides at once: it winds along x and along z.
  const Index3 n{3, 1, 3};
  std::vector<std::uint8_t> conducts(9, 0);
  for (const auto& [i, k] : {std::pair{0, 0}, {1, 0}, {1, 1}, {2, 1}, {2, 2}, {0, 2}}) conducts[i + 3 * k] = 1;
  const Connectivity c{n, conducts, {}, {true, false, true}};
  EXPECT_EQ(find_percolation(c, 0).n_both, 6);
  EXPECT_EQ(find_percolation(c, 2).n_both, 6);
  const Connectivity closed{n, conducts, {}, {false, false, true}};
  EXPECT_EQ(find_percolation(closed, 2).n_both, 0);
}

TEST(Percolation, SharesOfPlanes_CountIsolatedCells) {
  // x fastest, 3 x 1 x 3: column 0 reaches both planes, column 1 the lower, column 2 the upper one.
  const std::vector<std::uint8_t> conducts{1, 1, 0, 1, 0, 0, 1, 0, 1};
  const std::vector<std::uint8_t> blocked{1, 0, 0, 0, 0, 0, 0, 1, 0};
  const Percolation p = find_percolation({{3, 1, 3}, conducts, blocked, {}}, 2);
  EXPECT_EQ(p.n_low, 4);
  EXPECT_EQ(p.n_high, 4);
  EXPECT_EQ(p.n_both, 3);
  EXPECT_DOUBLE_EQ(p.share(), 3.0 / 5);
}

TEST(Percolation, WrongLength_Throws) {
  const std::vector<std::uint8_t> conducts(7, 1);
  EXPECT_THROW(find_percolation({{2, 2, 2}, conducts, {}, {}}, 0), InputError);
}

}  // namespace
