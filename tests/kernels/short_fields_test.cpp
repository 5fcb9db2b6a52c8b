// Fields in two bytes a number against the numbers they stand for.
#include "kernels/short_fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

using namespace voxode;
using namespace voxode::kernels;

Field<float> on_device(Index n, const std::vector<float>& values) {
  Field<float> field = make_field<float>("values", n);
  const auto host = Kokkos::create_mirror_view(field);
  for (std::size_t i = 0; i < values.size(); ++i) host.data()[i] = values[i];
  Kokkos::deep_copy(field, host);
  return field;
}
std::vector<float> host_values(const Field<float>& field) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field);
  return std::vector<float>(host.data(), host.data() + host.span());
}

TEST(ShortFields, UpperHalf_RoundsToNearestAndKeepsTheRange) {
  for (const float x : {1.0f, -1.0f, 3.14159f, 1e-30f, -7e33f, 255.5f}) EXPECT_NEAR(double(from_upper_half(upper_half(x)) / x), 1.0, 1.0 / 256) << x;
  EXPECT_EQ(from_upper_half(upper_half(0.0f)), 0.0f);
  EXPECT_EQ(from_upper_half(upper_half(1.00390625f)), 1.0f);  // halfway: to even
  EXPECT_EQ(from_upper_half(upper_half(1.01171875f)), 1.015625f);
}

TEST(ShortFields, DotsWithAScaledField_AreThoseOfItsRoundedNumbers) {
  constexpr Index n = 1001;
  std::vector<float> a, b;
  for (Index i = 0; i < 3 * n; ++i) a.push_back(float(std::sin(0.7 * double(i)))), b.push_back(float(std::cos(0.3 * double(i))));
  const Field<float> fa = on_device(n, a), fb = on_device(n, b), rounded = on_device(n, std::vector<float>(b.size(), 0.0f));
  ScaledField<std::int8_t> scaled("scaled", n);
  assign(scaled, fb);
  combine(rounded, 1.0, 1.0, scaled);
  const std::vector<float> r = host_values(rounded);
  double ab = 0, ar = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(double(r[i]), double(b[i]), 0.51 / 127);
    ab += double(a[i]) * double(b[i]), ar += double(a[i]) * double(r[i]);
  }
  const auto sums = dots(fa, fb, scaled);
  EXPECT_NEAR(sums[0], ab, 1e-10);
  EXPECT_NEAR(sums[1], ar, 1e-4);
}

TEST(ShortFields, AHalfFieldNodeByNode_ComesBackWithPaddingOfZero) {
  const auto field = make_node_field<float>("values", 5);
  HalfField half("half", 5);
  const auto host = Kokkos::create_mirror_view(field);
  for (int n = 0; n < 5; ++n)
    for (int d = 0; d < 4; ++d) host(n, d) = float(4 * n + d);
  Kokkos::deep_copy(field, host);
  assign(half, field);
  assign(field, half);
  Kokkos::deep_copy(host, field);
  for (int n = 0; n < 5; ++n)
    for (int d = 0; d < 4; ++d) EXPECT_EQ(host(n, d), d < 3 ? float(4 * n + d) : 0.0f);
}

TEST(ShortFields, AScaledField_KeepsEachNumberToAShareOfTheLargestInItsBlock) {
  constexpr Index n = 333, block = ScaledField<std::int16_t>::block;
  std::vector<float> old;
  for (Index i = 0; i < 3 * n; ++i) old.push_back(float(std::pow(10.0, double(i / block % 5) - 9.0) * std::sin(0.05 * double(i))));
  for (Index i = 128; i < 192; ++i) old[std::size_t(i)] = 0.0f;
  ScaledField<std::int16_t> field("scaled", n);
  assign(field, on_device(n, old));
  std::vector<float> fresh;
  for (Index i = 0; i < 3 * n; ++i) fresh.push_back(float(1e-6 * std::cos(double(i))));
  const Field<float> x = on_device(n, fresh);
  combine(x, 2.0, 0.5, field);
  const std::vector<float> found = host_values(x);
  for (std::size_t begin = 0; begin < old.size(); begin += std::size_t(block)) {
    const std::size_t end = std::min(old.size(), begin + std::size_t(block));
    float most = 0;
    for (std::size_t i = begin; i < end; ++i) most = std::max(most, std::abs(old[i]));
    for (std::size_t i = begin; i < end; ++i) EXPECT_NEAR(double(found[i]), 2.0 * double(fresh[i]) + 0.5 * double(old[i]), 0.26 / 32767 * double(most) + 1e-12) << i;
  }
}

}  // namespace
