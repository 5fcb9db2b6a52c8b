#pragma once
// Internal forces of the finest mesh on a host: cells of a row along x in packs, pack after pack up along y. Where a pack and its neighbours lie inside one
// body, the values and forces at the corners it shares with the next one stay in registers or the nearest cache.
#include <algorithm>

#include "kernels/window.hpp"
#include "physics/element_kernels.hpp"

namespace voxode::physics {

/// y = K x (or K x + forces of `offset_strain`) or y += K x, one block of cells.
template <class T, int W, class Moduli>
struct FineRows {
  FineMesh mesh;
  voxode::mesh::Blocks partition;
  ConstArray<std::uint32_t> blocks;   ///< the blocks of this colour
  ConstArray<T> moduli;               ///< shape (n_classes, Moduli::size)
  ConstArray<T> offset_strain;        ///< shape (n_classes, 6) per voxel edge, or empty
  ConstArray<std::uint8_t> packs;     ///< packs of cells that count, shape (x cells / W rounded up, y cells, z cells); empty: all
  Field<const T> x;
  Field<T> y;
  bool add;                           ///< y holds something already

  using V = kernels::Pack<T, W>;
  using Numbers = kernels::Pack<std::uint32_t, W>;
  static constexpr std::uint32_t all = W == 32 ? 0xffffffffu : (1u << W) - 1;
  static constexpr std::uint32_t solid = 1u << 24;
  static constexpr Index packs_at_once = 8;  ///< whose sides fit the nearest cache

  /// Rows of the tables by class, a pack for each column; only where there are at most W classes.
  struct Tables {
    bool used;
    V moduli[Moduli::size], strain[6];
  };
  /// Corners of a pack of cells along one side in y, between that pack and the next: sums and differences along x and z (number x + 2 z) of their values, forces on them.
  struct Side {
    V value[12], force[12];
    std::uint32_t node[2], last[2];  ///< first node in each of the two rows; the node after the last
    bool used = false;
  };

  void operator()(Index index) const {
    const Index block = blocks(index);
    const Index3 at{block % partition.n_blocks[0], block / partition.n_blocks[0] % partition.n_blocks[1], block / (partition.n_blocks[0] * partition.n_blocks[1])};
    Index begin[3], end[3];
    for (std::size_t a = 0; a < 3; ++a) {
      begin[a] = at[a] * partition.size[a];
      end[a] = std::min(begin[a] + partition.size[a], mesh.n[a]);
    }
    if (!add) clear(at, begin, end);
    Tables tables;
    fill(tables);
    if (mesh.n[0] < W) {
      for (Index k = begin[2]; k < end[2]; ++k)
        for (Index j = begin[1]; j < end[1]; ++j)
          if (counts(0, j, k)) short_row(j, k, tables);
      return;
    }
    Side side[packs_at_once];
    for (Index k = begin[2]; k < end[2]; ++k)
      for (Index start = 0; start < mesh.n[0]; start += packs_at_once * W) {
        const Index stop = std::min(start + packs_at_once * W, mesh.n[0]);
        for (Index j = begin[1]; j < end[1]; ++j)
          for (Index i = start; i < stop; i += W) {
            Side& here = side[(i - start) / W];
            if (!counts(i, j, k) || !pack(i, j, k, k + 1 < end[2], tables, here)) finish(here);
          }
        for (Side& s : side) finish(s);
      }
  }
  bool counts(Index i, Index j, Index k) const { return packs.extent(0) == 0 || packs(i / W + (mesh.n[0] + W - 1) / W * (j + mesh.n[1] * k)) != 0; }

  /// Zeros where this block is the first to add something.
  void clear(const Index3& at, const Index (&begin)[3], const Index (&end)[3]) const {
    for (Index k = begin[2]; k <= end[2]; ++k)
      for (Index j = begin[1]; j <= end[1]; ++j) {
        if (!is_first(1, at[1], j) || !is_first(2, at[2], k)) continue;
        const Index nx = mesh.n_vertices[0], row = nx * (wrapped(1, j) + mesh.n_vertices[1] * wrapped(2, k));
        for (int d = 0; d < 3; ++d) std::fill(&y(0, d) + mesh.offset(row), &y(0, d) + mesh.offset(row + nx), T(0));
      }
  }
  Index wrapped(int axis, Index vertex) const { return vertex == mesh.n_vertices[axis] ? 0 : vertex; }
  /// Whether no other block along the axis holds the vertex and has its turn before.
  bool is_first(int axis, Index block, Index vertex) const {
    const auto a = std::size_t(axis);
    const bool lower = vertex == block * partition.size[a];  // else the upper end, or within
    if (!lower && vertex != std::min((block + 1) * partition.size[a], mesh.n[a])) return true;
    Index other = lower ? block - 1 : block + 1;
    if (other < 0 || other == partition.n_blocks[a]) {
      if (!mesh.periodic[a]) return true;
      other = lower ? partition.n_blocks[a] - 1 : 0;
    }
    return partition.colour_along(axis, block) <= partition.colour_along(axis, other);
  }

  /// False where nothing is left at `side`. `more`: the next layer of cells comes soon.
  bool pack(Index i, Index j, Index k, bool more, const Tables& tables, Side& side) const {
    // a last pack that is not full goes back over cells of the one before, which then don't count
    const int done = i + W <= mesh.n[0] ? 0 : int(i + W - mesh.n[0]);
    i -= done;
    const Index nx = mesh.n_vertices[0], cell = i + mesh.n[0] * (j + mesh.n[1] * k), layer = mesh.n[0] * mesh.n[1];
    const auto rank = kernels::load_unaligned<Numbers>(mesh.corner_rank.data() + cell);
    const std::uint32_t here = kernels::lanes_with<W>(rank, solid) & all << done;
    if (here == 0) return false;
    const Index j1 = wrapped(1, j + 1), k1 = wrapped(2, k + 1);
    const Index row[4] = {nx * (j + mesh.n_vertices[1] * k), nx * (j1 + mesh.n_vertices[1] * k), nx * (j + mesh.n_vertices[1] * k1), nx * (j1 + mesh.n_vertices[1] * k1)};
    const Index after = wrapped(0, i + W);  // column of the right corners of the last cell
    const std::uint32_t* const offset = mesh.offset.data();
    bool inside = here == all && kernels::lanes_with<W>(rank, ~solid) == 0;
    std::uint32_t first[4], last[4];
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      first[r] = offset[row[r] + i];
      inside = inside && offset[row[r] + i + W] - first[r] == std::uint32_t(W);
    }
    if (more) {
      kernels::prefetch(mesh.corner_rank.data() + cell + layer);
      kernels::prefetch(mesh.cell_class.data() + cell + layer);
      const auto ahead = std::ptrdiff_t(first[3]) + (std::ptrdiff_t(first[3]) - std::ptrdiff_t(first[1]));  // about where the layer after holds what this one will share with it
      VOXODE_UNROLL
      for (int d = 0; d < 3; ++d) {
        kernels::prefetch(&x(0, d) + ahead);
        kernels::prefetch(&y(0, d) + ahead);
      }
    }
    Moduli m;
    V strain[6];
    load_class(mesh.cell_class.data() + cell, here, tables, m, strain);
    if (inside) {
      for (int r = 0; r < 4; ++r) last[r] = after == 0 ? offset[row[r]] : first[r] + W;
      if (!side.used) {
        load(first[0], first[2], last[0], last[2], side.value);
        for (V& f : side.force) f = V{};
      }
      cells_inside(first, last, m, strain, side);
      return true;
    }
    finish(side);
    Numbers left[4], right[4];
    const std::uint32_t last_rank = mesh.corner_rank(cell + W - 1);
    std::uint32_t base[4];
    bool fits = kernels::Window<T, W>::available;
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      left[r] = kernels::load_unaligned<Numbers>(offset + row[r] + i) + (rank >> (6 * r) & 7u);
      right[r] = kernels::load_unaligned<Numbers>(offset + row[r] + i + 1) + (rank >> (6 * r + 3) & 7u);
      last[r] = here >> (W - 1) ? offset[row[r] + after] + (last_rank >> (6 * r + 3) & 7u) : first[0];
      const std::uint32_t end = offset[row[r] + nx];
      fits = fits && end - offset[row[r]] >= 2 * W && offset[row[r] + i + W] - first[r] <= 2 * W;
      base[r] = first[r] + 2 * W <= end ? first[r] : end - 2 * W;
    }
    if constexpr (kernels::Window<T, W>::available)
      if (fits) {
        kernels::Window<T, W> window[4];
        kernels::Window<T, W>::make(left, right, here, base, window);
        cells_in_windows(window, last, here >> (W - 1), m, strain);
        return false;
      }
    std::uint32_t node[8][W];
    for (int r = 0; r < 4; ++r) {
      kernels::store_unaligned(node[2 * r], left[r]);
      kernels::store_unaligned(node[2 * r + 1], right[r]);
      node[2 * r + 1][W - 1] = last[r];
    }
    cells_one_by_one(node, here, m, strain);
    return false;
  }
  /// A row of less than W cells.
  void short_row(Index j, Index k, const Tables& tables) const {
    const Index nx = mesh.n_vertices[0], cell = mesh.n[0] * (j + mesh.n[1] * k);
    std::uint32_t here = 0, node[8][W] = {}, number[W] = {};
    for (Index i = 0; i < mesh.n[0]; ++i) {
      const std::uint32_t rank = mesh.corner_rank(cell + i);
      number[i] = mesh.cell_class(cell + i);
      if (!(rank & solid)) continue;
      here |= 1u << i;
      for (int c = 0; c < 8; ++c) node[c][i] = mesh.offset(wrapped(0, i + (c & 1)) + nx * (wrapped(1, j + (c >> 1 & 1)) + mesh.n_vertices[1] * wrapped(2, k + (c >> 2)))) + (rank >> (3 * c) & 7u);
    }
    Moduli m;
    V strain[6];
    load_class(number, here, tables, m, strain);
    cells_one_by_one(node, here, m, strain);
  }

  VOXODE_INLINE_FUNCTION void cells_inside(const std::uint32_t (&first)[4], const std::uint32_t (&last)[4], const Moduli& m, const V (&strain)[6], Side& side) const {
    V upper[12], u[24], f[24];
    load(first[1], first[3], last[1], last[3], upper);
    VOXODE_UNROLL
    for (int e = 0; e < 12; ++e) {
      const int at = e + (e < 6 ? 0 : 6);  // corner x + 4 z
      u[at] = side.value[e] + upper[e];
      u[at + 6] = upper[e] - side.value[e];
      side.value[e] = upper[e];
    }
    modal_force(u, f, m, offset_strain.extent(0) ? strain : nullptr);
    VOXODE_UNROLL
    for (int e = 0; e < 12; ++e) {
      const int at = e + (e < 6 ? 0 : 6);
      side.force[e] = side.force[e] + (f[at] - f[at + 6]);
      upper[e] = f[at] + f[at + 6];
    }
    add_forces(first[0], first[2], last[0], last[2], side.force);
    VOXODE_UNROLL
    for (int e = 0; e < 12; ++e) side.force[e] = upper[e];
    side.used = true;
    for (int z = 0; z < 2; ++z) side.node[z] = first[1 + 2 * z], side.last[z] = last[1 + 2 * z];
  }
  void finish(Side& side) const {
    if (side.used) add_forces(side.node[0], side.node[1], side.last[0], side.last[1], side.force);
    side.used = false;
  }
  /// Sums and differences of what is at W nodes and the one after each, in two rows.
  VOXODE_INLINE_FUNCTION void load(std::uint32_t lower, std::uint32_t upper, std::uint32_t lower_last, std::uint32_t upper_last, V (&value)[12]) const {
    VOXODE_UNROLL
    for (int d = 0; d < 3; ++d) {
      const T* const from = &x(0, d);
      V left[2], right[2];
      left[0] = kernels::load_unaligned<V>(from + lower);
      left[1] = kernels::load_unaligned<V>(from + upper);
      right[0] = kernels::one_lane_down<T, W>(left[0], from[lower_last]);
      right[1] = kernels::one_lane_down<T, W>(left[1], from[upper_last]);
      const V sum[2] = {left[0] + right[0], left[1] + right[1]}, difference[2] = {right[0] - left[0], right[1] - left[1]};
      value[d] = sum[0] + sum[1];
      value[3 + d] = difference[0] + difference[1];
      value[6 + d] = sum[1] - sum[0];
      value[9 + d] = difference[1] - difference[0];
    }
  }
  /// Its transpose.
  VOXODE_INLINE_FUNCTION void add_forces(std::uint32_t lower, std::uint32_t upper, std::uint32_t lower_last, std::uint32_t upper_last, const V (&force)[12]) const {
    VOXODE_UNROLL
    for (int d = 0; d < 3; ++d) {
      const V sum[2] = {force[d] - force[6 + d], force[d] + force[6 + d]}, difference[2] = {force[3 + d] - force[9 + d], force[3 + d] + force[9 + d]};
      const std::uint32_t node[2] = {lower, upper}, last[2] = {lower_last, upper_last};
      VOXODE_UNROLL
      for (int z = 0; z < 2; ++z) {
        T* const to = &y(0, d);
        const V right = sum[z] + difference[z];
        kernels::add_unaligned<V>(to + node[z], (sum[z] - difference[z]) + kernels::one_lane_up<T, W>(right));
        to[last[z]] += kernels::get_lane<W, T>(right, W - 1);
      }
    }
  }

  VOXODE_INLINE_FUNCTION void cells_in_windows(const kernels::Window<T, W> (&window)[4], const std::uint32_t (&last)[4], bool last_counts, const Moduli& m, const V (&strain)[6]) const {
    V u[24], f[24];
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      VOXODE_UNROLL
      for (int d = 0; d < 3; ++d) window[r].load(&x(0, d), x(last[r], d), u[6 * r + d], u[6 * r + 3 + d]);
    }
    kernels::hadamard(u);
    modal_force(u, f, m, offset_strain.extent(0) ? strain : nullptr);
    kernels::hadamard_transposed(f);
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      VOXODE_UNROLL
      for (int d = 0; d < 3; ++d) window[r].add(&y(0, d), f[6 * r + d], f[6 * r + 3 + d]);
    }
    if (last_counts)
      for (int r = 0; r < 4; ++r)
        for (int d = 0; d < 3; ++d) y(last[r], d) += kernels::get_lane<W, T>(f[6 * r + 3 + d], W - 1);
  }
  void cells_one_by_one(const std::uint32_t (&node)[8][W], std::uint32_t here, const Moduli& m, const V (&strain)[6]) const {
    V u[24], f[24];
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) {
        T value[W];
        for (int l = 0; l < W; ++l) value[l] = here >> l & 1u ? x(node[c][l], d) : T(0);
        u[3 * c + d] = kernels::load_unaligned<V>(value);
      }
    kernels::hadamard(u);
    modal_force(u, f, m, offset_strain.extent(0) ? strain : nullptr);
    kernels::hadamard_transposed(f);
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) {
        T value[W];
        kernels::store_unaligned(value, f[3 * c + d]);
        for (int l = 0; l < W; ++l)
          if (here >> l & 1u) y(node[c][l], d) += value[l];
      }
  }

  /// Modes of full cubes (kernels/hexahedron.hpp) -> forces at them.
  static VOXODE_INLINE_FUNCTION void modal_force(const V (&u)[24], V (&f)[24], const Moduli& m, const V* strain) {
    if constexpr (Moduli::size == kernels::isotropic_size) {
      kernels::cube_modal_force<T>(u, f, m, strain);
    } else {
      const T g[3] = {T(0.25), T(0.25), T(0.25)}, third[3] = {T(1.0 / 3.0), T(1.0 / 3.0), T(1.0 / 3.0)}, ninth[3] = {T(1.0 / 9.0), T(1.0 / 9.0), T(1.0 / 9.0)};
      kernels::detail::modal_force(u, f, m, g, T(1), third, ninth, strain);
    }
  }

  void fill(Tables& tables) const {
    const Index n = Index(moduli.extent(0)) / Moduli::size;
    tables.used = n <= W;
    if (!tables.used) return;
    const auto transpose = [n](const ConstArray<T>& table, int size, V* to) {
      for (int s = 0; s < size; ++s) {
        T value[W] = {};
        for (Index c = 0; c < n; ++c) value[c] = table(std::size_t(c * size + s));
        to[s] = kernels::load_unaligned<V>(value);
      }
    };
    transpose(moduli, Moduli::size, tables.moduli);
    if (offset_strain.extent(0)) transpose(offset_strain, 6, tables.strain);
  }
  /// Moduli and strains of the cells, 0 for those that don't count.
  VOXODE_INLINE_FUNCTION void load_class(const std::uint32_t* of_cell, std::uint32_t here, const Tables& tables, Moduli& m, V (&strain)[6]) const {
    const std::uint32_t one = of_cell[0];
    const auto number = kernels::load_unaligned<Numbers>(of_cell);
    const bool uniform = here == all && kernels::lanes_with<W>(number ^ one, 0xffffffffu) == 0;
    rows<Moduli::size>(moduli, tables.moduli, tables.used, number, here, uniform ? &one : nullptr, m.p);
    if (offset_strain.extent(0)) rows<6>(offset_strain, tables.strain, tables.used, number, here, uniform ? &one : nullptr, strain);
  }
  template <int size>
  VOXODE_INLINE_FUNCTION void rows(const ConstArray<T>& table, const V (&columns)[size], bool has_columns, const Numbers& number, std::uint32_t here, const std::uint32_t* uniform, V (&to)[size]) const {
    if (uniform) {
      const T* const p = table.data() + std::size_t(*uniform) * size;
      for (int s = 0; s < size; ++s) to[s] = p[s] - V{};
    } else if (has_columns) {
      for (int s = 0; s < size; ++s) to[s] = kernels::look_up<T, W>(columns[s], number, here);
    } else {
      for (int s = 0; s < size; ++s) {
        T value[W];
        for (int l = 0; l < W; ++l) value[l] = here >> l & 1u ? table(std::size_t(kernels::get_lane<W, std::uint32_t>(number, l)) * size + std::size_t(s)) : T(0);
        to[s] = kernels::load_unaligned<V>(value);
      }
    }
  }
};

}  // namespace voxode::physics
