#include "physics/transport_coarsen_kokkos.hpp"

#include <tuple>
#include <utility>

#include "kernels/error.hpp"
#include "kernels/scan.hpp"
#include "kernels/union_find.hpp"

namespace voxode::physics::transport {
namespace {

// (0, count[0], count[0] + count[1], ...), one longer than `count`; integers, so the order of a parallel scan does not matter.
struct Scan {
  const Id* count;
  Id* start;
  Index n;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, Index& sum, bool final) const {
    if (final) start[i] = Id(sum);
    if (i < n) sum += count[i];
  }
};

std::pair<View<Id>, Index> prefix_sum(const View<Id>& count) {
  const Index n = Index(count.extent(0));
  View<Id> start = allocate<Id>("voxode::physics::transport::prefix", n + 1);
  Index total = 0;
  kernels::scan("voxode::physics::transport::prefix_sum", "cells of the conduction problem", n + 1, Scan{count.data(), start.data(), n}, total);
  return {start, total};
}

// The nodes of one block of 2 x 2 x 2 cells, in ascending order of cells.
struct Blocks {
  Index3 n, n_coarse;
  const Id* first;
  template <class Visit>
  KOKKOS_INLINE_FUNCTION void for_nodes(Index block, const Visit& visit) const {
    const Index bx = block % n_coarse[0], by = block / n_coarse[0] % n_coarse[1], bz = block / (n_coarse[0] * n_coarse[1]);
    for (Index k = 2 * bz; k < 2 * bz + 2 && k < n[2]; ++k)
      for (Index j = 2 * by; j < 2 * by + 2 && j < n[1]; ++j) {
        const Index row = n[0] * (j + n[1] * k);
        const Index end = 2 * bx + 2 < n[0] ? 2 * bx + 2 : n[0];
        for (Id i = first[row + 2 * bx]; i < first[row + end]; ++i) visit(i);  // cells along x follow each other
      }
  }
};

template <class Graph>
struct Strongest {
  Graph graph;
  float* strongest;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    float largest = 0;
    graph.for_edges(i, [&](Index, float w) { largest = w > largest ? w : largest; });
    strongest[i] = largest;
  }
};

struct MarkBlocks {
  Blocks blocks;
  Id* block_of;
  Id* parent;
  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    blocks.for_nodes(block, [&](Id i) {
      block_of[i] = Id(block);
      parent[i] = i;
    });
  }
};

// Each thread unites within its own block only: no two touch the same entry of `parent`.
template <class Graph>
struct Join {
  Graph graph;
  Blocks blocks;
  float strength;
  const float* strongest;
  const Id* block_of;
  Id* parent;
  Id* n_groups;
  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    Id groups = 0;
    blocks.for_nodes(block, [&](Id i) {
      if (strongest[i] > 0 || graph.template ground<float>(i) > 0) ++groups;
      graph.for_edges(i, [&](Index j, float w) {
        if (j > Index(i) || block_of[j] != Id(block)) return;
        if (w < strength * (strongest[i] > strongest[j] ? strongest[i] : strongest[j])) return;
        if (kernels::unite(parent, i, Id(j))) --groups;
      });
    });
    n_groups[block] = groups;
  }
};

template <class Graph>
struct Number {
  Graph graph;
  Blocks blocks;
  const float* strongest;
  const Id* first_coarse;
  Id* parent;
  Id* group;
  Id* n_children;
  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    Id next = first_coarse[block];
    blocks.for_nodes(block, [&](Id i) {
      const Id root = kernels::find_root(parent, i);
      if (root == i) {
        const bool taken = strongest[i] > 0 || graph.template ground<float>(i) > 0;
        group[i] = taken ? next : none;
        if (taken) n_children[next++] = 0;
      } else {
        group[i] = group[root];  // the root is the smallest: numbered already
      }
      if (group[i] != none) ++n_children[group[i]];
    });
  }
};

struct ListChildren {
  Blocks blocks;
  const Id* group;
  const Id* child_start;
  Id* filled;  // 0 at first
  Id* child;
  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    blocks.for_nodes(block, [&](Id i) {
      if (group[i] != none) child[child_start[group[i]] + filled[group[i]]++] = i;
    });
  }
};

template <class Graph>
struct CountEdges {
  Graph graph;
  const Id* child_start;
  const Id* child;
  const Id* group;
  Id* n_edges;
  KOKKOS_INLINE_FUNCTION void operator()(Index node) const {
    Id edges = 0;
    for (Id c = child_start[node]; c < child_start[node + 1]; ++c)
      graph.for_edges(child[c], [&](Index j, float) { edges += group[j] != Id(node); });
    n_edges[node] = edges;
  }
};

// Conductances to the same other group are summed, in the order in which they are met.
template <class Graph>
struct SumEdges {
  Graph graph;
  const Id* child_start;
  const Id* child;
  const Id* group;
  const Id* start;
  Id* column;
  float* weight;
  float* to_ground;
  Id* n_unique;
  KOKKOS_INLINE_FUNCTION void operator()(Index node) const {
    const Id begin = start[node];
    Id end = begin;
    float ground = 0;
    for (Id c = child_start[node]; c < child_start[node + 1]; ++c) {
      ground += graph.template ground<float>(child[c]);
      graph.for_edges(child[c], [&](Index j, float w) {
        const Id other = group[j];
        if (other == Id(node)) return;
        Id e = begin;
        while (e < end && column[e] != other) ++e;
        if (e == end) {
          column[end] = other;
          weight[end++] = 0;
        }
        weight[e] += w;
      });
    }
    to_ground[node] = ground;
    n_unique[node] = end - begin;
  }
};

struct Compact {
  const Id* from;
  const Id* to;
  const Id* column_from;
  const float* weight_from;
  Id* column;
  float* weight;
  KOKKOS_INLINE_FUNCTION void operator()(Index node) const {
    for (Id e = 0; e < to[node + 1] - to[node]; ++e) {
      column[to[node] + e] = column_from[from[node] + e];
      weight[to[node] + e] = weight_from[from[node] + e];
    }
  }
};

template <class Graph>
void sum_graph(const Graph& graph, const View<Id>& group, Coarsening& c) {
  Level& level = c.level;
  const Index n = level.n;
  View<Id> counts = allocate<Id>("voxode::physics::transport::n_edges", n);
  for_all("voxode::physics::transport::count_edges", n,
          CountEdges<Graph>{graph, c.child_start.data(), c.child.data(), group.data(), counts.data()});
  const auto [loose_start, n_loose] = prefix_sum(counts);
  if (n_loose >= Index(none)) throw MemoryError("conduction: the image has more faces than 32-bit numbers can list; crop or coarsen it");
  View<Id> loose_column = allocate<Id>("voxode::physics::transport::loose_column", n_loose);
  View<float> loose_weight = allocate<float>("voxode::physics::transport::loose_weight", n_loose);
  level.to_ground = allocate<float>("voxode::physics::transport::to_ground", n);
  for_all("voxode::physics::transport::sum_edges", n,
          SumEdges<Graph>{graph, c.child_start.data(), c.child.data(), group.data(), loose_start.data(), loose_column.data(),
                          loose_weight.data(), level.to_ground.data(), counts.data()});
  Index n_edges = 0;
  std::tie(level.start, n_edges) = prefix_sum(counts);
  level.column = allocate<Id>("voxode::physics::transport::column", n_edges);
  level.weight = allocate<float>("voxode::physics::transport::weight", n_edges);
  for_all("voxode::physics::transport::compact", n,
          Compact{loose_start.data(), level.start.data(), loose_column.data(), loose_weight.data(), level.column.data(), level.weight.data()});
  level.rows = Rows{n, level.start.data(), level.column.data(), level.weight.data(), level.to_ground.data()};
  Kokkos::fence();  // the loose lists end here
}

template <class Graph>
Coarsening coarsen_graph(const Graph& graph, const CellMap& cells, float strength) {
  Coarsening c;
  for (int d = 0; d < 3; ++d) c.cells.n[d] = (cells.n[d] + 1) / 2;
  const Index n = graph.n, n_blocks = product(c.cells.n);
  const Blocks blocks{cells.n, c.cells.n, cells.first.data()};
  View<float> strongest = allocate<float>("voxode::physics::transport::strongest", n);
  View<Id> block_of = allocate<Id>("voxode::physics::transport::block_of", n);
  View<Id> parent = allocate<Id>("voxode::physics::transport::parent", n);
  View<Id> counts = allocate<Id>("voxode::physics::transport::n_groups", n_blocks);
  for_all("voxode::physics::transport::strongest", n, Strongest<Graph>{graph, strongest.data()});
  for_all("voxode::physics::transport::mark_blocks", n_blocks, MarkBlocks{blocks, block_of.data(), parent.data()});
  for_all("voxode::physics::transport::join", n_blocks,
          Join<Graph>{graph, blocks, strength, strongest.data(), block_of.data(), parent.data(), counts.data()});
  std::tie(c.cells.first, c.level.n) = prefix_sum(counts);
  const View<Id>& group = block_of;  // under its new meaning
  View<Id> n_children = allocate<Id>("voxode::physics::transport::n_children", c.level.n);
  for_all("voxode::physics::transport::number", n_blocks,
          Number<Graph>{graph, blocks, strongest.data(), c.cells.first.data(), parent.data(), group.data(), n_children.data()});
  Index n_listed = 0;
  std::tie(c.child_start, n_listed) = prefix_sum(n_children);
  c.child = allocate<Id>("voxode::physics::transport::child", n_listed);
  Kokkos::deep_copy(n_children, Id(0));
  for_all("voxode::physics::transport::list_children", n_blocks,
          ListChildren{blocks, group.data(), c.child_start.data(), n_children.data(), c.child.data()});
  sum_graph(graph, group, c);
  return c;
}

}  // namespace

Coarsening coarsen(const StencilData& stencil, const CellMap& cells, float strength) {
  Coarsening result;
  with_stencil(stencil, [&](const auto& graph) { result = coarsen_graph(graph, cells, strength); });
  return result;
}

Coarsening coarsen(const Level& level, const CellMap& cells, float strength) { return coarsen_graph(level.rows, cells, strength); }

}  // namespace voxode::physics::transport
