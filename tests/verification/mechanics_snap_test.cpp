// A core that shrinks out of its shell (Lame with a bilinear law): when the interface begins to give, and whether it goes at once.
#include <gtest/gtest.h>

#include "verification/convergence.hpp"
#include "verification/mechanics_cases.hpp"
#include "verification/record.hpp"
#include "verification/reference_data.hpp"

namespace voxode::test {
namespace {

using physics::InterfaceEntry;

constexpr double outer = 8e-6, strength = 20e6, stiffness = 1e17, most_shrinkage = 0.03;

/// Core of radius a and share f = (a/b)^3 of core and shell.
struct Shape {
  double f, a;
  /// S of -e* = p S + opening / a, of a swelling core in a shell.
  double compliance() const {
    const double K_p = 140e9 / 1.2, K_m = 22.1e9 / 0.78, G_m = 22.1e9 / 2.74;
    return 1 / (3 * K_p) + f / (3 * K_m * (1 - f)) + 1 / (4 * G_m * (1 - f));
  }
  double onset() const { return strength * compliance() + strength / stiffness / a; }  ///< shrinkage
  /// The toughness G at which a = (2 G / strength - opening at onset) / (strength S): with less the interface snaps.
  double snap_toughness() const { return 0.5 * strength * (a * strength * compliance() + strength / stiffness); }
  /// Closed form of the separation where nothing snaps: p = strength (w_f - w) / (w_f - w_0) in the balance above.
  double separation(double toughness, double shrinkage) const {
    const double w0 = strength / stiffness, wf = 2 * toughness / strength, slope = strength / (wf - w0);
    const double w = (shrinkage - slope * wf * compliance()) / (1 / a - slope * compliance());
    return (w - w0) / (wf - w0);
  }
};

/// On voxels; `shape` is that of spheres of their volumes, which jump from grid to grid.
struct Core {
  ScenePointer scene;
  Shape shape;
  std::unique_ptr<physics::Mechanics> mechanics;
  double toughness = 0;
  /// toughness: over the one that snaps.
  Core(Index n, double f, double relative_toughness) {
    scene = core_in_shell(n, outer * std::cbrt(f), outer, {li6ps5cl(), ncm(-most_shrinkage)});
    double core = 0, solid = 0;
    for (auto phase : scene->grid.phase) core += phase == 1, solid += phase != mesh::pore;
    shape = {core / solid, std::cbrt(6 * core / M_PI) * scene->grid.spacing};
    toughness = relative_toughness * shape.snap_toughness();
    InterfaceEntry e;
    e.phase_a = 0, e.phase_b = 1;
    e.normal_stiffness = e.shear_stiffness = stiffness;
    e.normal_strength = e.shear_strength = strength;
    e.toughness_I = e.toughness_II = toughness;
    scene->job.interfaces = {e};
    scene->job.solver.tolerance = 1e-6;
    scene->finish();
    mechanics = scene->mechanics();
  }
  physics::MechanicalMeasures shrink_to(double shrinkage) {
    mechanics->advance({.lithium_content = 1 - shrinkage / most_shrinkage, .pressure = 0, .time_step = 1});
    return mechanics->measure();
  }
};

// Twice the toughness that would snap: the mean separation is a straight line in the shrinkage from the onset on. On voxels single points begin
// earlier, and so the onset is where the line through two later states starts. (With half more than what snaps the core leaves its shell unevenly from 1.3
// of the onset on, alike on 12, 24 and 32 voxels: Lame's solution is stable against growing alone.)
void expect_onset(double f, const std::vector<Index>& grids, double tolerance) {
  std::vector<double> h, onset, late;
  std::string list;
  for (Index n : grids) {
    Core core(n, f, 2);
    const double exact = core.shape.onset();
    core.shrink_to(0.9 * exact);
    const double s1 = core.shrink_to(1.2 * exact).mean_separation;
    const physics::MechanicalMeasures m = core.shrink_to(1.4 * exact);
    h.push_back(1 / double(n));
    onset.push_back(1.2 - 0.2 * s1 / (m.mean_separation - s1));
    late.push_back(m.mean_separation / core.shape.separation(core.toughness, 1.4 * exact));
    list += std::to_string(onset.back()) + " (" + std::to_string(late.back()) + ") ";
    EXPECT_EQ(m.broken_area, 0) << n << " voxels";  // no snap
  }
  list = "onset (and separation later) over the exact: " + list;
  EXPECT_TRUE(agrees({"onset on the finest grid", ""}, onset.back(), 1, tolerance)) << list;
  EXPECT_TRUE(agrees({"onset", ""}, fit(h, onset, 1).value, 1, tolerance)) << list;
  EXPECT_TRUE(agrees({"separation on the finest grid", ""}, late.back(), 1, tolerance)) << list;
  EXPECT_TRUE(agrees({"separation", ""}, fit(h, late, 1).value, 1, tolerance)) << list;
  const std::vector<double> n_per_radius(grids.begin(), grids.end());
  record_series({"onset", ""}, "radius", n_per_radius, onset, 1);
  record_series({"separation", ""}, "radius", n_per_radius, late, 1);
  EXPECT_GT(std::log((1 - late.front()) / (1 - late.back())) / std::log(h.front() / h.back()), 0.6) << "observed order: " << list;
}

TEST(DebondingCore, ComplianceOfCoreAndMatrix_IsTheReferences) {
  const double given = reference("mechanics_references.json", "swelling_core").at("compliance_without_shell_per_GPa");
  const Shape alone{0, 1};
  EXPECT_TRUE(agrees({"compliance", "1/GPa"}, 1e9 * alone.compliance(), given, 1e-6, 1));
}

TEST(DebondingCore, DuctileInterface_BeginsWhereLamesTensionReachesTheStrength) { expect_onset(0.3, {16, 24, 32}, 0.02); }
TEST(DebondingCore, DuctileInterfaceThinShell_BeginsWhereLamesTensionReachesTheStrength) { expect_onset(0.52, {24, 32, 48}, 0.03); }

// Six tenths of the toughness that snaps: the whole interface goes within one step, at the onset (from below: a stair's corners help), and what was stored is
// left over.
TEST(DebondingCore, BrittleInterface_SnapsAtOnceAtTheOnset) {
  double last = 0, left_over = 0;
  for (Index n : {12, 16, 24, 32, 48}) {
    Core core(n, 0.3, 0.6);
    const double onset = core.shape.onset();
    physics::MechanicalMeasures before = core.shrink_to(0.6 * onset), after{};
    double at = 0.7;
    for (; at < 1.11; at += 0.05) {
      after = core.shrink_to(at * onset);
      if (after.broken_area > 0) break;
      before = after;
    }
    left_over = after.snap_energy / before.elastic_energy;
    EXPECT_LT(before.mean_separation, 0.2);
    EXPECT_NEAR(after.broken_area, after.cohesive_area, 1e-9 * after.cohesive_area);
    EXPECT_GE(at, last);
    last = at;
    // free of the shell, the core leaves a gap of its own shrinkage
    const double gap = at * onset * core.shape.a;
    EXPECT_TRUE(agrees({"gap", "m"}, after.gap_volume / after.cohesive_area, gap, 0.01));
    EXPECT_LT(after.elastic_energy, 1e-4 * before.elastic_energy);
    EXPECT_TRUE(agrees({"dissipated energy", "J"}, after.dissipated_energy, core.toughness * after.cohesive_area, 1e-6));
    EXPECT_GT(after.snap_energy, 0.1 * before.elastic_energy);
  }
  EXPECT_TRUE(agrees({"onset on the finest grid", ""}, last, 1, 0.026));
  EXPECT_TRUE(agrees({"energy left over, of the stored", ""}, left_over, 1 - 0.6, 0.03, 1));  // at the onset the stored energy is the toughness that just snaps
}

}  // namespace
}  // namespace voxode::test
