// Sums and fills of fields against plain loops.
#include "kernels/vector_operations.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using namespace voxode;
using namespace voxode::kernels;

template <class T>
Field<T> pattern(Index n, double step) {
  auto field = make_field<T>("pattern", n);
  const auto host = Kokkos::create_mirror_view(field);
  for (Index i = 0; i < n; ++i)
    for (int d = 0; d < 3; ++d) host(i, d) = T(std::sin(step * double(3 * i + d) + 0.1));
  Kokkos::deep_copy(field, host);
  return field;
}

template <class A, class B>
double plain_dot(const Field<A>& a, const Field<B>& b) {
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a);
  const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), b);
  double sum = 0;
  for (std::size_t i = 0; i < x.extent(0); ++i)
    for (int d = 0; d < 3; ++d) sum += double(x(i, d)) * double(y(i, d));
  return sum;
}

/// i, then what it wrote: the second sum sees what the first one did.
struct Write {
  Array<double> to;
  VOXODE_FUNCTION double operator()(Index i) const { return to(i) = double(i); }
};
struct Read {
  Array<double> from;
  VOXODE_FUNCTION double operator()(Index i) const { return 2 * from(i); }
};

}  // namespace

TEST(VectorOperations, TwoSumsAtOnce_AreThoseOfEachAlone) {
  for (const Index n : {0, 1, 2, 3, 7, 2730, 2731, 30000}) {  // 8192 numbers are a chunk
    const auto a = pattern<float>(n, 0.31);
    const auto b = pattern<double>(n, 0.17), c = pattern<double>(n, 0.05);
    const auto both = dots(a, b, c);
    EXPECT_NEAR(both[0], plain_dot(a, b), 1e-12 * double(3 * n + 1)) << n;
    EXPECT_NEAR(both[1], plain_dot(a, c), 1e-12 * double(3 * n + 1)) << n;
    if (on_host) {
      EXPECT_EQ(both[0], dot(a, b)) << n;
      EXPECT_EQ(both[1], dot(a, c)) << n;
    }
  }
}

TEST(VectorOperations, SecondSum_SeesWhatTheFirstWrote) {
  constexpr Index n = 20001;
  const auto values = make_array<double>("values", n);
  fill(values, -1.0);
  const auto sums = deterministic_sums("sums", n, Write{values}, Read{values}, 256);
  EXPECT_EQ(sums[0], double(n) * double(n - 1) / 2);
  EXPECT_EQ(sums[1], double(n) * double(n - 1));
}

TEST(VectorOperations, Fill_SetsEveryEntry) {
  for (const Index n : {0, 1, 1001}) {
    const auto field = make_field<float>("field", n);
    const auto flags = make_array<std::uint8_t>("flags", n);
    fill(field, 3.0f);
    fill(flags, std::uint8_t(7));
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field);
    for (Index i = 0; i < n; ++i)
      for (int d = 0; d < 3; ++d) ASSERT_EQ(host(i, d), 3.0f);
    for (const std::uint8_t f : to_host(flags)) ASSERT_EQ(f, 7);
  }
}
