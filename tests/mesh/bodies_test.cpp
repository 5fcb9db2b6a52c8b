#include "mesh/bodies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/error.hpp"
#include "mesh/orientation.hpp"

using namespace voxode;
using namespace voxode::mesh;
using ::testing::ElementsAre;

namespace {

constexpr std::uint8_t p = pore;

VoxelGrid row(std::vector<std::uint8_t> phase, std::vector<std::uint32_t> instance = {}) {
  VoxelGrid grid;
  grid.n = {Index(phase.size()), 1, 1};
  grid.spacing = 2.0;
  grid.phase = std::move(phase);
  grid.instance = std::move(instance);
  grid.phase_names = {"electrolyte", "active"};
  return grid;
}

BodyRule rule(BodyMode mode, OrientationMode orientation = OrientationMode::random) {
  BodyRule r;
  r.mode = mode;
  r.grain_size = 4.0;
  r.orientation = orientation;
  return r;
}

constexpr Periodicity closed{false, false, false}, open_x{true, false, false};

}  // namespace

TEST(Bodies, OneAndPieces_NumberedBySmallestVoxel) {
  const VoxelGrid grid = row({p, 1, 0, 1, 1, 0, p});
  const Bodies bodies = make_bodies(grid, {rule(BodyMode::one), rule(BodyMode::pieces)}, closed, 1);
  EXPECT_THAT(bodies.of_voxel, ElementsAre(-1, 0, 1, 2, 2, 1, -1));
  EXPECT_EQ(bodies.n_particles, 2);
  EXPECT_EQ(bodies.table[0].particle, 0);
  EXPECT_EQ(bodies.table[1].particle, -1);
  EXPECT_EQ(bodies.table[2].particle, 1);
  EXPECT_EQ(bodies.table[1].n_voxels, 2);
  EXPECT_EQ(bodies.table[1].phase, 0);
  EXPECT_DOUBLE_EQ(bodies.table[2].centre[0], 8.0);
  EXPECT_DOUBLE_EQ(bodies.table[1].centre[0], 8.0);
  EXPECT_EQ(bodies.n_merged_fragments, 0);
}

TEST(Bodies, PiecesAcrossPeriodicSide_AreOneWithUnwrappedCentre) {
  const Bodies bodies = make_bodies(row({1, p, p, p, 1, 1}), {rule(BodyMode::one), rule(BodyMode::pieces)}, open_x, 1);
  EXPECT_THAT(bodies.of_voxel, ElementsAre(0, -1, -1, -1, 0, 0));
  EXPECT_DOUBLE_EQ(bodies.table[0].centre[0], 11.0);
}

TEST(Bodies, InstanceFile_MakesBodiesAndRestIsOne) {
  const Bodies bodies = make_bodies(row({0, 1, 1, 1, 1, 0}, {0, 7, 0, 9, 7, 0}), {rule(BodyMode::one), rule(BodyMode::file)}, closed, 1);
  EXPECT_THAT(bodies.of_voxel, ElementsAre(0, 1, 2, 3, 1, 0));
  EXPECT_EQ(bodies.table[1].instance, 7u);
  EXPECT_EQ(bodies.table[2].instance, 0u);
  EXPECT_EQ(bodies.table[2].particle, -1);
  EXPECT_EQ(bodies.table[3].instance, 9u);
  EXPECT_EQ(bodies.n_particles, 2);
}

TEST(Bodies, InstanceLabelInTwoPhases_IsAnInputError) {
  try {
    make_bodies(row({0, 1, 1}, {5, 5, 0}), {rule(BodyMode::one), rule(BodyMode::file)}, closed, 1);
    FAIL();
  } catch (const InputError& e) {
    EXPECT_THAT(e.what(), ::testing::AllOf(::testing::HasSubstr("label 5"), ::testing::HasSubstr("electrolyte"), ::testing::HasSubstr("active")));
  }
  EXPECT_THROW(make_bodies(row({0, 1, 1}), {rule(BodyMode::one), rule(BodyMode::file)}, closed, 1), ConfigError);
  EXPECT_NO_THROW(make_bodies(row({p, 1, 1}, {5, 5, 0}), {rule(BodyMode::one), rule(BodyMode::file)}, closed, 1));
}

TEST(Bodies, OrientationFile_IsLookedUpByLabelAndMustBeComplete) {
  BodyRule active = rule(BodyMode::file, OrientationMode::file);
  active.orientation_table = {{7, {0, 1, 0, 0}}};
  const Bodies bodies = make_bodies(row({0, 1, 1}, {0, 7, 7}), {rule(BodyMode::one, OrientationMode::aligned), active}, closed, 1);
  EXPECT_THAT(bodies.table[0].orientation, ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(bodies.table[1].orientation, ElementsAre(0, 1, 0, 0));
  EXPECT_THROW(make_bodies(row({0, 1, 1}, {0, 7, 8}), {rule(BodyMode::one), active}, closed, 1), InputError);
  EXPECT_THROW(make_bodies(row({0, 1, 1}, {0, 7, 0}), {rule(BodyMode::one), active}, closed, 1), InputError);
}

TEST(Orientation, UniformRotations_HaveIsotropicAxes) {
  // Means of c_x^2, c_x^2 c_y^2 of the crystal c axis and of the crystal a axis: 1/3, 1/15.
  for (const Vector3& axis : {Vector3{0, 0, 1}, Vector3{1, 0, 0}}) {
    double square = 0, mixed = 0, mean = 0;
    const int n = 24;
    for (int i = 0; i < n * n * n; ++i) {
      const Vector3 c = rotate(uniform_rotation((i % n + 0.5) / n, (i / n % n + 0.5) / n, (i / (n * n) + 0.5) / n), axis);
      square += c[0] * c[0];
      mixed += c[1] * c[1] * c[2] * c[2];
      mean += c[0] + c[1] + c[2];
    }
    EXPECT_NEAR(square / (n * n * n), 1.0 / 3, 2e-3);
    EXPECT_NEAR(mixed / (n * n * n), 1.0 / 15, 1e-3);
    EXPECT_NEAR(mean / (n * n * n), 0, 1e-12);
  }
}

TEST(Orientation, RadialRotation_PutsAOnTheRadiusAndCAcross) {
  for (const Vector3& r : {Vector3{1, 0, 0}, Vector3{-2, 0, 0}, Vector3{0, 0, 3}, Vector3{1, -2, 0.5}})
    for (double turn : {0.0, 0.3, 0.9}) {
      const Quaternion q = radial_rotation(r, turn);
      const double length = std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
      const Vector3 a = rotate(q, {1, 0, 0}), c = rotate(q, {0, 0, 1});
      for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(a[i], r[i] / length, 1e-12);
      EXPECT_NEAR(c[0] * r[0] + c[1] * r[1] + c[2] * r[2], 0, 1e-12);
      EXPECT_NEAR(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3], 1, 1e-12);
    }
}
