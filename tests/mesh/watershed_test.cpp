#include "mesh/watershed.hpp"

#include <gtest/gtest.h>

#include "mesh/bodies.hpp"
#include "touching_spheres.hpp"

using namespace voxode;
using namespace voxode::mesh;
using voxode::tests::TouchingSpheres;

namespace {

constexpr Periodicity every_side{true, true, true};

std::vector<Index> centre_voxels(const TouchingSpheres& spheres) {
  std::vector<Index> voxels;
  for (const Vector3& x : spheres.centre)
    voxels.push_back(linear_index(spheres.n, Index(x[0]) % spheres.n[0], Index(x[1]) % spheres.n[1], Index(x[2]) % spheres.n[2]));
  return voxels;
}

}  // namespace

TEST(Watershed, OverlappingSpheres_AreToldApart) {
  struct Case { double smallest, largest, overlap; };
  for (const Case& c : {Case{5, 9, 0.05}, Case{5, 9, 0.15}, Case{5, 9, 0.3}, Case{5, 9, 0.45}, Case{3, 6, 0.1}, Case{3, 6, 0.3}}) {
    const TouchingSpheres spheres = TouchingSpheres::grow(96, 120, c.smallest, c.largest, c.overlap, 5);
    ASSERT_GE(spheres.centre.size(), 80u);
    const Components found = separate_particles(spheres.n, spheres.mask(), every_side);
    const std::size_t recovered = tests::count_recovered(spheres.owner, centre_voxels(spheres), found.of_voxel);
    EXPECT_GE(double(recovered), 0.95 * double(spheres.centre.size())) << "radii " << c.smallest << " to " << c.largest << ", overlap " << c.overlap;
    EXPECT_LE(double(found.count()), 1.05 * double(spheres.centre.size()));
  }
}

TEST(Watershed, ConvexAndEmptyMasks_StayWhole) {
  const Index3 n{20, 12, 9};
  EXPECT_EQ(separate_particles(n, std::vector<std::uint8_t>(std::size_t(product(n)), 1), every_side).count(), 1);
  EXPECT_EQ(separate_particles(n, std::vector<std::uint8_t>(std::size_t(product(n)), 0), every_side).count(), 0);
  std::vector<std::uint8_t> slab(std::size_t(product(n)), 0);
  for (Index v = 0; v < product(n); ++v) slab[std::size_t(v)] = v / (n[0] * n[1]) < 4;
  EXPECT_EQ(separate_particles(n, slab, {false, false, false}).count(), 1);
}

TEST(Watershed, ParticlesMode_NumbersParticlesAsBodies) {
  const TouchingSpheres spheres = TouchingSpheres::grow(48, 15, 5, 8, 0.2, 9);
  VoxelGrid grid;
  grid.n = spheres.n;
  grid.spacing = 1e-6;
  grid.phase_names = {"electrolyte", "active"};
  grid.phase = spheres.mask();
  BodyRule particles;
  particles.mode = BodyMode::particles;
  const Bodies bodies = make_bodies(grid, {{}, particles}, every_side, 3);
  EXPECT_EQ(bodies.n_particles, Index(spheres.centre.size()));
  EXPECT_EQ(bodies.table.size(), spheres.centre.size() + 1);
}
