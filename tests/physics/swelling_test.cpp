// Lattice strain curves and their rotation.
#include "physics/swelling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/error.hpp"

using namespace voxode;
using namespace voxode::physics;

TEST(StrainTable, Rows_AreMetExactly) {
  const StrainTable t({{0.2, -0.02, -0.012}, {0.4, -0.017, 0.018}, {0.5, -0.016, 0.0188}, {0.93, 0, 0}});
  EXPECT_DOUBLE_EQ(t.eps_a(0.2), -0.02);
  EXPECT_DOUBLE_EQ(t.eps_c(0.4), 0.018);
  EXPECT_DOUBLE_EQ(t.eps_c(0.5), 0.0188);
  EXPECT_DOUBLE_EQ(t.eps_a(0.93), 0);
}

TEST(StrainTable, TwoRows_GiveAStraightLine) {
  const StrainTable t({{0.2, -0.02, -0.05}, {1.0, 0, 0.03}});
  for (const double x : {0.2, 0.31, 0.6, 0.99}) {
    EXPECT_NEAR(t.eps_a(x), -0.02 * (1 - x) / 0.8, 1e-16);
    EXPECT_NEAR(t.eps_c(x), 0.03 - 0.08 * (1 - x) / 0.8, 1e-16);
  }
}

TEST(StrainTable, CollapsingCurve_NeverOvershoots) {
  // plateau, then a cliff: a natural spline would overshoot both
  const StrainTable t({{0.1, -0.05, -0.05}, {0.2, -0.04, 0.01}, {0.3, -0.001, 0.018}, {0.5, -0.001, 0.0181}, {0.9, 0, 0}});
  double before = t.eps_a(0.1);
  for (double x = 0.1; x <= 0.9; x += 1e-3) {
    EXPECT_GE(t.eps_a(x), before - 1e-15) << x;
    before = t.eps_a(x);
    EXPECT_LE(t.eps_c(x), 0.0181 + 1e-15) << x;
  }
  EXPECT_DOUBLE_EQ(t.eps_a(0.42), -0.001);
}

TEST(StrainTable, HandChecked_FritschCarlsonValue) {
  // rows 0:0, 1:1, 2:4; slopes 1, 2, 3; at 0.5: 0.5 (0 + 1) + (1 - 2) / 8; no limiting (radius of (1, 2) < 3)
  const StrainTable t({{0, 0, 0}, {1, 1, 0}, {2, 4, 0}});
  EXPECT_DOUBLE_EQ(t.eps_a(0.5), 0.375);
  EXPECT_DOUBLE_EQ(t.eps_a(1.5), 2.5 - 1.0 / 8);
}

TEST(StrainTable, BadRows_AreErrors) {
  EXPECT_THROW(StrainTable({{0.5, 0, 0}}), ConfigError);
  EXPECT_THROW(StrainTable({{0.5, 0, 0}, {0.5, 0, 0}}), ConfigError);
  EXPECT_THROW(StrainTable({{0.5, 0, 0}, {0.4, 0, 0}}), ConfigError);
}

TEST(StrainTable, ContentOutside_IsAnErrorNotAGuess) {
  const StrainTable t({{0.2, 0, 0}, {0.9, 0.01, 0.01}});
  EXPECT_THROW(t.eps_a(0.19), InputError);
  EXPECT_THROW(t.eps_c(0.91), InputError);
  EXPECT_DOUBLE_EQ(t.eps_a(0.9 + 1e-12), 0.01);
}

TEST(StressFreeStrain, CrystalAlongSampleAxes_IsTheTableDifference) {
  const StrainTable t({{0.2, -0.02, -0.05}, {1.0, 0, 0.03}});
  const Voigt e = stress_free_strain(t, 0.2, 1.0, {1, 0, 0, 0});
  EXPECT_NEAR(e[0], -0.02, 1e-16);
  EXPECT_NEAR(e[1], -0.02, 1e-16);
  EXPECT_NEAR(e[2], -0.08, 1e-16);
  EXPECT_EQ(e[3], 0);
  EXPECT_EQ(stress_free_strain(t, 0.5, 0.5, {0.5, 0.5, 0.5, 0.5})[2], 0);
  EXPECT_EQ(stress_free_strain(StrainTable(), 0.5, 0.9, {1, 0, 0, 0})[0], 0);
}

TEST(StressFreeStrain, TiltedCrystal_HasEngineeringShear) {
  const StrainTable t({{0, 0.01, -0.03}, {1.0, 0, 0}});
  const double half = M_PI / 8;  // 45 degrees about x: c axis to (0, -1, 1) / sqrt 2
  const Voigt e = stress_free_strain(t, 0, 1, {std::cos(half), std::sin(half), 0, 0});
  EXPECT_NEAR(e[0], 0.01, 1e-15);
  EXPECT_NEAR(e[1], -0.01, 1e-15);
  EXPECT_NEAR(e[2], -0.01, 1e-15);
  EXPECT_NEAR(e[3], 0.04, 1e-15);  // 2 eps_yz = 2 (-0.04)(-1/2)
  EXPECT_NEAR(e[4], 0, 1e-15);
  EXPECT_NEAR(e[0] + e[1] + e[2], 0.01 + 0.01 - 0.03, 1e-15);
}
