#include "physics/swelling.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "mesh/orientation.hpp"

namespace voxode::physics {
namespace {

using Rows = std::vector<std::array<double, 3>>;

double secant(const Rows& rows, std::size_t i, int column) {
  return (rows[i + 1][column + 1] - rows[i][column + 1]) / (rows[i + 1][0] - rows[i][0]);
}

/// Slopes at the rows for one column: eq. 3.1 and the circle of section 4 of Fritsch and Carlson.
std::vector<double> monotone_slopes(const Rows& rows, int column) {
  const std::size_t n = rows.size();
  std::vector<double> m(n);
  m.front() = secant(rows, 0, column);
  m.back() = secant(rows, n - 2, column);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double left = secant(rows, i - 1, column), right = secant(rows, i, column);
    m[i] = left * right > 0 ? 0.5 * (left + right) : 0.0;
  }
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const double d = secant(rows, i, column);
    if (d == 0) {
      m[i] = m[i + 1] = 0;
      continue;
    }
    const double alpha = m[i] / d, beta = m[i + 1] / d, radius = std::hypot(alpha, beta);
    if (radius > 3) {
      m[i] = 3 * alpha / radius * d;
      m[i + 1] = 3 * beta / radius * d;
    }
  }
  return m;
}

}  // namespace

StrainTable::StrainTable(std::vector<std::array<double, 3>> rows) : rows_(std::move(rows)) {
  if (rows_.size() < 2) throw ConfigError("a strain table needs at least two rows of [content, eps_a, eps_c]; add rows at both ends of the lithium window");
  for (std::size_t i = 0; i + 1 < rows_.size(); ++i)
    if (!(rows_[i + 1][0] > rows_[i][0]))
      throw ConfigError("the contents of a strain table must increase from row to row, but row " + std::to_string(i + 2) + " has " +
                        std::to_string(rows_[i + 1][0]) + " after " + std::to_string(rows_[i][0]) + "; sort the rows and remove doubles");
  const auto a = monotone_slopes(rows_, 0), c = monotone_slopes(rows_, 1);
  slope_.resize(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) slope_[i] = {a[i], c[i]};
}

double StrainTable::value(double content, int column) const {
  const double slack = 1e-9 * (highest() - lowest());  // equal steps of lithium may miss the last row by a rounding
  if (!(content >= lowest() - slack && content <= highest() + slack))
    throw InputError("lithium content " + std::to_string(content) + " lies outside the strain table, which goes from " + std::to_string(lowest()) +
                     " to " + std::to_string(highest()) + "; extend the material's strain_table or narrow the lithium window");
  const double x = std::clamp(content, lowest(), highest());
  const auto above = std::upper_bound(rows_.begin() + 1, rows_.end() - 1, x, [](double v, const auto& row) { return v < row[0]; });
  const std::size_t i = std::size_t(above - rows_.begin()) - 1;
  const double h = rows_[i + 1][0] - rows_[i][0], t = (x - rows_[i][0]) / h;
  const double y0 = rows_[i][column + 1], y1 = rows_[i + 1][column + 1], m0 = slope_[i][column] * h, m1 = slope_[i + 1][column] * h;
  return y0 + t * (m0 + t * (3 * (y1 - y0) - 2 * m0 - m1 + t * (2 * (y0 - y1) + m0 + m1)));
}

Voigt stress_free_strain(const StrainTable& table, double content, double reference, const Quaternion& orientation) {
  if (table.empty()) return {};
  const double a = table.eps_a(content) - table.eps_a(reference), c = table.eps_c(content) - table.eps_c(reference);
  // R diag(a, a, c) R^T = a I + (c - a) n n^T with n the sample direction of the c axis.
  const Vector3 n = mesh::rotate(orientation, {0, 0, 1});
  const double d = c - a;
  return {a + d * n[0] * n[0], a + d * n[1] * n[1], a + d * n[2] * n[2], 2 * d * n[1] * n[2], 2 * d * n[0] * n[2], 2 * d * n[0] * n[1]};
}

}  // namespace voxode::physics
