#include "mesh/hierarchy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "mesh/faces.hpp"
#include "tests/mesh/hierarchy_input.hpp"

using namespace voxode;
using namespace voxode::mesh;

namespace {

/// Body 1 is a box of voxels in body 0.
struct BoxInBox {
  Index3 n{};
  std::vector<std::int32_t> body;
  BoxInBox(const Index3& n_, const Index3& lower, const Index3& upper) : n(n_), body(std::size_t(product(n_)), 0) {
    for (Index k = lower[2]; k < upper[2]; ++k)
      for (Index j = lower[1]; j < upper[1]; ++j)
        for (Index i = lower[0]; i < upper[0]; ++i) body[std::size_t(linear_index(n, i, j, k))] = 1;
  }
  /// The bodies as parts of one: tied where they meet, body 1 joins body 0 where cells are longer than `extent`.
  std::vector<CoarseLevel> joining(Index extent) const {
    BodyParts parts;
    parts.of_voxel = body;
    const Nodes nodes = make_nodes(n, {}, body);
    for (Index v = 0; v < nodes.vertex_count(); ++v)
      if (nodes.offset[std::size_t(v) + 1] - nodes.offset[std::size_t(v)] == 2) parts.ties.push_back({v, 0, 1, 7.0f});
    parts.joins = {0, 0};
    parts.extent = {n[0], extent};
    return hierarchy(1, parts);
  }
  std::vector<CoarseLevel> hierarchy(Index bottom_nodes, const BodyParts& parts = {}, const Periodicity& periodic = {}) const {
    const Nodes nodes = make_nodes(n, periodic, body);
    CohesivePoints points;
    points.pair_offset = {0};
    points.point_offset = {0};
    const std::vector<std::uint32_t> cell_class(body.size(), 0);
    HierarchyInput input = tests::hierarchy_input(nodes, points, body, parts, cell_class);
    input.n_properties = 1;
    input.class_property = {2.0f};
    input.class_stiffness = {3.0f};
    input.bottom_nodes = bottom_nodes;
    return make_hierarchy(input).levels;
  }
};

}  // namespace

TEST(Hierarchy, ElementOfPartOfACell_KnowsItsCentreAndSpread) {
  const BoxInBox box({16, 16, 16}, {0, 5, 8}, {2, 8, 16});
  const std::vector<CoarseLevel> levels = box.hierarchy(1);
  ASSERT_EQ(levels.size(), 4u);  // cells of 2, 4, 8, 16 voxels
  const CoarseLevel& bottom = levels.back();
  ASSERT_EQ(bottom.n_elements(), 2);
  const std::size_t e = bottom.element_body[0] == 1 ? 0 : 1;
  EXPECT_FLOAT_EQ(bottom.property[e], 2.0f * 2 * 3 * 8);
  const double centre[3] = {1 / 8.0 - 1, 6.5 / 8 - 1, 12 / 8.0 - 1}, spread[3] = {2 / 16.0, 3 / 16.0, 8 / 16.0};
  for (std::size_t a = 0; a < 3; ++a) {
    EXPECT_NEAR(double(bottom.element_centre[2 * a + e]), 127 * centre[a], 0.5);
    EXPECT_NEAR(double(bottom.element_spread[2 * a + e]), 255 * spread[a], 0.5);
  }
}

TEST(Hierarchy, ElementsOfFullCells_AreCentred) {
  const BoxInBox box({12, 10, 14}, {0, 0, 0}, {0, 0, 0});
  for (const CoarseLevel& level : box.hierarchy(1)) {
    for (const std::int8_t centre : level.element_centre) EXPECT_EQ(int(centre), 0);
    for (const std::uint8_t spread : level.element_spread) EXPECT_EQ(int(spread), 255);
  }
}

TEST(Hierarchy, PartThatJoins_SharesNodesAndLosesItsTies) {
  const BoxInBox box({16, 16, 16}, {0, 0, 0}, {4, 2, 2});
  const std::vector<CoarseLevel> levels = box.joining(4);
  ASSERT_EQ(levels.size(), 4u);  // cells of 2, 4, 8, 16 voxels
  for (std::size_t l = 0; l < 4; ++l) {
    const CoarseLevel& level = levels[l];
    const bool apart = l < 2;
    EXPECT_EQ(level.springs.n_groups() > 0, apart);
    EXPECT_EQ(std::count(level.element_body.begin(), level.element_body.end(), 1) > 0, apart);
    EXPECT_EQ(level.n_nodes > product(level.n_vertices), apart);
    float sum = 0;
    for (const float p : level.property) sum += p;
    EXPECT_FLOAT_EQ(sum, 2.0f * 16 * 16 * 16);
    if (l > 0) continue;
    // nodes 4 and 5 of the finest mesh, of vertex (4, 0, 0)
    std::uint32_t first[8], second[8];
    float weight[8];
    ASSERT_EQ(level.nodes_of({level.parent[4]}, {4, 0, 0}, first, weight), 1);
    ASSERT_EQ(level.nodes_of({level.parent[5]}, {4, 0, 0}, second, weight), 1);
    EXPECT_NE(first[0], second[0]);
  }
}

// A body in the shape of a U, its legs 2 voxels wide and 2 apart: the legs meet in the box of 16 voxels only.
TEST(Hierarchy, LegsOfOneBody_HaveElementsOfTheirOwnUntilTheyMeetInTheCell) {
  BoxInBox u({8, 8, 16}, {0, 0, 0}, {0, 0, 0});
  for (std::size_t i = 0; i < u.body.size(); ++i) {
    const Index x = Index(i) % 8, z = Index(i) / 64;
    if (x >= 6 || (z >= 2 && x >= 2 && x < 4)) u.body[i] = -1;  // legs 0 <= x < 2 and 4 <= x < 6
  }
  const std::vector<CoarseLevel> levels = u.hierarchy(1);
  ASSERT_EQ(levels.size(), 4u);  // cells of 2, 4, 8, then of 8 x 8 x 16 voxels
  // elements in the cells that hold the upper ends of both legs, and those at their foot
  const std::size_t of_cells[4] = {2 * 4 * 7 + 3 * 4, 2 * 2 * 3 + 2 * 2, 2 + 1, 1};
  for (std::size_t l = 0; l < 4; ++l) EXPECT_EQ(std::size_t(levels[l].n_elements()), of_cells[l]) << l;
  // in cells of 8 voxels legs share the nodes at z = 8, which are the foot's too, and have their own at z = 16
  const CoarseLevel& level = levels[2];
  ASSERT_EQ(product(level.n_vertices), 2 * 2 * 3);
  for (std::size_t v = 0; v < 12; ++v) EXPECT_EQ(level.node_offset[v + 1] - level.node_offset[v], v < 4 ? 1u : v < 8 ? 1u : 2u) << v;
}

// 5 x 5 pillars in a cell of 16 voxels are more than a body may have elements there: from that level on they are one.
TEST(Hierarchy, BodyInManyPiecesInACell_StaysOneElement) {
  BoxInBox pillars({16, 16, 16}, {0, 0, 0}, {0, 0, 0});
  for (std::size_t i = 0; i < pillars.body.size(); ++i)
    if (Index(i) % 16 % 3 != 0 || Index(i) / 16 % 16 % 3 != 0 || Index(i) % 16 == 15 || Index(i) / 16 % 16 == 15) pillars.body[i] = -1;
  const std::vector<CoarseLevel> levels = pillars.hierarchy(1);
  ASSERT_EQ(levels.size(), 4u);  // cells of 2, 4, 8, 16 voxels
  EXPECT_EQ(levels[2].n_elements(), 2 * 25);  // at most 9 pillars a cell of 8
  EXPECT_EQ(levels[3].n_elements(), 1);
  EXPECT_EQ(levels[3].n_nodes, 8);
}

// On every level the nodes that a node hangs on lie at the corners of the cell that its vertex is in, with weights that give the vertex its place.
TEST(Hierarchy, RandomBodiesOnAnyBox_NodesHangOnCornersAroundThem) {
  std::mt19937 random{5};
  for (int trial = 0; trial < 200; ++trial) {
    const Periodicity periodic{(trial & 1) != 0, (trial & 2) != 0, (trial & 4) != 0};
    BoxInBox box({1 + Index(random() % 11), 1 + Index(random() % 11), 1 + Index(random() % 11)}, {0, 0, 0}, {0, 0, 0});
    for (std::int32_t& body : box.body) body = std::int32_t(random() % 4) - 1;
    const Nodes nodes = make_nodes(box.n, periodic, box.body);
    if (nodes.n_nodes() == 0) continue;
    const std::vector<CoarseLevel> levels = box.hierarchy(1, {}, periodic);
    const std::vector<std::uint32_t>* offset = &nodes.offset;
    Index3 n_vertices = nodes.n_vertices;
    for (const CoarseLevel& level : levels) {
      ASSERT_EQ(level.parent.size(), offset->back());
      std::vector<bool> is_used(std::size_t(level.n_nodes), false);
      for (Index v = 0; v < product(n_vertices); ++v)
        for (std::uint32_t n = (*offset)[std::size_t(v)]; n < (*offset)[std::size_t(v) + 1]; ++n) {
          const Index3 at{v % n_vertices[0], v / n_vertices[0] % n_vertices[1], v / (n_vertices[0] * n_vertices[1])};
          std::uint32_t on[8];
          float weight[8];
          const int count = level.nodes_of({level.parent[n]}, at, on, weight);
          float sum = 0;
          for (int i = 0; i < count; ++i) {
            ASSERT_LT(on[i], level.n_nodes);
            is_used[on[i]] = true;
            sum += weight[i];
            const auto vertex = Index(std::upper_bound(level.node_offset.begin(), level.node_offset.end(), on[i]) - level.node_offset.begin()) - 1;
            const Index3 corner{vertex % level.n_vertices[0], vertex / level.n_vertices[0] % level.n_vertices[1], vertex / (level.n_vertices[0] * level.n_vertices[1])};
            for (std::size_t a = 0; a < 3; ++a) {
              const AxisTransfer& axis = level.from_finer[a];
              const Index left = axis.left[std::size_t(at[a])], right = (left + 1) % level.n_vertices[a];
              const float w = axis.right_weight[std::size_t(at[a])];
              EXPECT_TRUE((w < 1 && corner[a] == left) || (w > 0 && corner[a] == right)) << "trial " << trial << " axis " << a;
            }
          }
          EXPECT_NEAR(double(sum), 1, 1e-6);
        }
      EXPECT_EQ(std::count(is_used.begin(), is_used.end(), false), 0);
      offset = &level.node_offset;
      n_vertices = level.n_vertices;
    }
  }
}
