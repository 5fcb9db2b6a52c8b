// Elasticity against exact answers: patch tests, an independent program on the same voxels, sphere arrays, Hill 1963, Levin 1967, a swelling core in a shell.
#include <gtest/gtest.h>

#include <random>

#include "verification/convergence.hpp"
#include "verification/mechanics_cases.hpp"
#include "verification/record.hpp"
#include "verification/reference_data.hpp"

namespace voxode::test {
namespace {

using physics::InterfaceEntry;
using physics::InterfaceLawKind;

/// Stress zz and strain (zz, yz, xz) of a layer under sigma_zz = -P, sigma_yz = sigma_xz = 0, no in-plane strain; returns strain zz.
double layer_strain(const Stiffness& c, double pressure) {
  // C (zz, yz, xz) . e = (-P, 0, 0), by Cramer's rule
  double m[3][3];
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) m[i][j] = c[std::size_t(6 * (2 + i) + 2 + j)];
  const auto det = [](const double (&a)[3][3]) {
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  return -pressure * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) / det(m);
}

TEST(MechanicsPatch, AnyStiffness_LinearFieldIsExact) {
  for (std::uint64_t seed : {1, 2, 3}) {
    const Stiffness c = triclinic(seed);
    ASSERT_TRUE(physics::is_positive_definite(c));
    std::mt19937_64 random(seed);
    auto scene = make_scene({5, 4, 6}, 1e-6, {anisotropic_material(c), anisotropic_material(c)}, [&](double, double, double) { return std::uint8_t(random() % 2); });
    scene->job.boundary.in_plane = physics::InPlane::periodic;
    scene->job.phases[1].bodies.mode = mesh::BodyMode::pieces;
    scene->job.solver.tolerance = 1e-11;
    scene->finish(true);
    auto mechanics = scene->mechanics();
    mechanics->advance({.lithium_content = 1, .pressure = 50e6, .time_step = 1});
    const double strain = layer_strain(c, 50e6);
    EXPECT_TRUE(agrees({"plate", "m"}, mechanics->measure().plate_displacement, strain * 6e-6, 1e-9));
    physics::FieldSnapshot fields;
    mechanics->fill(fields);
    for (std::size_t v = 0; v < std::size_t(scene->grid.n_voxels()); ++v) {
      for (const auto& [component, exact] : {std::pair{2u, -50e6}, std::pair{3u, 0.0}, std::pair{4u, 0.0}})
        ASSERT_TRUE(agrees({"stress", "Pa"}, fields.stress[6 * v + component], exact, 2e-6, 50e6));
    }
  }
}

// Two layers of different stiffness that touch only through springs: each field linear, a constant jump between them.
TEST(MechanicsPatch, SplitNodes_LinearFieldsAndJumpAreExact) {
  const Stiffness lower = triclinic(4), upper = triclinic(5);
  for (mesh::NormalMode normals : {mesh::NormalMode::voxel, mesh::NormalMode::smoothed}) {
    auto scene = make_scene({3, 4, 8}, 1e-6, {anisotropic_material(lower), anisotropic_material(upper)}, [](double, double, double z) { return std::uint8_t(z > 4e-6); });
    scene->job.boundary.in_plane = physics::InPlane::periodic;
    scene->job.solver.tolerance = 1e-10;
    InterfaceEntry e;
    e.phase_a = 0, e.phase_b = 1;
    e.law = InterfaceLawKind::spring;
    e.normal_stiffness = 3e15;
    e.shear_stiffness = 1e15;
    e.normals = normals;
    scene->job.interfaces = {e};
    scene->finish();
    auto mechanics = scene->mechanics();
    mechanics->advance({.lithium_content = 1, .pressure = 50e6, .time_step = 1});
    const double exact = 4e-6 * (layer_strain(lower, 50e6) + layer_strain(upper, 50e6)) - 50e6 / 3e15;
    EXPECT_TRUE(agrees({"plate", "m"}, mechanics->measure().plate_displacement, exact, 1e-8));
    physics::CrackSnapshot cracks;
    mechanics->fill(cracks);
    ASSERT_EQ(cracks.opening.size(), 12u);
    for (float opening : cracks.opening) EXPECT_TRUE(agrees({"jump", "m"}, opening, -50e6 / 3e15, 1e-6));
  }
}

void expect_body_stress(const Scene& scene, const physics::Mechanics& mechanics, const nlohmann::json& exact, double tolerance) {
  physics::FieldSnapshot fields;
  mechanics.fill(fields);
  for (const auto& [label, stress] : exact.items()) {
    double sum[6] = {0, 0, 0, 0, 0, 0}, n = 0;
    const std::uint32_t instance = label == "1" ? 0u : std::uint32_t(std::stoul(label));
    for (std::size_t v = 0; v < scene.grid.instance.size(); ++v) {
      if (scene.grid.instance[v] != instance || scene.grid.phase[v] == mesh::pore) continue;
      n += 1;
      for (std::size_t c = 0; c < 6; ++c) sum[c] += fields.stress[6 * v + c];
    }
    double scale = 0;
    for (std::size_t c = 0; c < 6; ++c) scale = std::max(scale, std::abs(stress[c].get<double>()));
    for (std::size_t c = 0; c < 6; ++c)
      EXPECT_TRUE(agrees({"stress of bodies", "Pa"}, sum[c] / n, stress[c], tolerance, scale)) << "label " << label << " component " << c;
  }
}

TEST(MechanicsReferenceMesh, BondedPolycrystal_MatchesIndependentProgram) {
  const nlohmann::json exact = reference("reference_mesh.json", "1a").at("result");
  auto scene = reference_mesh("imgA", true);
  scene->job.solver.tolerance = 1e-10;
  scene->finish();
  auto mechanics = scene->mechanics();
  mechanics->advance({.lithium_content = 0, .pressure = 19e6, .time_step = 1});
  const auto m = mechanics->measure();
  EXPECT_TRUE(agrees({"plate", "m"}, m.plate_displacement, exact.at("u_top_m"), 1e-8));
  EXPECT_TRUE(agrees({"energy", "J"}, m.elastic_energy, exact.at("elastic_energy_J"), 1e-7));
  for (std::size_t c = 0; c < 6; ++c) EXPECT_TRUE(agrees({"mean stress", "Pa"}, m.mean_stress[c], exact.at("mean_stress_box_Pa")[c], 1e-6, 941e6));
  expect_body_stress(*scene, *mechanics, exact.at("per_body_mean_stress_Pa"), 1e-5);
}

TEST(MechanicsReferenceMesh, SplitNodesAndSprings_MatchIndependentProgram) {
  const nlohmann::json exact = reference("reference_mesh.json", "4a").at("result");
  auto scene = reference_mesh("imgD", false);
  scene->job.solver.tolerance = 1e-10;
  scene->finish();
  auto mechanics = scene->mechanics();
  mechanics->advance({.lithium_content = 0, .pressure = 19e6, .time_step = 1});
  const auto m = mechanics->measure();
  EXPECT_EQ(mechanics->n_unknowns(), 3 * exact.at("nnodes").get<Index>() + 1);
  EXPECT_TRUE(agrees({"plate", "m"}, m.plate_displacement, exact.at("u_top_m"), 1e-7));
  EXPECT_TRUE(agrees({"energy", "J"}, m.elastic_energy, exact.at("elastic_energy_J").get<double>() + exact.at("spring_energy_J").get<double>(), 1e-7));
  EXPECT_TRUE(agrees({"area", "m²"}, m.cohesive_area, exact.at("interface_area_m2"), 1e-9));
  for (std::size_t c = 0; c < 6; ++c) EXPECT_TRUE(agrees({"mean stress", "Pa"}, m.mean_stress[c], exact.at("mean_stress_box_Pa")[c], 1e-6, 22e6));
  expect_body_stress(*scene, *mechanics, exact.at("per_body_mean_stress_Pa"), 1e-5);
}

std::vector<Uniaxial> uniaxial_on_grids(const std::vector<Index>& n, double fraction, const std::vector<physics::Material>& materials, double pressure) {
  std::vector<Uniaxial> values;
  for (Index cells : n) {
    auto scene = sphere_eighth(cells, 5e-6, fraction, materials);
    scene->finish();
    values.push_back(uniaxial_stiffness(*scene, pressure));
  }
  return values;
}

// One grid of n voxels hits the volume fraction only nearly: fit a + b h, and to more than three grids since that error is not smooth.
void expect_sphere_array(const std::vector<physics::Material>& materials, const nlohmann::json& exact, double unit, double pressure, double tolerance) {
  const std::vector<Index> n{8, 12, 16, 24, 32};
  const auto values = uniaxial_on_grids(n, 0.2, materials, pressure);
  std::vector<double> h, C11, C12;
  for (std::size_t i = 0; i < n.size(); ++i) {
    h.push_back(1.0 / double(n[i]));
    C11.push_back(values[i].C11 / unit);
    C12.push_back(values[i].C12 / unit);
  }
  const double c11 = exact.at("C11"), c12 = exact.at("C12");
  const std::vector<double> edges(n.begin(), n.end());
  EXPECT_TRUE(agrees({"C11", "GPa"}, fit(h, C11, 1).value, c11, tolerance)) << testing::PrintToString(C11);
  EXPECT_TRUE(agrees({"C12", "GPa"}, fit(h, C12, 1).value, c12, tolerance)) << testing::PrintToString(C12);
  record_series({"C11", "GPa"}, "half cell", edges, C11, c11);
  record_series({"C12", "GPa"}, "half cell", edges, C12, c12);
  EXPECT_LT(std::abs(C11.back() - c11), 0.6 * std::abs(C11.front() - c11));
}

TEST(SphereArray, Voids_MatchSpectralElements) {
  expect_sphere_array({isotropic_material(1e9, 0.3)}, reference("mechanics_references.json", "sphere_array_stiffness").at("voids"), 1e9, 1e6, 0.005);
}

TEST(SphereArray, NcmInLi6ps5cl_MatchesSpectralElements) {
  expect_sphere_array({li6ps5cl(), ncm()}, reference("mechanics_references.json", "sphere_array_stiffness").at("ncm"), 1e9, 1e6, 0.002);
}

/// One random arrangement of 4 x 4 x 4 blocks, each of r^3 voxels.
ScenePointer blocks(Index r, const std::vector<physics::Material>& materials) {
  std::mt19937_64 random(3);
  std::vector<std::uint8_t> block(64);
  for (auto& b : block) b = std::uint8_t(random() % 2);
  return make_scene({4 * r, 4 * r, 4 * r}, 1e-6 / double(r), materials, [=](double x, double y, double z) { return block[std::size_t(int(1e6 * x) + 4 * int(1e6 * y) + 16 * int(1e6 * z))]; });
}

// Equal shear moduli G: C11 and C12 of any arrangement are K + 4G/3 and K - 2G/3 with 1/(K + 4G/3) = sum f / (K_i + 4G/3) (Hill 1963).
TEST(EffectiveStiffness_EqualShearModuli, ApproachesHill) {
  const double G = 10e9, K[2] = {10e9, 100e9};
  std::vector<physics::Material> materials;
  for (double k : K) materials.push_back(isotropic_material(9 * k * G / (3 * k + G), (3 * k - 2 * G) / (2 * (3 * k + G))));
  std::vector<double> c11, c12;
  double f1 = 0;
  for (Index r : {2, 4, 8}) {
    auto scene = blocks(r, materials);
    f1 = 0;
    for (auto p : scene->grid.phase) f1 += p;
    f1 /= double(scene->grid.n_voxels());
    scene->finish();
    const auto u = uniaxial_stiffness(*scene, 1e6);
    c11.push_back(u.C11);
    c12.push_back(u.C12);
  }
  const double exact = 1 / ((1 - f1) / (K[0] + 4 * G / 3) + f1 / (K[1] + 4 * G / 3));
  const auto e11 = richardson(c11), e12 = richardson(c12);
  EXPECT_TRUE(agrees({"C11", "Pa"}, e11.value, exact, 2e-3));
  EXPECT_TRUE(agrees({"C12", "Pa"}, e12.value, exact - 2 * G, 2e-3, exact));
  record_series({"C11", "Pa"}, "block", {2, 4, 8}, c11, exact);
  EXPECT_GT(e11.order, 0.8);
  EXPECT_GT(c11[0], c11[1]);  // from above
  EXPECT_GT(c11[1], c11[2]);
  EXPECT_GT(c11[2], exact);
}

// Swelling spheres: the stress-free strain of the composite is e* (1/K_eff - 1/K_m) / (1/K_p - 1/K_m) (Levin 1967), on every grid exactly.
TEST(Swelling_SphereArray, MatchesLevinOnEveryGrid) {
  const double strain = -0.0173;
  for (Index n : {6, 11}) {
    auto scene = sphere_eighth(n, 5e-6, 0.3, {li6ps5cl(), ncm(strain)});
    scene->job.solver.tolerance = 1e-10;
    scene->finish();
    const auto c = uniaxial_stiffness(*scene, 1e6);
    const double K = (c.C11 + 2 * c.C12) / 3, K_p = 140e9 / (3 * 0.4), K_m = 22.1e9 / (3 * 0.26);
    const double free = strain * (1 / K - 1 / K_m) / (1 / K_p - 1 / K_m);
    auto mechanics = scene->mechanics();
    mechanics->advance({.lithium_content = 0, .pressure = 0, .time_step = 1});
    const auto m = mechanics->measure();
    const double strain_zz = free * (1 + 2 * c.C12 / c.C11);
    EXPECT_TRUE(agrees({"plate over height", ""}, m.plate_displacement / scene->height(), strain_zz, 1e-6));
    const double sigma = c.C12 * (strain_zz - free) - (c.C11 + c.C12) * free;
    EXPECT_TRUE(agrees({"stress", "Pa"}, m.mean_stress[0], sigma, 1e-5));
    EXPECT_TRUE(agrees({"stress", "Pa"}, m.mean_stress[2], 0, 1e-5, std::abs(sigma)));
  }
}

// Tension at the surface of an NCM core (e* = -1.7297 %) in a free Li6PS5Cl shell with (a/b)^3 = f, b = 8 um (Lame).
TEST(SwellingCore, InAShell_MatchesLame) {
  const nlohmann::json data = reference("mechanics_references.json", "swelling_core");
  const double shrinkage = data.at("shrinkage");
  for (const auto& [share, GPa] : data.at("tension_GPa").items()) {
    const double f = std::stod(share), exact = 1e9 * GPa.get<double>();
    const double a = 8e-6 * std::cbrt(f);
    std::vector<double> h, p;
    for (Index n : {12, 16, 24, 32}) {
      auto scene = core_in_shell(n, a, 8e-6, {li6ps5cl(), ncm(-shrinkage)});
      scene->job.solver.tolerance = 1e-7;
      scene->finish();
      auto mechanics = scene->mechanics();
      mechanics->advance({.lithium_content = 0, .pressure = 0, .time_step = 1});
      physics::FieldSnapshot fields;
      mechanics->fill(fields);
      double sum = 0, count = 0;
      for (std::size_t v = 0; v < scene->grid.phase.size(); ++v)
        if (scene->grid.phase[v] == 1) sum += fields.stress[6 * v] + fields.stress[6 * v + 1] + fields.stress[6 * v + 2], count += 3;
      // compared at the volume fraction that the voxels have, which jumps from grid to grid
      double core = 0, solid = 0;
      for (auto phase : scene->grid.phase) core += phase == 1, solid += phase != mesh::pore;
      const auto tension = [shrinkage](double at_share) {
        const double K_p = 140e9 / 1.2, K_m = 22.1e9 / 0.78, G_m = 22.1e9 / 2.74;
        return shrinkage / (1 / (3 * K_p) + at_share / (3 * K_m * (1 - at_share)) + 1 / (4 * G_m * (1 - at_share)));
      };
      EXPECT_NEAR(tension(f), exact, 0.6e6);  // given to three digits
      h.push_back(1.0 / double(n));
      p.push_back(sum / count * exact / tension(core / solid));
    }
    const Quantity quantity{"core share " + share, "Pa"};
    EXPECT_TRUE(agrees(quantity, fit(h, p, 1).value, exact, 0.01));
    record_series(quantity, "radius", {12, 16, 24, 32}, p, exact);
    EXPECT_LT(std::abs(p.back() - exact), std::abs(p.front() - exact));
  }
}

}  // namespace
}  // namespace voxode::test
