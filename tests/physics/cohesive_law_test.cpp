// The bilinear law at a single point against its definitions: Turon et al. 2018 with Benzeggagh and Kenane 1996, see tests/physics/cohesive_reference.hpp.
#include <gtest/gtest.h>

#include "kernels/error.hpp"
#include "physics/cohesive_reference.hpp"

namespace voxode::test {
namespace {

class CohesiveStiffness : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Pa_per_m, CohesiveStiffness, ::testing::Values(1e15, 1e16, 1e17, 1e18));

// Path of constant mode mix: opening a x, sliding b x.
void expect_follows_reference(const InterfaceEntry& e, double a, double b) {
  Drive drive(e);
  const Reference reference{e};
  ReferencePoint p;
  const double x_f = reference.at(a, b).lambda_f / reference.at(a, b).lambda;
  const auto check = [&](double x) {
    drive.step(drive.frame.jump(a * x, b * x));
    p = reference.advance(a * x, b * x, p);
    const auto t = reference.traction(a * x, b * x, p);
    const double scale = max_of(e.normal_strength, e.shear_strength) * 1e-9;
    ASSERT_NEAR(drive.normal_traction(), t[0], scale);
    ASSERT_NEAR(drive.shear_traction(), t[1], scale);
    ASSERT_NEAR(drive.across_traction(), 0, scale);
    ASSERT_NEAR(drive.point.damage, p.damage, 1e-10);
    ASSERT_NEAR(drive.point.separation, p.separation, 1e-10);
  };
  for (int i = 1; i <= 50; ++i) check(0.6 * x_f * i / 50);
  for (int i = 50; i >= 0; --i) check(0.6 * x_f * i / 50);  // unloads to the origin
  for (int i = 0; i <= 60; ++i) check(1.2 * x_f * i / 50);
  EXPECT_EQ(drive.point.damage, 1.0);
  EXPECT_EQ(drive.point.separation, 1.0);
}

TEST_P(CohesiveStiffness, ProportionalJumps_FollowTheDefinitions) {
  for (double eta : {1.0, 1.5, 2.0, 1.7}) {
    InterfaceEntry e = anisotropic_entry(GetParam());
    e.mode_mixing_exponent = eta;
    ASSERT_TRUE(physics::cohesive::is_valid(e));
    expect_follows_reference(e, 1, 0);
    expect_follows_reference(e, 0, 1);
    expect_follows_reference(e, 1, 0.7);
    expect_follows_reference(e, 0.2, 1);
  }
}

// Area under the curve at a constant mix is G(B).
TEST_P(CohesiveStiffness, WorkOfSeparation_IsTheToughnessOfItsMode) {
  const InterfaceEntry e = anisotropic_entry(GetParam());
  const Reference reference{e};
  for (auto [a, b] : {std::pair{1., 0.}, {0., 1.}, {1., 1.}, {0.3, 1.}, {1., 0.3}}) {
    const auto at = reference.at(a, b);
    const double x0 = at.lambda_0 / at.lambda, xf = at.lambda_f / at.lambda;
    Drive drive(e);
    drive.line(a * x0, b * x0, 4);
    drive.line(a * xf, b * xf, 20000);  // piecewise linear between: trapezoids are exact up to rounding
    drive.line(2 * a * xf, 2 * b * xf, 4);
    EXPECT_NEAR(drive.work, at.G, 1e-6 * at.G);
    EXPECT_NEAR(drive.dissipated, at.G, 1e-9 * at.G);
  }
}

TEST(CohesiveBilinear, Separation_IsTheShareOfTheToughnessSpent) {
  const InterfaceEntry e = anisotropic_entry();
  const auto at = Reference{e}.at(1, 0.8);
  for (double share : {0.1, 0.37, 0.9}) {
    const double x0 = at.lambda_0 / at.lambda, x = (at.lambda_0 + share * (at.lambda_f - at.lambda_0)) / at.lambda;
    Drive drive(e);
    drive.line(x0, 0.8 * x0, 4);
    drive.line(x, 0.8 * x, 1000);
    EXPECT_NEAR(drive.point.separation, share, 1e-12);
    EXPECT_NEAR(drive.dissipated, share * at.G, 1e-9 * at.G);
    EXPECT_NEAR(drive.work - drive.now.stored_energy, share * at.G, 1e-6 * at.G);  // what is not stored is spent
  }
}

// Half way in opening, then sliding at the same opening: work = stored + spent in the limit of small steps, and the increments of spent work converge to it.
TEST(CohesiveBilinear, ChangingModeMix_BalancesEnergy) {
  InterfaceEntry e = anisotropic_entry();
  std::vector<double> error;
  for (int n : {1000, 2000, 4000}) {
    Drive drive(e);
    drive.line(30e-9, 0, n);
    drive.line(30e-9, 60e-9, n);
    drive.line(5e-9, 80e-9, n);
    error.push_back(std::abs(drive.work - drive.now.stored_energy - drive.dissipated));
    EXPECT_GT(drive.dissipated, 0.3);  // a large part of the toughness, so that the balance means something
  }
  EXPECT_LT(error.back(), 1e-4);
  EXPECT_LT(error[2], 0.6 * error[1]);
  EXPECT_LT(error[1], 0.6 * error[0]);
}

TEST(CohesiveBilinear, ChangingModeMix_FollowsTheDefinitions) {
  const InterfaceEntry e = anisotropic_entry();
  const Reference reference{e};
  Drive drive(e);
  ReferencePoint p;
  for (int i = 0; i <= 400; ++i) {
    const double angle = 0.02 * i, dn = 25e-9 * std::sin(angle) + 1e-10 * i, ds = 30e-9 * (1 - std::cos(1.3 * angle));
    drive.step(drive.frame.jump(dn, ds));
    p = reference.advance(dn, ds, p);
    const auto t = reference.traction(dn, ds, p);
    ASSERT_NEAR(drive.normal_traction(), t[0], 1);
    ASSERT_NEAR(drive.shear_traction(), t[1], 1);
    ASSERT_NEAR(drive.point.damage, p.damage, 1e-12);
    ASSERT_NEAR(drive.point.separation, p.separation, 1e-12);
  }
  EXPECT_GT(p.damage, 0.9);
  EXPECT_LT(p.separation, 1);
}

TEST(CohesiveBilinear, Onset_HasTheStrengthsAndToughness) {
  const InterfaceEntry e = anisotropic_entry(1e18);
  Drive opening(e), sliding(e);
  opening.line(e.normal_strength / e.normal_stiffness, 0, 1);
  sliding.line(0, e.shear_strength / e.shear_stiffness, 1);
  EXPECT_NEAR(opening.normal_traction(), 20e6, 1e-3);
  EXPECT_NEAR(sliding.shear_traction(), 35e6, 1e-3);
  EXPECT_LT(opening.point.damage, 1e-12);
  EXPECT_LT(sliding.point.damage, 1e-12);
}

TEST(CohesiveBilinear, ClosedBrokenFace_CarriesPressureAndNoShear) {
  Drive drive(anisotropic_entry());
  drive.line(1e-6, 0, 10);
  ASSERT_EQ(drive.point.damage, 1);
  EXPECT_EQ(drive.normal_traction(), 0);
  drive.line(-1e-9, 2e-9, 10);
  EXPECT_NEAR(drive.normal_traction(), -1e7, 1e-3);
  EXPECT_NEAR(drive.shear_traction(), 0, 1e-6);
  EXPECT_NEAR(drive.now.stored_energy, 0.5 * 1e16 * 1e-18, 1e-12);
}

TEST(CohesiveBilinear, Compression_DoesNoDamage) {
  Drive drive(anisotropic_entry());
  drive.line(-1e-6, 0, 3);
  EXPECT_EQ(drive.point.damage, 0);
  EXPECT_NEAR(drive.normal_traction(), -1e10, 1);
}

// A broken open face carries exactly nothing; in the preconditioner it keeps a floor, so that loose bodies have a finite answer.
TEST(CohesiveBilinear, BrokenAndOpen_CarriesExactlyNothing) {
  const Law law = physics::cohesive::make_law(anisotropic_entry());
  const Frame f = Frame::oblique();
  const auto jump = f.jump(1e-6, 1e-6);
  CohesiveResponse r;
  law.respond(jump.data(), f.n, law.initial(), 1, r);
  EXPECT_EQ(r.damage, 1);
  EXPECT_EQ(r.stored_energy, 0);
  for (double t : r.traction) EXPECT_EQ(t, 0);
  double k[6];
  law.preconditioner_stiffness(jump.data(), f.n, {1, 1, {}}, 1, k);
  EXPECT_GT(k[0] + k[1] + k[2], 0);
}

// d' = (d_instant - d) / viscosity at a held jump: implicit steps converge to d_instant (1 - exp(-t / viscosity)), at first order.
TEST(CohesiveBilinear, Viscosity_RelaxesExponentially) {
  InterfaceEntry e = anisotropic_entry();
  const double d_instant = Reference{e}.advance(20e-9, 10e-9, {}).damage;
  e.viscosity = 100;
  std::vector<double> error;
  for (int n : {100, 200, 400}) {
    Drive drive(e);
    drive.time_step = 150.0 / n;
    for (int i = 0; i < n; ++i) drive.step(drive.frame.jump(20e-9, 10e-9));
    error.push_back(drive.point.damage - d_instant * (1 - std::exp(-1.5)));
    const auto at = Reference{e}.at(20e-9, 10e-9);
    const double d = drive.point.damage;
    EXPECT_NEAR(drive.point.separation, d * at.lambda_0 / (at.lambda_f - d * (at.lambda_f - at.lambda_0)), 1e-12);
  }
  EXPECT_LT(std::abs(error[2]), 1e-3);
  EXPECT_NEAR(error[0] / error[1], 2, 0.1);
  EXPECT_NEAR(error[1] / error[2], 2, 0.1);
  Drive unloaded(e);
  unloaded.line(20e-9, 0, 5);
  const double reached = unloaded.point.damage;
  ASSERT_GT(reached, 0);
  unloaded.line(0, 0, 5);
  EXPECT_GE(unloaded.point.damage, reached);
}

// t = d(stored energy) / d(jump) while damage and slip do not change; t alone equals the whole response but for rounding.
TEST(CohesiveLaw, Traction_IsTheGradientOfTheStoredEnergy) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> u(-1, 1);
  for (InterfaceLawKind kind : {InterfaceLawKind::bilinear, InterfaceLawKind::spring, InterfaceLawKind::contact})
    for (int i = 0; i < 300; ++i) {
      InterfaceEntry e = anisotropic_entry();
      e.law = kind;
      const Law law = physics::cohesive::make_law(e);
      const Frame f = Frame::oblique();
      CohesivePoint p = law.initial();
      if (kind == InterfaceLawKind::bilinear) p.damage = 0.999 + 1e-4 * u(random);
      auto jump = f.jump(20e-9 * u(random), 20e-9 * u(random), 20e-9 * u(random));
      if (std::abs(physics::cohesive::dot3(jump.data(), f.n)) < 1e-10) continue;  // the kink of the contact
      CohesiveResponse r, plus, minus;
      law.respond(jump.data(), f.n, p, 1, r);
      ASSERT_FALSE(r.growing);
      double t[3];
      law.traction(jump.data(), f.n, p, 1, t);
      for (int a = 0; a < 3; ++a) {
        ASSERT_NEAR(t[a], r.traction[a], 1e-14 * (1e16 * 20e-9));  // inlined twice, and contracted to FMA differently by nvcc's host compiler: 2.6e-15 there
        const double h = 1e-12, at = jump[a];
        jump[a] = at + h;
        law.respond(jump.data(), f.n, p, 1, plus);
        jump[a] = at - h;
        law.respond(jump.data(), f.n, p, 1, minus);
        jump[a] = at;
        ASSERT_NEAR((plus.stored_energy - minus.stored_energy) / (2 * h), r.traction[a], 1e-5 * (1e16 * 20e-9));
      }
    }
}

TEST(CohesiveLaw, Spring_IsLinearBothWays) {
  InterfaceEntry e = anisotropic_entry();
  e.law = InterfaceLawKind::spring;
  Drive drive(e);
  for (double x : {1e-6, -1e-6, 5e-6}) {
    drive.line(x, 2 * x, 2);
    EXPECT_NEAR(drive.normal_traction(), 1e16 * x, 1e-3 * 1e9);
    EXPECT_NEAR(drive.shear_traction(), 0.4e16 * 2 * x, 1e-3 * 1e9);
    EXPECT_NEAR(drive.work, drive.now.stored_energy, 1e-9 * drive.now.stored_energy);
  }
  EXPECT_EQ(drive.point.damage, 0);
}

TEST(CohesiveLaw, Contact_OpensFreelyAndClosesHard) {
  InterfaceEntry e = anisotropic_entry();
  e.law = InterfaceLawKind::contact;
  Drive drive(e);
  EXPECT_EQ(drive.point.damage, 1);
  drive.line(1e-6, 1e-6, 2);
  EXPECT_EQ(drive.normal_traction(), 0);
  drive.line(-1e-9, 1e-6, 2);
  EXPECT_NEAR(drive.normal_traction(), -1e7, 1e-3);
  EXPECT_NEAR(drive.shear_traction(), 0, 1e-6);
}

TEST(CohesiveLaw, Bonded_HasNoTraction) {
  InterfaceEntry e;
  e.law = InterfaceLawKind::bonded;
  Drive drive(e);
  drive.line(1e-6, 1e-6, 1);
  EXPECT_EQ(drive.normal_traction(), 0);
}

TEST(CohesiveLaw, GluedLaw_IsASpringButLeavesContact) {
  InterfaceEntry e = anisotropic_entry();
  EXPECT_EQ(physics::cohesive::make_glued_law(e).tag, physics::cohesive::LawTag::spring);
  e.law = InterfaceLawKind::contact;
  EXPECT_EQ(physics::cohesive::make_glued_law(e).tag, physics::cohesive::LawTag::contact);
}

// No law for K <= strength^2 / (2 G), in either mode or between: the least lambda_f / lambda_0 scanned over the mix.
TEST(CohesiveLaw, Validity_HoldsForEveryModeMix) {
  for (double strength_n : {20e6, 60e6})
    for (double strength_s : {20e6, 90e6})
      for (double toughness_II : {0.05, 1.0})
        for (double K : {2e15, 1e16, 1e17}) {
          InterfaceEntry e;
          e.normal_stiffness = e.shear_stiffness = K;
          e.normal_strength = strength_n;
          e.shear_strength = strength_s;
          e.toughness_I = 1;
          e.toughness_II = toughness_II;
          double least = 1e300, where = -1, worst = -1;
          for (int i = 0; i <= 1000; ++i) {
            const double B = i / 1000.0, ratio = [&] {
              const auto at = Reference{e}.at(std::sqrt(1 - B), std::sqrt(B));
              return at.lambda_f / at.lambda_0;
            }();
            if (ratio < least) least = ratio, where = B;
          }
          EXPECT_EQ(physics::cohesive::is_valid(e, &worst), least > 1);
          if (strength_n != strength_s || toughness_II != 1.0) {
            EXPECT_NEAR(worst, where, 1e-9);
          }
        }
}

}  // namespace
}  // namespace voxode::test
