#include "mesh/grains.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "mesh/bodies.hpp"
#include "mesh/components.hpp"
#include "mesh/orientation.hpp"
#include "touching_spheres.hpp"

using namespace voxode;
using namespace voxode::mesh;
using voxode::tests::TouchingSpheres;

namespace {

constexpr Periodicity all_sides{true, true, true};

VoxelGrid sphere_grid() {
  const TouchingSpheres spheres = TouchingSpheres::grow(48, 8, 9, 11, 0.1, 4);
  VoxelGrid grid;
  grid.n = spheres.n;
  grid.spacing = 0.5e-6;
  grid.phase_names = {"electrolyte", "active"};
  grid.phase = spheres.mask();
  return grid;
}

Bodies cut(const VoxelGrid& grid, BodyMode mode, double size, std::uint64_t seed = 1) {
  BodyRule rule;
  rule.mode = mode;
  rule.grain_size = size;
  rule.orientation = mode == BodyMode::rods ? OrientationMode::radial : OrientationMode::random;
  return make_bodies(grid, {{}, rule}, all_sides, seed);
}

/// Every body is one face-connected piece of at least 8 voxels in one particle.
void expect_sound(const VoxelGrid& grid, const Bodies& bodies) {
  EXPECT_EQ(find_components(grid.n, bodies.of_voxel, all_sides).count(), Index(bodies.table.size()) + find_components(grid.n, [&] {
    std::vector<std::int32_t> matrix(grid.phase.begin(), grid.phase.end());
    for (auto& m : matrix) m = m == 0 ? 0 : -1;
    return matrix;
  }(), all_sides).count() - 1);
  for (const Body& body : bodies.table) EXPECT_GE(body.n_voxels, 8);
}

}  // namespace

TEST(Grains, NumberAndSize_FollowTheMeanEdge) {
  const VoxelGrid grid = sphere_grid();
  const Bodies whole = cut(grid, BodyMode::particles, 1), bodies = cut(grid, BodyMode::grains, 2.5e-6);
  EXPECT_EQ(bodies.n_particles, whole.n_particles);
  expect_sound(grid, bodies);
  double active = 0;
  for (const std::uint8_t phase : grid.phase) active += phase == 1;
  const double expected = active / 125;
  EXPECT_NEAR(double(bodies.table.size() - 1), expected, 0.05 * expected);
}

TEST(Grains, Cells_HoldWhatIsNearestToTheirSeeds) {
  // Cells of a box are convex: half way between two voxels of one cell lies none of another.
  const Index3 n{24, 20, 16};
  const std::vector<std::int32_t> particle(std::size_t(product(n)), 5);
  const auto cell = cut_particles(n, particle, std::vector<std::uint8_t>(particle.size(), 1), {false, false, false}, {false, 5.0}, 2);
  EXPECT_GT(std::set<std::int32_t>(cell.begin(), cell.end()).size(), 50u);
  for (Index v = 0; v < product(n); v += 7)
    for (Index w = v; w < product(n); w += 11) {
      if (cell[std::size_t(v)] != cell[std::size_t(w)]) continue;
      const Index3 a{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])}, b{w % n[0], w / n[0] % n[1], w / (n[0] * n[1])};
      if ((a[0] + b[0]) % 2 != 0 || (a[1] + b[1]) % 2 != 0 || (a[2] + b[2]) % 2 != 0) continue;
      EXPECT_EQ(cell[std::size_t(linear_index(n, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2))], cell[std::size_t(v)]);
    }
}

TEST(Rods, Sectors_PointAwayFromTheCentre) {
  const VoxelGrid grid = sphere_grid();
  const Bodies bodies = cut(grid, BodyMode::rods, 3e-6);
  expect_sound(grid, bodies);
  std::map<std::int32_t, std::pair<double, Index>> particles;  // voxels, bodies
  for (const Body& body : bodies.table) {
    if (body.particle < 0) continue;
    particles[body.particle].first += double(body.n_voxels);
    ++particles[body.particle].second;
  }
  EXPECT_EQ(Index(particles.size()), bodies.n_particles);
  for (const auto& [particle, content] : particles) {
    const double expected = 4 * 3.141592653589793 * std::pow(3 * content.first / (4 * 3.141592653589793), 2.0 / 3) / 36;
    EXPECT_NEAR(double(content.second), expected, 0.1 * expected + 1) << particle;
  }
  // a along the radius: away from the mean of the particle's other bodies; all directions of a particle cancel.
  std::map<std::int32_t, Vector3> sum;
  for (const Body& body : bodies.table) {
    if (body.particle < 0) continue;
    const Vector3 a = rotate(body.orientation, {1, 0, 0});
    for (std::size_t i = 0; i < 3; ++i) sum[body.particle][i] += a[i];
  }
  for (const auto& [particle, s] : sum)
    EXPECT_LT(std::sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2]), 0.1 * double(particles[particle].second));
}

TEST(GrainsAndRods, SameSeed_SameBodies) {
  const VoxelGrid grid = sphere_grid();
  for (const BodyMode mode : {BodyMode::grains, BodyMode::rods}) {
    EXPECT_EQ(cut(grid, mode, 2.5e-6, 3).of_voxel, cut(grid, mode, 2.5e-6, 3).of_voxel);
    EXPECT_NE(cut(grid, mode, 2.5e-6, 3).of_voxel, cut(grid, mode, 2.5e-6, 4).of_voxel);
  }
}
