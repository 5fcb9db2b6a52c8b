#pragma once
// Rotations as unit quaternions (w, x, y, z), crystal to sample.
#include <array>
#include <cmath>
#include <numbers>

#include "kernels/types.hpp"

namespace voxode::mesh {

/// Uniform on SO(3) for u, v, w uniform in [0, 1). Shoemake, Graphics Gems III (1992).
inline Quaternion uniform_rotation(double u, double v, double w) {
  constexpr double two_pi = 6.283185307179586;
  const double a = std::sqrt(1 - u), b = std::sqrt(u);
  return {b * std::cos(two_pi * w), a * std::sin(two_pi * v), a * std::cos(two_pi * v), b * std::sin(two_pi * w)};
}

/// Product: first `b`, then `a`.
inline Quaternion multiply(const Quaternion& a, const Quaternion& b) {
  return {a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3], a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
          a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1], a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0]};
}

inline Vector3 rotate(const Quaternion& q, const Vector3& v) {
  const Quaternion r = multiply(multiply(q, {0, v[0], v[1], v[2]}), {q[0], -q[1], -q[2], -q[3]});
  return {r[1], r[2], r[3]};
}

/// Turns crystal a (x) onto the radius; crystal c (z) is then tangential, turned about the radius by a share `turn` of a circle.
inline Quaternion radial_rotation(const Vector3& radius, double turn) {
  const double length = std::sqrt(radius[0] * radius[0] + radius[1] * radius[1] + radius[2] * radius[2]);
  const double x = radius[0] / length, y = radius[1] / length, z = radius[2] / length;
  // Shortest rotation from e_x to the radius: (1 + x, e_x cross r) normalised; half a turn about z if they are opposite.
  Quaternion shortest{0, 0, 0, 1};
  if (1 + x > 1e-12) {
    const double scale = 1 / std::sqrt(2 * (1 + x));
    shortest = {(1 + x) * scale, 0, -z * scale, y * scale};
  }
  const double half = std::numbers::pi * turn;
  return multiply(shortest, {std::cos(half), std::sin(half), 0, 0});
}

}  // namespace voxode::mesh
