// Laws of the material file at a point: isotropic and rotated stiffness.
#include "physics/material.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mesh/orientation.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

Quaternion turn(double degrees, Vector3 axis) {
  const double half = degrees * M_PI / 360, s = std::sin(half) / std::hypot(axis[0], axis[1], axis[2]);
  return {std::cos(half), s * axis[0], s * axis[1], s * axis[2]};
}

std::array<double, 9> rotation_matrix(const Quaternion& q) {
  const Vector3 x = mesh::rotate(q, {1, 0, 0}), y = mesh::rotate(q, {0, 1, 0}), z = mesh::rotate(q, {0, 0, 1});
  return {x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]};
}

/// Transversely isotropic about z, like a layered oxide (numbers in GPa).
Stiffness layered() {
  Stiffness c{};
  const double c11 = 260, c12 = 90, c13 = 60, c33 = 200, c44 = 55;
  c[0] = c[7] = c11;
  c[1] = c[6] = c12;
  c[2] = c[8] = c[12] = c[13] = c13;
  c[14] = c33;
  c[21] = c[28] = c44;
  c[35] = 0.5 * (c11 - c12);
  return c;
}

/// C_ijkl by brute force over the four indices.
double rotated_component(const Stiffness& c, const Quaternion& q, int i, int j, int k, int l) {
  const int voigt[3][3] = {{0, 5, 4}, {5, 1, 3}, {4, 3, 2}};
  const auto r = rotation_matrix(q);
  double sum = 0;
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b)
      for (int d = 0; d < 3; ++d)
        for (int e = 0; e < 3; ++e) sum += r[3 * i + a] * r[3 * j + b] * r[3 * k + d] * r[3 * l + e] * c[6 * voigt[a][b] + voigt[d][e]];
  return sum;
}

}  // namespace

TEST(IsotropicStiffness, UniaxialStress_GivesYoungsModulusAndPoissonRatio) {
  const Stiffness c = isotropic_stiffness(22.1e9, 0.37);
  // strain (1, -nu, -nu) 1e-3 must need stress (E, 0, 0) 1e-3
  const double e[6] = {1e-3, -0.37e-3, -0.37e-3, 0, 0, 0};
  double s[6] = {};
  for (int a = 0; a < 6; ++a)
    for (int b = 0; b < 6; ++b) s[a] += c[6 * a + b] * e[b];
  EXPECT_NEAR(s[0], 22.1e6, 1e-3);
  EXPECT_NEAR(s[1], 0, 1e-3);
  EXPECT_NEAR(s[2], 0, 1e-3);
  EXPECT_NEAR(c[21], 22.1e9 / (2 * 1.37), 1);
}

TEST(RotateStiffness, AnyTurn_EqualsFourIndexRotation) {
  const Quaternion q = turn(73, {0.3, -0.8, 0.5});
  const Stiffness c = layered(), r = rotate_stiffness(c, q);
  const int first[6] = {0, 1, 2, 1, 0, 0}, second[6] = {0, 1, 2, 2, 2, 1};
  for (int a = 0; a < 6; ++a)
    for (int b = 0; b < 6; ++b) EXPECT_NEAR(r[6 * a + b], rotated_component(c, q, first[a], second[a], first[b], second[b]), 1e-10) << a << b;
}

TEST(RotateStiffness, QuarterTurnAboutX_PutsCrystalZOnMinusY) {
  const Stiffness r = rotate_stiffness(layered(), turn(90, {1, 0, 0}));
  EXPECT_NEAR(r[7], 200, 1e-10);
  EXPECT_NEAR(r[14], 260, 1e-10);
  const auto m = rotation_matrix(turn(90, {1, 0, 0}));
  EXPECT_NEAR(m[5], -1, 1e-15);  // v_sample = R v_crystal, third column
}

TEST(RotateStiffness, Isotropic_StaysAsItIs) {
  const Stiffness c = isotropic_stiffness(142.5, 0.3), r = rotate_stiffness(c, turn(31, {1, 2, 3}));
  for (int a = 0; a < 36; ++a) EXPECT_NEAR(r[a], c[a], 1e-11);
}

TEST(IsPositiveDefinite, Examples_AreTold) {
  EXPECT_TRUE(is_positive_definite(layered()));
  EXPECT_TRUE(is_positive_definite(isotropic_stiffness(3e6, 0.499)));
  EXPECT_FALSE(is_positive_definite(Stiffness{}));
  Stiffness c = layered();
  c[1] += 1e-3;
  EXPECT_FALSE(is_positive_definite(c)) << "not symmetric";
  c = layered();
  c[2] = c[12] = c[8] = c[13] = 250;
  EXPECT_FALSE(is_positive_definite(c)) << "c13^2 > c33 (c11 + c12) / 2";
}
