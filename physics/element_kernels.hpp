#pragma once
// Elements of a level: internal forces of the finest mesh (structured, corner nodes from ranks) and of coarse levels (lists).
// Blocks of one colour run at once; inside a block elements come in packs of W. Forces are in N when displacements are in m:
// moduli are stored times the voxel edge, and gradients are taken per voxel.
#include "kernels/device.hpp"
#include "kernels/hexahedron.hpp"
#include "kernels/simd.hpp"
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

/// Internal force of the finest mesh on a GPU, y += K x (or K x + forces of `offset_strain`), one cell. On a host: FineRows.
template <class T, class Moduli>
struct FineForce {
  FineMesh mesh;
  ConstArray<std::uint32_t> blocks;   ///< the cells of this colour
  ConstArray<T> moduli;               ///< shape (n_classes, Moduli::size)
  ConstArray<T> offset_strain;        ///< shape (n_classes, 6) per voxel edge, or empty
  ConstArray<std::uint8_t> packs;     ///< per cell: whether it counts; empty: all do
  Field<const T> x;
  Field<T> y;

  VOXODE_FUNCTION void operator()(Index index) const { add_cell(blocks(index)); }
  VOXODE_FUNCTION void add_cell(Index cell) const {
    const std::uint32_t rank = mesh.corner_rank(cell);
    if (!(rank >> 24 & 1u) || (packs.extent(0) != 0 && packs(cell) == 0)) return;
    const Index at[3] = {cell % mesh.n[0], cell / mesh.n[0] % mesh.n[1], cell / (mesh.n[0] * mesh.n[1])};
    std::uint32_t node[8];
    T u[24];
    for (int c = 0; c < 8; ++c) {
      Index vertex[3];
      for (int a = 0; a < 3; ++a) vertex[a] = at[a] + (c >> a & 1) == mesh.n_vertices[a] ? 0 : at[a] + (c >> a & 1);
      node[c] = mesh.offset(vertex[0] + mesh.n_vertices[0] * (vertex[1] + mesh.n_vertices[1] * vertex[2])) + (rank >> (3 * c) & 7u);
      for (int d = 0; d < 3; ++d) u[3 * c + d] = x(node[c], d);
    }
    const std::size_t number = mesh.cell_class(cell);
    Moduli m;
    for (int s = 0; s < Moduli::size; ++s) m.p[s] = moduli(number * Moduli::size + std::size_t(s));
    T strain[6];
    if (offset_strain.extent(0))
      for (int s = 0; s < 6; ++s) strain[s] = offset_strain(number * 6 + std::size_t(s));
    const T g[3] = {T(0.25), T(0.25), T(0.25)};
    kernels::hexahedron_force<T>(u, m, g, T(1), offset_strain.extent(0) ? strain : static_cast<const T*>(nullptr));
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) y(node[c], d) += u[3 * c + d];
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
