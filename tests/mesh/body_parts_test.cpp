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
  BodyParts parts(const Periodicity& periodic = {}) const {
    const Nodes nodes = make_nodes(n, periodic, body);
    return find_body_parts(nodes, nodes.body, body, cell_class, stiffness);
  }
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

namespace {

/// 8 x 8 x 12 voxels: a floor of 4 layers, on it a pillar of 4 x 4 voxels and a splinter one voxel thick and 6 high, at `x`, `x`: with 4 it touches an edge of the pillar.
std::vector<std::int32_t> pillar_and_splinter(Index x) {
  const Index3 n{8, 8, 12};
  std::vector<std::int32_t> body(std::size_t(product(n)), -1);
  for (Index k = 0; k < 12; ++k)
    for (Index j = 0; j < 8; ++j)
      for (Index i = 0; i < 8; ++i)
        if (k < 4 || (i < 4 && j < 4) || (i == x && j == x && k < 10)) body[std::size_t(linear_index(n, i, j, k))] = 0;
  return body;
}

BodyParts parts_of(const std::vector<std::int32_t>& body) {
  const Nodes nodes = make_nodes({8, 8, 12}, {}, body);
  return find_body_parts(nodes, nodes.body, body, std::vector<std::uint32_t>(body.size(), 0), {100.0f});
}

}  // namespace

TEST(BodyParts, SplinterOnAnEdge_IsAPart) {
  const BodyParts parts = parts_of(pillar_and_splinter(4));
  ASSERT_FALSE(parts.empty());
  const std::int32_t splinter = parts.of_voxel[std::size_t(linear_index({8, 8, 12}, 4, 4, 6))], rest = parts.of_voxel[0];
  EXPECT_NE(splinter, rest);
  EXPECT_EQ(std::count(parts.of_voxel.begin(), parts.of_voxel.end(), splinter), 6);
  EXPECT_EQ(std::count(parts.of_voxel.begin(), parts.of_voxel.end(), rest), 4 * 64 + 8 * 16);
  ASSERT_EQ(parts.ties.size(), 4u + 6u);  // at its foot, along the edge
  float sum = 0;
  for (const PartTie& tie : parts.ties) {
    EXPECT_EQ(tie.first, rest);  // the largest has the shared nodes
    EXPECT_EQ(tie.second, splinter);
    sum += tie.stiffness;
  }
  EXPECT_FLOAT_EQ(sum, 10 * 25.0f * (4 * 1 + 5 * 2 + 1));  // ten times a quarter of E h for each of its voxels that the vertex touches
}

TEST(BodyParts, Splinter_JoinsItsBodyWhereCellsAreLonger) {
  const BodyParts parts = parts_of(pillar_and_splinter(4));
  const auto splinter = std::size_t(parts.of_voxel[std::size_t(linear_index({8, 8, 12}, 4, 4, 6))]);
  EXPECT_EQ(parts.extent[splinter], 6);
  EXPECT_EQ(parts.joined(4)[splinter], std::int32_t(splinter));
  EXPECT_EQ(parts.joined(8)[splinter], parts.of_voxel[0]);
  EXPECT_EQ(parts.joined(8)[std::size_t(parts.of_voxel[0])], parts.of_voxel[0]);
}

TEST(BodyParts, SplinterOnItsFootAlone_StaysWithTheRest) { EXPECT_TRUE(parts_of(pillar_and_splinter(6)).empty()); }

// A fragment behind a splinter joins the body too, through the splinter, however the sizes are.
TEST(BodyParts, FragmentBehindASplinter_JoinsTheBody) {
  std::vector<std::int32_t> body = pillar_and_splinter(4);
  for (Index k = 10; k < 12; ++k)
    for (Index j = 4; j < 6; ++j)
      for (Index i = 4; i < 6; ++i) body[std::size_t(linear_index({8, 8, 12}, i, j, k))] = 0;
  const BodyParts parts = parts_of(body);
  const auto fragment = std::size_t(parts.of_voxel[std::size_t(linear_index({8, 8, 12}, 5, 5, 11))]);
  const std::int32_t splinter = parts.of_voxel[std::size_t(linear_index({8, 8, 12}, 4, 4, 6))];
  EXPECT_NE(std::int32_t(fragment), parts.of_voxel[0]);
  EXPECT_EQ(parts.joined(2)[fragment], std::int32_t(fragment));
  EXPECT_EQ(parts.joined(4)[fragment], splinter);
  EXPECT_EQ(parts.joined(8)[fragment], parts.of_voxel[0]);
}
