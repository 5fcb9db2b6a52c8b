#include "physics/material.hpp"

#include <cmath>

namespace voxode::physics {

Stiffness isotropic_stiffness(double youngs_modulus, double poisson_ratio) {
  const double lambda = youngs_modulus * poisson_ratio / ((1 + poisson_ratio) * (1 - 2 * poisson_ratio));
  const double mu = youngs_modulus / (2 * (1 + poisson_ratio));
  Stiffness c{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) c[6 * i + j] = lambda;
    c[7 * i] += 2 * mu;
    c[7 * (i + 3)] = mu;
  }
  return c;
}

Stiffness rotate_stiffness(const Stiffness& c, const Quaternion& q) {
  const double w = q[0], x = q[1], y = q[2], z = q[3];
  const double r[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
                          {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
                          {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
  constexpr int first[6] = {0, 1, 2, 1, 0, 0}, second[6] = {0, 1, 2, 2, 2, 1};
  double bond[6][6];  // stress in the sample frame = bond x stress in the crystal frame
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j) {
      const int a = first[i], b = second[i], m = first[j], n = second[j];
      bond[i][j] = j < 3 ? r[a][m] * r[b][m] : r[a][m] * r[b][n] + r[a][n] * r[b][m];
    }
  Stiffness result{};
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 6; ++j)
      for (std::size_t k = 0; k < 6; ++k)
        for (std::size_t l = 0; l < 6; ++l) result[6 * i + j] += bond[i][k] * c[6 * k + l] * bond[j][l];
  return result;
}

IsotropicModuli voigt_average(const Stiffness& c) {
  const double axial = c[0] + c[7] + c[14], transverse = c[1] + c[2] + c[8];
  return {(axial + 2 * transverse) / 9, (axial - transverse + 3 * (c[21] + c[28] + c[35])) / 15};
}

bool is_positive_definite(const Stiffness& c) {
  double largest = 0;
  for (double value : c) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (!(std::abs(c[6 * i + j] - c[6 * j + i]) <= 1e-9 * largest)) return false;
  Stiffness l{};
  for (std::size_t j = 0; j < 6; ++j) {
    double pivot = c[7 * j];
    for (std::size_t k = 0; k < j; ++k) pivot -= l[6 * j + k] * l[6 * j + k];
    if (!(pivot > 1e-12 * largest)) return false;
    l[7 * j] = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < 6; ++i) {
      double s = c[6 * i + j];
      for (std::size_t k = 0; k < j; ++k) s -= l[6 * i + k] * l[6 * j + k];
      l[6 * i + j] = s / l[7 * j];
    }
  }
  return true;
}

}  // namespace voxode::physics
