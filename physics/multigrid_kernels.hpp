#pragma once
// Kernels of the elastic multigrid: smoother, transfers, interface springs and vertex blocks of coarse levels.
#include <type_traits>

#include "kernels/packed_matrix.hpp"
#include "mesh/hierarchy.hpp"
#include "physics/element_kernels.hpp"

namespace voxode::physics {

inline constexpr std::uint32_t absent_node = mesh::SpringGroups::absent, ground_node = mesh::SpringGroups::ground;

/// Position of (row, column) of a 3x3 block in xx yy zz yz xz xy.
VOXODE_FUNCTION constexpr int symmetric3(int i, int j) { return i == j ? i : 6 - i - j; }

/// Adds sign x (3x3 symmetric block) at nodes (m, n) of a packed vertex block.
VOXODE_FUNCTION void add_to_packed(float* a, int m, int n, const float (&block)[6], float sign) {
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      const int row = 3 * m + i, column = 3 * n + j;
      if (column <= row) a[kernels::packed(row, column)] += sign * block[symmetric3(i, j)];
    }
}

/// One Chebyshev step on every vertex: d = keep d + step D^-1 (b - t), x = x + d (x = d if `first`). What d holds is not read if keep = 0. An index takes `at_once` vertices.
template <class Values, class Stored = float>  // Field<float>, NodeField<float>; of the inverses: float, or its upper half
struct ChebyshevStep {
  static constexpr bool by_component = std::is_same_v<Values, Field<float>>;
  static constexpr int width = kernels::has_packs ? 8 : 1;  // runs of vertices with one node each are short between interfaces
  static constexpr int at_once = kernels::has_packs ? 64 : 1;
  Index n_vertices;
  ConstArray<std::uint32_t> node_offset;
  Array<std::uint32_t> block_offset;
  Array<Stored> inverse;
  Values b, t;  ///< t: A x; not read if `first`
  Values x, d;
  float keep, step;
  bool first;

  VOXODE_FUNCTION void operator()(Index index) const {
    const Index end = index * at_once + at_once < n_vertices ? index * at_once + at_once : n_vertices;
    for (Index v = index * at_once; v < end;) {
      bool single = by_component && width > 1 && v + width <= end;  // one node each
      for (int l = 0; l < width && single; ++l) single = node_offset(v + l + 1) - node_offset(v + l) == 1;
      if (single) single_nodes(v), v += width;
      else vertex(v), ++v;
    }
  }
  VOXODE_FUNCTION void single_nodes(Index v) const {
    using V = kernels::Pack<float, width>;
    const std::uint32_t begin = node_offset(v);
    V a[6] = {}, r[3];
    bool uniform = true;
    for (int l = 1; l < width; ++l) uniform = uniform && block_offset(v + l) == block_offset(v);
    if (uniform) {
      const Stored* const block = inverse.data() + 3 * std::size_t(block_offset(v));
      for (int e = 0; e < 6; ++e) a[e] = number(block + e) - V{};
    } else {
      for (int l = 0; l < width; ++l) {
        const Stored* const block = inverse.data() + 3 * std::size_t(block_offset(v + l));
        for (int e = 0; e < 6; ++e) kernels::set_lane<width>(a[e], l, number(block + e));
      }
    }
    for (int i = 0; i < 3; ++i) r[i] = kernels::load_unaligned<V>(&b(begin, i)) - (first ? V{} : kernels::load_unaligned<V>(&t(begin, i)));
    const V s[3] = {a[0] * r[0] + a[1] * r[1] + a[3] * r[2], a[1] * r[0] + a[2] * r[1] + a[4] * r[2], a[3] * r[0] + a[4] * r[1] + a[5] * r[2]};
    for (int i = 0; i < 3; ++i) {
      const V update = keep == 0 ? step * s[i] : keep * kernels::load_unaligned<V>(&d(begin, i)) + step * s[i];
      const V sum = first ? update : kernels::load_unaligned<V>(&x(begin, i)) + update;
      kernels::store_unaligned(&d(begin, i), update);
      kernels::store_unaligned(&x(begin, i), sum);
    }
  }
  VOXODE_FUNCTION void vertex(Index v) const {
    const std::uint32_t begin = node_offset(v), end = node_offset(v + 1);
    const int m = int(end - begin);
    if (m == 0) return;
    const Stored* const line = inverse.data() + 3 * std::size_t(block_offset(v));
    if (m == 1) {
      float r[3], a[6];
      for (int e = 0; e < 6; ++e) a[e] = number(line + e);
      for (int i = 0; i < 3; ++i) r[i] = residual(begin, i);
      store(begin, 0, a[0] * r[0] + a[1] * r[1] + a[3] * r[2]);
      store(begin, 1, a[1] * r[0] + a[2] * r[1] + a[4] * r[2]);
      store(begin, 2, a[3] * r[0] + a[4] * r[1] + a[5] * r[2]);
      return;
    }
    switch (m) {
      case 2: return few_nodes<2>(begin, line);
      case 3: return few_nodes<3>(begin, line);
      case 4: return few_nodes<4>(begin, line);
      default: return m > most ? many_nodes(begin, m, line) : several_nodes(begin, m, line);
    }
  }
  static VOXODE_INLINE_FUNCTION float number(const Stored* p) { return kernels::numbers<1>(p); }
  /// M nodes, all loops unrolled: nearly all vertices at interfaces have two or three.
  template <int M>
  VOXODE_FUNCTION void few_nodes(std::uint32_t begin, const Stored* line) const {
    float r[3 * M], s[3 * M];
    VOXODE_UNROLL
    for (int i = 0; i < 3 * M; ++i) {
      r[i] = residual(begin + std::uint32_t(i / 3), i % 3);
      s[i] = 0.0f;
    }
    VOXODE_UNROLL
    for (int row = 0; row < 3 * M; ++row) {
      VOXODE_UNROLL
      for (int column = 0; column < 3 * M; ++column) s[row] += number(line + kernels::packed(row, column)) * r[column];
    }
    VOXODE_UNROLL
    for (int i = 0; i < 3 * M; ++i) store(begin + std::uint32_t(i / 3), i % 3, s[i]);
  }
  static constexpr int most = kernels::has_packs ? 64 : 8;  ///< nodes of one vertex whose values fit the stack; more, never on the finest level, go the slow way
  VOXODE_FUNCTION void several_nodes(std::uint32_t begin, int m, const Stored* line) const {
    using V = kernels::Pack<float, width>;
    float r[3 * most + width], s[3 * most + width];
    for (int i = 0; i < 3 * m; ++i) {
      r[i] = residual(begin + std::uint32_t(i / 3), i % 3);
      s[i] = 0.0f;
    }
    for (int row = 0; row < 3 * m; ++row) {
      int column = 0;
      V sums{};
      for (; column + width <= row; column += width) {
        const V values = kernels::numbers<width>(line + column);
        sums += values * kernels::load_unaligned<V>(r + column);
        kernels::add_unaligned<V>(s + column, values * r[row]);
      }
      float sum = kernels::sum_lanes<float, width>(sums) + number(line + row) * r[row];
      for (; column < row; ++column) {
        sum += number(line + column) * r[column];
        s[column] += number(line + column) * r[row];
      }
      s[row] += sum;
      line += row + 1;
    }
    for (int i = 0; i < 3 * m; ++i) store(begin + std::uint32_t(i / 3), i % 3, s[i]);
  }
  VOXODE_FUNCTION void many_nodes(std::uint32_t begin, int m, const Stored* a) const {
    for (int row = 0; row < 3 * m; ++row) store(begin + std::uint32_t(row / 3), row % 3, row_product(begin, m, a, row));
  }
  /// One row of D^-1 (b - t) of a vertex with m nodes from `begin` on and the packed inverse `a`.
  VOXODE_FUNCTION float row_product(std::uint32_t begin, int m, const Stored* a, int row) const {
    float s = 0;
    for (int other = 0; other < m; ++other)
      for (int i = 0; i < 3; ++i) s += number(a + kernels::packed(row, 3 * other + i)) * residual(begin + std::uint32_t(other), i);
    return s;
  }
  VOXODE_FUNCTION float residual(std::uint32_t n, int i) const { return b(n, i) - (first ? 0.0f : t(n, i)); }
  VOXODE_FUNCTION void store(std::uint32_t n, int i, float s) const {
    const float update = keep == 0 ? step * s : keep * d(n, i) + step * s;
    d(n, i) = update;
    x(n, i) = first ? update : x(n, i) + update;
  }
};

template <class Values, class Stored>
void run_chebyshev(const char* name, const ChebyshevStep<Values, Stored>& step) {
  kernels::for_each(name, (step.n_vertices + step.at_once - 1) / step.at_once, step);
}

/// On a coarse level. The inverse's entries to 2^-8 of themselves: no spring there is so much stiffer than what lies behind it that more digits would count.
using CoarseChebyshevStep = ChebyshevStep<NodeField<float>, std::uint16_t>;

/// Inverts the marked packed vertex blocks in place.
struct InvertBlocks {
  static constexpr int small = 12;  ///< unknowns up to which a block is inverted in double precision
  static constexpr float floor = 1e-6f;
  ConstArray<std::uint8_t> marked;
  ConstArray<std::uint32_t> node_offset;
  Array<std::uint32_t> block_offset;
  Array<float> value;
  VOXODE_FUNCTION void operator()(Index v) const {
    const int n = 3 * int(node_offset(v + 1) - node_offset(v));
    if (n == 0 || !marked(v)) return;
    float* const a = value.data() + 3 * std::size_t(block_offset(v));
    if (n <= small) {
      double work[kernels::packed_size(small)];
      const int size = kernels::packed_size(n);
      for (int i = 0; i < size; ++i) work[i] = double(a[i]);
      kernels::invert_packed(work, n, 1e-9);
      for (int i = 0; i < size; ++i) a[i] = float(work[i]);
    } else if (kernels::on_host) {  // on a GPU by invert_large_blocks
      kernels::invert_packed(a, n, floor);
    }
  }
};

/// The nodes of a coarse level as those of the finer one hang on them.
struct CoarseNodes {
  Index n[3];  ///< vertices
  Index n_elements;
  ConstArray<std::uint32_t> element_node, parent;
  /// Node of `corner` of the cell at AxisTransfer::left, where a finer node has a weight.
  VOXODE_FUNCTION std::uint32_t node_at(mesh::Parent finer, int corner) const { return element_node(std::size_t(n_elements) * std::size_t(finer.corner(corner)) + finer.element()); }
};

struct DeviceTransfer {
  ConstArray<std::int32_t> left, child_offset, child;
  ConstArray<float> right_weight, child_weight;
};

/// The components of one node.
struct NodeVector {
  static constexpr int width = kernels::has_packs ? 4 : 1, parts = kernels::has_packs ? 1 : 3;
  using V = kernels::Pack<float, width>;
  V part[parts] = {};

  NodeVector() = default;
  VOXODE_INLINE_FUNCTION NodeVector(float x, float y, float z) { set(part, x, y, z); }
  VOXODE_INLINE_FUNCTION NodeVector(const NodeField<const float>& field, std::uint32_t n) {
    for (int p = 0; p < parts; ++p) part[p] = kernels::load_unaligned<V>(field.data() + 4 * std::size_t(n) + p);
  }
  VOXODE_INLINE_FUNCTION NodeVector(const Field<const float>& field, std::uint32_t n) : NodeVector(field(n, 0), field(n, 1), field(n, 2)) {}
  VOXODE_INLINE_FUNCTION float get(int i) const { return kernels::get_lane<width, float>(part[i / width], i % width); }
  VOXODE_INLINE_FUNCTION void add(float factor, const NodeVector& other) {
    for (int p = 0; p < parts; ++p) part[p] += factor * other.part[p];
  }
  VOXODE_INLINE_FUNCTION void store(const NodeField<float>& field, std::uint32_t n) const {
    for (int p = 0; p < parts; ++p) kernels::store_unaligned(field.data() + 4 * std::size_t(n) + p, part[p]);
  }
  VOXODE_INLINE_FUNCTION void add_to(const NodeField<float>& field, std::uint32_t n, float factor = 1.0f) const {
    for (int p = 0; p < parts; ++p) kernels::add_unaligned<V>(field.data() + 4 * std::size_t(n) + p, V(factor * part[p]));
  }
  VOXODE_INLINE_FUNCTION void add_to(const Field<float>& field, std::uint32_t n) const {
    for (int d = 0; d < 3; ++d) field(n, d) += get(d);
  }
  /// A symmetric matrix xx yy zz yz xz xy times this.
  VOXODE_INLINE_FUNCTION NodeVector times(const float* k) const {
    NodeVector product;
    multiply(k, part, product.part);
    return product;
  }

 private:  // templates, so that only one branch of each is compiled
  template <class Lanes, int n>
  static VOXODE_INLINE_FUNCTION void set(Lanes (&to)[n], float x, float y, float z) {
    if constexpr (n == 1) to[0] = kernels::three_lanes<Lanes>(x, y, z);
    else to[0] = x, to[1] = y, to[2] = z;
  }
  template <class Lanes, int n>
  static VOXODE_INLINE_FUNCTION void multiply(const float* k, const Lanes (&j)[n], Lanes (&to)[n]) {
    if constexpr (n == 1) {
      to[0] = kernels::symmetric_product(k, j[0]);
    } else {
      to[0] = k[0] * j[0] + k[5] * j[1] + k[4] * j[2];
      to[1] = k[5] * j[0] + k[1] * j[1] + k[3] * j[2];
      to[2] = k[4] * j[0] + k[3] * j[1] + k[2] * j[2];
    }
  }
};

/// x_finer += P x_coarse.
template <class Values>  // Field<float> of the finest level, NodeField<float> of others
struct Prolong {
  Index n_finer[3];
  DeviceTransfer axis[3];
  ConstArray<std::uint32_t> finer_offset;
  CoarseNodes coarse;
  NodeField<const float> from;
  Values to;

  VOXODE_FUNCTION void operator()(Index index) const {  // a row of finer vertices, on a GPU one of them
    if constexpr (kernels::on_host) vertices(0, n_finer[0], index);
    else vertices(index % n_finer[0], index % n_finer[0] + 1, index / n_finer[0]);
  }
  Index size() const { return (kernels::on_host ? 1 : n_finer[0]) * n_finer[1] * n_finer[2]; }
  VOXODE_FUNCTION void vertices(Index begin, Index end, Index row) const {
    const Index j = row % n_finer[1], k = row / n_finer[1];
    const float wj = axis[1].right_weight(j), wk = axis[2].right_weight(k);
    const float weight_yz[4] = {(1 - wj) * (1 - wk), wj * (1 - wk), (1 - wj) * wk, wj * wk};
    for (Index i = begin; i < end; ++i) {
      const Index v = i + n_finer[0] * row;
      const float wi = axis[0].right_weight(i);
      for (std::uint32_t n = finer_offset(v); n < finer_offset(v + 1); ++n) {
        const mesh::Parent parent{coarse.parent(n)};
        if (parent.is_none()) continue;
        NodeVector sum;
        for (int c = 0; c < 8; ++c) {
          const float w = ((c & 1) ? wi : 1 - wi) * weight_yz[c >> 1];
          if (w == 0.0f) continue;
          sum.add(w, NodeVector(from, coarse.node_at(parent, c)));
        }
        sum.add_to(to, n);
      }
    }
  }
};

/// b_coarse = P' r_finer, gathered by coarse vertex.
template <class Values>  // Field<const float> of the finest level, NodeField<const float> of others
struct Restrict {
  Index n_finer[3];
  DeviceTransfer axis[3];
  ConstArray<std::uint32_t> finer_offset, node_offset;
  CoarseNodes coarse;
  bool with_loose = false;  ///< some finer nodes hang on nothing
  Values from;
  NodeField<float> to;

  VOXODE_FUNCTION void operator()(Index index) const {  // a row of coarse vertices, on a GPU one of them
    if constexpr (kernels::on_host) vertices(0, coarse.n[0], index);
    else vertices(index % coarse.n[0], index % coarse.n[0] + 1, index / coarse.n[0]);
  }
  Index size() const { return (kernels::on_host ? 1 : coarse.n[0]) * coarse.n[1] * coarse.n[2]; }
  VOXODE_FUNCTION void vertices(Index begin, Index end, Index row) const {
    const Index J = row % coarse.n[1], K = row / coarse.n[1];
    for (Index I = begin; I < end; ++I) {
      const Index V = I + coarse.n[0] * row;
      if (node_offset(V + 1) - node_offset(V) == 1) {
        only_node(I, J, K, node_offset(V));
        continue;
      }
      for (std::uint32_t n = node_offset(V); n < node_offset(V + 1); ++n) NodeVector().store(to, n);
      for_finer(I, J, K, [&](std::uint32_t n, float w, int corner) {
        const mesh::Parent parent{coarse.parent(n)};
        if (!parent.is_none()) NodeVector(from, n).add_to(to, coarse.node_at(parent, corner), w);
      });
    }
  }
  /// f(node, weight, corner that the coarse vertex is of the cell at AxisTransfer::left) for the finer nodes that hang on it.
  template <class F>
  VOXODE_INLINE_FUNCTION void for_finer(Index I, Index J, Index K, const F& f) const {
    for (std::int32_t ck = axis[2].child_offset(K); ck < axis[2].child_offset(K + 1); ++ck)
      for (std::int32_t cj = axis[1].child_offset(J); cj < axis[1].child_offset(J + 1); ++cj) {
        const float weight_yz = axis[2].child_weight(ck) * axis[1].child_weight(cj);
        const Index j = axis[1].child(cj), k = axis[2].child(ck), line = n_finer[0] * (j + n_finer[1] * k);
        const int corner_yz = (axis[1].left(j) == J ? 0 : 2) + (axis[2].left(k) == K ? 0 : 4);
        for (std::int32_t ci = axis[0].child_offset(I); ci < axis[0].child_offset(I + 1); ++ci) {
          const float w = weight_yz * axis[0].child_weight(ci);
          const Index i = axis[0].child(ci), v = line + i;
          const int corner = corner_yz + (axis[0].left(i) == I ? 0 : 1);
          for (std::uint32_t n = finer_offset(v); n < finer_offset(v + 1); ++n) f(n, w, corner);
        }
      }
  }
  /// Of a coarse vertex with a single node, on which then hangs all around it that is not left out.
  VOXODE_FUNCTION void only_node(Index I, Index J, Index K, std::uint32_t node) const {
    if constexpr (std::is_same_v<Values, Field<const float>>) {
      float sum[3] = {0, 0, 0};
      for_finer(I, J, K, [&](std::uint32_t n, float w, int) {
        if (with_loose && mesh::Parent{coarse.parent(n)}.is_none()) return;
        for (int d = 0; d < 3; ++d) sum[d] += w * from(n, d);
      });
      NodeVector(sum[0], sum[1], sum[2]).store(to, node);
    } else {
      NodeVector sum;
      for_finer(I, J, K, [&](std::uint32_t n, float w, int) {
        if (!with_loose || !mesh::Parent{coarse.parent(n)}.is_none()) sum.add(w, NodeVector(from, n));
      });
      sum.store(to, node);
    }
  }
};

/// Interface springs of a coarse level on the device.
struct DeviceSprings {
  ConstArray<std::uint32_t> block_offset, node, member_offset, member;
  ConstArray<std::uint8_t> place;
  ConstArray<float> place_value;
  Array<float> matrix;  ///< packed 24 x 24 per group, rows by `spring_row`; empty on levels that take the finest pairs directly

  /// Where in its cell a pair is.
  VOXODE_INLINE_FUNCTION void place_of(std::uint32_t member, float (&at)[3]) const {
    for (int a = 0; a < 3; ++a) at[a] = place_value(place(3 * std::size_t(member) + std::size_t(a)));
  }
};

/// Row of a component at a corner in what belongs to a group of springs: component by component, so that the corners are the lanes of a pack.
VOXODE_FUNCTION constexpr int spring_row(int corner, int component) { return 8 * component + corner; }
VOXODE_FUNCTION constexpr int spring_entry(int row_corner, int i, int column_corner, int j) { return kernels::packed(spring_row(row_corner, i), spring_row(column_corner, j)); }

VOXODE_FUNCTION float corner_weight(const float* place, int c) {
  return ((c & 1) ? place[0] : 1 - place[0]) * ((c & 2) ? place[1] : 1 - place[1]) * ((c & 4) ? place[2] : 1 - place[2]);
}
/// Trilinear weights of the corners at a place in the cell.
VOXODE_INLINE_FUNCTION void corner_weights(const float* place, float (&w)[8]) {
  VOXODE_UNROLL
  for (int c = 0; c < 8; ++c) w[c] = corner_weight(place, c);
}

/// One number at each of the 8 corners of a cell.
struct Corners {
  static constexpr int width = kernels::has_packs ? 8 : 1, parts = 8 / width;
  using V = kernels::Pack<float, width>;
  V part[parts] = {};

  VOXODE_INLINE_FUNCTION void set(int corner, float value) { kernels::set_lane<width>(part[corner / width], corner % width, value); }
  VOXODE_INLINE_FUNCTION float get(int corner) const { return kernels::get_lane<width, float>(part[corner / width], corner % width); }
};

/// Forces of a group of finest pairs at the corners of its cell, from the jumps there.
VOXODE_FUNCTION void force_of_pairs(const DeviceSprings& springs, const ConstArray<float>& pair_stiffness, std::uint32_t g, const NodeVector (&jump)[8], NodeVector (&force)[8]) {
  constexpr std::uint32_t ahead = 12;  // pairs lie scattered: the processor would wait for each
  for (NodeVector& f : force) f = NodeVector();
  for (std::uint32_t m = springs.member_offset(g); m < springs.member_offset(g + 1); ++m) {
    if (m + ahead < springs.member.extent(0)) kernels::prefetch(pair_stiffness.data() + 6 * std::size_t(springs.member(m + ahead)));
    float at[3], w[8];
    springs.place_of(m, at);
    corner_weights(at, w);
    NodeVector here;
    VOXODE_UNROLL
    for (int c = 0; c < 8; ++c) here.add(w[c], jump[c]);
    const NodeVector f = here.times(pair_stiffness.data() + 6 * std::size_t(springs.member(m)));
    VOXODE_UNROLL
    for (int c = 0; c < 8; ++c) force[c].add(w[c], f);
  }
}

/// Jumps from the first to the second side at the corners of a group, of 16 nodes; 0 where one of them is absent.
VOXODE_INLINE_FUNCTION void jump_at_corners(const std::uint32_t* node, const NodeField<const float>& x, NodeVector (&jump)[8]) {
  VOXODE_UNROLL
  for (int c = 0; c < 8; ++c) {
    const bool here = node[c] != absent_node && node[8 + c] != absent_node;
    if (node[8 + c] == ground_node) jump[c] = NodeVector();
    else jump[c] = NodeVector(x, here ? node[8 + c] : 0);
    jump[c].add(-1.0f, NodeVector(x, here ? node[c] : 0));
  }
}

/// y += springs x on a coarse level, one block of cells.
struct SpringForce {
  DeviceSprings springs;
  ConstArray<float> pair_stiffness;
  ConstArray<std::uint32_t> blocks;
  NodeField<const float> x;
  NodeField<float> y;

  VOXODE_FUNCTION void operator()(Index index) const {
    const std::uint32_t block = blocks(index);
    for (std::uint32_t g = springs.block_offset(block); g < springs.block_offset(block + 1); ++g) group(g);
  }
  VOXODE_FUNCTION void group(std::uint32_t g) const {
    const std::uint32_t* const node = springs.node.data() + 16 * std::size_t(g);
    NodeVector jump[8], force[8];
    jump_at_corners(node, x, jump);
    if (springs.matrix.extent(0)) multiply(springs.matrix.data() + 300 * std::size_t(g), jump, force);
    else force_of_pairs(springs, pair_stiffness, g, jump, force);
    VOXODE_UNROLL
    for (int c = 0; c < 8; ++c) {
      if (node[c] == absent_node || node[8 + c] == absent_node) continue;
      if (node[8 + c] != ground_node) force[c].add_to(y, node[8 + c]);
      force[c].add_to(y, node[c], -1.0f);
    }
  }
  static VOXODE_FUNCTION void multiply(const float* a, const NodeVector (&jump)[8], NodeVector (&force)[8]) {
    float value[3][8];
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) value[d][c] = jump[c].get(d);
    Corners by_component[3], product[3];
    for (int d = 0; d < 3; ++d)
      for (int p = 0; p < Corners::parts; ++p) by_component[d].part[p] = kernels::load_unaligned<Corners::V>(value[d] + p * Corners::width);
    multiply(a, by_component, product);
    for (int c = 0; c < 8; ++c) force[c] = NodeVector(product[0].get(c), product[1].get(c), product[2].get(c));
  }
  /// A packed symmetric matrix, rows by `spring_row`: eight rows at a time share the sums over their lanes.
  template <class Lanes>
  static VOXODE_FUNCTION void multiply(const float* a, const Lanes (&jump)[3], Lanes (&force)[3]) {
    if constexpr (Lanes::width == 8) {
      using V = typename Lanes::V;
      constexpr float below[16] = {1, 1, 1, 1, 1, 1, 1, 1};  // from 8 - n on: n ones, then zeros
      for (int d = 0; d < 3; ++d) force[d].part[0] = V{};
      VOXODE_UNROLL
      for (int d = 0; d < 3; ++d) {
        V sum[8];
        VOXODE_UNROLL
        for (int c = 0; c < 8; ++c) {
          const float* const row = a + kernels::packed(8 * d + c, 0);
          const float here = jump[d].get(c);
          // from the row's end on these are entries of other rows
          const V last = kernels::load_unaligned<V>(row + 8 * d);
          sum[c] = last * kernels::load_unaligned<V>(below + 7 - c) * jump[d].part[0];
          force[d].part[0] += last * kernels::load_unaligned<V>(below + 8 - c) * here;
          for (int e = 0; e < d; ++e) {
            const V values = kernels::load_unaligned<V>(row + 8 * e);
            sum[c] += values * jump[e].part[0];
            force[e].part[0] += values * here;
          }
        }
        force[d].part[0] += kernels::sum_lanes_of_each<float>(sum);
      }
    } else {
      for (int row = 0; row < 24; ++row) {
        float sum = 0;
        for (int column = 0; column < 24; ++column) sum += a[kernels::packed(row, column)] * jump[column / 8].get(column % 8);
        force[row / 8].set(row % 8, sum);
      }
    }
  }
};

/// Adds the rows of corner c of one pair to the packed 24 x 24 matrix of its group.
VOXODE_FUNCTION void add_rows(const DeviceSprings& s, const ConstArray<float>& pair_stiffness, std::uint32_t m, int c, float* a) {
  float at[3], w[8];
  s.place_of(m, at);
  corner_weights(at, w);
  float block[6];
  for (int i = 0; i < 6; ++i) block[i] = pair_stiffness(6 * std::size_t(s.member(m)) + std::size_t(i));
  for (int e = 0; e <= c; ++e) {
    if (w[c] * w[e] == 0.0f) continue;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < (e == c ? i + 1 : 3); ++j) a[spring_entry(c, i, e, j)] += w[c] * w[e] * block[symmetric3(i, j)];
  }
}
/// Packed 24 x 24 matrix of a group of finest pairs.
VOXODE_FUNCTION void group_matrix(const DeviceSprings& s, const ConstArray<float>& pair_stiffness, std::uint32_t g, float* a) {
  for (int i = 0; i < 300; ++i) a[i] = 0.0f;
  for (std::uint32_t m = s.member_offset(g); m < s.member_offset(g + 1); ++m)
    for (int c = 0; c < 8; ++c) add_rows(s, pair_stiffness, m, c, a);
}
/// Its diagonal block at corner c: xx yy zz yz xz xy.
VOXODE_FUNCTION void corner_stiffness(const DeviceSprings& s, const ConstArray<float>& pair_stiffness, std::uint32_t g, int c, float (&k)[6]) {
  if (s.matrix.extent(0)) {
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j <= i; ++j) k[symmetric3(i, j)] = s.matrix(300 * std::size_t(g) + std::size_t(spring_entry(c, i, c, j)));
    return;
  }
  for (int i = 0; i < 6; ++i) k[i] = 0.0f;
  for (std::uint32_t m = s.member_offset(g); m < s.member_offset(g + 1); ++m) {
    float at[3];
    s.place_of(m, at);
    const float w = corner_weight(at, c);
    for (int i = 0; i < 6; ++i) k[i] += w * w * pair_stiffness(6 * std::size_t(s.member(m)) + std::size_t(i));
  }
}

/// Matrices of a level's groups from those of the finer level (or from the finest pairs): sum of W' B W.
struct BuildSprings {
  DeviceSprings here, finer;
  ConstArray<float> pair_stiffness;
  bool finer_is_pairs_group;  ///< the finer level's groups are of pairs: their matrices are made on the way
  bool from_pairs;            ///< this level's own are
  ConstArray<std::uint8_t> changed;  ///< groups to make anew

  static constexpr Index per_group = kernels::on_host ? 1 : 8;

  VOXODE_FUNCTION void operator()(Index index) const {
    if (!changed(index / per_group)) return;
    if constexpr (kernels::on_host) group(index);
    else if (from_pairs) rows_of_pairs(std::uint32_t(index / 8), int(index % 8));
    else columns(std::uint32_t(index / 8), int(index % 8));
  }
  VOXODE_FUNCTION void group(Index g) const {
    float* const a = here.matrix.data() + 300 * std::size_t(g);
    if (from_pairs) {
      group_matrix(here, pair_stiffness, std::uint32_t(g), a);
      return;
    }
    for (int i = 0; i < 300; ++i) a[i] = 0.0f;
    for (std::uint32_t m = here.member_offset(g); m < here.member_offset(g + 1); ++m) {
      float w[8][8], own[300];
      finer_weights(m, w);
      const float* b = finer.matrix.data() + 300 * std::size_t(here.member(m));
      if (finer_is_pairs_group) {
        group_matrix(finer, pair_stiffness, here.member(m), own);
        b = own;
      }
      for (int column = 0; column < 8; ++column) add_column(b, w, column, a);
    }
  }
  /// What `group` does for the rows of one corner, of a group of pairs; and for the columns of one corner, of a group of groups.
  VOXODE_FUNCTION void rows_of_pairs(std::uint32_t g, int corner) const {
    float* const a = here.matrix.data() + 300 * std::size_t(g);
    for (int e = 0; e <= corner; ++e)
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) a[spring_entry(corner, i, e, j)] = 0.0f;
    for (std::uint32_t m = here.member_offset(g); m < here.member_offset(g + 1); ++m) add_rows(here, pair_stiffness, m, corner, a);
  }
  VOXODE_FUNCTION void columns(std::uint32_t g, int column) const {
    float* const a = here.matrix.data() + 300 * std::size_t(g);
    for (int row = column; row < 8; ++row)
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j)
          a[spring_entry(row, i, column, j)] = 0.0f;
    for (std::uint32_t m = here.member_offset(g); m < here.member_offset(g + 1); ++m) {
      float w[8][8];
      finer_weights(m, w);
      add_column(finer.matrix.data() + 300 * std::size_t(here.member(m)), w, column, a);
    }
  }
  VOXODE_FUNCTION void finer_weights(std::uint32_t m, float (&w)[8][8]) const {  // [finer corner][corner]
    float place[6];
    for (int i = 0; i < 6; ++i) place[i] = here.place_value(here.place(6 * std::size_t(m) + std::size_t(i)));
    for (int f = 0; f < 8; ++f) {
      const float at[3] = {place[(f & 1) ? 3 : 0], place[(f & 2) ? 4 : 1], place[(f & 4) ? 5 : 2]};
      corner_weights(at, w[f]);
    }
  }
  static VOXODE_FUNCTION void add_column(const float* b, const float (&w)[8][8], int column, float* a) {
    float bw[24][3];  // B W for one coarse corner
    for (int i = 0; i < 24; ++i)
      for (int d = 0; d < 3; ++d) {
        float s = 0;
        for (int f = 0; f < 8; ++f)
          if (w[f][column] != 0.0f) s += b[kernels::packed(i, spring_row(f, d))] * w[f][column];
        bw[i][d] = s;
      }
    for (int row = column; row < 8; ++row)
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
          if (row == column && j > i) continue;
          float s = 0;
          for (int f = 0; f < 8; ++f) s += w[f][row] * bw[spring_row(f, i)][j];
          a[spring_entry(row, i, column, j)] += s;
        }
  }
};

/// Where the diagonal blocks of a coarse level's elements and springs go: the packed blocks of marked vertices. A block of cells is one index, on a GPU
/// each of its 8 corners is one: different corners of a cell are different vertices, except across a box of a single periodic cell.
struct VertexDiagonal {
  ConstArray<std::uint8_t> marked;
  ConstArray<std::uint32_t> blocks, node_vertex, node_offset;
  Array<std::uint32_t> block_offset;
  Array<float> value;
  Index per_block;  ///< 1 or 8

  VOXODE_FUNCTION float* packed(std::uint32_t vertex) const { return value.data() + 3 * std::size_t(block_offset(vertex)); }
};

/// Adds the elements' diagonal blocks of a coarse level to its vertex blocks.
template <class Moduli>
struct ElementDiagonal : VertexDiagonal {
  CoarseElements elements;

  VOXODE_FUNCTION void operator()(Index index) const {
    const std::uint32_t block = blocks(index / per_block);
    const int first = per_block == 1 ? 0 : int(index % 8), last = per_block == 1 ? 8 : first + 1;
    for (std::uint32_t e = elements.offset(block); e < elements.offset(block + 1); ++e) {
      bool any = false;
      for (int c = first; c < last && !any; ++c) any = marked(node_vertex(elements.node(std::size_t(elements.n) * std::size_t(c) + e))) != 0;
      if (!any) continue;
      Moduli m;
      for (int s = 0; s < Moduli::size; ++s) m.p[s] = elements.property(std::size_t(elements.n) * std::size_t(s) + e);
      float g[3];
      for (int a = 0; a < 3; ++a) g[a] = (elements.wide(e) >> a & 1) ? elements.g_last[a] : elements.g_regular[a];
      kernels::Filling<float> filling;
      for (int a = 0; a < 3; ++a) elements.place(e, a, filling.centre[a], filling.spread[a]);
      for (int c = first; c < last; ++c) {
        const std::uint32_t n = elements.node(std::size_t(elements.n) * std::size_t(c) + e), v = node_vertex(n);
        if (!marked(v)) continue;
        float k[6];
        kernels::hexahedron_diagonal<float>(c, m, g, 1.0f, k, filling);
        const int at = int(n - node_offset(v));
        add_to_packed(packed(v), at, at, k, 1.0f);
      }
    }
  }
};

/// Marks the vertices that changed spring groups reach.
struct MarkVertices {
  DeviceSprings springs;
  ConstArray<std::uint8_t> changed;
  ConstArray<std::uint32_t> blocks, node_vertex;
  Array<std::uint8_t> marked;

  VOXODE_FUNCTION void operator()(Index index) const {
    const std::uint32_t block = blocks(index);
    for (std::uint32_t g = springs.block_offset(block); g < springs.block_offset(block + 1); ++g) {
      if (!changed(g)) continue;
      for (int i = 0; i < 16; ++i) {
        const std::uint32_t n = springs.node(16 * std::size_t(g) + std::size_t(i));
        if (n != absent_node && n != ground_node) marked(node_vertex(n)) = 1;
      }
    }
  }
};

/// Adds the interface springs' vertex-diagonal part of a coarse level to its marked vertex blocks.
struct SpringDiagonal : VertexDiagonal {
  DeviceSprings springs;
  ConstArray<float> pair_stiffness;

  VOXODE_FUNCTION void operator()(Index index) const {
    const std::uint32_t block = blocks(index / per_block);
    const int begin = per_block == 1 ? 0 : int(index % 8), end = per_block == 1 ? 8 : begin + 1;
    for (std::uint32_t g = springs.block_offset(block); g < springs.block_offset(block + 1); ++g)
      for (int c = begin; c < end; ++c) {
        const std::uint32_t first = springs.node(16 * std::size_t(g) + std::size_t(c)), second = springs.node(16 * std::size_t(g) + 8 + std::size_t(c));
        if (first == absent_node || second == absent_node || first == second) continue;
        const std::uint32_t v = node_vertex(first);
        if (!marked(v)) continue;
        float k[6];
        corner_stiffness(springs, pair_stiffness, g, c, k);
        const int m = int(first - node_offset(v)), n = int(second - node_offset(v));
        add_to_packed(packed(v), m, m, k, 1.0f);
        if (second == ground_node) continue;
        add_to_packed(packed(v), n, n, k, 1.0f);
        add_to_packed(packed(v), m > n ? m : n, m > n ? n : m, k, -1.0f);
      }
  }
};

}  // namespace voxode::physics
