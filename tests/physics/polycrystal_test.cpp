// Iterations of the multigrid-preconditioned conjugate gradients, and the size of its hierarchy, where thousands of small bodies crowd coarse levels.
#include "tests/polycrystal.hpp"

#include <gtest/gtest.h>

#include "physics/linear_solver.hpp"
#include "tests/physics/memory_archive.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;
using voxode::tests::Polycrystal;

struct Solved {
  int iterations = 0;
  double unknowns_ratio = 0;
  Index bottom_unknowns = 0;
};

/// `history`: springs that the hierarchy has seen, one after the other; solved with the last. `merge`: whether bodies may.
Solved solve(const Polycrystal& box, const std::vector<std::vector<float>>& history, bool merge = true) {
  const ElasticSystem system(box.nodes, box.points, box.classes, box.voxel_edge, box.support);
  ElasticMultigrid::Options options;
  if (merge) options.stiffest = box.intact;
  ElasticMultigrid multigrid(system, box.body, options);
  Array<float> springs;
  for (const std::vector<float>& list : history) {
    springs = kernels::upload("springs", list);
    multigrid.refresh(springs);
  }
  const auto u = kernels::make_field<double>("u", system.n_nodes()), load = kernels::make_field<double>("load", system.n_nodes());
  Kokkos::deep_copy(u, 0.0);
  system.bulk_force<double>(u, load, system.device_strain<double>(box.strain));
  kernels::assign_scaled(load, -1.0, load);
  system.mask(load);
  double plate = 0;
  LinearOptions linear;
  linear.max_iterations = 200;
  const LinearResult result = solve_linear(system, multigrid, springs, load, 0.0, u, plate, linear);
  std::printf("%s%d\n", multigrid.description().c_str(), result.iterations);
  return {result.iterations, double(multigrid.n_unknowns()) / double(3 * system.n_nodes()), multigrid.n_bottom_unknowns()};
}
Solved solve(const Polycrystal& box, double open_share) { return solve(box, {box.springs(open_share)}); }

/// Springs along the normal of a pair's largest face alone: grains that touch, and slip.
std::vector<float> touching(const Polycrystal& box) {
  std::vector<float> list = box.springs(1.0);
  for (std::size_t p = 0; p < box.intact.size(); ++p) {
    int faces[3] = {0, 0, 0};
    for (std::uint32_t point = box.points.point_offset[p]; point < box.points.point_offset[p + 1]; ++point) ++faces[box.faces.axis[box.points.face[point]]];
    const auto axis = std::size_t(std::max_element(faces, faces + 3) - faces);
    list[6 * p + axis] = box.intact[p];
  }
  return list;
}

TEST(Polycrystal, MergesWhereGrainsHold_FewIterationsAndUnknowns) {
  const Polycrystal box(32);
  for (const auto& [open, most] : {std::pair(0.0, 8), std::pair(0.3, 18), std::pair(0.6, 26), std::pair(1.0, 18)}) {
    const Solved run = solve(box, open);
    EXPECT_LE(run.iterations, most) << open;
    EXPECT_LE(run.unknowns_ratio, 1.4) << open;
    EXPECT_LT(run.bottom_unknowns, 3000) << open;
  }
}

TEST(Polycrystal, AcrossPeriodicSides_FewIterations) {
  const Polycrystal box(32, true);
  EXPECT_LE(solve(box, 0.0).iterations, 8);
  EXPECT_LE(solve(box, 0.6).iterations, 42);
  EXPECT_LE(solve(box, 1.0).iterations, 17);
}

// Otherwise what has come apart stays welded on coarse levels: several times as many iterations.
TEST(Polycrystal, PairsOpenAndCloseLater_HierarchyIsMadeAnew) {
  const Polycrystal box(24);
  const std::vector<float> intact = box.springs(0.0), open = box.springs(0.6);
  EXPECT_EQ(solve(box, {intact, open}).iterations, solve(box, {open}).iterations);
  EXPECT_EQ(solve(box, {intact, open, intact}).iterations, solve(box, {intact}).iterations);
}

TEST(Polycrystal, GrainsThatTouchAndSlip_StayOneOnCoarseLevels) {
  const Polycrystal box(32);
  const Solved run = solve(box, {touching(box)});
  EXPECT_LE(run.iterations, 25);
  EXPECT_LE(run.unknowns_ratio, 1.4);
}

/// Grains far smaller than the last level's cells, which stay apart to the bottom.
TEST(Polycrystal, GrainsAtTheBottom_HaveSixUnknownsEach) {
  const Polycrystal box(32);
  const Solved run = solve(box, {box.springs(0.3)}, false);
  EXPECT_LE(run.bottom_unknowns, 12 * box.n_grains);  // 9951 are those of 3317 nodes
  EXPECT_LE(run.iterations, 16);
}

/// What the multigrid makes of some right-hand side with 60.1 % of the pairs open.
std::vector<float> answer(const Polycrystal& box, const ElasticSystem& system, ElasticMultigrid& multigrid) {
  multigrid.refresh(kernels::upload("springs", box.springs(0.601)));
  const Field<float> b = multigrid.right_hand_side();
  kernels::for_each("load", system.n_nodes(), KOKKOS_LAMBDA(Index n) {
    for (int d = 0; d < 3; ++d) b(n, d) = float((3 * n + d) % 17) - 8.0f;
  });
  system.mask(b);
  double plate = 0;
  const Field<float> z = multigrid.apply(plate);
  return kernels::to_host(Array<float>(z.data(), z.span()));
}

/// What one multigrid has merged, and knows of spectra, another takes over: after a refresh of all springs both answer in the same bits.
TEST(Polycrystal, StateTakenOver_GivesTheSameBits) {
  const Polycrystal box(24);
  const ElasticSystem system(box.nodes, box.points, box.classes, box.voxel_edge, box.support);
  ElasticMultigrid::Options options;
  options.stiffest = box.intact;
  tests::MemoryArchive archive;
  ElasticMultigrid first(system, box.body, options);
  for (const double open : {0.0, 0.3, 0.6, 0.6, 0.6, 0.601}) first.refresh(kernels::upload("springs", box.springs(open)));
  first.go_over(archive);
  archive.loads_now = true;
  ElasticMultigrid second(system, box.body, options), fresh(system, box.body, options);
  second.go_over(archive);
  EXPECT_NE(first.description(), fresh.description()) << "nothing was to be taken over";
  const std::vector<float> expected = answer(box, system, first);
  EXPECT_EQ(answer(box, system, second), expected);
  EXPECT_NE(answer(box, system, fresh), expected);
  EXPECT_EQ(first.description(), second.description());
}

}  // namespace
