// A box divided among ranks: every voxel, vertex and node has one owner, and both sides of a message name the same nodes.
#include "mesh/index_boxes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "kernels/error.hpp"

namespace {

using namespace voxode;
using namespace voxode::mesh;

/// Bodies at random, voxel by voxel, some of them void: as many nodes at a vertex as there can be.
std::vector<std::int32_t> random_bodies(const Index3& n) {
  std::mt19937 random(5);
  std::vector<std::int32_t> body(static_cast<std::size_t>(product(n)));
  for (std::int32_t& b : body) b = std::int32_t(random() % 12) - 2;
  for (std::int32_t& b : body) b = std::max(b, -1);
  return body;
}

using Node = std::pair<Index, std::int32_t>;  // vertex, body, as the whole box numbers them

struct Rank {
  SubBox box;
  std::vector<std::int32_t> body;
  Nodes nodes;
  NodeExchange exchange;
  std::vector<Node> global;  // of each node

  Rank(const Division& division, int rank, const std::vector<std::int32_t>& of_all) : box(make_sub_box(division, rank)), body(box.take(of_all)) {
    nodes = make_nodes(box.ghost.size(), box.periodic, body);
    exchange = make_node_exchange(box, nodes, body);
    const Index3& n = nodes.n_vertices;
    for (Index v = 0; v < nodes.vertex_count(); ++v) {
      Index3 at{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
      for (std::size_t a = 0; a < 3; ++a) {
        at[a] += box.ghost.begin[a];
        if (division.periodic[a]) at[a] = (at[a] + division.n[a]) % division.n[a];
      }
      for (std::uint32_t i = nodes.offset[std::size_t(v)]; i < nodes.offset[std::size_t(v) + 1]; ++i) global.emplace_back(linear_index(division.n_vertices(), at[0], at[1], at[2]), nodes.body[i]);
    }
  }
};

struct DividedGrid {
  Index3 n_ranks;
  Periodicity periodic;
};

struct IndexBoxes : ::testing::TestWithParam<DividedGrid> {};

TEST_P(IndexBoxes, EveryNodeHasOneOwnerAndMessagesAgree) {
  const Division division{{7, 6, 5}, GetParam().periodic, GetParam().n_ranks};
  const std::vector<std::int32_t> body = random_bodies(division.n);
  const Nodes whole = make_nodes(division.n, division.periodic, body);
  std::vector<Rank> ranks;
  for (int r = 0; r < division.rank_count(); ++r) ranks.emplace_back(division, r, body);

  std::map<Node, int> owner;
  for (const Rank& rank : ranks)
    for (const std::uint32_t n : rank.exchange.own) EXPECT_TRUE(owner.emplace(rank.global[n], rank.box.rank).second) << "owned twice";
  std::size_t missing = 0;
  for (Index v = 0; v < whole.vertex_count(); ++v)
    for (std::uint32_t n = whole.offset[std::size_t(v)]; n < whole.offset[std::size_t(v) + 1]; ++n) missing += owner.count({v, whole.body[n]}) == 0;
  EXPECT_EQ(missing, 0u);
  EXPECT_EQ(Index(owner.size()), whole.n_nodes());

  std::size_t sent = 0;
  for (const Rank& rank : ranks) {
    std::set<std::uint32_t> known(rank.exchange.own.begin(), rank.exchange.own.end());
    for (const NodeMessage& message : rank.exchange.messages) {
      const Rank& other = ranks[std::size_t(message.rank)];
      const auto back = std::find_if(other.exchange.messages.begin(), other.exchange.messages.end(), [&](const NodeMessage& m) { return m.rank == rank.box.rank; });
      ASSERT_NE(back, other.exchange.messages.end());
      ASSERT_EQ(message.receive.size(), back->send.size());
      for (std::size_t i = 0; i < message.receive.size(); ++i) {
        EXPECT_EQ(rank.global[message.receive[i]], other.global[back->send[i]]);
        EXPECT_EQ(owner[rank.global[message.receive[i]]], message.rank);
        EXPECT_TRUE(known.insert(message.receive[i]).second) << "received twice";
      }
      sent += message.receive.size();
    }
    // forces on own nodes: every corner of every cell around has a value
    std::set<Index> own_vertices;
    for (const std::uint32_t i : rank.exchange.own) own_vertices.insert(Index(std::upper_bound(rank.nodes.offset.begin(), rank.nodes.offset.end(), i) - rank.nodes.offset.begin()) - 1);
    std::size_t unknown = 0;
    for (const Index v : own_vertices)
      rank.nodes.for_cells_around(v, [&](std::size_t, std::size_t cell) {
        if (!(rank.nodes.corner_rank[cell] & Nodes::solid_bit)) return;
        for (const std::uint32_t node : rank.nodes.of_cell(Index(cell))) unknown += known.count(node) == 0;
      });
    EXPECT_EQ(unknown, 0u) << "rank " << rank.box.rank;
  }
  EXPECT_EQ(sent > 0, division.rank_count() > 1);
}

TEST_P(IndexBoxes, LocalAndGlobalVoxelsAreInverse) {
  const Division division{{7, 6, 5}, GetParam().periodic, GetParam().n_ranks};
  std::vector<int> owners(std::size_t(product(division.n)), 0);
  for (int r = 0; r < division.rank_count(); ++r) {
    const SubBox box = make_sub_box(division, r);
    const Index3 size = box.ghost.size();
    Index found = 0;
    for (Index k = 0; k < size[2]; ++k)
      for (Index j = 0; j < size[1]; ++j)
        for (Index i = 0; i < size[0]; ++i) EXPECT_EQ(box.to_local(box.to_global({i, j, k})), (Index3{i, j, k}));
    for (Index k = 0; k < division.n[2]; ++k)
      for (Index j = 0; j < division.n[1]; ++j)
        for (Index i = 0; i < division.n[0]; ++i) {
          const Index3 at{i, j, k};
          owners[std::size_t(linear_index(division.n, i, j, k))] += box.own.contains(at);
          const auto local = box.to_local(at);
          found += local.has_value();
          if (local) EXPECT_EQ(box.to_global(*local), at);
          else EXPECT_FALSE(box.own.contains(at));
        }
    EXPECT_EQ(found, product(size));
  }
  for (const int count : owners) EXPECT_EQ(count, 1);
}

constexpr Periodicity walls{false, false, false}, all{true, true, true}, in_plane{true, true, false};
INSTANTIATE_TEST_SUITE_P(Divisions, IndexBoxes,
                         ::testing::Values(DividedGrid{{1, 1, 1}, walls}, DividedGrid{{1, 1, 1}, all}, DividedGrid{{2, 1, 1}, walls}, DividedGrid{{2, 1, 1}, all}, DividedGrid{{1, 2, 1}, walls}, DividedGrid{{1, 2, 1}, all}, DividedGrid{{1, 1, 2}, walls},
                                           DividedGrid{{1, 1, 2}, all}, DividedGrid{{1, 1, 2}, in_plane}, DividedGrid{{3, 1, 1}, all}, DividedGrid{{3, 2, 2}, walls}, DividedGrid{{3, 2, 2}, in_plane}, DividedGrid{{2, 3, 2}, all}),
                         [](const auto& info) {
                           std::string name;
                           for (std::size_t a = 0; a < 3; ++a) name += std::to_string(info.param.n_ranks[a]) + (info.param.periodic[a] ? "p" : "w");
                           return name;
                         });

TEST(IndexBoxes_TooManyRanks, ThrowAnErrorThatSaysHowMany) {
  try {
    make_sub_box({{8, 8, 5}, walls, {1, 1, 3}}, 0);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "5 voxels along an axis are too few for 3 ranks, which want two each");
  }
}

}  // namespace
