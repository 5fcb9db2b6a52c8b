#include "mesh/merging.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "tests/mesh/hierarchy_input.hpp"
#include "tests/raw_faces.hpp"

using namespace voxode;
using namespace voxode::mesh;
using coarsening::Merging;

namespace {

/// Along x body 0, a layer of soft body 2 that is two voxels thick in one half and one in the other, and body 1; in the gap a voxel of body 3, as stiff as 0 and 1, that touches 1 and 2 by a face.
struct SoftLayer {
  Index3 n{12, 6, 6};
  std::vector<std::int32_t> body;
  std::vector<std::uint32_t> cell_class;

  SoftLayer() {
    for (Index c = 0; c < product(n); ++c) {
      const Index x = c % n[0], y = c / n[0] % n[1], z = c / (n[0] * n[1]);
      body.push_back(x < 5 ? 0 : x >= 7 ? 1 : x == 5 || y < 3 ? 2 : y == 4 && z == 3 ? 3 : -1);
      cell_class.push_back(body.back() == 2);
    }
  }
  /// By two bodies: pairs that join, and all.
  std::map<std::pair<std::int32_t, std::int32_t>, std::pair<int, int>> joins(Bond to_soft) const {
    const Nodes nodes = make_nodes(n, {}, body);
    const CohesivePoints points = make_cohesive_points(nodes, tests::raw_faces(n, body, {}), body);
    std::vector<Bond> bonds;
    for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p)
      bonds.push_back(nodes.body[points.pair_node[2 * p]] == 2 || nodes.body[points.pair_node[2 * p + 1]] == 2 ? to_soft : Bond::stiff);
    const BodyParts parts;
    HierarchyInput input = tests::hierarchy_input(nodes, points, body, parts, cell_class);
    input.class_stiffness = {100.0f, 1.0f};
    input.bonds = &bonds;
    const Merging merging(input);
    std::map<std::pair<std::int32_t, std::int32_t>, std::pair<int, int>> result;
    for (std::size_t p = 0; p < bonds.size(); ++p) {
      auto& [joining, all] = result[{nodes.body[points.pair_node[2 * p]], nodes.body[points.pair_node[2 * p + 1]]}];
      joining += merging.joins(p);
      ++all;
    }
    return result;
  }
};

void expect(const std::pair<int, int>& joining_of_all, bool joins) {
  EXPECT_GT(joining_of_all.second, 0);
  EXPECT_EQ(joining_of_all.first, joins ? joining_of_all.second : 0);
}

}  // namespace

TEST(Merging, SoftBodyBehindSoftInterfaces_GoesWithTheNeighbourThatItTouchesMost) {
  auto joins = SoftLayer().joins(Bond::soft);
  expect(joins[{0, 2}], true);
  expect(joins[{1, 2}], false);
}

TEST(Merging, SmallFacet_IsAHinge) {
  auto joins = SoftLayer().joins(Bond::soft);
  expect(joins[{1, 3}], false);
  expect(joins[{2, 3}], false);
}

TEST(Merging, OpenPairs_JoinNothing) {
  auto joins = SoftLayer().joins(Bond::open);
  expect(joins[{0, 2}], false);
  expect(joins[{1, 2}], false);
}

TEST(Merging, StiffPairs_JoinBothSides) {
  auto joins = SoftLayer().joins(Bond::stiff);
  expect(joins[{0, 2}], true);
  expect(joins[{1, 2}], true);
}
