// Mechanics against closed forms: laminates under a plate, a patch that must stay linear, a loose body that carries a force.
#include "physics/mechanics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mesh/mechanical_bodies.hpp"
#include "physics/cohesive/law.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;

/// A box of voxels with two phases, "shrinking" (1) and "matrix" (0), and the study's materials.
struct Box {
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  mesh::Faces faces;
  Job job;
  std::unique_ptr<Mechanics> mechanics;

  Box(const Index3& n, double edge, double stiffness) {
    grid.n = n;
    grid.spacing = edge;
    grid.phase.assign(std::size_t(product(n)), 0);
    grid.phase_names = {"electrolyte", "active"};
    Phase matrix, active;
    matrix.name = "electrolyte";
    matrix.role = Role::electrolyte;
    matrix.material.stiffness = isotropic_stiffness(22.1e9, 0.37);
    active.name = "active";
    active.role = Role::active;
    active.material.stiffness = isotropic_stiffness(140e9, 0.30);
    active.material.strain_table = {{0.0, 0.0, 0.0}, {1.0, -0.0173, -0.0173}};
    job.phases = {matrix, active};
    job.lithium = {0.0, 1.0};
    InterfaceEntry entry;
    entry.phase_a = 0;
    entry.phase_b = 1;
    entry.normal_stiffness = entry.shear_stiffness = stiffness;
    entry.normals = mesh::NormalMode::voxel;
    job.interfaces = {entry};
    job.boundary.pressure = {{0, 19e6}};
  }
  template <class F>
  void fill(const F& phase) {
    for (Index k = 0; k < grid.n[2]; ++k)
      for (Index j = 0; j < grid.n[1]; ++j)
        for (Index i = 0; i < grid.n[0]; ++i) grid.phase[std::size_t(linear_index(grid.n, i, j, k))] = std::uint8_t(phase(i, j, k));
  }
  Mechanics& make() {
    bodies = mesh::make_bodies(grid, std::vector<mesh::BodyRule>(2, {mesh::BodyMode::pieces, 0, mesh::OrientationMode::aligned, {}}), job.periodicity(), 1);
    faces = mesh::make_faces(grid, bodies, [this](std::int32_t, std::int32_t) { return mesh::FaceRule{0, job.interfaces[0].normals}; }, job.periodicity());
    const auto mechanical = mesh::find_mechanical_bodies(grid, bodies, faces, job.periodicity());
    mechanics = std::make_unique<Mechanics>(grid, bodies, faces, job, mesh::bodies_with_load_path(mechanical));
    return *mechanics;
  }
};

}  // namespace

// Layers across z.
TEST(Mechanics_Laminate, AcrossZ_ClosedForm) {
  Box box({4, 4, 8}, 1.25e-6, 1e18);
  box.job.solver.tolerance = 1e-9;
  box.fill([](Index, Index, Index k) { return k < 4; });
  Mechanics& m = box.make();
  m.advance({0.0, 19e6, 0, 1});
  const double before = m.measure().plate_displacement;
  StepReport report;
  for (int step = 1; step <= 5; ++step) report = m.advance({0.2 * step, 19e6, 0, 1});
  const auto now = m.measure();
  EXPECT_NEAR((now.plate_displacement - before) * 1e6, -0.160642857, 1e-7) << report.iterations;
  EXPECT_NEAR(now.mean_stress[2], -19e6, 20);
  EXPECT_EQ(now.gap_volume, 0.0);
  EXPECT_NEAR(now.overlap_volume / (25e-12 * 19e6 / 1e18), 1.0, 1e-4);
}

// Layers along z, which open.
TEST(Mechanics_Laminate, AlongZ_OpensAsClosedForm) {
  Box box({8, 4, 8}, 1.25e-6, 1e18);
  box.job.solver.tolerance = 1e-9;
  box.fill([](Index i, Index, Index) { return i < 4; });
  Mechanics& m = box.make();
  m.advance({0.0, 19e6, 0, 1});
  const double before = m.measure().plate_displacement;
  int iterations = 0;
  for (int step = 1; step <= 20; ++step) iterations += m.advance({0.05 * step, 19e6, 0, 1}).iterations;
  CrackSnapshot cracks;
  m.fill(cracks);
  EXPECT_NEAR(cracks.opening.at(0) * 1e9, 60.172581, 2e-4);
  EXPECT_NEAR(cracks.traction.at(0) * 1e-6, 7.967077, 2e-4);
  EXPECT_NEAR(m.measure().gap_volume / (50e-12 * 60.172581e-9), 1.0, 1e-5);
  EXPECT_EQ(m.measure().overlap_volume, 0.0);
  EXPECT_NEAR((m.measure().plate_displacement - before) * 1e9, -193.591293, 1e-3);
  std::printf("%d iterations in 20 steps\n", iterations);
}

// Whichever of the two bodies has the lower number: vectors of a face go from the lower cell's body to the upper's, as its normal.
TEST(Mechanics_Cracks, JumpAndTraction_PointAlongTheFacesNormal) {
  for (const bool active_below : {true, false}) {
    Box box({8, 8, 8}, 1.25e-6, 1e18);
    box.fill([=](Index i, Index j, Index) { return (i < 4 && j < 5) == active_below; });
    Mechanics& m = box.make();
    for (int step = 0; step <= 10; ++step) m.advance({0.1 * step, 19e6, 0, 1});
    CrackSnapshot cracks;
    m.fill(cracks);
    ASSERT_EQ(cracks.jump.size(), 3 * cracks.face.size());
    float widest = 0;
    for (std::size_t p = 0; p < cracks.face.size(); ++p) {
      float opening = 0, traction = 0, jump = 0;
      for (std::size_t d = 0; d < 3; ++d) {
        const float n = box.faces.normal[3 * std::size_t(cracks.face[p]) + d];
        opening += cracks.jump[3 * p + d] * n;
        traction += cracks.traction_vector[3 * p + d] * n;
        jump += std::pow(cracks.jump[3 * p + d], 2.0f);
      }
      EXPECT_NEAR(opening, cracks.opening[p], 1e-5f * std::abs(cracks.opening[p]) + 1e-15f);
      EXPECT_NEAR(traction, cracks.traction[p], 1e-5f * std::abs(cracks.traction[p]) + 1);
      EXPECT_GE(cracks.mode_mix[p], 0);
      EXPECT_LE(cracks.mode_mix[p], 1.000001f);
      EXPECT_LE(std::sqrt(jump), std::hypot(cracks.opening[p], cracks.sliding[p]) * 1.5f + 1e-15f);
      widest = std::max(widest, opening);
    }
    EXPECT_GT(widest, 1e-9f);
  }
}

TEST(Mechanics_Cracks, ModeMix_IsTheShareOfSliding) {
  cohesive::Law law;
  law.tag = cohesive::LawTag::bilinear;
  law.bilinear.normal_stiffness = 2;
  law.bilinear.shear_stiffness = 1;
  const double n[3] = {0, 0, 1}, opened[3] = {0, 0, 1}, slid[3] = {1, 0, -1}, mixed[3] = {0, 1, 1}, none[3] = {0, 0, 0};
  EXPECT_EQ(law.mode_mix(cohesive::split_jump(opened, n)), 0);
  EXPECT_EQ(law.mode_mix(cohesive::split_jump(slid, n)), 1);
  EXPECT_DOUBLE_EQ(law.mode_mix(cohesive::split_jump(mixed, n)), 1.0 / 3);
  EXPECT_EQ(law.mode_mix(cohesive::split_jump(none, n)), 0);
}

// Two dissimilar halves glued by a stiff spring: energy balance of a step without snap.
TEST(Mechanics_Energy, DuctileOpening_WorkIsStoredOrSpent) {
  double error[2];
  for (int refine = 0; refine < 2; ++refine) {
    Box box({8, 8, 8}, 1.25e-6, 1e16);
    box.fill([](Index i, Index j, Index k) { return i < 4 && j < 5 && k < 6; });
    Mechanics& m = box.make();
    m.advance({0.0, 19e6, 0, 1});
    const double stored = m.measure().elastic_energy;
    m.reset_work();
    const int steps = refine ? 40 : 20;
    for (int step = 1; step <= steps; ++step) m.advance({double(step) / steps, 19e6, 0, 1});
    const auto now = m.measure();
    const double work = now.plate_work + now.swelling_work, balance = now.elastic_energy - stored + now.dissipated_energy;
    EXPECT_GT(now.dissipated_energy, 0.0);
    error[refine] = std::abs(work - balance) / std::abs(work);
    EXPECT_LT(error[refine], 0.01);
  }
  EXPECT_LT(error[1], 0.7 * error[0]);
}
