// Cohesive interfaces in a body against closed forms: laminates, a core that leaves its shell, loose bodies under pressure, energy.
#include <gtest/gtest.h>

#include "verification/convergence.hpp"
#include "verification/mechanics_cases.hpp"
#include "verification/record.hpp"
#include "verification/reference_data.hpp"

namespace voxode::test {
namespace {

using physics::InterfaceEntry;
using physics::InterfaceLawKind;

InterfaceEntry cohesive(double stiffness, double strength = 20e6, double toughness = 1.0) {
  InterfaceEntry e;
  e.phase_a = 0, e.phase_b = 1;
  e.normal_stiffness = e.shear_stiffness = stiffness;
  e.normal_strength = e.shear_strength = strength;
  e.toughness_I = e.toughness_II = toughness;
  return e;
}

double mean_opening(const Scene& scene, const physics::Mechanics& mechanics) {
  physics::CrackSnapshot cracks;
  mechanics.fill(cracks);
  double sum = 0, area = 0;
  for (std::size_t f = 0; f < cracks.face.size(); ++f) {
    const double share = scene.faces.area_share[std::size_t(cracks.face[f])];
    sum += share * cracks.opening[f];
    area += share;
  }
  return sum / area;
}

TEST(Laminate, LayersAcrossTheStack_NeverOpen) {
  const double exact = reference("mechanics_references.json", "laminates").at("across_du_m");
  for (double K : {1e15, 1e18}) {
    auto scene = laminate(8, 10e-6, 2, {li6ps5cl(), ncm(-0.0173)});
    scene->job.interfaces = {cohesive(K)};
    scene->finish();
    auto mechanics = scene->mechanics();
    mechanics->advance({.lithium_content = 1, .pressure = 19e6, .time_step = 1});
    const double before = mechanics->measure().plate_displacement;
    sweep(*mechanics, 1, 0, 5, 19e6);
    EXPECT_TRUE(agrees({"plate", "m"}, mechanics->measure().plate_displacement - before, exact, 1e-7));
    EXPECT_EQ(mechanics->measure().mean_damage, 0);
  }
}

TEST(Laminate, LayersAlongTheStack_OpenAsInTheClosedForm) {
  const nlohmann::json exact = reference("mechanics_references.json", "laminates");
  for (mesh::NormalMode normals : {mesh::NormalMode::voxel, mesh::NormalMode::smoothed}) {
    auto scene = laminate(8, 10e-6, 0, {li6ps5cl(), ncm(-0.0173)});
    InterfaceEntry e = cohesive(1e18);
    e.normals = normals;
    scene->job.interfaces = {e};
    scene->finish();
    auto mechanics = scene->mechanics();
    mechanics->advance({.lithium_content = 1, .pressure = 19e6, .time_step = 1});
    const double before = mechanics->measure().plate_displacement;
    const double onset = exact.at("onset_strain").get<double>() / -0.0173;
    sweep(*mechanics, 1, 1 - 0.9999 * onset, 2, 19e6);
    EXPECT_EQ(mechanics->measure().mean_damage, 0);
    sweep(*mechanics, 1 - 0.9999 * onset, 1 - 1.0001 * onset, 1, 19e6);
    EXPECT_GT(mechanics->measure().mean_damage, 0);
    std::vector<Point> opening{{100 * onset * 0.0173, 1e9 * mean_opening(*scene, *mechanics)}},
        traction{{100 * onset * 0.0173, 1e-6 * mechanics->measure().mean_stress[0]}};
    sweep(*mechanics, 1 - 1.0001 * onset, 0, 20, 19e6, [&](double content) {
      opening.push_back({1.73 * (1 - content), 1e9 * mean_opening(*scene, *mechanics)});
      traction.push_back({1.73 * (1 - content), 1e-6 * mechanics->measure().mean_stress[0]});
    });
    const auto m = mechanics->measure();
    EXPECT_TRUE(agrees({"opening", "m"}, mean_opening(*scene, *mechanics), exact.at("along_opening_m"), 1e-6, 60e-9));
    EXPECT_TRUE(agrees({"stress", "Pa"}, m.mean_stress[0], exact.at("along_traction_Pa"), 1e-6, 19e6));
    EXPECT_TRUE(agrees({"plate", "m"}, m.plate_displacement - before, exact.at("along_plate_m"), 1e-6, 194e-9));
    if (normals == mesh::NormalMode::voxel) continue;
    // both are straight lines from the onset on
    const double first = -100 * exact.at("onset_strain").get<double>(), last = 1.73;
    const Quantity shrinkage{"shrinkage of NCM", "%"};
    record_curve({"opening", "nm"}, shrinkage, "computed", opening);
    record_curve({"opening", "nm"}, shrinkage, "closed form", {{first, 0.02}, {last, 1e9 * exact.at("along_opening_m").get<double>()}}, Origin::reference);
    record_curve({"traction", "MPa"}, shrinkage, "computed", traction);
    record_curve({"traction", "MPa"}, shrinkage, "closed form", {{first, 20}, {last, 1e-6 * exact.at("along_traction_Pa").get<double>()}}, Origin::reference);
  }
}

/// Closed form of a shrinking core in a free shell: tension p and opening w with -e* = p S + w / a, p on the bilinear law.
struct CoreLaw {
  double S, a, K, strength, toughness;
  double opening(double shrinkage) const {
    const double w0 = strength / K, wf = 2 * toughness / strength;
    const double elastic = shrinkage / (K * S + 1 / a);
    if (elastic <= w0) return elastic;
    const double slope = strength / (wf - w0);  // p = slope (wf - w)
    const double softening = (shrinkage - slope * wf * S) / (1 / a - slope * S);
    return softening < wf ? softening : shrinkage * a;
  }
};

// Lame with a bilinear law: grows steadily while a < (2 Gc / strength - opening at onset) / (strength S).
TEST(DebondingCore, InAShell_OpensAsInTheClosedForm) {
  const double f = 0.3, b = 8e-6, a = b * std::cbrt(f), K_p = 140e9 / 1.2, K_m = 22.1e9 / 0.78, G_m = 22.1e9 / 2.74;
  const CoreLaw law{1 / (3 * K_p) + f / (3 * K_m * (1 - f)) + 1 / (4 * G_m * (1 - f)), a, 1e17, 20e6, 1.0};
  const std::vector<double> shrinkage{0.002, 0.008, 0.015, 0.03};
  std::vector<double> h;
  std::vector<std::vector<double>> opening(shrinkage.size());
  for (Index n : {12, 16, 24}) {
    auto scene = core_in_shell(n, a, b, {li6ps5cl(), ncm(-0.03)});
    scene->job.interfaces = {cohesive(law.K)};
    scene->job.solver.tolerance = 1e-6;
    scene->finish();
    auto mechanics = scene->mechanics();
    double content = 1;
    for (std::size_t i = 0; i < shrinkage.size(); ++i) {
      const double next = 1 - shrinkage[i] / 0.03;
      sweep(*mechanics, content, next, 4, 0);
      content = next;
      opening[i].push_back(mean_opening(*scene, *mechanics));
    }
    h.push_back(1.0 / double(n));
  }
  for (std::size_t i = 0; i < shrinkage.size(); ++i) {
    const double exact = law.opening(shrinkage[i]);
    EXPECT_TRUE(agrees({"opening on the finest grid", "m"}, opening[i].back(), exact, 0.05)) << "shrinkage " << shrinkage[i];
    EXPECT_TRUE(agrees({"opening, extrapolated", "m"}, fit(h, opening[i], 1).value, exact, 0.03)) << "shrinkage " << shrinkage[i];
  }
  const auto record = [&](const std::string& label, const std::vector<double>& at, const std::function<double(std::size_t)>& of, Origin origin) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < at.size(); ++i) points.push_back({100 * at[i], 1e9 * of(i)});
    record_curve({"mean opening", "nm"}, {"shrinkage of the core", "%"}, label, points, origin);
  };
  for (std::size_t n = 0; n < h.size(); ++n)
    record(
        std::to_string(std::lround(1 / h[n])) + " voxels per radius", shrinkage, [&](std::size_t i) { return opening[i][n]; }, Origin::computed);
  std::vector<double> fine;
  for (int i = 0; i <= 60; ++i) fine.push_back(0.03 * i / 60);
  record(
      "closed form", fine, [&](std::size_t i) { return law.opening(fine[i]); }, Origin::reference);
}

// A column of three blocks, the faces never glued: the middle one is loose but for the pressure, and carries exactly that.
TEST(LooseBody, UnderPressure_CarriesTheAppliedForce) {
  auto scene = make_scene({3, 3, 12}, 1e-6, {li6ps5cl(), ncm(-0.01)}, [](double, double, double z) { return std::uint8_t(z > 4e-6 && z < 8e-6); });
  InterfaceEntry e = cohesive(1e17);
  e.law = InterfaceLawKind::contact;
  scene->job.phases[0].bodies.mode = mesh::BodyMode::pieces;
  scene->job.interfaces = {e};
  scene->finish();
  auto mechanics = scene->mechanics();
  for (double pressure : {1e6, 19e6, 3e6}) {
    mechanics->advance({.lithium_content = 1, .pressure = pressure, .time_step = 1});
    physics::FieldSnapshot fields;
    mechanics->fill(fields);
    for (std::size_t v = 0; v < scene->grid.phase.size(); ++v) ASSERT_TRUE(agrees({"stress", "Pa"}, fields.stress[6 * v + 2], -pressure, 1e-5));
  }
}

// A sphere broken out of its matrix stands loose in its hole: the box carries the plate's force, the sphere nothing.
TEST(LooseBody, InItsHole_CarriesNothing) {
  auto scene = sphere_eighth(8, 5e-6, 0.3, {li6ps5cl(), ncm(-0.0173)});
  scene->job.interfaces = {cohesive(1e17, 20e6, 0.05)};
  scene->job.solver.tolerance = 1e-7;
  scene->finish();
  auto mechanics = scene->mechanics();
  mechanics->advance({.lithium_content = 1, .pressure = 19e6, .time_step = 1});
  sweep(*mechanics, 1, 0, 8, 19e6);
  const auto m = mechanics->measure();
  EXPECT_NEAR(m.broken_area, m.cohesive_area, 1e-6 * m.cohesive_area);
  EXPECT_TRUE(agrees({"stress of the box", "Pa"}, m.mean_stress[2], -19e6, 1e-5));
  physics::FieldSnapshot fields;
  mechanics->fill(fields);
  for (std::size_t v = 0; v < scene->grid.phase.size(); ++v)
    if (scene->grid.phase[v] == 1) {
      for (std::size_t c = 0; c < 6; ++c) ASSERT_TRUE(agrees({"stress in the sphere", "Pa"}, fields.stress[6 * v + c], 0, 1e-3, 19e6));
    }
}

/// |work of plate and swelling - stored - dissipated| over the dissipated, after n steps of shrinking and as many of swelling again.
double energy_error(int n, physics::Stack stack, bool and_back) {
  auto scene = sphere_eighth(8, 5e-6, 0.3, {li6ps5cl(), ncm(-0.0173)});
  scene->job.interfaces = {cohesive(1e16)};
  scene->job.solver.tolerance = 1e-8;
  scene->finish();
  auto mechanics = scene->mechanics();
  mechanics->advance({.lithium_content = 1, .pressure = 19e6, .time_step = 1});
  const auto pristine = mechanics->measure();
  if (stack == physics::Stack::gap) mechanics->hold_plate(true);
  if (stack == physics::Stack::spring) mechanics->attach_spring(22.1e9 / scene->height(), 19e6, pristine.plate_displacement);
  mechanics->reset_work();
  sweep(*mechanics, 1, 0, n, 19e6);
  if (and_back) sweep(*mechanics, 0, 1, n, 19e6);
  const auto m = mechanics->measure();
  EXPECT_GT(m.dissipated_energy, 0);
  return std::abs(m.plate_work + m.swelling_work - (m.elastic_energy - pristine.elastic_energy + m.dissipated_energy)) / m.dissipated_energy;
}

// Work of plate and swelling = stored + dissipated where nothing snaps, converging with the step; under pressure, in a frame, on a spring.
TEST(Energy, DebondingSphere_Balances) {
  for (physics::Stack stack : {physics::Stack::pressure, physics::Stack::gap, physics::Stack::spring})
    for (bool and_back : {false, true}) {
      std::vector<double> error;
      for (int n : {10, 20, 40}) error.push_back(energy_error(n, stack, and_back));
      const std::string which = std::to_string(int(stack)) + (and_back ? ", and back" : ""), list = testing::PrintToString(error);
      EXPECT_TRUE(agrees({"missing energy over the dissipated", ""}, error[2], 0, 0.01, 1)) << which << ": " << list;
      EXPECT_LT(error[2], 0.6 * error[0]) << which << ": " << list;
    }
}

}  // namespace
}  // namespace voxode::test
