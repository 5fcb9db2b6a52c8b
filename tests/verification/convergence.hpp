#pragma once
// Values on refined grids: observed order and the extrapolation to no spacing.
#include <cmath>
#include <stdexcept>
#include <vector>

namespace voxode::test {

struct Extrapolation {
  double value = 0;  ///< at h = 0
  double order = 0;  ///< observed, or the one given
};

/// Richardson from the last three values on spacings h, h / ratio, h / ratio^2: v = value + c h^order.
inline Extrapolation richardson(const std::vector<double>& v, double ratio = 2) {
  if (v.size() < 3) throw std::invalid_argument("richardson: three grids at least");
  const double a = v[v.size() - 3], b = v[v.size() - 2], c = v[v.size() - 1];
  const double q = (b - a) / (c - b);
  Extrapolation e;
  e.order = std::log(std::abs(q)) / std::log(ratio);
  e.value = c + (c - b) / (q - 1);
  return e;
}

/// Least squares of v = value + c h^order with a known order; h: spacings. For voxelised curved surfaces, whose error is not smooth in h.
inline Extrapolation fit(const std::vector<double>& h, const std::vector<double>& v, double order) {
  double s0 = 0, s1 = 0, s2 = 0, t0 = 0, t1 = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double x = std::pow(h[i], order);
    s0 += 1, s1 += x, s2 += x * x, t0 += v[i], t1 += x * v[i];
  }
  return {(s2 * t0 - s1 * t1) / (s0 * s2 - s1 * s1), order};
}

}  // namespace voxode::test
