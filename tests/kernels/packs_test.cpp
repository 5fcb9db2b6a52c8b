// Packs of lanes and small packed matrices.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "kernels/packed_matrix.hpp"
#include "kernels/simd.hpp"
#include "kernels/window.hpp"

namespace voxode::kernels {
namespace {

TEST(Packs, GatherAndScatter) {
  constexpr int W = pack_width<float>;
  std::vector<float> values(100);
  std::vector<std::uint32_t> index;
  for (int i = 0; i < 100; ++i) values[std::size_t(i)] = float(i);
  for (int l = 0; l < W; ++l) index.push_back(std::uint32_t((l * 37 + 5) % 100));
  const Pack<float, W> v = gather<float, W>(values.data(), index.data());
  for (int l = 0; l < W; ++l) EXPECT_EQ((get_lane<W, float>(v, l)), float((l * 37 + 5) % 100));
  add_scattered<float, W>(values.data(), index.data(), v);
  add_scattered<float, W>(values.data(), index.data(), v, W / 2);
  for (int l = 0; l < W; ++l) EXPECT_EQ(values[index[std::size_t(l)]], float(index[std::size_t(l)]) * (l < W / 2 ? 3.0f : 2.0f));
}

TEST(Packs, NodesOfFourNumbers) {
  constexpr int W = pack_width<float>;
  std::vector<float> values;
  for (int i = 0; i < 100; ++i)
    for (int d = 0; d < 4; ++d) values.push_back(d == 3 ? 0.0f : float(10 * i + d));
  std::vector<std::uint32_t> node;
  for (int l = 0; l < W; ++l) node.push_back(std::uint32_t((l * 37 + 5) % 100));
  Pack<float, W> u[3];
  gather_nodes<W>(values.data(), node.data(), u);
  for (int l = 0; l < W; ++l)
    for (int d = 0; d < 3; ++d) EXPECT_EQ((get_lane<W, float>(u[d], l)), float(10 * node[std::size_t(l)] + std::uint32_t(d)));
  add_to_nodes<W>(values.data(), node.data(), u);
  add_to_nodes<W>(values.data(), node.data(), u, W / 2);
  std::vector<float> expected;
  for (int i = 0; i < 100; ++i)
    for (int d = 0; d < 4; ++d) expected.push_back(d == 3 ? 0.0f : float(10 * i + d));
  for (int l = 0; l < W; ++l)
    for (std::size_t d = 0; d < 3; ++d) expected[4 * node[std::size_t(l)] + d] *= W > 1 && l < W / 2 ? 3.0f : 2.0f;
  if (W == 1) add_to_nodes<W>(expected.data(), node.data(), u);  // a pack of one has no part
  EXPECT_EQ(values, expected);
}

template <class T>  // a template, so that nothing of it is compiled where there are no packs
void sums_over_lanes() {
  if constexpr (has_packs) {
    Pack<T, 8> v[8];
    for (int i = 0; i < 8; ++i)
      for (int l = 0; l < 8; ++l) v[i][l] = T(1 << l) + T(1000 * i * l);
    const Pack<T, 8> sums = sum_lanes_of_each<T>(v);
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(sums[i], T(255 + 28000 * i));
      EXPECT_EQ((sum_lanes<T, 8>(v[i])), sums[i]);
    }
    const T matrix[6] = {1, 2, 4, 8, 16, 32};  // xx yy zz yz xz xy
    const Pack<T, 4> product = symmetric_product(matrix, three_lanes<Pack<T, 4>>(1, 10, 100));
    const T expected[4] = {1921, 852, 496, 0};
    for (int l = 0; l < 4; ++l) EXPECT_EQ(product[l], expected[l]);
    const Pack<T, 8> up = one_lane_up<T, 8>(v[1]);
    for (int l = 0; l < 8; ++l) EXPECT_EQ(up[l], l == 0 ? T(0) : v[1][l - 1]);
    const Pack<T, 8> down = one_lane_down<T, 8>(v[1], T(5));
    for (int l = 0; l < 8; ++l) EXPECT_EQ(down[l], l == 7 ? T(5) : v[1][l + 1]);
  } else {
    GTEST_SKIP() << "a build without packs";
  }
}
template <class T>
void looks_up_lanes() {
  constexpr int W = pack_width<T>;
  Pack<T, W> table{};
  Pack<std::uint32_t, W> index{};
  for (int l = 0; l < W; ++l) set_lane<W>(table, l, T(10 + l)), set_lane<W>(index, l, std::uint32_t((5 * l + 3) % W));
  const std::uint32_t odd = lanes_with<W>(index, 1u);
  const Pack<T, W> found = look_up<T, W>(table, index, odd);
  for (int l = 0; l < W; ++l) {
    EXPECT_EQ(odd >> l & 1u, std::uint32_t((5 * l + 3) % W) & 1u);
    EXPECT_EQ((get_lane<W, T>(found, l)), (odd >> l & 1u) ? T(10 + (5 * l + 3) % W) : T(0));
  }
}
TEST(Packs, LooksUpLanes) { looks_up_lanes<float>(); }
TEST(Packs, LooksUpLanesInDoublePrecision) { looks_up_lanes<double>(); }
TEST(Packs, SumsOverLanes) { sums_over_lanes<float>(); }

/// Four times two sets of ascending places: read and added to as lane by lane.
template <class T>
void test_windows() {
  constexpr int W = pack_width<T>;
  if constexpr (Window<T, W>::available) {
    std::mt19937 random{7};
    int n_tried = 0;
    while (n_tried < 200) {
      constexpr std::uint32_t n = 4 * W;
      const std::uint32_t lanes = (random() % 2 == 0 ? ~0u : std::uint32_t(random())) & ((1u << W) - 1);
      std::uint32_t first[4][W], second[4][W], base[4];
      bool fits = true;
      for (int r = 0; r < 4; ++r) {
        base[r] = random() % W;
        std::uint32_t at = base[r] + random() % 3;
        for (int l = 0; l < W; ++l) {  // second[l] is first[l + 1] or between the two, as at a body's end
          first[r][l] = at;
          at += random() % 3 == 0 ? 2 : 1;
          second[r][l] = random() % 2 == 0 ? first[r][l] + 1 : at;
          if (second[r][l] == at && random() % 8 == 0) ++at;
        }
        fits = fits && first[r][W - 1] < base[r] + 2 * W && second[r][W - 2] < base[r] + 2 * W;
      }
      if (!fits) continue;
      ++n_tried;
      std::vector<T> values(n), expected;
      for (std::uint32_t i = 0; i < n; ++i) values[i] = T(100 + i);
      expected = values;
      typename Window<T, W>::Places left[4], right[4];
      for (int r = 0; r < 4; ++r) left[r] = load_unaligned<Pack<std::uint32_t, W>>(first[r]), right[r] = load_unaligned<Pack<std::uint32_t, W>>(second[r]);
      Window<T, W> window[4];
      Window<T, W>::make(left, right, lanes, base, window);
      for (int r = 0; r < 4; ++r) {
        const T last = T(r);
        Pack<T, W> a, b, more_a{}, more_b{};
        window[r].load(values.data(), last, a, b);
        EXPECT_EQ(b[W - 1], last);
        for (int l = 0; l < W; ++l) {
          if (!(lanes >> l & 1u)) continue;
          EXPECT_EQ(a[l], values[first[r][l]]);
          more_a[l] = T(1 + l);
          expected[first[r][l]] += T(1 + l);
          if (l == W - 1) continue;
          EXPECT_EQ(b[l], values[second[r][l]]);
          more_b[l] = T(64 * (1 + l));
          expected[second[r][l]] += T(64 * (1 + l));
        }
        more_b[W - 1] = T(1000);
        window[r].add(values.data(), more_a, more_b);
        EXPECT_EQ(values, expected);
      }
    }
  } else {
    GTEST_SKIP() << "needs AVX2 or AVX-512";
  }
}
TEST(Window, SinglePrecision) { test_windows<float>(); }
TEST(Window, DoublePrecision) { test_windows<double>(); }

/// Of a random positive definite matrix: the product with its inverse is the identity.
template <class T>
void invert(int n, double tolerance) {
  SCOPED_TRACE(n);
  std::mt19937 random{std::uint32_t(n)};
  std::uniform_real_distribution<double> number(-1.0, 1.0);
  const auto size = std::size_t(n * n);
  std::vector<double> factor(size), full(size);
  for (double& f : factor) f = number(random);
  std::vector<T> a(std::size_t(packed_size(n)));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = i == j ? 0.5 * n : 0.0;
      for (int k = 0; k < n; ++k) sum += factor[std::size_t(n * i + k)] * factor[std::size_t(n * j + k)];
      full[std::size_t(n * i + j)] = sum;
      a[std::size_t(packed(i, j))] = T(sum);
    }
  EXPECT_EQ(invert_packed(a.data(), n, T(1e-6)), 0);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int k = 0; k < n; ++k) sum += full[std::size_t(n * i + k)] * double(a[std::size_t(packed(k, j))]);
      EXPECT_NEAR(sum, i == j ? 1.0 : 0.0, tolerance) << i << " " << j;
    }
}

TEST(PackedMatrix, Inverse) {
  for (const int n : {1, 2, 3, 6, 9, 12, 24, 41}) {
    invert<double>(n, 1e-12);
    invert<float>(n, 2e-5);
  }
}

TEST(PackedMatrix, RaisesPivotsOfASingularMatrix) {
  std::vector<double> a(std::size_t(packed_size(6)), 0.0);  // a spring between two nodes: rank 3 of 6
  for (int i = 0; i < 6; ++i) a[std::size_t(packed(i, i))] = 2.0;
  for (int i = 0; i < 3; ++i) a[std::size_t(packed(i, i + 3))] = -2.0;
  EXPECT_EQ(invert_packed(a.data(), 6, 1e-9), 3);
  for (const double value : a) EXPECT_TRUE(std::isfinite(value));
  EXPECT_NEAR(a[std::size_t(packed(0, 0))], 0.5e9, 2e6);  // pushed together they hardly resist
}

}  // namespace
}  // namespace voxode::kernels
