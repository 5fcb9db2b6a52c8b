#pragma once
// The Chebyshev iteration d = keep d + step D^-1 (b - A x), x = x + d, which reduces what of the error lies in [lower, upper] of the spectrum of D^-1 A.

namespace voxode::kernels {

/// Its factors, step after step (Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 12.1).
template <class T>
class ChebyshevFactors {
 public:
  struct Factors {
    float keep, step;
  };
  ChebyshevFactors(T lower, T upper) : theta_((upper + lower) / 2), delta_((upper - lower) / 2), sigma_(theta_ / delta_), rho_(1 / sigma_) {}
  /// Those of the next step; what the first keeps is nothing.
  Factors next() {
    if (first_) {
      first_ = false;
      return {0.0f, float(1 / theta_)};
    }
    const T rho = 1 / (2 * sigma_ - rho_);
    const Factors factors{float(rho * rho_), float(2 * rho / delta_)};
    rho_ = rho;
    return factors;
  }

 private:
  T theta_, delta_, sigma_, rho_;
  bool first_ = true;
};

}  // namespace voxode::kernels
