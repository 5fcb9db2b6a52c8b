#pragma once
// Trilinear hexahedron in Hadamard modes. The 8 corner values of a component, sent through an 8-point Hadamard transform,
// are the coefficients of 1, xi, eta, zeta and their products (mode number = bit set of the axes, corner number likewise).
// The strain is then a polynomial with L2-orthogonal terms k = 0 (constant), one axis (weight 1/3) and two axes (1/9), so
// that full integration is exact and element matrices are never formed. `bbar` replaces the volumetric part of the terms
// k != 0 by nothing (mean dilatation): their stiffness is P C P with the deviatoric projector P.
//
// Material that fills only part of the cell counts through its centre and its spread along the axes (`Filling`): the modes are moved to the centre, and the
// weights 1/3 and 1/9 shrink with the spread. Exact for a box of material with faces along the axes.
//
// V is a scalar or a SIMD pack of cells, G the type of the gradient factors.
#include "kernels/types.hpp"

namespace voxode::kernels {

namespace detail {
/// One axis of the transform: sum and difference of each pair of corners along it.
template <int bit, bool transposed, class V>
VOXODE_INLINE_FUNCTION void hadamard_along(V (&u)[24]) {
  VOXODE_UNROLL
  for (int pair = 0; pair < 12; ++pair) {
    const int low = pair / 3 & (bit - 1), c = low | (pair / 3 - low) << 1, d = pair % 3;
    const V a = u[3 * c + d], b = u[3 * (c | bit) + d];
    u[3 * c + d] = transposed ? a - b : a + b;
    u[3 * (c | bit) + d] = transposed ? a + b : b - a;
  }
}
}  // namespace detail

/// In place: value at the 8 corners <-> 8 modes, for the three components u[3 * corner + component].
template <class V>
VOXODE_INLINE_FUNCTION void hadamard(V (&u)[24]) {
  detail::hadamard_along<1, false>(u);
  detail::hadamard_along<2, false>(u);
  detail::hadamard_along<4, false>(u);
}
/// The transpose of the above: forces at modes -> forces at corners.
template <class V>
VOXODE_INLINE_FUNCTION void hadamard_transposed(V (&u)[24]) {
  detail::hadamard_along<1, true>(u);
  detail::hadamard_along<2, true>(u);
  detail::hadamard_along<4, true>(u);
}

/// Where a cell's material is, along x, y, z of the cell [-1, 1]: its centre, and its variance over that of a full cell.
template <class V>
struct Filling {
  V centre[3], spread[3];
};

namespace detail {
template <int a, bool transposed, class V>
VOXODE_INLINE_FUNCTION void move_modes_along(V (&u)[24], const V& centre) {
  constexpr int bit = 1 << a;
  VOXODE_UNROLL
  for (int pair = 0; pair < 12; ++pair) {
    const int low = pair / 3 & (bit - 1), c = low | (pair / 3 - low) << 1, d = pair % 3;
    const int to = 3 * (transposed ? c | bit : c) + d, from = 3 * (transposed ? c : c | bit) + d;
    u[to] = u[to] + centre * u[from];
  }
}
}  // namespace detail

/// Modes about the middle of the cell -> modes about the centre of its material, both in units of the cell.
template <class V>
VOXODE_INLINE_FUNCTION void move_modes(V (&u)[24], const Filling<V>& filling) {
  detail::move_modes_along<0, false>(u, filling.centre[0]);
  detail::move_modes_along<1, false>(u, filling.centre[1]);
  detail::move_modes_along<2, false>(u, filling.centre[2]);
}
/// The transpose of the above: forces.
template <class V>
VOXODE_INLINE_FUNCTION void move_modes_transposed(V (&u)[24], const Filling<V>& filling) {
  detail::move_modes_along<0, true>(u, filling.centre[0]);
  detail::move_modes_along<1, true>(u, filling.centre[1]);
  detail::move_modes_along<2, true>(u, filling.centre[2]);
}

/// Position of (row, column) in a packed symmetric 6 x 6 matrix, upper triangle row by row (21 values).
VOXODE_FUNCTION constexpr int packed6(int i, int j) {
  return i <= j ? i * 6 - i * (i - 1) / 2 + (j - i) : j * 6 - j * (j - 1) / 2 + (i - j);
}

/// Isotropic moduli of one cell: Lame constants of the constant term and of the others (they differ with bbar).
inline constexpr int isotropic_size = 3;    // lambda, mu, lambda of the higher terms
inline constexpr int anisotropic_size = 42;  // packed stiffness of the constant term, then of the others

template <class V>
struct Isotropic {
  static constexpr int size = isotropic_size;
  V p[size];
  VOXODE_INLINE_FUNCTION void constant(const V (&e)[6], V (&s)[6]) const {
    const V t = p[0] * (e[0] + e[1] + e[2]);
    for (int i = 0; i < 3; ++i) s[i] = t + (p[1] + p[1]) * e[i];
    for (int i = 3; i < 6; ++i) s[i] = p[1] * e[i];
  }
  /// Terms k = one axis A, whose strain e_AA is zero and whose stress s_AA does no work.
  template <int A>
  VOXODE_INLINE_FUNCTION void linear(const V (&e)[6], V (&s)[6]) const {
    constexpr int b = (A + 1) % 3, c = (A + 2) % 3;
    const V t = p[2] * (e[b] + e[c]);
    s[b] = t + (p[1] + p[1]) * e[b];
    s[c] = t + (p[1] + p[1]) * e[c];
    for (int i = 3; i < 6; ++i) s[i] = p[1] * e[i];
  }
  /// Terms of two axes: only the gradient along A is there. g: gradient of the three components, f: work-conjugate.
  template <int A>
  VOXODE_INLINE_FUNCTION void bilinear(const V (&g)[3], V (&f)[3]) const {
    for (int d = 0; d < 3; ++d) f[d] = (d == A) ? (p[2] + p[1] + p[1]) * g[d] : p[1] * g[d];
  }
};

// g++ 12 warns of subscript 42 on a branch of packed6 that no pair of Voigt numbers takes (the largest is 21 + 20).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
template <class V>
struct Anisotropic {
  static constexpr int size = anisotropic_size;
  V p[size];
  VOXODE_INLINE_FUNCTION void constant(const V (&e)[6], V (&s)[6]) const {
    for (int i = 0; i < 6; ++i) {
      V t = p[packed6(i, 0)] * e[0];
      for (int j = 1; j < 6; ++j) t = t + p[packed6(i, j)] * e[j];
      s[i] = t;
    }
  }
  template <int A>
  VOXODE_INLINE_FUNCTION void linear(const V (&e)[6], V (&s)[6]) const {
    constexpr int term[5] = {(A + 1) % 3, (A + 2) % 3, 3, 4, 5};
    for (int i = 0; i < 5; ++i) {
      V t = p[21 + packed6(term[i], term[0])] * e[term[0]];
      for (int j = 1; j < 5; ++j) t = t + p[21 + packed6(term[i], term[j])] * e[term[j]];
      s[term[i]] = t;
    }
  }
  template <int A>
  VOXODE_INLINE_FUNCTION void bilinear(const V (&g)[3], V (&f)[3]) const {
    // Voigt number of the strain that a gradient of component d along A makes
    constexpr int voigt[3][3] = {{0, 5, 4}, {5, 1, 3}, {4, 3, 2}};
    for (int d = 0; d < 3; ++d) {
      V t = p[21 + packed6(voigt[A][d], voigt[A][0])] * g[0];
      for (int e = 1; e < 3; ++e) t = t + p[21 + packed6(voigt[A][d], voigt[A][e])] * g[e];
      f[d] = t;
    }
  }
};
#pragma GCC diagnostic pop

namespace detail {
/// One term of one axis A: strain from the modes A|b and A|c, stress back onto them, times weight w.
template <int A, class V, class M, class G, class W>
VOXODE_INLINE_FUNCTION void linear_term(const V (&u)[24], V (&f)[24], const M& m, const G (&g)[3], const W& w) {
  constexpr int b = (A + 1) % 3, c = (A + 2) % 3;
  constexpr int mb = (1 << A) | (1 << b), mc = (1 << A) | (1 << c);
  constexpr int voigt[3][3] = {{0, 5, 4}, {5, 1, 3}, {4, 3, 2}};
  V e[6], s[6];
  e[A] = u[0] - u[0];
  e[b] = g[b] * u[3 * mb + b];
  e[c] = g[c] * u[3 * mc + c];
  e[voigt[b][c]] = g[c] * u[3 * mc + b] + g[b] * u[3 * mb + c];
  e[voigt[A][b]] = g[b] * u[3 * mb + A];
  e[voigt[A][c]] = g[c] * u[3 * mc + A];
  m.template linear<A>(e, s);
  const W wb = w * g[b], wc = w * g[c];
  f[3 * mb + A] = f[3 * mb + A] + wb * s[voigt[A][b]];
  f[3 * mb + b] = f[3 * mb + b] + wb * s[b];
  f[3 * mb + c] = f[3 * mb + c] + wb * s[voigt[b][c]];
  f[3 * mc + A] = f[3 * mc + A] + wc * s[voigt[A][c]];
  f[3 * mc + b] = f[3 * mc + b] + wc * s[voigt[b][c]];
  f[3 * mc + c] = f[3 * mc + c] + wc * s[c];
}
template <int A, class V, class M, class G, class W>
VOXODE_INLINE_FUNCTION void bilinear_term(const V (&u)[24], V (&f)[24], const M& m, const G (&g)[3], const W& w) {
  V e[3], s[3];
  for (int d = 0; d < 3; ++d) e[d] = g[A] * u[21 + d];
  m.template bilinear<A>(e, s);
  for (int d = 0; d < 3; ++d) f[21 + d] = f[21 + d] + (w * g[A]) * s[d];
}
}  // namespace detail

/// Mean strain of a cell from its modes, engineering shear. g: 1 / (4 x edge) along x, y, z.
template <class V, class G>
VOXODE_INLINE_FUNCTION void mean_strain(const V (&u)[24], const G (&g)[3], V (&e)[6]) {
  e[0] = g[0] * u[3 * 1 + 0];
  e[1] = g[1] * u[3 * 2 + 1];
  e[2] = g[2] * u[3 * 4 + 2];
  e[3] = g[2] * u[3 * 4 + 1] + g[1] * u[3 * 2 + 2];
  e[4] = g[2] * u[3 * 4 + 0] + g[0] * u[3 * 1 + 2];
  e[5] = g[1] * u[3 * 2 + 0] + g[0] * u[3 * 1 + 1];
}

namespace detail {
/// Modes -> forces at modes. third, ninth: weights of the terms of one axis and of two (by the axis that is not among them).
template <class V, class M, class G, class W>
VOXODE_INLINE_FUNCTION void modal_force(const V (&u)[24], V (&f)[24], const M& m, const G (&g)[3], const G& volume, const W (&third)[3], const W (&ninth)[3], const V* offset) {
  V e[6], s[6];
  mean_strain(u, g, e);
  if (offset)
    for (int i = 0; i < 6; ++i) e[i] = e[i] + offset[i];
  m.constant(e, s);
  const G w0[3] = {volume * g[0], volume * g[1], volume * g[2]};
  for (int d = 0; d < 3; ++d) f[d] = u[0] - u[0];
  f[3] = w0[0] * s[0]; f[4] = w0[0] * s[5]; f[5] = w0[0] * s[4];
  f[6] = w0[1] * s[5]; f[7] = w0[1] * s[1]; f[8] = w0[1] * s[3];
  f[12] = w0[2] * s[4]; f[13] = w0[2] * s[3]; f[14] = w0[2] * s[2];
  for (int d = 0; d < 3; ++d) f[9 + d] = f[15 + d] = f[18 + d] = f[21 + d] = f[d];
  linear_term<0>(u, f, m, g, third[0]);
  linear_term<1>(u, f, m, g, third[1]);
  linear_term<2>(u, f, m, g, third[2]);
  bilinear_term<0>(u, f, m, g, ninth[0]);
  bilinear_term<1>(u, f, m, g, ninth[1]);
  bilinear_term<2>(u, f, m, g, ninth[2]);
}
}  // namespace detail

/// The same for a full cube of edge 1 and one isotropic material, with the terms that share a modulus taken together. S: the scalar inside V.
template <class S, class V>
VOXODE_INLINE_FUNCTION void cube_modal_force(const V (&u)[24], V (&f)[24], const Isotropic<V>& m, const V* offset = nullptr) {
  const V lambda = m.p[0] * S(1.0 / 16), mu = m.p[1] * S(1.0 / 16), two_mu = mu + mu;
  const V lambda_higher = m.p[2] * S(1.0 / 48), mu_higher = m.p[1] * S(1.0 / 48), bilinear = (m.p[2] + S(4) * m.p[1]) * S(1.0 / 144);
  V e[6] = {u[3], u[7], u[14], u[13] + u[8], u[12] + u[5], u[6] + u[4]};
  if (offset)
    for (int i = 0; i < 6; ++i) e[i] = e[i] + S(4) * offset[i];
  const V trace = lambda * (e[0] + e[1] + e[2]);
  f[0] = f[1] = f[2] = u[0] - u[0];
  f[3] = trace + two_mu * e[0]; f[7] = trace + two_mu * e[1]; f[14] = trace + two_mu * e[2];
  f[13] = f[8] = mu * e[3];
  f[12] = f[5] = mu * e[4];
  f[6] = f[4] = mu * e[5];
  // modes xy 9 to 11, xz 15 to 17, yz 18 to 20: dilatations that vary along x, y, z, and the twist
  const V along_x = lambda_higher * (u[10] + u[17]), along_y = lambda_higher * (u[9] + u[20]), along_z = lambda_higher * (u[15] + u[19]);
  const V twist = u[11] + u[16] + u[18];
  f[9] = along_y + mu * u[9]; f[10] = along_x + mu * u[10]; f[11] = mu_higher * (twist + u[11]);
  f[15] = along_z + mu * u[15]; f[16] = mu_higher * (twist + u[16]); f[17] = along_x + mu * u[17];
  f[18] = mu_higher * (twist + u[18]); f[19] = along_z + mu * u[19]; f[20] = along_y + mu * u[20];
  for (int d = 0; d < 3; ++d) f[21 + d] = bilinear * u[21 + d];
}

/// Corner displacements -> corner forces, S the scalar type inside V and G. u: in displacements, out forces. g: 1 / (4 x edge) per axis; volume: of the cell.
/// `offset` (may be null) is added to the mean strain (macroscopic minus stress-free strain).
template <class S, class V, class M, class G>
VOXODE_INLINE_FUNCTION void hexahedron_force(V (&u)[24], const M& m, const G (&g)[3], const G& volume, const V* offset = nullptr) {
  hadamard(u);
  V f[24];
  const G third = volume * S(1.0 / 3.0), ninth = volume * S(1.0 / 9.0);
  const G thirds[3] = {third, third, third}, ninths[3] = {ninth, ninth, ninth};
  detail::modal_force(u, f, m, g, volume, thirds, ninths, offset);
  hadamard_transposed(f);
  VOXODE_UNROLL
  for (int i = 0; i < 24; ++i) u[i] = f[i];
}

/// The same for a cell that its material fills in part; m: moduli times its share of the volume.
template <class S, class V, class M, class G>
VOXODE_INLINE_FUNCTION void hexahedron_force(V (&u)[24], const M& m, const G (&g)[3], const G& volume, const Filling<V>& filling) {
  hadamard(u);
  move_modes(u, filling);
  V f[24];
  const V *const s = filling.spread, third[3] = {volume * S(1.0 / 3.0) * s[0], volume * S(1.0 / 3.0) * s[1], volume * S(1.0 / 3.0) * s[2]};
  const V ninth[3] = {third[1] * s[2] * S(1.0 / 3.0), third[0] * s[2] * S(1.0 / 3.0), third[0] * s[1] * S(1.0 / 3.0)};
  detail::modal_force(u, f, m, g, volume, third, ninth, static_cast<const V*>(nullptr));
  move_modes_transposed(f, filling);
  hadamard_transposed(f);
  VOXODE_UNROLL
  for (int i = 0; i < 24; ++i) u[i] = f[i];
}

/// Symmetric 3x3 diagonal block (xx yy zz yz xz xy) of corner c: sum over terms of B' C B, in closed form.
template <class T, class M>
VOXODE_FUNCTION void hexahedron_diagonal(int corner, const M& m, const T (&g)[3], T volume, T (&block)[6], const Filling<T>& filling = {{0, 0, 0}, {1, 1, 1}}) {
  constexpr int voigt[3][3] = {{0, 5, 4}, {5, 1, 3}, {4, 3, 2}};
  constexpr int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
  T c0[6][6], c1[6][6];
  if constexpr (M::size == isotropic_size) {
    for (int i = 0; i < 6; ++i)
      for (int j = 0; j < 6; ++j) {
        const T shear = i == j ? (i < 3 ? 2 * m.p[1] : m.p[1]) : T(0);
        c0[i][j] = (i < 3 && j < 3 ? m.p[0] : T(0)) + shear;
        c1[i][j] = (i < 3 && j < 3 ? m.p[2] : T(0)) + shear;
      }
  } else {
    for (int i = 0; i < 6; ++i)
      for (int j = 0; j < 6; ++j) c0[i][j] = m.p[packed6(i, j)], c1[i][j] = m.p[21 + packed6(i, j)];
  }
  // the gradient of the corner's shape function along a is q[a] (at[b] + side[b] xi_b) (at[c] + side[c] xi_c), xi about the material's centre
  T q[3], at[3], varies[3];
  for (int a = 0; a < 3; ++a) {
    const T side = (corner >> a & 1) ? T(1) : T(-1);
    q[a] = side * g[a];
    at[a] = T(1) + side * filling.centre[a];
    varies[a] = filling.spread[a] / T(3);
  }
  for (int e = 0; e < 6; ++e) {
    T sum = 0;
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) {
        const int i = voigt[a][row[e]], j = voigt[b][column[e]], a1 = (a + 1) % 3, a2 = (a + 2) % 3;
        T mean, rest;
        if (a == b) {
          mean = at[a1] * at[a1] * at[a2] * at[a2];
          rest = varies[a1] * at[a2] * at[a2] + at[a1] * at[a1] * varies[a2] + varies[a1] * varies[a2];
        } else {
          const int c = 3 - a - b;
          mean = at[a] * at[b] * at[c] * at[c];
          rest = at[a] * at[b] * varies[c];
        }
        sum += q[a] * q[b] * (mean * c0[i][j] + rest * c1[i][j]);
      }
    block[e] = volume * sum;
  }
}

}  // namespace voxode::kernels
