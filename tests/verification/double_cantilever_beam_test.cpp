// A double cantilever beam, delaminated by forces on the arms' ends (NASA CompDam_DGD, test_DCB_3D; corrected beam theory).
#include <gtest/gtest.h>

#include <cmath>

#include "verification/convergence.hpp"
#include "verification/mechanics_cases.hpp"
#include "verification/record.hpp"
#include "verification/reference_data.hpp"

namespace voxode::test {
namespace {

using physics::InterfaceEntry;
using physics::InterfaceLawKind;
using physics::Material;

// Lengths in m, the study's numbers below. x along the arms, z across the crack.
constexpr double arm = 3.8e-3, length = 150e-3, initial_crack = 50.8e-3;

/// Orthotropic, fibres along x, transversely isotropic about them.
Material lamina(double nu23) {
  const double E1 = 171.42e9, E2 = 9.08e9, G12 = 5.29e9, nu12 = 0.32, G23 = E2 / (2 * (1 + nu23));
  const double nu21 = nu12 * E2 / E1, delta = (1 - nu23 * nu23 - 2 * nu12 * nu21 * (1 + nu23));
  const double C11 = E1 * (1 - nu23 * nu23) / delta, C12 = E2 * nu12 * (1 + nu23) / delta;
  const double C22 = E2 * (1 - nu12 * nu21) / delta, C23 = E2 * (nu23 + nu12 * nu21) / delta;
  return anisotropic_material(
      {C11, C12, C12, 0, 0, 0, C12, C22, C23, 0, 0, 0, C12, C23, C22, 0, 0, 0, 0, 0, 0, G23, 0, 0, 0, 0, 0, 0, G12, 0, 0, 0, 0, 0, 0, G12});
}

struct State {
  double opening, load;  // m, N for 1 mm of width
};

// The arms' ends are pushed apart by a strut that swells: it stands in the second column of voxels between two tabs that reach to the arms' middle planes,
// apart from the arms but for soft springs at its ends, which let them turn; a stub holds its middle to the mirror side. The beam stands on both plates at
// its far end.
struct Beam {
  enum : std::uint8_t { lower, upper_behind, upper_before, strut };
  double h;
  Index n_arm, nx, n_y = 1;
  ScenePointer scene;
  std::unique_ptr<physics::Mechanics> mechanics;
  static constexpr double most_strain = 1.5;

  /// One voxel wide between mirrors (plane strain), or beside a voxel of pore (free: nearly plane stress).
  explicit Beam(Index voxels_per_arm, bool free_sides = false, double nu23 = 0.52) : h(arm / double(voxels_per_arm)), n_arm(voxels_per_arm) {
    nx = Index(std::llround(length / h)) + 2;
    n_y = free_sides ? 2 : 1;
    const Index tip = Index(std::llround(initial_crack / h + 1.5));  // from the strut's middle
    const Index n = n_arm, foot = nx - n_arm / 2;
    const Material ply = lamina(nu23);
    // much stiffer than the beam (1e5 N/m against 6e3, for 1 mm of width), but no more: its swelling load is what the residual is measured against
    const double strut_modulus = 1e8 * double(n);
    const std::vector<Material> materials{ply, ply, ply, anisotropic_material(physics::isotropic_stiffness(strut_modulus, 0), 0, most_strain)};
    scene = make_scene({nx, n_y, 2 * n + 2}, h, materials, [=, this](double x, double y, double z) {
      const auto i = Index(x / h), j = Index(y / h), k = Index(z / h) - 1;  // one layer of pore (or feet) below and above
      if (j > 0) return mesh::pore;
      if (k < 0 || k >= 2 * n) return i >= foot ? (k < 0 ? std::uint8_t(lower) : std::uint8_t(upper_behind)) : mesh::pore;
      const bool between = k >= n / 2 && k < 2 * n - n / 2;  // the arms' middle planes
      if (i == 0) return k == n - 1 || k == n ? std::uint8_t(strut) : mesh::pore;
      if (i == 1 && between) return std::uint8_t(strut);
      if (i == 2 && between) return mesh::pore;
      return k < n ? std::uint8_t(lower) : i < tip ? std::uint8_t(upper_before) : std::uint8_t(upper_behind);
    });
    auto& job = scene->job;
    InterfaceEntry cohesive;
    cohesive.phase_a = lower, cohesive.phase_b = upper_behind;
    cohesive.normals = mesh::NormalMode::voxel;
    cohesive.normal_stiffness = cohesive.shear_stiffness = 2e14;
    cohesive.normal_strength = cohesive.shear_strength = 62.3e6;
    cohesive.toughness_I = cohesive.toughness_II = 277;
    InterfaceEntry crack = cohesive;
    crack.phase_b = upper_before;
    crack.law = InterfaceLawKind::contact;
    InterfaceEntry hinge = cohesive;
    hinge.law = InterfaceLawKind::spring;
    hinge.normal_stiffness = 1e13;
    hinge.shear_stiffness = 0;
    hinge.phase_b = strut;
    job.interfaces = {cohesive, crack, hinge};
    hinge.phase_a = upper_before;
    job.interfaces.push_back(hinge);
    job.solver.tolerance = 1e-6;
    scene->finish();
    mechanics = scene->mechanics();
    mechanics->hold_plate(true);
  }

  State now() const {
    physics::FieldSnapshot fields;
    mechanics->fill(fields);
    const auto voxel = [&](Index k) { return std::size_t(linear_index(scene->grid.n, 1, 0, k + 1)); };
    const auto z_of = [&](Index k) { return double(fields.displacement[3 * voxel(k) + 2]); };
    State p{};
    // the tabs' voxels next to the strut
    p.opening = z_of(2 * n_arm - n_arm / 2) - z_of(n_arm / 2 - 1);
    double sum = 0;
    const Index first = n_arm / 2 + 1, last = n_arm - 2;  // between the tab and the stub
    for (Index k = first; k < last; ++k) sum -= double(fields.stress[6 * voxel(k) + 2]);
    p.load = sum / double(last - first) * h * 1e-3;
    return p;
  }
};

struct Outcome {
  double peak, end;
  std::vector<Point> curve;  // mm, N
};

/// The loading is monotonic, and so is the law: few steps do, but for the peak.
Outcome pull(Beam&& beam, double end_opening) {
  std::vector<double> asked{1.2e-3, 1.38e-3};
  while (asked.back() < 1.54e-3) asked.push_back(asked.back() + 0.0125e-3);
  for (double more : {2e-3, 2.5e-3, 3e-3, 3.5e-3, 4e-3, 4.5e-3, 4.6e-3}) asked.push_back(more);
  const double strut_length = double(2 * beam.n_arm - 2 * (beam.n_arm / 2)) * beam.h;
  Outcome outcome{0, 0, {}};
  State last{0, 0};
  for (double opening : asked) {
    beam.mechanics->advance({.lithium_content = 1 - opening / strut_length / Beam::most_strain, .pressure = 0, .time_step = 1});
    const State p = beam.now();
    outcome.curve.push_back({p.opening * 1e3, p.load});
    outcome.peak = std::max(outcome.peak, p.load);
    if (last.opening < end_opening && p.opening >= end_opening)
      outcome.end = last.load + (p.load - last.load) * (end_opening - last.opening) / (p.opening - last.opening);
    last = p;
  }
  return outcome;
}

/// The crack stands up to the peak, and behind it the load falls with 1 / sqrt(opening).
void record_beam_theory(const nlohmann::json& exact) {
  const double peak = exact.at("beam_theory_peak_N"), end = exact.at("beam_theory_end_N"), end_opening = 1e3 * exact.at("opening_m").get<double>();
  std::vector<Point> curve{{0, 0}};
  for (int i = 0; i <= 20; ++i) {
    const double load = peak + (end - peak) * i / 20;
    curve.push_back({end_opening * end * end / (load * load), load});
  }
  record_curve({"load of 1 mm of width", "N"}, {"opening", "mm"}, "corrected beam theory", curve, Origin::reference);
}

std::vector<Outcome> expect_beam(const std::vector<Index>& voxels_per_arm) {
  const nlohmann::json exact = reference("mechanics_references.json", "double_cantilever_beam");
  const double peak = exact.at("peak_N"), end = exact.at("end_N"), beam_end = exact.at("beam_theory_end_N");
  std::vector<Outcome> found;
  for (Index n : voxels_per_arm) {
    found.push_back(pull(Beam(n), exact.at("opening_m")));
    EXPECT_TRUE(agrees({"peak load", "N"}, found.back().peak, peak, exact.at("peak_tolerance"))) << n << " voxels an arm";
    EXPECT_TRUE(agrees({"load at the end", "N"}, found.back().end, end, exact.at("end_tolerance"))) << n << " voxels an arm";
    record_curve({"load of 1 mm of width", "N"}, {"opening", "mm"}, std::to_string(n) + " voxels an arm", found.back().curve);
  }
  record_beam_theory(exact);
  EXPECT_LT(std::abs(found.back().end - beam_end), 0.6 * std::abs(found.front().end - beam_end));
  return found;
}

TEST(DoubleCantileverBeam, TwoGrids_MatchBeamTheoryAndCompDam) { expect_beam({10, 20}); }

TEST(DoubleCantileverBeam, ThreeGrids_ConvergeToBeamTheory_Long) {
  const std::vector<Outcome> found = expect_beam({10, 20, 40});
  const nlohmann::json exact = reference("mechanics_references.json", "double_cantilever_beam");
  std::vector<double> end, peak;
  for (const Outcome& o : found) end.push_back(o.end), peak.push_back(o.peak);
  const double beam_end = exact.at("beam_theory_end_N"), beam_peak = exact.at("beam_theory_peak_N");
  EXPECT_TRUE(agrees({"load at the end, extrapolated", "N"}, fit({1, 0.5, 0.25}, end, 2).value, beam_end, 0.02));
  EXPECT_TRUE(agrees({"peak load of the finest", "N"}, peak.back(), beam_peak, 0.02));
}

// What the reference's width and its transverse constants would change: less than its own tolerance (3 and 5 %).
TEST(DoubleCantileverBeam, WidthAndTransverseConstants_HardlyMatter_Long) {
  const nlohmann::json exact = reference("mechanics_references.json", "double_cantilever_beam");
  const double opening = exact.at("opening_m"), peak = exact.at("peak_tolerance"), end = exact.at("end_tolerance");
  const Outcome strain = pull(Beam(10), opening);
  for (const Outcome& other : {pull(Beam(10, true), opening), pull(Beam(10, false, 0.3), opening)}) {
    EXPECT_TRUE(agrees({"peak load", "N"}, other.peak, strain.peak, peak));
    EXPECT_TRUE(agrees({"load at the end", "N"}, other.end, strain.end, end));
  }
}

}  // namespace
}  // namespace voxode::test
