#pragma once
#include <cmath>

namespace voxode::physics {

/// Length at which `slope` (of the energy along a direction, rising) vanishes to `tolerance` of its value `at_zero` < 0, given that `at_one` too: doubled
/// from 1 as long as the slope stays negative, at most to 8, then false position with every third step a bisection.
template <class Slope>
double search_line(const Slope& slope, double at_zero, double at_one, double tolerance) {
  double low = 0, s_low = at_zero, high = 1, s_high = at_one;
  while (s_high < -0.1 * std::abs(at_zero) && high < 8) {
    low = high, s_low = s_high;
    high *= 2;
    s_high = slope(high);
  }
  double alpha = high, s = s_high;
  for (int i = 0; i < 30 && std::abs(s) > tolerance * std::abs(at_zero) && s_high > 0; ++i) {
    alpha = i % 3 == 2 ? 0.5 * (low + high) : low - s_low * (high - low) / (s_high - s_low);
    s = slope(alpha);
    if (s < 0) low = alpha, s_low = s;
    else high = alpha, s_high = s;
  }
  return alpha;
}

}  // namespace voxode::physics
