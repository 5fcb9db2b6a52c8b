#pragma once
// Weighted graphs of conductances, and the few operations that the solver needs on them. The finest level is a 7-point stencil on
// compactly numbered cells, coarser levels are compressed rows. All conductances are over (largest conductivity x voxel edge).
#include <cstdint>

#include "kernels/device.hpp"

namespace voxode::physics::transport {

using kernels::Space;
using Id = std::uint32_t;
inline constexpr Id none = ~Id(0);
template <class T>
using View = kernels::Array<T>;

template <class T>
View<T> allocate(const char* label, Index n) { return kernels::make_array<T>(label, n); }

/// Owner of the finest level. Cells are numbered x fastest; face d of a cell leads to its neighbour in direction +d.
struct StencilData {
  Index n = 0;
  bool wrap_x = false;
  bool full = false;          ///< conductances in `weight` instead of through `code`
  View<Id> column[6];         ///< neighbour in -x +x -y +y -z +z, the cell itself if there is none; -x +x only if x wraps (else i - 1, i + 1)
  View<std::uint8_t> code;    ///< (3, n): number into `table`, 0: no conductance
  View<double> table;
  View<float> table_single;
  View<float> weight;         ///< (3, n) if full
  View<std::uint16_t> ground_code;  ///< number into `ground_table`: conductance to the end planes, 0: none
  View<double> ground_table;        ///< (2, n_codes): all, to the plane at potential 1
  Index n_ground_codes = 0;
};

/// What a kernel sees of it.
template <bool Full, bool WrapX>
struct Stencil {
  Index n;
  const Id* column[6];
  const std::uint8_t* code;
  const double* table;
  const float* table_single;
  const float* weight;
  const std::uint16_t* ground_code;
  const double* ground_table;

  explicit Stencil(const StencilData& s)
      : n(s.n), code(s.code.data()), table(s.table.data()), table_single(s.table_single.data()), weight(s.weight.data()),
        ground_code(s.ground_code.data()), ground_table(s.ground_table.data()) {
    for (int side = 0; side < 6; ++side) column[side] = s.column[side].data();
  }

  KOKKOS_INLINE_FUNCTION Index neighbour(int side, Index i) const {
    if constexpr (!WrapX) {
      if (side == 0) return i > 0 ? i - 1 : 0;
      if (side == 1) return i + 1 < n ? i + 1 : i;
    }
    return Index(column[side][i]);
  }
  KOKKOS_INLINE_FUNCTION double face(double, int d, Index i) const { return Full ? double(weight[d * n + i]) : table[code[d * n + i]]; }
  KOKKOS_INLINE_FUNCTION float face(float, int d, Index i) const { return Full ? weight[d * n + i] : table_single[code[d * n + i]]; }
  template <class T>
  KOKKOS_INLINE_FUNCTION T ground(Index i) const { return T(ground_table[ground_code[i]]); }

  /// Row i of the operator: the net current out of cell i. Differences, not a diagonal: no cancellation where contrasts are large.
  template <class T>
  KOKKOS_INLINE_FUNCTION T row(Index i, const T* x) const {
    const T xi = x[i];
    T sum = ground<T>(i) * xi;
    for (int d = 0; d < 3; ++d) {
      const Index lower = neighbour(2 * d, i);
      sum += face(T(0), d, i) * (xi - x[neighbour(2 * d + 1, i)]) + face(T(0), d, lower) * (xi - x[lower]);
    }
    return sum;
  }
  /// visit(j, conductance) for every neighbour of i, a neighbour on both sides twice.
  template <class Visit>
  KOKKOS_INLINE_FUNCTION void for_edges(Index i, const Visit& visit) const {
    for (int d = 0; d < 3; ++d) {
      const Index lower = neighbour(2 * d, i), upper = neighbour(2 * d + 1, i);
      const float below = face(0.f, d, lower), above = face(0.f, d, i);
      if (lower != i && below > 0) visit(lower, below);
      if (upper != i && above > 0) visit(upper, above);
    }
  }
};

/// A coarse level: rows of conductances to other nodes, and to ground.
struct Rows {
  Index n = 0;
  const Id* start = nullptr;   ///< (n + 1)
  const Id* column = nullptr;
  const float* weight = nullptr;
  const float* to_ground = nullptr;

  template <class T>
  KOKKOS_INLINE_FUNCTION T ground(Index i) const { return T(to_ground[i]); }
  template <class T>
  KOKKOS_INLINE_FUNCTION T row(Index i, const T* x) const {
    const T xi = x[i];
    T sum = T(to_ground[i]) * xi;
    for (Id e = start[i]; e < start[i + 1]; ++e) sum += T(weight[e]) * (xi - x[column[e]]);
    return sum;
  }
  template <class Visit>
  KOKKOS_INLINE_FUNCTION void for_edges(Index i, const Visit& visit) const {
    for (Id e = start[i]; e < start[i + 1]; ++e) visit(Index(column[e]), weight[e]);
  }
};

/// Calls action(graph) with the kernel's view of the stencil that fits.
template <class Action>
void with_stencil(const StencilData& s, const Action& action) {
  if (s.full) s.wrap_x ? action(Stencil<true, true>(s)) : action(Stencil<true, false>(s));
  else s.wrap_x ? action(Stencil<false, true>(s)) : action(Stencil<false, false>(s));
}

template <class Functor>
void for_all(const char* label, Index n, const Functor& functor) { kernels::for_each(label, n, functor); }

}  // namespace voxode::physics::transport
