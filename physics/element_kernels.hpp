#pragma once
// Elements of a level: internal forces of the finest mesh (structured, corner nodes from ranks) and of coarse levels (lists).
// Blocks of one colour run at once; inside a block cells come in packs of W. Forces are in N when displacements are in m:
// moduli are stored times the voxel edge, and gradients are taken per voxel.
#include "kernels/device.hpp"
#include "kernels/hexahedron.hpp"
#include "kernels/simd.hpp"
#include "mesh/blocks.hpp"

namespace voxode::physics {

using kernels::Array;
using kernels::ConstArray;
using kernels::Field;

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
    if (rows) {
      VOXODE_UNROLL
      for (int i = 0; i < 24; ++i) u[i] = kernels::load_unaligned<V>(&x(0, i % 3) + node[i / 3][0]);
    }
    for (int c = 0; c < 8 && !rows; ++c)
      for (int d = 0; d < 3; ++d) {
        const T* const values = &x(0, d);
        if (contiguous[c]) {
          u[3 * c + d] = kernels::load_unaligned<V>(values + node[c][0]);
        } else {
          for (int l = 0; l < W; ++l) kernels::set_lane<W>(u[3 * c + d], l, (rank[l] >> 24) & 1u ? values[node[c][l]] : T(0));
        }
      }
    Moduli m;
    V strain[6];
    load_class(cell, rank, m, strain);
    const T g[3] = {T(0.25), T(0.25), T(0.25)};
    kernels::hexahedron_force<T>(u, m, g, T(1), offset_strain.extent(0) ? strain : static_cast<const V*>(nullptr));
    if (rows) {
      VOXODE_UNROLL
      for (int c = 0; c < 8; c += 2) add_row(node[c][0], u + 3 * c);
    } else {
      for (int c = 0; c < 8; ++c) add_corner(rank, node[c], contiguous[c], u + 3 * c);
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
  VOXODE_FUNCTION void add_corner(const std::uint32_t (&rank)[W], const std::uint32_t (&node)[W], bool contiguous, const V* force) const {
    for (int d = 0; d < 3; ++d) {
      T* const values = &y(0, d);
      if (contiguous) {
        kernels::add_unaligned<V>(values + node[0], force[d]);
      } else {
        for (int l = 0; l < W; ++l)
          if ((rank[l] >> 24) & 1u) values[node[l]] += kernels::get_lane<W, T>(force[d], l);
      }
    }
  }

  VOXODE_FUNCTION void load_class(Index cell, const std::uint32_t (&rank)[W], Moduli& m, V (&strain)[6]) const {
    std::uint32_t number[W], differ = 0;
    for (int l = 0; l < W; ++l) number[l] = (rank[l] >> 24) & 1u ? mesh.cell_class(cell + l) : 0xffffffffu;  // lanes without a cell have no rank either
    for (int l = 0; l < W; ++l) differ |= number[l] ^ number[0];
    const bool uniform = differ == 0;
    const bool with_strain = offset_strain.extent(0) > 0;
    if (uniform) {
      const T* const p = moduli.data() + std::size_t(number[0]) * Moduli::size;
      for (int s = 0; s < Moduli::size; ++s) m.p[s] = p[s] - V{};
      if (with_strain)
        for (int s = 0; s < 6; ++s) strain[s] = offset_strain(std::size_t(number[0]) * 6 + std::size_t(s)) - V{};
      return;
    }
    for (int s = 0; s < Moduli::size; ++s)
      for (int l = 0; l < W; ++l) kernels::set_lane<W>(m.p[s], l, number[l] == 0xffffffffu ? T(0) : moduli(std::size_t(number[l]) * Moduli::size + std::size_t(s)));
    if (with_strain)
      for (int s = 0; s < 6; ++s)
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(strain[s], l, number[l] == 0xffffffffu ? T(0) : offset_strain(std::size_t(number[l]) * 6 + std::size_t(s)));
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

  VOXODE_FUNCTION void place(Index e, int axis, float& middle, float& variance) const {
    middle = float(centre(n * axis + e)) * (1.0f / 127);
    const float s = float(spread(n * axis + e)) * (1.0f / 255);
    variance = s * s;
  }
};

/// y += K x of a coarse level's elements, one block of cells; on a GPU one element, and its forces go to `force`.
template <int W, class Moduli>
struct CoarseForce {
  CoarseElements elements;
  ConstArray<std::uint32_t> blocks;
  Field<const float> x;
  Field<float> y;
  Array<float> force;  ///< (24, n_elements)

  using V = kernels::Pack<float, W>;

  VOXODE_FUNCTION void operator()(Index index) const {
    if constexpr (kernels::on_host) {
      const std::uint32_t block = blocks(index);
      const std::uint32_t end = elements.offset(block + 1);
      for (std::uint32_t e = elements.offset(block); e < end; e += W) pack(e, end - e < std::uint32_t(W) ? int(end - e) : W);
    } else {
      pack(index, 1);
    }
  }

  VOXODE_FUNCTION void pack(Index first, int lanes) const {
    const Index n = elements.n;
    V u[24];
    for (int c = 0; c < 8; ++c) {
      const std::uint32_t* const node = elements.node.data() + n * c + first;
      for (int d = 0; d < 3; ++d) {
        const float* const values = &x(0, d);
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(u[3 * c + d], l, values[node[l < lanes ? l : 0]]);
      }
    }
    Moduli m;
    V g[3];
    for (int s = 0; s < Moduli::size; ++s) {
      const float* const p = elements.property.data() + n * s + first;
      if (lanes == W) m.p[s] = kernels::load_unaligned<V>(p);
      else
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(m.p[s], l, l < lanes ? p[l] : 0.0f);
    }
    for (int a = 0; a < 3; ++a)
      for (int l = 0; l < W; ++l) kernels::set_lane<W>(g[a], l, (elements.wide(first + (l < lanes ? l : 0)) >> a & 1) ? elements.g_last[a] : elements.g_regular[a]);
    kernels::Filling<V> filling;
    for (int a = 0; a < 3; ++a)
      for (int l = 0; l < W; ++l) {
        float middle, variance;
        elements.place(first + (l < lanes ? l : 0), a, middle, variance);
        kernels::set_lane<W>(filling.centre[a], l, middle);
        kernels::set_lane<W>(filling.spread[a], l, variance);
      }
    const V one = 1.0f - V{};
    kernels::hexahedron_force<float>(u, m, g, one, filling);
    if constexpr (!kernels::on_host) {
      for (int i = 0; i < 24; ++i) force(std::size_t(n * i + first)) = kernels::get_lane<W, float>(u[i], 0);
    } else {
      for (int c = 0; c < 8; ++c) {
        const std::uint32_t* const node = elements.node.data() + n * c + first;
        for (int d = 0; d < 3; ++d) {
          float* const values = &y(0, d);
          for (int l = 0; l < lanes; ++l) values[node[l]] += kernels::get_lane<W, float>(u[3 * c + d], l);
        }
      }
    }
  }
};

/// y += spring x between two nodes, `k`: xx yy zz yz xz xy.
template <class T>
VOXODE_FUNCTION void add_pair_force(std::uint32_t a, std::uint32_t b, const float* k, const Field<const T>& x, const Field<T>& y) {
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
