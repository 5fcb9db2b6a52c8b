// Relaxation of the surroundings of interfaces that change: what it moves, and that displacement, change and residual stay in step.
#include "physics/local_relaxation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mesh/components.hpp"
#include "physics/elastic_multigrid.hpp"
#include "tests/raw_faces.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;

/// A rod of two bodies along x, glued at its middle by a brittle interface; walls on all sides, the upper z one as a plate if asked.
struct Rod {
  static constexpr Index edge = 12;
  Index3 n{24, edge, edge};
  double voxel = 1e-7;
  std::vector<std::int32_t> body;
  mesh::Faces faces;
  mesh::Nodes nodes;
  mesh::CohesivePoints points;
  MaterialClasses classes;
  std::unique_ptr<ElasticSystem> system;
  std::unique_ptr<ElasticMultigrid> blocks;
  Interface interface;
  Array<float> springs;
  Array<std::uint8_t> changed;
  Field<double> u, force;
  Field<float> change;

  explicit Rod(bool plate_moves = false) {
    for (Index c = 0; c < product(n); ++c) body.push_back(c % n[0] < n[0] / 2 ? 0 : 1);
    faces = tests::raw_faces(n, body, {});
    nodes = mesh::make_nodes(n, {}, body);
    points = mesh::make_cohesive_points(nodes, faces, body);
    classes.stiffness = {isotropic_stiffness(20e9, 0.3)};
    classes.bbar = {0};
    classes.of_cell.assign(body.size(), 0);
    Support support;
    support.wall = {{{true, true}, {true, true}, {true, true}}};
    support.plate_moves = plate_moves;
    system = std::make_unique<ElasticSystem>(nodes, points, classes, voxel, support);
    ElasticMultigrid::Options options;
    options.jacobi = true;
    blocks = std::make_unique<ElasticMultigrid>(*system, body, options);

    interface = make_interface(*system, faces);
    InterfaceEntry entry;
    entry.toughness_I = entry.toughness_II = 0.1;
    interface.laws = kernels::upload("laws", std::vector<cohesive::Law>{cohesive::make_law(entry)});
    interface.history.damage = kernels::upload("damage", std::vector<double>(std::size_t(points.n_points()), 0.0));
    interface.history.separation = kernels::upload("separation", std::vector<float>(std::size_t(points.n_points()), 0.0f));
    springs = kernels::make_array<float>("springs", 6 * points.n_pairs());
    Kokkos::deep_copy(springs, 0.0f);
    changed = kernels::make_array<std::uint8_t>("changed", points.n_pairs());
    Kokkos::deep_copy(changed, std::uint8_t(0));
    u = kernels::make_field<double>("u", nodes.n_nodes());
    force = kernels::make_field<double>("force", nodes.n_nodes());
    change = kernels::make_field<float>("change", nodes.n_nodes());
  }
  /// Opens the pairs of one interface vertex by `opening`, and marks them.
  void open(Index vertex, double opening) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), u);
    std::vector<std::uint8_t> flags(std::size_t(points.n_pairs()), 0);
    for (std::uint32_t p = points.pair_offset[std::size_t(vertex)]; p < points.pair_offset[std::size_t(vertex) + 1]; ++p) {
      flags[p] = 1;
      host(points.pair_node[2 * p + 1], 0) += opening;
    }
    Kokkos::deep_copy(u, host);
    Kokkos::deep_copy(changed, kernels::upload("flags", flags));
    for_springs();
  }
  void for_springs() {
    const auto flags = kernels::make_array<std::uint8_t>("all", points.n_pairs());
    kernels::for_each("springs", points.n_vertices(), PreconditionerSprings{interface, u, springs, flags});
    blocks->refresh(springs);
  }
  /// Residual at u, masked; `plate_force` gets what the upper z wall's nodes feel before.
  Field<double> residual(double* plate_force = nullptr) const {
    auto r = kernels::make_field<double>("r", nodes.n_nodes());
    system->bulk_force<double>(u, r);
    kernels::assign_scaled(r, -1.0, r);
    kernels::for_each("subtract_cohesive", points.n_vertices(), SubtractCohesive{interface, u, r});
    if (plate_force) *plate_force = system->plate_force(r);
    system->mask(r);
    return r;
  }
  LocalRelaxation::State state() const { return {interface, u, change, force, blocks->solution(), blocks->right_hand_side()}; }
  Index middle() const {  // of the interface's vertices
    for (std::size_t q = 0; q < points.vertex.size(); ++q) {
      const Index v = points.vertex[q], nx = nodes.n_vertices[0], ny = nodes.n_vertices[1];
      if (v / nx % ny == edge / 2 && v / (nx * ny) == edge / 2) return Index(q);
    }
    return -1;
  }
};

double norm(const Field<double>& f) { return std::sqrt(kernels::dot(f, f)); }

}  // namespace

TEST(LocalRelaxation, NothingChanged_NothingMoves) {
  Rod rod;
  rod.open(rod.middle(), 3e-10);
  Kokkos::deep_copy(rod.changed, std::uint8_t(0));  // away from equilibrium, but not since the last call
  Kokkos::deep_copy(rod.force, rod.residual());
  ASSERT_GT(norm(rod.force), 0.0);
  const auto moved = kernels::make_field<double>("moved", rod.nodes.n_nodes());
  Kokkos::deep_copy(moved, rod.u);
  LocalRelaxation::Options options;
  options.most_of_all = 1;
  LocalRelaxation local(*rod.system, options);
  local.follow(rod.changed);
  double plate = 0;
  EXPECT_EQ(local.relax(rod.blocks->fine_blocks(), rod.state(), plate), 0);
  kernels::add_scaled(moved, -1.0, rod.u);
  EXPECT_EQ(norm(moved), 0.0);
}

TEST(LocalRelaxation, OneVertexOpened_BroughtToRestWithinTheRadius) {
  Rod rod;
  rod.open(rod.middle(), 3e-10);  // past the onset of .2 nm
  Kokkos::deep_copy(rod.force, rod.residual());
  const double before = norm(rod.force);
  ASSERT_GT(before, 0.0);
  const auto u_before = kernels::make_field<double>("u_before", rod.nodes.n_nodes());
  Kokkos::deep_copy(u_before, rod.u);
  LocalRelaxation::Options options;
  options.iterations = 200;
  options.enough = 1e-12;
  options.most_of_all = 1;
  LocalRelaxation local(*rod.system, options);
  local.follow(rod.changed);
  double plate = 0;
  EXPECT_GT(local.relax(rod.blocks->fine_blocks(), rod.state(), plate), 3);

  const auto r = rod.residual(), moved = kernels::make_field<double>("moved", rod.nodes.n_nodes());
  Kokkos::deep_copy(moved, rod.u);
  kernels::add_scaled(moved, -1.0, u_before);
  const auto error = kernels::make_field<double>("error", rod.nodes.n_nodes());
  Kokkos::deep_copy(error, r);
  kernels::add_scaled(error, -1.0, rod.force);
  EXPECT_LT(norm(error), 1e-6 * before) << "the residual it keeps is that of the displacement it leaves";
  kernels::add_scaled(moved, -1.0, rod.change);
  EXPECT_LT(norm(moved), 1e-6 * norm(u_before)) << "and the step's change has gone along";

  const auto host_u = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), rod.u), host_r = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), r);
  const auto host_old = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), u_before);
  double inside = 0, outside = 0, largest_move = 0;
  for (Index v = 0; v < product(rod.nodes.n_vertices); ++v) {
    const Index3 m = rod.nodes.n_vertices, at{v % m[0], v / m[0] % m[1], v / (m[0] * m[1])};
    const Index distance = std::max({std::abs(at[0] - rod.n[0] / 2), std::abs(at[1] - Rod::edge / 2), std::abs(at[2] - Rod::edge / 2)});
    for (std::uint32_t k = rod.nodes.offset[std::size_t(v)]; k < rod.nodes.offset[std::size_t(v) + 1]; ++k)
      for (int d = 0; d < 3; ++d) {
        if (distance <= options.radius) inside = std::max(inside, std::abs(host_r(k, d)));
        else outside = std::max(outside, std::abs(host_u(k, d) - host_old(k, d)));
        largest_move = std::max(largest_move, std::abs(host_u(k, d) - host_old(k, d)));
      }
  }
  EXPECT_EQ(outside, 0.0);
  EXPECT_GT(largest_move, 1e-11);
  EXPECT_LT(inside, 1e-4 * before);
}

TEST(LocalRelaxation, NearThePlate_ItsForceGoesAlong) {
  Rod rod(true);
  Index vertex = -1;  // at the upper z wall
  for (std::size_t q = 0; q < rod.points.vertex.size(); ++q)
    if (rod.points.vertex[q] / (rod.nodes.n_vertices[0] * rod.nodes.n_vertices[1]) == Rod::edge && rod.points.vertex[q] / rod.nodes.n_vertices[0] % rod.nodes.n_vertices[1] == Rod::edge / 2) vertex = Index(q);
  ASSERT_GE(vertex, 0);
  rod.open(vertex, 3e-10);
  double before = 0, after = 0, plate = 0;
  Kokkos::deep_copy(rod.force, rod.residual(&before));
  plate = before;
  LocalRelaxation::Options options;
  options.most_of_all = 1;
  LocalRelaxation local(*rod.system, options);
  local.follow(rod.changed);
  ASSERT_GT(local.relax(rod.blocks->fine_blocks(), rod.state(), plate), 0);
  rod.residual(&after);
  EXPECT_GT(std::abs(after - before), 1e-3 * std::abs(before));
  EXPECT_NEAR(plate, after, 1e-5 * std::abs(before));
}

TEST(LocalRelaxation, RegionTooLarge_OrForgotten_NothingMoves) {
  Rod rod;
  rod.open(rod.middle(), 3e-10);
  Kokkos::deep_copy(rod.force, rod.residual());
  double plate = 0;
  LocalRelaxation::Options options;
  options.most_of_all = 1e-3;
  LocalRelaxation crowded(*rod.system, options);
  crowded.follow(rod.changed);
  EXPECT_EQ(crowded.relax(rod.blocks->fine_blocks(), rod.state(), plate), 0);

  options.most_of_all = 1;
  LocalRelaxation forgetful(*rod.system, options);
  forgetful.follow(rod.changed);
  Kokkos::deep_copy(rod.changed, std::uint8_t(0));
  for (int i = 0; i < options.memory; ++i) forgetful.follow(rod.changed);
  EXPECT_EQ(forgetful.relax(rod.blocks->fine_blocks(), rod.state(), plate), 0);

  Kokkos::deep_copy(rod.changed, std::uint8_t(1));
  forgetful.follow(rod.changed);
  forgetful.forget();
  EXPECT_EQ(forgetful.relax(rod.blocks->fine_blocks(), rod.state(), plate), 0);
}
