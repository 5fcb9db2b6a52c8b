#pragma once
// For a GPU: every element and every group of springs writes its own forces, then every node sums those that are its own, in the order of the
// elements: two launches where colours would take eight, and the same bits every time. And what else coarse levels do there node by node.
#include <vector>

#include "mesh/hierarchy.hpp"
#include "physics/multigrid_kernels.hpp"

namespace voxode::physics {

/// Which entries of lists belong to a node.
struct NodeGather {
  Array<std::uint32_t> offset;  ///< per node, n_nodes + 1
  Array<std::uint32_t> entry;   ///< positions in `node`, ascending

  NodeGather() = default;
  /// `node`: the node of every entry; `absent_node` and nodes from `n_nodes` on are left out.
  NodeGather(const std::vector<std::uint32_t>& node, Index n_nodes);
  double bytes() const { return 4.0 * double(offset.extent(0) + entry.extent(0)); }
};

/// y = sum of the forces of elements and springs at every node.
struct GatherForces {
  NodeGather elements;           ///< entries: corner x n_elements + element
  Index n_elements;
  ConstArray<float> element_force;  ///< (24, n_elements)
  NodeGather springs;            ///< entries: 16 x group + corner, 8 more on the second side; may be empty
  ConstArray<float> spring_force;   ///< (n_groups, 24), rows by `spring_row`, on the second side
  NodeField<float> y;

  VOXODE_FUNCTION void operator()(Index n) const {
    float sum[3] = {0, 0, 0};
    for (std::uint32_t i = elements.offset(n); i < elements.offset(n + 1); ++i) {
      const Index corner = Index(elements.entry(i)) / n_elements, element = Index(elements.entry(i)) % n_elements;
      for (int d = 0; d < 3; ++d) sum[d] += element_force(std::size_t(n_elements * (3 * corner + d) + element));
    }
    if (springs.offset.extent(0))
      for (std::uint32_t i = springs.offset(n); i < springs.offset(n + 1); ++i) {
        const std::uint32_t at = springs.entry(i);
        const float sign = (at & 8u) ? 1.0f : -1.0f;
        for (int d = 0; d < 3; ++d) sum[d] += sign * spring_force(24 * std::size_t(at >> 4) + std::size_t(spring_row(int(at & 7u), d)));
      }
    for (int d = 0; d < 3; ++d) y(n, d) = sum[d];
  }
};

/// Forces on the second side of every group of springs: an index is one of a group's 24 rows where it has a matrix, else a group.
struct GroupForces {
  DeviceSprings springs;
  ConstArray<float> pair_stiffness;
  NodeField<const float> x;
  Array<float> force;  ///< (n_groups, 24); zero where a corner is absent

  VOXODE_FUNCTION void operator()(Index index) const {
    const bool by_rows = springs.matrix.extent(0) != 0;
    const auto g = std::uint32_t(by_rows ? index / 24 : index);
    const std::uint32_t* const node = springs.node.data() + 16 * std::size_t(g);
    NodeVector jump[8], own[8];
    jump_at_corners(node, x, jump);
    if (!by_rows) {
      force_of_pairs(springs, pair_stiffness, g, jump, own);
      for (int c = 0; c < 8; ++c)
        for (int d = 0; d < 3; ++d) force(24 * std::size_t(g) + std::size_t(spring_row(c, d))) = own[c].get(d);
      return;
    }
    const int row = int(index % 24);
    const float* const a = springs.matrix.data() + 300 * std::size_t(g);
    float sum = 0;
    for (int j = 0; j < 24; ++j) sum += a[kernels::packed(row, j)] * jump[j % 8].get(j / 8);
    force(index) = sum;
  }
  Index size() const { return Index(force.extent(0)) / (springs.matrix.extent(0) ? 1 : 24); }
};

/// What MarkVertices does, vertex by vertex.
struct MarkVerticesByNode {
  NodeGather springs;
  ConstArray<std::uint8_t> changed;
  ConstArray<std::uint32_t> node_offset;
  Array<std::uint8_t> marked;
  VOXODE_FUNCTION void operator()(Index v) const {
    bool any = false;
    for (std::uint32_t i = springs.offset(node_offset(v)); i < springs.offset(node_offset(v + 1)) && !any; ++i) any = changed(springs.entry(i) >> 4) != 0;
    marked(v) = any ? 1 : 0;
  }
};

/// A Chebyshev step by rows: an index is one component of one node.
struct ChebyshevRows {
  CoarseChebyshevStep step;
  ConstArray<std::uint32_t> node_vertex;

  VOXODE_FUNCTION void operator()(Index index) const {
    const auto n = std::uint32_t(index / 3);
    const int component = int(index % 3);
    const std::uint32_t v = node_vertex(n), begin = step.node_offset(v);
    const int m = int(step.node_offset(v + 1) - begin), row = 3 * int(n - begin) + component;
    step.store(n, component, step.row_product(begin, m, step.inverse.data() + 3 * std::size_t(step.block_offset(v)), row));
  }
};

/// y (+)= W x: transfers between coarse levels as sparse rows.
struct NodeWeights {
  Array<std::uint32_t> offset, node;
  Array<float> weight;
  NodeWeights() = default;
  NodeWeights(const std::vector<std::uint32_t>& host_offset, const std::vector<std::uint32_t>& host_node, const std::vector<float>& host_weight);
  double bytes() const { return 4.0 * double(offset.extent(0) + 2 * node.extent(0)); }
};
struct ApplyWeights {
  NodeWeights rows;
  NodeField<const float> x;
  NodeField<float> y;
  bool add;
  VOXODE_FUNCTION void operator()(Index n) const {
    float sum[3] = {0, 0, 0};
    for (std::uint32_t e = rows.offset(n); e < rows.offset(n + 1); ++e)
      for (int d = 0; d < 3; ++d) sum[d] += rows.weight(e) * x(rows.node(e), d);
    for (int d = 0; d < 3; ++d) y(n, d) = add ? y(n, d) + sum[d] : sum[d];
  }
};
/// Interpolation from a coarse level's nodes to a finer coarse level's, and its transpose.
struct Interpolation {
  NodeWeights to_finer, to_coarser;
};
Interpolation make_interpolation(const mesh::CoarseLevel& finer, const mesh::CoarseLevel& coarse);

/// Inverts packed vertex blocks of more than `InvertBlocks::small` unknowns where marked, each by all threads of a team.
void invert_large_blocks(const Array<std::uint32_t>& vertices, int most_unknowns, const InvertBlocks& blocks);

}  // namespace voxode::physics
