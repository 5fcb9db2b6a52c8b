#include "kernels/scan.hpp"

#include <gtest/gtest.h>

using namespace voxode;
using namespace voxode::kernels;

namespace {

/// sum(i) = 0 % 7 + 1 % 7 + ... + (i - 1) % 7.
struct SumsOfSevens {
  Array<Index> sum;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, Index& running, bool final) const {
    if (final) sum(i) = running;
    running += i % 7;
  }
};

TEST(Scan, SumsAndTotal_AreThoseOfALoop) {
  for (const Index n : {0, 1, 63, 10007}) {
    const auto sums = make_array<Index>("sums", n);
    Index total = -1, expected = 0;
    scan("scan", "entries", n, SumsOfSevens{sums}, total);
    const std::vector<Index> got = to_host(sums);
    for (Index i = 0; i < n; ++i) {
      ASSERT_EQ(got[std::size_t(i)], expected) << i << " of " << n;
      expected += i % 7;
    }
    EXPECT_EQ(total, expected) << n;
  }
}

TEST(Scan, LongerThanAGpuCounts_IsSaid) {
  const Index n = Index(1) << 31;
  if (n <= longest_scan) GTEST_SKIP() << "the host counts in 64 bits";
  try {
    scan("scan", "voxels", n, SumsOfSevens{});
    FAIL() << "not noticed";
  } catch (const MemoryError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("2147483648 voxels are more than the GPU build can number", 0), 0u) << error.what();
  }
}

}  // namespace
