#pragma once
// Stress-free lattice strain over lithium content: monotone cubic curves of eps_a and eps_c in the crystal frame (c = crystal z).
#include <array>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::physics {

/// A table (content, eps_a, eps_c) as two monotone piecewise cubics (Fritsch and Carlson 1980, SIAM J. Numer. Anal. 17, 238:
/// start slopes are means of neighbouring secants, limited to the circle of radius 3). Two rows give straight lines.
class StrainTable {
 public:
  StrainTable() = default;
  /// Rows with strictly increasing content, at least two. Throws ConfigError otherwise.
  explicit StrainTable(std::vector<std::array<double, 3>> rows);

  bool empty() const { return rows_.empty(); }
  double lowest() const { return rows_.front()[0]; }
  double highest() const { return rows_.back()[0]; }
  /// Strain along a (and b) and along c at a content inside the table; outside it throws InputError.
  double eps_a(double content) const { return value(content, 0); }
  double eps_c(double content) const { return value(content, 1); }

 private:
  double value(double content, int column) const;
  std::vector<std::array<double, 3>> rows_;
  std::vector<std::array<double, 2>> slope_;
};

/// Stress-free strain at `content` relative to `reference`, turned from crystal to sample axes; xx yy zz yz xz xy, engineering shear.
/// An empty table gives zero.
Voigt stress_free_strain(const StrainTable& table, double content, double reference, const Quaternion& orientation);

}  // namespace voxode::physics
