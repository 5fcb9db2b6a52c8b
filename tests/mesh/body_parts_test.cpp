#include "mesh/body_parts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace voxode;
using namespace voxode::mesh;

namespace {

/// A box of 8 x 8 x 24 voxels, one body: stiff, soft, stiff, 8 layers each.
struct Sandwich {
  Index3 n{8, 8, 24};
  std::vector<std::int32_t> body = std::vector<std::int32_t>(std::size_t(8 * 8 * 24), 0);
  std::vector<std::uint32_t> cell_class = std::vector<std::uint32_t>(body.size(), 0);
  std::vector<float> stiffness{100.0f, 1.0f};
  Sandwich() {
    for (std::size_t cell = 0; cell < body.size(); ++cell) cell_class[cell] = cell / 64 / 8 == 1;
  }
  BodyParts parts(const Periodicity& periodic = {}) const { return find_body_parts(make_nodes(n, periodic, body), body, cell_class, stiffness); }
};

}  // namespace

TEST(BodyParts, SoftLayer_PartsTheBody) {
  const Sandwich s;
  const BodyParts parts = s.parts();
  ASSERT_EQ(parts.of_voxel.size(), s.body.size());
  EXPECT_EQ((std::set<std::int32_t>(parts.of_voxel.begin(), parts.of_voxel.end())).size(), 3u);
  EXPECT_NE(parts.of_voxel.front(), parts.of_voxel.back());
  // 9 x 9 nodes a layer of vertices: the soft part keeps the 7 inside, the layers it shares belong to the stiff ones
  const std::int32_t soft = parts.of_voxel[8 * 64];
  EXPECT_EQ(std::count(parts.of_node.begin(), parts.of_node.end(), soft), 7 * 81);
  ASSERT_EQ(parts.ties.size(), 2u * 81u);
  float sum = 0;
  for (const PartTie& tie : parts.ties) {
    EXPECT_EQ(tie.second, soft);
    EXPECT_NE(tie.first, soft);
    sum += tie.stiffness;
  }
  EXPECT_NEAR(sum, 2 * 64 * 10.0f, 1e-3f);  // a tenth of a voxel on each voxel of both sides
}

TEST(BodyParts, PeriodicSandwich_HasOneStiffPart) {
  const BodyParts parts = Sandwich().parts({true, true, true});
  EXPECT_EQ((std::set<std::int32_t>(parts.of_voxel.begin(), parts.of_voxel.end())).size(), 2u);
}

TEST(BodyParts, NothingFarSofter_LeavesBodiesWhole) {
  Sandwich s;
  s.stiffness[1] = 20;
  EXPECT_TRUE(s.parts().empty());
}

TEST(BodyParts, SmallSoftInclusion_StaysWithTheRest) {
  Sandwich s;
  std::fill(s.cell_class.begin(), s.cell_class.end(), 0u);
  s.cell_class[5 * 64 + 27] = s.cell_class[5 * 64 + 28] = 1;
  EXPECT_TRUE(s.parts().empty());
}

TEST(BodyParts, BodyThatIsSoftAltogether_StaysWhole) {
  Sandwich s;
  std::fill(s.cell_class.begin(), s.cell_class.end(), 1u);
  for (std::size_t cell = 0; cell < s.body.size(); ++cell) s.body[cell] = cell / 64 / 8 == 1;
  EXPECT_TRUE(s.parts().empty());
}
