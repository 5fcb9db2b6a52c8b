#pragma once
// Elements of a level: internal forces of the finest mesh (structured, corner nodes from ranks) and of coarse levels (lists).
// Blocks of one colour run at once; inside a block cells come in packs of W. Forces are in N when displacements are in m:
// moduli are stored times the voxel edge, and gradients are taken per voxel.
#include "kernels/device.hpp"
#include "kernels/hexahedron.hpp"
#include "kernels/simd.hpp"
#include "kernels/window.hpp"
#include "mesh/blocks.hpp"

namespace voxode::physics {

using kernels::Array;
using kernels::ConstArray;
using kernels::Field;
using kernels::NodeField;

/// The finest mesh on the device.
struct FineMesh {
  Index n[3], n_vertices[3];      ///< cells, vertices
  bool periodic[3];
  ConstArray<std::uint32_t> offset;       ///< first node of each vertex
  ConstArray<std::uint32_t> corner_rank;  ///< mesh::Nodes::corner_rank
  ConstArray<std::uint32_t> cell_class;   ///< number of the cell's moduli and stress-free strain
};

/// Internal force of the finest mesh, y += K x (or K x + forces of `offset_strain`), one block of cells.
template <class T, int W, class Moduli>
struct FineForce {
  FineMesh mesh;
  Index block_size[3], n_blocks[3];
  ConstArray<std::uint32_t> blocks;   ///< the blocks of this colour
  ConstArray<T> moduli;               ///< shape (n_classes, Moduli::size)
  ConstArray<T> offset_strain;        ///< shape (n_classes, 6) per voxel edge, or empty
  ConstArray<std::uint8_t> packs;     ///< packs of cells that count, shape (x cells / W rounded up, y cells, z cells); empty: all
  Field<const T> x;
  Field<T> y;

  using V = kernels::Pack<T, W>;

  VOXODE_FUNCTION void operator()(Index index) const {
    const Index block = blocks(index);
    const Index b[3] = {block % n_blocks[0], block / n_blocks[0] % n_blocks[1], block / (n_blocks[0] * n_blocks[1])};
    Index begin[3], end[3];
    for (int a = 0; a < 3; ++a) {
      begin[a] = b[a] * block_size[a];
      end[a] = begin[a] + block_size[a] < mesh.n[a] ? begin[a] + block_size[a] : mesh.n[a];
    }
    for (Index k = begin[2]; k < end[2]; ++k)
      for (Index j = begin[1]; j < end[1]; ++j)
        for (Index i = begin[0]; i < end[0]; i += W)
          if (counts(i, j, k)) pack(i, j, k, end[0] - i < W ? int(end[0] - i) : W);
  }
  VOXODE_FUNCTION bool counts(Index i, Index j, Index k) const {
    return packs.extent(0) == 0 || packs(i / W + (mesh.n[0] + W - 1) / W * (j + mesh.n[1] * k)) != 0;
  }

  VOXODE_FUNCTION void pack(Index i, Index j, Index k, int lanes) const {
    const Index nx = mesh.n_vertices[0];
    const Index cell = i + mesh.n[0] * (j + mesh.n[1] * k);
    std::uint32_t rank[W], both = 0xffffffffu, either = 0;
    if (lanes == W)
      for (int l = 0; l < W; ++l) rank[l] = mesh.corner_rank(cell + l);
    else
      for (int l = 0; l < W; ++l) rank[l] = l < lanes ? mesh.corner_rank(cell + l) : 0u;
    for (int l = 0; l < W; ++l) both &= rank[l], either |= rank[l];
    if (!((either >> 24) & 1u)) return;
    const bool all = (both >> 24) & 1u;
    const Index j1 = j + 1 == mesh.n_vertices[1] ? 0 : j + 1, k1 = k + 1 == mesh.n_vertices[2] ? 0 : k + 1;
    const Index row[4] = {nx * (j + mesh.n_vertices[1] * k), nx * (j1 + mesh.n_vertices[1] * k), nx * (j + mesh.n_vertices[1] * k1), nx * (j1 + mesh.n_vertices[1] * k1)};
    const bool wraps = i + lanes == nx;  // periodic x: the last cell's right corners are column 0
    std::uint32_t node[8][W];
    bool contiguous[8];
    for (int c = 0; c < 8; ++c) {
      const std::uint32_t* const offset = mesh.offset.data() + row[c >> 1];
      const Index first = i + (c & 1);
      if (W > 1 && all && !wraps) {
        for (int l = 0; l < W; ++l) node[c][l] = offset[first + l] + (rank[l] >> (3 * c) & 7u);
      } else {
        for (int l = 0; l < W; ++l) {
          Index column = first + (l < lanes ? l : lanes - 1);
          if (wraps && column == nx) column = 0;
          node[c][l] = offset[column] + (rank[l] >> (3 * c) & 7u);
        }
      }
      contiguous[c] = W > 1 && all && node[c][W - 1] - node[c][0] == std::uint32_t(W - 1) && !(wraps && (c & 1));
    }
    bool rows = W > 1;  // all corners lie on consecutive nodes, as inside a body
    for (int c = 0; c < 8; c += 2) rows = rows && contiguous[c] && contiguous[c + 1] && node[c + 1][0] == node[c][0] + 1;
    V u[24];
    Moduli m;
    V strain[6];
    load_class(cell, rank, all, m, strain);
    const T g[3] = {T(0.25), T(0.25), T(0.25)};
    const V* const with_strain = offset_strain.extent(0) ? strain : static_cast<const V*>(nullptr);
    if (rows) {
      VOXODE_UNROLL
      for (int i = 0; i < 24; ++i) u[i] = kernels::load_unaligned<V>(&x(0, i % 3) + node[i / 3][0]);
      kernels::hexahedron_force<T>(u, m, g, T(1), with_strain);
      VOXODE_UNROLL
      for (int c = 0; c < 8; c += 2) add_row(node[c][0], u + 3 * c);
      return;
    }
    // the two corners of a row of cells together where their nodes lie close enough
    kernels::Window<T, W> window[4];
    bool found[4] = {false, false, false, false};
    if constexpr (kernels::Window<T, W>::available)
      for (int r = 0; r < 4 && all && !wraps; ++r) found[r] = window[r].find(node[2 * r], node[2 * r + 1], mesh.offset(row[r]), mesh.offset(row[r] + nx));
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) {
        const T* const values = &x(0, d);
        V& to = u[3 * c + d];
        if (found[c >> 1]) {
          if constexpr (kernels::Window<T, W>::available)
            if (c % 2 == 0) window[c >> 1].load(values, to, u[3 * c + 3 + d]);
        } else if (contiguous[c]) {
          to = kernels::load_unaligned<V>(values + node[c][0]);
        } else if (all) {
          to = kernels::gather<T, W>(values, node[c]);
        } else {
          for (int l = 0; l < W; ++l) kernels::set_lane<W>(to, l, (rank[l] >> 24) & 1u ? values[node[c][l]] : T(0));
        }
      }
    kernels::hexahedron_force<T>(u, m, g, T(1), with_strain);
    for (int c = 0; c < 8; ++c) {
      if (!found[c >> 1]) {
        add_corner(rank, node[c], contiguous[c], all, u + 3 * c);
        continue;
      }
      if constexpr (kernels::Window<T, W>::available)
        for (int d = 0; d < 3 && c % 2 == 0; ++d) window[c >> 1].add(&y(0, d), u[3 * c + d], u[3 * c + 3 + d]);
    }
  }

  /// Forces at the left and right corners of a row of cells on consecutive nodes: what two cells add to a node is added up first.
  VOXODE_INLINE_FUNCTION void add_row(std::uint32_t first, const V* force) const {
    if constexpr (W > 1) {
      for (int d = 0; d < 3; ++d) {
        T* const values = &y(0, d) + first;
        kernels::add_unaligned<V>(values, force[d] + kernels::one_lane_up<T, W>(force[3 + d]));
        values[W] += kernels::get_lane<W, T>(force[3 + d], W - 1);
      }
    }
  }
  VOXODE_FUNCTION void add_corner(const std::uint32_t (&rank)[W], const std::uint32_t (&node)[W], bool contiguous, bool all, const V* force) const {
    for (int d = 0; d < 3; ++d) {
      T* const values = &y(0, d);
      if (contiguous) {
        kernels::add_unaligned<V>(values + node[0], force[d]);
      } else if (all) {
        kernels::add_scattered<T, W>(values, node, force[d]);
      } else {
        for (int l = 0; l < W; ++l)
          if ((rank[l] >> 24) & 1u) values[node[l]] += kernels::get_lane<W, T>(force[d], l);
      }
    }
  }

  VOXODE_FUNCTION void load_class(Index cell, const std::uint32_t (&rank)[W], bool all, Moduli& m, V (&strain)[6]) const {
    std::uint32_t number[W], differ = 0;
    if (W > 1 && all)
      for (int l = 0; l < W; ++l) number[l] = mesh.cell_class(cell + l);
    else
      for (int l = 0; l < W; ++l) number[l] = (rank[l] >> 24) & 1u ? mesh.cell_class(cell + l) : 0xffffffffu;  // lanes without a cell have no rank either
    for (int l = 0; l < W; ++l) differ |= number[l] ^ number[0];
    fill<Moduli::size>(moduli, number, differ == 0, all, m.p);
    if (offset_strain.extent(0)) fill<6>(offset_strain, number, differ == 0, all, strain);
  }
  /// Rows of a table by class; 0 for lanes without a cell.
  template <int size>
  VOXODE_FUNCTION void fill(const ConstArray<T>& table, const std::uint32_t (&number)[W], bool uniform, bool all, V (&to)[size]) const {
    if (uniform) {
      const T* const p = table.data() + std::size_t(number[0]) * size;
      for (int s = 0; s < size; ++s) to[s] = p[s] - V{};
    } else if (all) {
      std::uint32_t place[W];
      for (int l = 0; l < W; ++l) place[l] = number[l] * size;
      for (int s = 0; s < size; ++s) to[s] = kernels::gather<T, W>(table.data() + s, place);
    } else {
      for (int s = 0; s < size; ++s)
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(to[s], l, number[l] == 0xffffffffu ? T(0) : table(std::size_t(number[l]) * size + std::size_t(s)));
    }
  }
};

/// Elements of a coarse level on the device.
struct CoarseElements {
  Index n = 0;                           ///< elements
  ConstArray<std::uint32_t> offset;      ///< first element of each block
  ConstArray<std::uint32_t> node;        ///< (8, n)
  ConstArray<std::uint8_t> wide;         ///< mesh::CoarseLevel::element_wide
  ConstArray<float> property;            ///< (Moduli::size, n), times volume and voxel edge
  ConstArray<std::int8_t> centre;        ///< (3, n): mesh::CoarseLevel::element_centre
  ConstArray<std::uint8_t> spread;       ///< (3, n): mesh::CoarseLevel::element_spread
  float g_regular[3], g_last[3];         ///< 1 / (4 x edge in voxels)

  /// Centre and variance of an element's filling from what is stored, as numbers.
  template <class V>
  static VOXODE_FUNCTION void place(const V& stored_centre, const V& stored_spread, V& middle, V& variance) {
    middle = stored_centre * (1.0f / 127);
    const V s = stored_spread * (1.0f / 255);
    variance = s * s;
  }
  VOXODE_FUNCTION void place(Index e, int axis, float& middle, float& variance) const { place<float>(float(centre(n * axis + e)), float(spread(n * axis + e)), middle, variance); }
};

/// y += K x of a coarse level's elements, one block of cells; on a GPU one element, and its forces go to `force`.
template <int W, class Moduli>
struct CoarseForce {
  CoarseElements elements;
  ConstArray<std::uint32_t> blocks;
  NodeField<const float> x;
  NodeField<float> y;
  Array<float> force;  ///< (24, n_elements)

  using V = kernels::Pack<float, W>;

  VOXODE_FUNCTION void operator()(Index index) const {
    if constexpr (kernels::on_host) {
      const std::uint32_t block = blocks(index);
      const std::uint32_t end = elements.offset(block + 1);
      std::uint32_t e = elements.offset(block);
      for (; e + W <= end; e += W) pack<true>(e, W);
      if (e < end) pack<false>(e, int(end - e));
    } else {
      pack<true>(index, 1);
    }
  }

  /// W elements, or the first `lanes` of them: the others are then the first one again.
  template <bool full>
  VOXODE_FUNCTION void pack(Index first, int lanes) const {
    const Index n = elements.n;
    Index at[W];
    for (int l = 0; l < W; ++l) at[l] = first + (full || l < lanes ? l : 0);
    const auto values_of = [&](const auto* list, auto (&here)[W]) {
      for (int l = 0; l < W; ++l) here[l] = list[at[l]];
    };
    V u[24];
    for (int c = 0; c < 8; ++c) {
      std::uint32_t node[W];
      values_of(elements.node.data() + n * c, node);
      kernels::gather_nodes<W>(x.data(), node, u + 3 * c);
    }
    Moduli m;
    for (int s = 0; s < Moduli::size; ++s) {
      float value[W];
      values_of(elements.property.data() + n * s, value);
      m.p[s] = kernels::load_unaligned<V>(value);
    }
    std::uint8_t wide[W], any_wide = 0;
    values_of(elements.wide.data(), wide);
    for (int l = 0; l < W; ++l) any_wide |= wide[l];
    V g[3];
    for (int a = 0; a < 3; ++a) {
      g[a] = elements.g_regular[a] - V{};
      if (any_wide)
        for (int l = 0; l < W; ++l)
          if (wide[l] >> a & 1) kernels::set_lane<W>(g[a], l, elements.g_last[a]);
    }
    kernels::Filling<V> filling;
    for (int a = 0; a < 3; ++a) {
      std::int8_t centre[W];
      std::uint8_t spread[W];
      values_of(elements.centre.data() + n * a, centre);
      values_of(elements.spread.data() + n * a, spread);
      elements.place<V>(kernels::converted<float, W>(centre), kernels::converted<float, W>(spread), filling.centre[a], filling.spread[a]);
    }
    const V one = 1.0f - V{};
    kernels::hexahedron_force<float>(u, m, g, one, filling);
    if constexpr (!kernels::on_host) {
      for (int i = 0; i < 24; ++i) force(std::size_t(n * i + first)) = kernels::get_lane<W, float>(u[i], 0);
    } else {
      for (int c = 0; c < 8; ++c) kernels::add_to_nodes<W>(y.data(), elements.node.data() + n * c + first, u + 3 * c, full ? W : lanes);
    }
  }
};

/// y += spring x between two nodes, `k`: xx yy zz yz xz xy.
template <class From, class To>
VOXODE_FUNCTION void add_pair_force(std::uint32_t a, std::uint32_t b, const float* k, const From& x, const To& y) {
  using T = typename To::value_type;
  const T jx = x(b, 0) - x(a, 0), jy = x(b, 1) - x(a, 1), jz = x(b, 2) - x(a, 2);
  const T fx = k[0] * jx + k[5] * jy + k[4] * jz, fy = k[5] * jx + k[1] * jy + k[3] * jz, fz = k[4] * jx + k[3] * jy + k[2] * jz;
  y(a, 0) -= fx, y(a, 1) -= fy, y(a, 2) -= fz;
  y(b, 0) += fx, y(b, 1) += fy, y(b, 2) += fz;
}

/// The blocks of each colour of a partition, on the device.
struct ColouredBlocks {
  mesh::Blocks blocks;
  std::vector<Array<std::uint32_t>> colour;

  explicit ColouredBlocks(const mesh::Blocks& b) : blocks(b) {
    for (const auto& list : b.by_colour()) {
      Array<std::uint32_t> device = kernels::make_array<std::uint32_t>("blocks", Index(list.size()));
      Kokkos::View<const std::uint32_t*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged> host(list.data(), list.size());
      Kokkos::deep_copy(device, host);
      colour.push_back(device);
    }
  }
  ColouredBlocks() = default;

  /// Runs a functor with a `blocks` member over all colours in turn; `per_block`: indices for each block.
  template <class Functor>
  void run(const std::string& label, Functor functor, Index per_block = 1) const {
    for (const auto& list : colour) {
      functor.blocks = list;
      Kokkos::parallel_for(label, Kokkos::RangePolicy<kernels::Space, Kokkos::IndexType<Index>, Kokkos::Schedule<Kokkos::Dynamic>>(0, per_block * Index(list.extent(0))), functor);
    }
  }
};

}  // namespace voxode::physics
