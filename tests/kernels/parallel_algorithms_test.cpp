#include "kernels/parallel_algorithms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace voxode;

namespace {
const std::vector<Index> odd_sizes{0, 1, 2, 3, 17, 1001, 65537};
std::vector<std::int64_t> random_values(Index n, std::int64_t range) {
  std::mt19937_64 random(std::uint64_t(n) + 7);
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  for (auto& v : values) v = std::int64_t(random() % std::uint64_t(2 * range)) - range;
  return values;
}
}  // namespace

TEST(ParallelAlgorithms_Sort, OddSizes_MatchStandardLibrary) {
  for (Index n : odd_sizes) {
    auto values = random_values(n, 1000), expected = values;
    std::sort(expected.begin(), expected.end());
    kernels::sort(values);
    EXPECT_EQ(values, expected) << n;
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    kernels::sort_unique(values);
    EXPECT_EQ(values, expected) << n;
  }
}

TEST(ParallelAlgorithms_SortByKey, EqualKeys_KeepTheirOrder) {
  for (Index n : odd_sizes) {
    const auto keys = random_values(n, 20);
    std::vector<std::int32_t> order(keys.size()), expected;
    std::iota(order.begin(), order.end(), 0);
    expected = order;
    std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) { return keys[std::size_t(a)] < keys[std::size_t(b)]; });
    auto sorted = keys;
    kernels::sort_by_key(sorted, order);
    EXPECT_EQ(order, expected) << n;
    EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
  }
}

TEST(ParallelAlgorithms_ExclusiveScan, InPlace_MatchesSerialSum) {
  for (Index n : odd_sizes) {
    auto values = random_values(n, 1LL << 40);
    std::vector<std::int64_t> expected(values.size());
    std::exclusive_scan(values.begin(), values.end(), expected.begin(), std::int64_t(0));
    const auto total = std::accumulate(values.begin(), values.end(), std::int64_t(0));
    EXPECT_EQ(kernels::exclusive_scan(values.data(), n, values.data()), total);
    EXPECT_EQ(values, expected) << n;
  }
}

TEST(ParallelAlgorithms_ReduceByKey, Runs_MatchSerialLoop) {
  for (Index n : odd_sizes) {
    auto keys = random_values(n, 50);
    std::sort(keys.begin(), keys.end());
    const auto values = random_values(n, 1000);
    std::vector<std::int64_t> expected_keys, expected_sums, run_keys(keys.size()), run_sums(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (expected_keys.empty() || expected_keys.back() != keys[i]) {
        expected_keys.push_back(keys[i]);
        expected_sums.push_back(0);
      }
      expected_sums.back() += values[i];
    }
    const Index runs = kernels::reduce_by_key(keys.data(), values.data(), n, run_keys.data(), run_sums.data());
    run_keys.resize(std::size_t(runs));
    run_sums.resize(std::size_t(runs));
    EXPECT_EQ(run_keys, expected_keys) << n;
    EXPECT_EQ(run_sums, expected_sums) << n;
  }
}
