// The upper plate in a frame that holds the thickness (gap) or gives way (spring): closed forms of a column that shrinks and swells again between plates.
#include <gtest/gtest.h>

#include "verification/mechanics_cases.hpp"
#include "verification/record.hpp"

namespace voxode::test {
namespace {

constexpr double P_0 = 19e6;

/// A column of one material that swells freely by e* (isotropic), on mirror sides: -P = C11 U / H - (C11 + 2 C12) e*.
struct Column {
  ScenePointer scene;
  double C11, C12, H;
  explicit Column(double strain) {
    scene = make_scene({3, 2, 5}, 1e-6, {isotropic_material(22.1e9, 0.37, strain)}, [](double, double, double) { return std::uint8_t(0); });
    scene->job.solver.tolerance = 1e-10;
    scene->finish();
    const Stiffness& c = scene->job.phases[0].material.stiffness;
    C11 = c[0], C12 = c[1], H = scene->height();
  }
  double displacement(double pressure, double swelling) const { return H * ((C11 + 2 * C12) * swelling - pressure) / C11; }
};

// Out and back: content 1 (no swelling), down to 0 (all of it), and up again.
const std::vector<double> contents{0.9, 0.75, 0.5, 0.25, 0, 0.25, 0.5, 0.75, 0.9, 1};

TEST(Plate, Gap_HoldsTheThicknessAndLiftsOff) {
  for (double strain : {-0.002, 0.002}) {
    Column column(strain);
    auto mechanics = column.scene->mechanics();
    mechanics->advance({.lithium_content = 1, .pressure = P_0, .time_step = 1});
    const double U_0 = column.displacement(P_0, 0);
    ASSERT_TRUE(agrees({"plate before", "m"}, mechanics->measure().plate_displacement, U_0, 1e-9));
    mechanics->hold_plate(true);
    bool lifted = false, held = false;
    for (double content : contents) {
      mechanics->advance({.lithium_content = content, .pressure = P_0, .time_step = 1});
      const double swelling = strain * (1 - content), pressure = std::max(0.0, P_0 + (column.C11 + 2 * column.C12) * swelling);
      const double U = pressure > 0 ? U_0 : column.displacement(0, swelling);
      const auto m = mechanics->measure();
      EXPECT_GE(m.pressure, 0) << "content " << content;
      EXPECT_TRUE(agrees({"pressure", "Pa"}, m.pressure, pressure, 1e-7, P_0)) << "content " << content;
      EXPECT_TRUE(agrees({"plate", "m"}, m.plate_displacement, U, 1e-7, std::abs(U_0))) << "content " << content;
      EXPECT_TRUE(agrees({"stress", "Pa"}, m.mean_stress[2], -pressure, 1e-7, P_0)) << "content " << content;
      (pressure > 0 ? held : lifted) = true;
    }
    EXPECT_EQ(lifted, strain < 0);
    EXPECT_TRUE(held);
  }
}

TEST(Plate, Spring_FollowsItsLawAndLiftsOff) {
  for (double relative : {0.1, 1.0, 100.0})  // of the spring's stiffness over the column's
    for (double strain : {-0.02, 0.002}) {
      Column column(strain);
      auto mechanics = column.scene->mechanics();
      mechanics->advance({.lithium_content = 1, .pressure = P_0, .time_step = 1});
      const double U_0 = column.displacement(P_0, 0), k = relative * column.C11 / column.H;
      mechanics->attach_spring(k, P_0, U_0);
      bool lifted = false, held = false;
      for (double content : contents) {
        const auto report = mechanics->advance({.lithium_content = content, .pressure = P_0, .time_step = 1});
        const double swelling = strain * (1 - content);
        const double joined = U_0 + (column.C11 + 2 * column.C12) * swelling / (column.C11 / column.H + k), pressure = std::max(0.0, P_0 + k * (joined - U_0));
        const double U = pressure > 0 ? joined : column.displacement(0, swelling);
        const auto m = mechanics->measure();
        EXPECT_GE(m.pressure, 0);
        EXPECT_TRUE(agrees({"pressure", "Pa"}, m.pressure, pressure, 1e-6, P_0)) << "spring " << relative << " content " << content;
        EXPECT_TRUE(agrees({"plate", "m"}, m.plate_displacement, U, 1e-7)) << "spring " << relative << " content " << content;
        EXPECT_LE(report.iterations, 60) << "spring " << relative << " content " << content;
        EXPECT_EQ(report.substeps, 1);
        (pressure > 0 ? held : lifted) = true;
      }
      EXPECT_EQ(lifted, strain < 0);
      EXPECT_TRUE(held);
    }
}

// The same laws above a sphere that debonds, where no closed form is at hand: what is measured fits together, and the gap is the limit of a stiff spring.
TEST(Plate, GapAndSpringAboveADebondingSphere_KeepTheirLaws) {
  struct State {
    double pressure, displacement;
  };
  const auto run = [](double relative) {  // of the spring's stiffness over the matrix's; 0: gap
    auto scene = sphere_eighth(6, 5e-6, 0.3, {li6ps5cl(), ncm(-0.0173)});
    physics::InterfaceEntry e;
    e.phase_a = 0, e.phase_b = 1;
    e.normal_stiffness = e.shear_stiffness = 1e16;
    scene->job.interfaces = {e};
    scene->job.solver.tolerance = 3e-9;  // of the swelling load, which is hundreds of times the pressure's
    scene->finish();
    auto mechanics = scene->mechanics();
    mechanics->advance({.lithium_content = 1, .pressure = P_0, .time_step = 1});
    const double U_0 = mechanics->measure().plate_displacement, k = relative * 40e9 / scene->height();
    if (relative > 0)
      mechanics->attach_spring(k, P_0, U_0);
    else
      mechanics->hold_plate(true);
    std::vector<State> states;
    for (double from : {1.0, 0.0})
      sweep(*mechanics, from, 1 - from, 8, P_0, [&](double) {
        const auto m = mechanics->measure();
        EXPECT_GE(m.pressure, 0);
        EXPECT_TRUE(agrees({"balance", "Pa"}, m.mean_stress[2], -m.pressure, 1e-6, P_0));
        if (relative > 0) {
          EXPECT_TRUE(agrees({"spring law", "Pa"}, m.pressure, std::max(0.0, P_0 + k * (m.plate_displacement - U_0)), 1e-9, P_0));
        } else if (m.pressure > 0) {
          EXPECT_EQ(m.plate_displacement, U_0);
        } else {
          EXPECT_LE(m.plate_displacement, U_0);
        }
        states.push_back({m.pressure, m.plate_displacement});
      });
    return states;
  };
  const auto gap = run(0), stiff = run(30);
  bool lifted = false;
  for (std::size_t i = 0; i < gap.size(); ++i) {
    lifted = lifted || gap[i].pressure == 0;
    EXPECT_TRUE(agrees({"gap and stiff spring: pressure", "Pa"}, gap[i].pressure, stiff[i].pressure, 0.05, P_0)) << "step " << i;
    EXPECT_NEAR(gap[i].displacement, stiff[i].displacement, 0.1e-9) << "step " << i;
  }
  EXPECT_TRUE(lifted);
  EXPECT_GT(gap.back().pressure, 0);
  run(1);
}

}  // namespace
}  // namespace voxode::test
