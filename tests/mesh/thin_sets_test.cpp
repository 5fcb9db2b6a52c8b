// Where a body is one voxel thick.
#include "mesh/thin_sets.hpp"

#include <gtest/gtest.h>

namespace {

using namespace voxode;

/// A block of 4 x 4 x 4 voxels in a corner of 8 x 8 x 8, a bar of one voxel's thickness on it, and a plate of another body above.
struct Scene {
  Index3 n{8, 8, 8};
  std::vector<std::int32_t> body = std::vector<std::int32_t>(512, -1);
  std::size_t at(Index i, Index j, Index k) const { return std::size_t(linear_index(n, i, j, k)); }
  Scene() {
    for (Index k = 0; k < 4; ++k)
      for (Index j = 0; j < 4; ++j)
        for (Index i = 0; i < 4; ++i) body[at(i, j, k)] = 0;
    for (Index k = 4; k < 7; ++k) body[at(1, 1, k)] = 0;
    for (Index j = 0; j < 8; ++j)
      for (Index i = 0; i < 8; ++i) body[at(i, j, 7)] = 1;
  }
  mesh::Components sets(const mesh::Periodicity& periodic = {}) const { return mesh::find_thin_sets(mesh::make_nodes(n, periodic, body), body); }
};

TEST(ThinSets, BarAndPlate_AreFoundByBody) {
  const Scene scene;
  const mesh::Components sets = scene.sets();
  ASSERT_EQ(sets.count(), 2);
  EXPECT_EQ(sets.size, (std::vector<Index>{3, 64}));
  EXPECT_EQ(sets.of_voxel[scene.at(1, 1, 5)], 0);
  EXPECT_EQ(sets.of_voxel[scene.at(5, 5, 7)], 1);
  EXPECT_EQ(sets.of_voxel[scene.at(1, 1, 3)], -1);  // of the block
}

TEST(ThinSets, PlateThatGoesOnAcrossAPeriodicSide_IsThick) {
  Scene scene;
  for (Index j = 0; j < 8; ++j)
    for (Index i = 0; i < 8; ++i) scene.body[scene.at(i, j, 0)] = 1;
  const mesh::Components sets = scene.sets({true, true, true});
  for (Index i = 0; i < 8; ++i) EXPECT_EQ(sets.of_voxel[scene.at(i, 6, 7)], -1);
}

}  // namespace
