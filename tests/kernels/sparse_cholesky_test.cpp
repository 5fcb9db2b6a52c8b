#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/error.hpp"
#include "kernels/sparse_cholesky.hpp"

using namespace voxode;
using namespace voxode::kernels;

namespace {

/// A spring network on a ring with chords, three unknowns a node that a full 3 x 3 block couples, and `extra` unknowns that hang on the first.
struct Network {
  int n;
  std::vector<std::vector<double>> dense;
  explicit Network(int n_nodes, int extra) : n(3 * n_nodes + extra), dense(std::size_t(n), std::vector<double>(std::size_t(n), 0.0)) {
    for (int a = 0; a < n_nodes; ++a)
      for (const int step : {1, 2, 7}) spring(a, (a + step) % n_nodes, 1.0 + 0.1 * a + 0.01 * step);
    for (int i = 0; i < n; ++i) dense[std::size_t(i)][std::size_t(i)] += 0.01 + 0.001 * i;
    for (int i = n - extra; i < n; ++i) join(0, i, 0.5);
  }
  void join(int i, int j, double k) {
    dense[std::size_t(i)][std::size_t(i)] += k, dense[std::size_t(j)][std::size_t(j)] += k;
    dense[std::size_t(i)][std::size_t(j)] -= k, dense[std::size_t(j)][std::size_t(i)] -= k;
  }
  void spring(int a, int b, double k) {
    const double d[3] = {std::cos(a), std::sin(b), 0.3};
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        const double v = k * d[i] * d[j] + (i == j ? 0.1 * k : 0.0);
        at(a, i, a, j) += v, at(b, i, b, j) += v, at(a, i, b, j) -= v, at(b, i, a, j) -= v;
      }
  }
  double& at(int a, int i, int b, int j) { return dense[std::size_t(3 * a + i)][std::size_t(3 * b + j)]; }
  SymmetricBlocks blocks(double scale = 1) const {
    SymmetricBlocks t;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        for (int half = 0; half < 2; ++half) t.add(i, j, 0.5 * scale * dense[std::size_t(i)][std::size_t(j)]);  // duplicates are summed
    return t;
  }
  std::vector<double> times(const std::vector<double>& x) const {
    std::vector<double> y(std::size_t(n), 0.0);
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t j = 0; j < y.size(); ++j) y[i] += dense[i][j] * x[j];
    return y;
  }
};

std::vector<double> pattern(int n) {
  std::vector<double> x;
  for (int i = 0; i < n; ++i) x.push_back(std::sin(1.7 * i) + 0.2);
  return x;
}

TEST(SparseCholesky, Solve_InvertsTheMatrixWhateverFillsTheLastBlock) {
  for (const int extra : {0, 1, 2}) {
    const Network network(40, extra);
    const std::vector<double> exact = pattern(network.n);
    SparseCholesky factor;
    factor.factor(network.n, network.blocks(), 1e-15);
    std::vector<double> x;
    factor.solve(network.times(exact), x);
    ASSERT_EQ(x.size(), exact.size());
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], exact[i], 1e-10) << extra << " " << i;
    factor.factor(network.n, network.blocks(2.0), 1e-15);  // the same pattern again, with other values
    factor.solve(network.times(exact), x);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], 0.5 * exact[i], 1e-10) << extra << " " << i;
  }
}

TEST(SparseCholesky, AnotherPattern_IsOrderedAnew) {
  SparseCholesky factor;
  std::vector<double> x;
  for (const int n_nodes : {20, 33}) {
    const Network network(n_nodes, 1);
    const std::vector<double> exact = pattern(network.n);
    factor.factor(network.n, network.blocks(), 1e-15);
    factor.solve(network.times(exact), x);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], exact[i], 1e-10) << n_nodes << " " << i;
  }
}

TEST(SparseCholesky, ALittleBelowSemidefinite_TakesMoreShift) {
  SymmetricBlocks a;
  a.add(0, 0, 1.0), a.add(1, 1, 1.0), a.add(1, 0, -1.0 - 1e-9);  // eigenvalue -1e-9
  SparseCholesky factor;
  std::vector<double> x;
  factor.factor(2, std::move(a), 1e-10);
  factor.solve({1.0, 1.0}, x);
  EXPECT_NEAR(x[0], x[1], 1e-6 * std::abs(x[0]));
  EXPECT_GT(x[0], 1e7);
}

TEST(SparseCholesky, BlocksAtOnce_AreTheirEntriesOneByOne) {
  SymmetricBlocks at_once, one_by_one;
  const int place[][2] = {{1, 0}, {0, 0}, {1, 1}, {0, 1}, {2, 0}, {1, 0}};
  double v = 0.25;
  for (const auto& [i, j] : place) {
    SymmetricBlocks::Block block;
    for (int e = 0; e < 9; ++e, v += 1.5) {
      block[std::size_t(e)] = v;
      one_by_one.add(3 * i + e / 3, 3 * j + e % 3, v);
    }
    at_once.add_block(i, j, block);
  }
  at_once.add_block(2, 2, SymmetricBlocks::Block{});  // nothing: takes no place
  ASSERT_EQ(at_once.columns.size(), 2u);
  for (std::size_t c = 0; c < 2; ++c) {
    ASSERT_EQ(at_once.columns[c].size(), one_by_one.columns[c].size());
    for (std::size_t p = 0; p < at_once.columns[c].size(); ++p) {
      const auto &a = at_once.columns[c][p], &b = one_by_one.columns[c][p];
      EXPECT_EQ(a.row, b.row);
      for (std::size_t e = 0; e < 9; ++e) {
        if (std::size_t(a.row) == c && e % 3 > e / 3) continue;
        EXPECT_EQ(at_once.values[a.value][e], one_by_one.values[b.value][e]) << c << " " << a.row << " " << e;
      }
    }
  }
}

void expect_positive_definite(const SparseCholesky& factor, int n) {
  std::vector<double> x;
  for (int k = 0; k < 1000; ++k) {
    std::vector<double> b;
    for (int i = 0; i < n; ++i) b.push_back(std::sin(double(k * n + i) * 12.9898));
    factor.solve(b, x);
    double product = 0;
    for (int i = 0; i < n; ++i) product += b[std::size_t(i)] * x[std::size_t(i)];
    EXPECT_GT(product, 0.0) << k;
  }
}

/// A chain of springs, one of them pulled to a negative stiffness: an answer is still downhill, and where it is the springs' it is theirs.
TEST(SparseCholesky, Indefinite_IsSolvedByAPositiveDefiniteMatrixNearIt) {
  constexpr int n = 12;
  SymmetricBlocks a;
  for (int i = 0; i < n; ++i) a.add(i, i, i == 7 ? -0.5 : 2.0);
  for (int i = 1; i < n; ++i)
    if (i != 5) a.add(i, i - 1, -1.0);  // two chains: 0 to 4, and 5 to 11 with the wrong spring
  SparseCholesky factor;
  factor.factor(n, std::move(a), 1e-8);
  std::vector<double> x;
  for (int k = 0; k < n; ++k) {
    std::vector<double> b(n, 0.0);
    b[std::size_t(k)] = 1;
    factor.solve(b, x);
    EXPECT_GT(x[std::size_t(k)], 0.0) << k;
    for (int i = 0; i < 5; ++i) {
      const double expected = k < 5 ? (std::min(i, k) + 1) * (5 - std::max(i, k)) / 6.0 : 0.0;
      EXPECT_NEAR(x[std::size_t(i)], expected, 1e-2) << k << " " << i;
    }
  }
  expect_positive_definite(factor, n);
}

/// Two pairs of unknowns, one below what all shifts lift, one that takes the last of them.
TEST(SparseCholesky, FarBelowSemidefiniteBesideALittle_IsSolved) {
  SymmetricBlocks a;
  for (int i = 0; i < 4; ++i) a.add(i, i, 1.0);
  a.add(1, 0, -1.0 - 1.2e-4), a.add(3, 2, -1.0 - 4e-5);
  SparseCholesky factor;
  factor.factor(4, std::move(a), 1e-8);
  std::vector<double> x;
  factor.solve({0.0, 0.0, 1.0, 1.0}, x);
  EXPECT_NEAR(x[2], 1 / (1e-4 - 4e-5), 1e-3 / (1e-4 - 4e-5));
  EXPECT_NEAR(x[2], x[3], 1e-6 * x[2]);
  expect_positive_definite(factor, 4);
}

TEST(SparseCholesky, NotFinite_IsAnError) {
  for (const double wrong : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    SymmetricBlocks a;
    a.add(0, 0, 1.0), a.add(1, 1, wrong), a.add(2, 2, 1.0), a.add(2, 1, wrong);
    SparseCholesky factor;
    EXPECT_THROW(factor.factor(3, std::move(a), 1e-8), InternalError);
  }
}

}  // namespace
