#include "kernels/sparse_cholesky.hpp"

#include <Eigen/OrderingMethods>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/error.hpp"

namespace voxode::kernels {
namespace {

using Matrix = Eigen::SparseMatrix<double>;

/// Rows of three numbers, padded to four for vector registers.
struct Wide {
  double v[3][4];
};
struct Block {
  double v[3][3];
};

/// What becomes of a pivot that is not positive: `instead` if it lies below -`far` times its entry on the matrix's diagonal, else the factorisation ends.
struct Pivots {
  double far, instead;
};

/// The inverse of the Cholesky factor of a 3 x 3 matrix, of which the lower triangle is read; false if it is not positive definite, or not finite.
bool invert_factor(const Wide& a, const Block& diagonal, const Pivots& pivots, Block& inverse) {
  const auto root = [&](double pivot, int i) {
    if (!std::isfinite(pivot)) return 0.0;
    if (pivot > 0) return std::sqrt(pivot);
    return pivot <= -pivots.far * diagonal.v[i][i] ? std::sqrt(pivots.instead) : 0.0;
  };
  const double l00 = root(a.v[0][0], 0), l10 = a.v[1][0] / l00, l20 = a.v[2][0] / l00;
  const double l11 = root(a.v[1][1] - l10 * l10, 1), l21 = (a.v[2][1] - l20 * l10) / l11;
  const double l22 = root(a.v[2][2] - l20 * l20 - l21 * l21, 2);
  if (!(l00 > 0 && l11 > 0 && l22 > 0)) return false;
  const double i00 = 1 / l00, i11 = 1 / l11, i22 = 1 / l22, i10 = -l10 * i00 * i11;
  inverse = {{{i00, 0, 0}, {i10, i11, 0}, {-(l20 * i00 + l21 * i10) * i22, -l21 * i11 * i22, i22}}};
  return true;
}

/// x -= l y.
inline void subtract_product(const Block& l, const Wide& y, Wide& x) {
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 4; ++c) x.v[r][c] -= l.v[r][0] * y.v[0][c] + l.v[r][1] * y.v[1][c] + l.v[r][2] * y.v[2][c];
}

}  // namespace

// Up-looking: row after row of the factor, each a sparse triangular solve along the elimination tree (Davis, Direct Methods for Sparse Linear Systems,
// SIAM 2006, chapter 4), here with blocks for numbers.
struct SparseCholesky::Implementation {
  int n = 0, n_blocks = 0;
  std::vector<int> pattern;              // of the last matrix, column after column: ordering and structure serve as long as it stays
  std::vector<int> place;                // of each block of unknowns in the elimination order
  std::vector<int> upper_start, upper;   // blocks of the ordered matrix above its diagonal, by columns
  std::vector<int> parent;               // elimination tree
  std::vector<std::size_t> start;        // first block of each column of the factor
  std::vector<int> row;
  std::vector<Block> value;              // of the matrix: blocks of `upper`, then the diagonal's
  std::vector<Block> below, inverse;     // of the factor: below its diagonal; inverses on it

  void analyse(const SymmetricBlocks& a);
  void take(const SymmetricBlocks& a);
  /// With each diagonal entry multiplied by (1 + shift). False if that is not positive definite, but for `pivots`.
  bool factorise(double shift, const Pivots& pivots);
  double largest_entry() const;  ///< of the diagonal
};

void SparseCholesky::Implementation::analyse(const SymmetricBlocks& a) {
  std::vector<Eigen::Triplet<double>> entries;
  for (std::size_t column = 0; column < a.columns.size(); ++column)
    for (const SymmetricBlocks::Place& p : a.columns[column]) entries.emplace_back(p.row, int(column), 1.0);
  Matrix lower(n_blocks, n_blocks);
  lower.setFromTriplets(entries.begin(), entries.end());
  Matrix full = lower.selfadjointView<Eigen::Lower>();
  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order;
  Eigen::AMDOrdering<int>()(full, order);
  place.resize(std::size_t(n_blocks));
  for (int i = 0; i < n_blocks; ++i) place[std::size_t(order.indices()[i])] = i;

  std::vector<std::vector<int>> above(static_cast<std::size_t>(n_blocks));
  for (int column = 0; column < n_blocks; ++column)
    for (Matrix::InnerIterator e(lower, column); e; ++e) {
      const int i = place[std::size_t(e.row())], j = place[std::size_t(column)];
      if (i != j) above[std::size_t(std::max(i, j))].push_back(std::min(i, j));
    }
  upper_start.assign(1, 0);
  upper.clear();
  for (auto& list : above) {
    std::sort(list.begin(), list.end());
    upper.insert(upper.end(), list.begin(), list.end());
    upper_start.push_back(int(upper.size()));
  }
  parent.assign(std::size_t(n_blocks), -1);
  start.assign(std::size_t(n_blocks) + 1, 0);
  std::vector<int> mark(static_cast<std::size_t>(n_blocks));
  for (int k = 0; k < n_blocks; ++k) {
    mark[std::size_t(k)] = k;
    for (int u = upper_start[std::size_t(k)]; u < upper_start[std::size_t(k) + 1]; ++u)
      for (auto i = std::size_t(upper[std::size_t(u)]); mark[i] != k; i = std::size_t(parent[i])) {
        if (parent[i] < 0) parent[i] = k;
        ++start[i + 1];
        mark[i] = k;
      }
  }
  for (std::size_t i = 0; i < std::size_t(n_blocks); ++i) start[i + 1] += start[i];
  row.resize(start.back());
  below.resize(start.back());
  inverse.resize(std::size_t(n_blocks));
}

double SparseCholesky::Implementation::largest_entry() const {
  double largest = 0;
  for (std::size_t k = upper.size(); k < value.size(); ++k)
    for (int r = 0; r < 3; ++r) largest = std::max(largest, value[k].v[r][r]);
  return largest;
}

bool SparseCholesky::Implementation::factorise(double shift, const Pivots& pivots) {
  const auto size = std::size_t(n_blocks);
  std::vector<std::size_t> next(start.begin(), start.end() - 1);
  std::vector<int> mark(size, -1), reach(size), path(size);
  std::vector<Wide> x(size, Wide{});
  for (int k = 0; k < n_blocks; ++k) {
    mark[std::size_t(k)] = k;
    int top = n_blocks;
    for (int u = upper_start[std::size_t(k)]; u < upper_start[std::size_t(k) + 1]; ++u) {
      int length = 0;
      for (int i = upper[std::size_t(u)]; mark[std::size_t(i)] != k; i = parent[std::size_t(i)]) {
        path[std::size_t(length++)] = i;
        mark[std::size_t(i)] = k;
      }
      while (length > 0) reach[std::size_t(--top)] = path[std::size_t(--length)];
      for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) x[std::size_t(upper[std::size_t(u)])].v[r][c] = value[std::size_t(u)].v[r][c];
    }
    const Block& diagonal = value[upper.size() + std::size_t(k)];
    Wide d{};
    for (int r = 0; r < 3; ++r)
      for (int c = 0; c <= r; ++c) d.v[r][c] = diagonal.v[r][c] * (r == c ? 1.0 + shift : 1.0);
    for (int t = top; t < n_blocks; ++t) {
      const auto i = std::size_t(reach[std::size_t(t)]);
      const Block& l = inverse[i];
      Wide y;
      for (int c = 0; c < 4; ++c) {
        y.v[0][c] = l.v[0][0] * x[i].v[0][c];
        y.v[1][c] = l.v[1][0] * x[i].v[0][c] + l.v[1][1] * x[i].v[1][c];
        y.v[2][c] = l.v[2][0] * x[i].v[0][c] + l.v[2][1] * x[i].v[1][c] + l.v[2][2] * x[i].v[2][c];
      }
      x[i] = Wide{};
      for (std::size_t p = start[i]; p < next[i]; ++p) subtract_product(below[p], y, x[std::size_t(row[p])]);
      Block transposed;
      for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) transposed.v[r][c] = y.v[c][r];
      subtract_product(transposed, y, d);
      row[next[i]] = k;
      below[next[i]++] = transposed;
    }
    if (!invert_factor(d, diagonal, pivots, inverse[std::size_t(k)])) return false;
  }
  return true;
}

SparseCholesky::SparseCholesky() : implementation_(std::make_unique<Implementation>()) {}
SparseCholesky::~SparseCholesky() = default;
SparseCholesky::SparseCholesky(SparseCholesky&&) noexcept = default;
SparseCholesky& SparseCholesky::operator=(SparseCholesky&&) noexcept = default;

void SymmetricBlocks::add_block(int i, int j, const Block& block) {
  if (j > i) return;
  bool any = false;
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < (i == j ? r + 1 : 3); ++c) any = any || block[std::size_t(3 * r + c)] != 0.0;
  if (!any) return;
  Block& to = at(i, j);
  for (std::size_t e = 0; e < 9; ++e) to[e] += block[e];
}

SymmetricBlocks::Block& SymmetricBlocks::at(int row, int column) {
  if (std::size_t(column) >= columns.size()) columns.resize(std::size_t(column) + 1);
  auto& list = columns[std::size_t(column)];
  const auto place = std::lower_bound(list.begin(), list.end(), row, [](const Place& p, int r) { return p.row < r; });
  if (place != list.end() && place->row == row) return values[place->value];
  list.insert(place, {row, std::uint32_t(values.size())});
  values.push_back(Block{});
  return values.back();
}

/// The blocks of `a` where the factorisation reads them.
void SparseCholesky::Implementation::take(const SymmetricBlocks& a) {
  value.assign(upper.size() + std::size_t(n_blocks), Block{});
  for (std::size_t column = 0; column < a.columns.size(); ++column)
    for (const SymmetricBlocks::Place& p : a.columns[column]) {
      int i = place[std::size_t(p.row)], j = place[column];
      const bool transposed = i > j;
      if (transposed) std::swap(i, j);
      std::size_t block = upper.size() + std::size_t(i);
      if (i != j) {
        const auto begin = upper.begin() + upper_start[std::size_t(j)], end = upper.begin() + upper_start[std::size_t(j) + 1];
        block = std::size_t(std::lower_bound(begin, end, i) - upper.begin());
      }
      const SymmetricBlocks::Block& from = a.values[p.value];
      for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 3; ++c) value[block].v[r][c] = from[transposed ? 3 * c + r : 3 * r + c];
    }
  for (int i = n; i < 3 * n_blocks; ++i) value[upper.size() + std::size_t(place[std::size_t(i / 3)])].v[i % 3][i % 3] = 1;  // unknowns that fill the last block up
}

void SparseCholesky::factor(int n, SymmetricBlocks&& a, double shift) {
  Implementation& me = *implementation_;
  me.n = n;
  me.n_blocks = (n + 2) / 3;
  std::vector<int> pattern{n};
  for (const auto& list : a.columns) {
    for (const SymmetricBlocks::Place& p : list) pattern.push_back(p.row);
    pattern.push_back(-1);
  }
  if (pattern != me.pattern) {
    me.analyse(a);
    me.pattern = std::move(pattern);
  }
  me.take(a);
  a = {};
  // Entries summed in single precision may lie a little below semidefinite: more shift then, as little as serves. A shift lifts a pivot by at least as much of its
  // diagonal entry; one so far below that none left to try serves is all but held, at once: what nothing holds but rounding needs no answer.
  constexpr int tries = 5;
  const double most = 1e4 * shift, largest = me.largest_entry();
  bool done = false;
  for (int i = 0; i < tries && !done; ++i, shift *= 10) done = me.factorise(shift, {i + 1 < tries ? most - shift : 0.0, largest});
  std::vector<Block>().swap(me.value);
  if (!done) throw InternalError("the matrix of the multigrid hierarchy's coarsest level is not finite, or has nothing on its diagonal");
}

void SparseCholesky::solve(const std::vector<double>& b, std::vector<double>& x) const {
  const Implementation& me = *implementation_;
  const auto n = std::size_t(me.n), n_blocks = std::size_t(me.n_blocks);
  std::vector<double> y(3 * n_blocks, 0.0);
  for (std::size_t i = 0; i < n; ++i) y[3 * std::size_t(me.place[i / 3]) + i % 3] = b[i];
  for (std::size_t j = 0; j < n_blocks; ++j) {
    const Block& l = me.inverse[j];
    double* const v = &y[3 * j];
    const double v0 = l.v[0][0] * v[0], v1 = l.v[1][0] * v[0] + l.v[1][1] * v[1], v2 = l.v[2][0] * v[0] + l.v[2][1] * v[1] + l.v[2][2] * v[2];
    v[0] = v0, v[1] = v1, v[2] = v2;
    for (std::size_t p = me.start[j]; p < me.start[j + 1]; ++p) {
      double* const to = &y[3 * std::size_t(me.row[p])];
      for (int r = 0; r < 3; ++r) to[r] -= me.below[p].v[r][0] * v0 + me.below[p].v[r][1] * v1 + me.below[p].v[r][2] * v2;
    }
  }
  for (std::size_t j = n_blocks; j-- > 0;) {
    double* const v = &y[3 * j];
    for (std::size_t p = me.start[j]; p < me.start[j + 1]; ++p) {
      const double* const from = &y[3 * std::size_t(me.row[p])];
      for (int c = 0; c < 3; ++c) v[c] -= me.below[p].v[0][c] * from[0] + me.below[p].v[1][c] * from[1] + me.below[p].v[2][c] * from[2];
    }
    const Block& l = me.inverse[j];
    v[0] = l.v[0][0] * v[0] + l.v[1][0] * v[1] + l.v[2][0] * v[2];
    v[1] = l.v[1][1] * v[1] + l.v[2][1] * v[2];
    v[2] = l.v[2][2] * v[2];
  }
  x.resize(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = y[3 * std::size_t(me.place[i / 3]) + i % 3];
}

}  // namespace voxode::kernels
