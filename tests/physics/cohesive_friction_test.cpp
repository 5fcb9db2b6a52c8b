// Friction of damaged faces (Alfano and Sacco 2006) and the springs of the preconditioner, at a single point.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include "physics/cohesive_reference.hpp"

namespace voxode::test {
namespace {

InterfaceEntry frictional_contact() {
  InterfaceEntry e;
  e.law = InterfaceLawKind::contact;
  e.normal_stiffness = 1e16;
  e.shear_stiffness = 0.5e16;
  e.friction_coefficient = 0.3;
  return e;
}

// Closed by 10 nm (100 MPa), slid to +-40 nm: limit 30 MPa, sticks for 6 nm. A full cycle turns 2 x limit x (2 x 40 - 2 x 6) nm into heat.
TEST(CohesiveFriction, StickSlipCycle_DissipatesExactly) {
  Drive drive(frictional_contact());
  drive.line(-10e-9, 0, 1);
  drive.line(-10e-9, 3e-9, 1);
  EXPECT_NEAR(drive.shear_traction(), 15e6, 1e-2);  // sticks
  EXPECT_NEAR(drive.dissipated, 0, 1e-12);
  drive.line(-10e-9, 40e-9, 37);
  EXPECT_NEAR(drive.shear_traction(), 30e6, 1e-2);
  EXPECT_NEAR(drive.dissipated, 30e6 * 34e-9, 1e-9);
  const double before = drive.dissipated, work_before = drive.work;
  drive.line(-10e-9, -40e-9, 80);
  EXPECT_NEAR(drive.shear_traction(), -30e6, 1e-2);
  drive.line(-10e-9, 40e-9, 80);
  const double loop = 2 * 30e6 * (2 * 40e-9 - 2 * 6e-9);
  EXPECT_NEAR(drive.dissipated - before, loop, 1e-9);
  EXPECT_NEAR(drive.work - work_before, loop, 1e-6 * loop);
}

TEST(CohesiveFriction, Opening_ReleasesTheSlip) {
  Drive drive(frictional_contact());
  drive.line(-10e-9, 4e-9, 200);
  EXPECT_GT(drive.shear_traction(), 1e7);
  drive.line(10e-9, 4e-9, 200);
  EXPECT_EQ(drive.shear_traction(), 0);
  EXPECT_NEAR(drive.work, drive.now.stored_energy + drive.dissipated, 1e-3 * drive.dissipated);
  drive.line(-10e-9, 4e-9, 1);  // closes where it stands: no traction
  EXPECT_NEAR(drive.shear_traction(), 0, 1e-3);
}

TEST(CohesiveFriction, SlipInTwoDirections_KeepsTheLimit) {
  Drive drive(frictional_contact());
  drive.line(-10e-9, 0, 1);
  for (int i = 0; i <= 100; ++i) drive.step(drive.frame.jump(-10e-9, 30e-9 * std::cos(0.1 * i), 30e-9 * std::sin(0.1 * i)));
  EXPECT_NEAR(std::hypot(drive.shear_traction(), drive.across_traction()), 30e6, 1);
  EXPECT_NEAR(physics::cohesive::dot3(drive.point.slip, drive.frame.n), 0, 1e-20);
}

// Under pressure an anisotropic bond wears out in shear and ends at the friction limit; energy balances all along.
TEST(CohesiveFriction, BondUnderPressure_EndsAtTheLimit) {
  std::vector<double> error;
  for (int n : {2000, 4000}) {
    InterfaceEntry e = anisotropic_entry();
    e.friction_coefficient = 0.3;
    Drive drive(e);
    drive.line(-5e-9, 0, 1);
    drive.line(-5e-9, 0.4e-6, n);
    EXPECT_EQ(drive.point.damage, 1);
    EXPECT_NEAR(drive.shear_traction(), 0.3 * 50e6, 1);
    error.push_back(std::abs(drive.work - drive.now.stored_energy - drive.dissipated));
  }
  EXPECT_LT(error[1], 5e-3);
  EXPECT_LT(error[1], 0.6 * error[0]);
}

struct RandomState {
  InterfaceEntry e;
  std::array<double, 3> jump;
  CohesivePoint point;
};

RandomState random_state(std::mt19937_64& random) {
  std::uniform_real_distribution<double> u(-1, 1);
  RandomState s;
  const InterfaceLawKind kinds[] = {InterfaceLawKind::bilinear, InterfaceLawKind::bilinear, InterfaceLawKind::contact, InterfaceLawKind::spring};
  s.e = anisotropic_entry(std::pow(10, 16.5 + 1.5 * u(random)));
  s.e.law = kinds[int(2 * (u(random) + 1)) % 4];
  s.e.shear_stiffness = s.e.normal_stiffness * std::pow(10, 0.4 * u(random));
  s.e.friction_coefficient = u(random) > 0 ? 0.4 : 0;
  s.e.viscosity = u(random) > 0.5 ? 2 : 0;
  const double length = std::pow(10, -9 + 2 * u(random));
  s.jump = Frame::oblique().jump(length * u(random), length * u(random), length * u(random));
  s.point.damage = std::max(0.0, u(random));
  for (double& x : s.point.slip) x = 0.3 * length * u(random);
  return s;
}

TEST(CohesivePreconditioner, Springs_ArePositiveSemidefinite) {
  std::mt19937_64 random(11);
  int growing = 0;
  for (int i = 0; i < 20000; ++i) {
    const RandomState s = random_state(random);
    const Law law = physics::cohesive::make_law(s.e);
    const Frame f = Frame::oblique();
    double sym[6];
    CohesiveResponse r;
    law.preconditioner_stiffness(s.jump.data(), f.n, s.point, 1, sym);
    law.respond(s.jump.data(), f.n, s.point, 1, r);
    growing += r.growing;
    Eigen::Matrix3d K;
    K << sym[0], sym[5], sym[4], sym[5], sym[1], sym[3], sym[4], sym[3], sym[2];
    const Eigen::Vector3d eigenvalues = Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(K, Eigen::EigenvaluesOnly).eigenvalues();
    ASSERT_GE(eigenvalues[0], -1e-13 * s.e.normal_stiffness);
    ASSERT_LE(eigenvalues[2], 2.1 * std::max(s.e.normal_stiffness, s.e.shear_stiffness));
  }
  EXPECT_GT(growing, 1000);
}

// What is about to close is as stiff as closed: onset at 50 MPa / 1e16 Pa/m = 5 nm.
TEST(CohesivePreconditioner, DamagedAndBarelyOpen_CountsAsClosed) {
  InterfaceEntry e;
  e.normal_stiffness = e.shear_stiffness = 1e16;
  e.normal_strength = e.shear_strength = 50e6;
  const Law law = physics::cohesive::make_law(e);
  const Frame f = Frame::oblique();
  const CohesivePoint half{0.5, 0.1, {}};
  const auto along_normal = [&](double opening) {
    const auto jump = f.jump(opening, 0);
    double k[6];
    law.preconditioner_stiffness(jump.data(), f.n, half, 1, k);
    return k[0] * f.n[0] * f.n[0] + k[1] * f.n[1] * f.n[1] + k[2] * f.n[2] * f.n[2] + 2 * (k[3] * f.n[1] * f.n[2] + k[4] * f.n[0] * f.n[2] + k[5] * f.n[0] * f.n[1]);
  };
  EXPECT_NEAR(along_normal(-1e-9), 1e16, 1e7);
  EXPECT_NEAR(along_normal(4.9e-9), 1e16, 1e7);
  EXPECT_NEAR(along_normal(5.1e-9), 0.5e16, 1e7);
}

// Isotropic, open, growing: g K (I - (1 - theta) e e'), e along the jump; closed: K along n.
TEST(CohesivePreconditioner, GrowingDamage_SoftensAlongTheJump) {
  InterfaceEntry e;
  e.normal_stiffness = e.shear_stiffness = 1e16;
  const Law law = physics::cohesive::make_law(e);
  const Frame f = Frame::oblique();
  const auto jump = f.jump(10e-9, 10e-9);
  double sym[6];
  law.preconditioner_stiffness(jump.data(), f.n, {}, 1, sym);
  const auto product = [&](const double v[3], const double w[3]) {
    return sym[0] * v[0] * w[0] + sym[1] * v[1] * w[1] + sym[2] * v[2] * w[2] + sym[3] * (v[1] * w[2] + v[2] * w[1]) + sym[4] * (v[0] * w[2] + v[2] * w[0]) +
           sym[5] * (v[0] * w[1] + v[1] * w[0]);
  };
  const double g = 1 - Reference{e}.advance(10e-9, 10e-9, {}).damage;
  const double scale = 1e-10 * 1e16;
  ASSERT_LT(g, 0.5);
  EXPECT_NEAR(product(jump.data(), jump.data()) / 2e-16, 0.1 * g * 1e16, scale);
  EXPECT_NEAR(product(f.t, f.t), g * 1e16, scale);
  CohesivePoint worn;
  worn.damage = 0.9;
  const auto closed = f.jump(-1e-9, 1e-9);
  law.preconditioner_stiffness(closed.data(), f.n, worn, 1, sym);
  EXPECT_NEAR(product(f.n, f.n), 1e16, scale);
  EXPECT_NEAR(product(f.s, f.s), 0.1 * 1e16, scale);
  EXPECT_NEAR(product(f.n, f.s), 0, scale);
}

}  // namespace
}  // namespace voxode::test
