#pragma once
// A pack of W numbers that the host compiler keeps in vector registers; on a GPU (or W = 1) a plain number.
#include <cstring>
#include <utility>

#include "kernels/types.hpp"

namespace voxode::kernels {

#if defined(__CUDACC__) || defined(__CUDA_ARCH__) || defined(__HIPCC__) || defined(VOXODE_GPU_VARIANTS)
inline constexpr bool has_packs = false;
#else
inline constexpr bool has_packs = true;
#endif

template <class T, int W>
struct PackOf {
#if !defined(__CUDACC__) && !defined(__CUDA_ARCH__) && !defined(__HIPCC__)
  typedef T type __attribute__((vector_size(sizeof(T) * W)));
#else
  using type = T;
#endif
};
template <class T>
struct PackOf<T, 1> {
  using type = T;
};
template <class T, int W>
using Pack = typename PackOf<T, W>::type;

/// Bytes of a vector register.
#ifdef __AVX512F__
inline constexpr int register_bytes = 64;
#else
inline constexpr int register_bytes = 32;
#endif
/// Lanes that a host kernel works on at once.
template <class T>
inline constexpr int pack_width = has_packs ? int(register_bytes / sizeof(T)) : 1;

/// Tells a host's processor that `p` will be read soon.
VOXODE_INLINE_FUNCTION void prefetch(const void* p) {
#if !defined(__CUDA_ARCH__) && !defined(__HIP_DEVICE_COMPILE__)
  __builtin_prefetch(p);
#else
  (void)p;
#endif
}

template <int W, class V, class T>
VOXODE_FUNCTION void set_lane(V& v, int lane, T value) {
  if constexpr (W == 1) v = value;
  else v[lane] = value;
}
template <int W, class T, class V>
VOXODE_FUNCTION T get_lane(const V& v, int lane) {
  if constexpr (W == 1) return v;
  else return v[lane];
}
template <class V, class T>
VOXODE_FUNCTION V load_unaligned(const T* p) {
  V v;
  memcpy(&v, p, sizeof(V));
  return v;
}
template <class V, class T>
VOXODE_FUNCTION void store_unaligned(T* p, const V& v) {
  memcpy(p, &v, sizeof(V));
}
template <class V, class T>
VOXODE_FUNCTION void add_unaligned(T* p, const V& v) {
  V old;
  memcpy(&old, p, sizeof(V));
  old = old + v;
  memcpy(p, &old, sizeof(V));
}

/// values[index[l]] in lane l; `index` has W entries.
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> gather(const T* values, const std::uint32_t* index) {
  if constexpr (W % 4 == 0) {  // by quarters: a pack filled lane by lane waits for itself
    Pack<T, 4> four[W / 4];
    VOXODE_UNROLL
    for (int i = 0; i < W / 4; ++i) four[i] = Pack<T, 4>{values[index[4 * i]], values[index[4 * i + 1]], values[index[4 * i + 2]], values[index[4 * i + 3]]};
    return load_unaligned<Pack<T, W>>(four);
  } else {
    Pack<T, W> v{};
    for (int l = 0; l < W; ++l) set_lane<W>(v, l, values[index[l]]);
    return v;
  }
}
/// values[index[l]] += lane l, for the first `lanes`.
template <class T, int W>
VOXODE_INLINE_FUNCTION void add_scattered(T* values, const std::uint32_t* index, const Pack<T, W>& v, int lanes = W) {
  if (lanes == W) {
    VOXODE_UNROLL
    for (int l = 0; l < W; ++l) values[index[l]] += get_lane<W, T>(v, l);
  } else {
    for (int l = 0; l < lanes; ++l) values[index[l]] += get_lane<W, T>(v, l);
  }
}
/// W integers as numbers.
template <class T, int W, class I>
VOXODE_INLINE_FUNCTION Pack<T, W> converted(const I* p) {
  T value[W];
  for (int l = 0; l < W; ++l) value[l] = T(p[l]);
  return load_unaligned<Pack<T, W>>(value);
}

/// Upper half of a float: 8 bits of mantissa (bfloat16).
VOXODE_FUNCTION std::uint16_t upper_half(float x) {
  std::uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return std::uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
VOXODE_FUNCTION float from_upper_half(std::uint16_t half) {
  const std::uint32_t bits = std::uint32_t(half) << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
/// W numbers that are kept as floats or as their upper halves.
template <int W>
VOXODE_INLINE_FUNCTION Pack<float, W> numbers(const float* p) {
  return load_unaligned<Pack<float, W>>(p);
}
template <int W>
VOXODE_INLINE_FUNCTION Pack<float, W> numbers(const std::uint16_t* p) {
  if constexpr (W == 1) {
    return from_upper_half(*p);
  } else {
    Pack<float, W> v{};
#if !defined(__CUDACC__) && !defined(__CUDA_ARCH__) && !defined(__HIPCC__)
    const Pack<std::uint32_t, W> bits = __builtin_convertvector(load_unaligned<Pack<std::uint16_t, W>>(p), Pack<std::uint32_t, W>) << 16;
    memcpy(&v, &bits, sizeof v);
#endif
    return v;
  }
}

/// Sum over the lanes, by halves.
template <class T, int W>
VOXODE_INLINE_FUNCTION T sum_lanes(const Pack<T, W>& v) {
  if constexpr (W == 1) {
    return v;
  } else {
    Pack<T, W / 2> half[2];
    memcpy(half, &v, sizeof(v));
    return sum_lanes<T, W / 2>(half[0] + half[1]);
  }
}

#if !defined(__CUDACC__) && !defined(__CUDA_ARCH__) && !defined(__HIPCC__)
namespace detail {
template <class V, int... L>
VOXODE_INLINE_FUNCTION V one_lane_up(const V& v, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(v, V{}, (L == 0 ? int(sizeof...(L)) : L - 1)...);
}
}  // namespace detail
/// (0, v0, v1, ...).
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> one_lane_up(const Pack<T, W>& v) {
  return detail::one_lane_up(v, std::make_integer_sequence<int, W>{});
}
namespace detail {
template <class V, int... L>
VOXODE_INLINE_FUNCTION V one_lane_down(const V& v, const V& last, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(v, last, (L + 1)...);
}
}  // namespace detail
/// (v1, v2, ..., last).
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> one_lane_down(const Pack<T, W>& v, T last) {
  return detail::one_lane_down(v, last - Pack<T, W>{}, std::make_integer_sequence<int, W>{});
}
/// Lane l of the result: the sum over the lanes of v[l].
template <class T>
VOXODE_INLINE_FUNCTION Pack<T, 8> sum_lanes_of_each(const Pack<T, 8> (&v)[8]) {
  using V = Pack<T, 8>;
  V two[4], four[2];
  for (int i = 0; i < 4; ++i)
    two[i] = __builtin_shufflevector(v[2 * i], v[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14) + __builtin_shufflevector(v[2 * i], v[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  for (int i = 0; i < 2; ++i)
    four[i] = __builtin_shufflevector(two[2 * i], two[2 * i + 1], 0, 1, 8, 9, 4, 5, 12, 13) + __builtin_shufflevector(two[2 * i], two[2 * i + 1], 2, 3, 10, 11, 6, 7, 14, 15);
  return __builtin_shufflevector(four[0], four[1], 0, 1, 2, 3, 8, 9, 10, 11) + __builtin_shufflevector(four[0], four[1], 4, 5, 6, 7, 12, 13, 14, 15);
}
namespace detail {
template <int t0, int t1, int t2, int t3, class V, int... L>
VOXODE_INLINE_FUNCTION V mix_quarters(const V& a, const V& b, std::integer_sequence<int, L...>) {
  constexpr int t[4] = {t0, t1, t2, t3};
  return __builtin_shufflevector(a, b, (4 * (L / 4) + (t[L % 4] < 4 ? t[L % 4] : int(sizeof...(L)) + t[L % 4] - 4))...);
}
}  // namespace detail
/// From each quarter of four lanes of a (numbers 0 to 3) and of b (4 to 7).
template <int t0, int t1, int t2, int t3, class V>
VOXODE_INLINE_FUNCTION V mix_quarters(const V& a, const V& b) {
  return detail::mix_quarters<t0, t1, t2, t3>(a, b, std::make_integer_sequence<int, int(sizeof(V) / sizeof(a[0]))>{});
}
/// (x, y, z, 0).
template <class V>
VOXODE_INLINE_FUNCTION V three_lanes(float x, float y, float z) {
  return V{x, y, z, 0.0f};
}
/// A symmetric matrix xx yy zz yz xz xy times the first three lanes; the fourth lane of the result is 0.
template <class V>
VOXODE_INLINE_FUNCTION V symmetric_product(const float* matrix, const V& v) {
  const V a = load_unaligned<V>(matrix), b = load_unaligned<V>(matrix + 2);
  const V sum = mix_quarters<0, 7, 6, 0>(a, b) * mix_quarters<0, 0, 0, 0>(v, v) + mix_quarters<7, 1, 3, 0>(a, b) * mix_quarters<1, 1, 1, 1>(v, v) + mix_quarters<6, 3, 2, 0>(a, b) * mix_quarters<2, 2, 2, 2>(v, v);
  return mix_quarters<0, 1, 2, 4>(sum, V{});
}
#else
// only where packs have lanes: declared for code that is never instantiated here
template <int t0, int t1, int t2, int t3, class V>
VOXODE_INLINE_FUNCTION V mix_quarters(const V&, const V&);
template <class V>
VOXODE_INLINE_FUNCTION V three_lanes(float, float, float);
template <class V>
VOXODE_INLINE_FUNCTION V symmetric_product(const float*, const V&);
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> one_lane_up(const Pack<T, W>&);
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> one_lane_down(const Pack<T, W>&, T);
template <class T>
VOXODE_INLINE_FUNCTION Pack<T, 8> sum_lanes_of_each(const Pack<T, 8> (&)[8]);
#endif

/// The components of W nodes as a pack each; `values` has four numbers a node (NodeField).
template <int W>
VOXODE_INLINE_FUNCTION void gather_nodes(const float* values, const std::uint32_t* node, Pack<float, W>* u) {
  if constexpr (W == 1) {
    for (int d = 0; d < 3; ++d) u[d] = values[4 * std::size_t(node[0]) + std::size_t(d)];
  } else {
    using V = Pack<float, W>;
    V of[4];  // nodes i, i + 4, i + 8, ...
    VOXODE_UNROLL
    for (int i = 0; i < 4; ++i) {
      Pack<float, 4> quarter[W / 4];
      VOXODE_UNROLL
      for (int k = 0; k < W / 4; ++k) quarter[k] = load_unaligned<Pack<float, 4>>(values + 4 * std::size_t(node[4 * k + i]));
      of[i] = load_unaligned<V>(quarter);
    }
    const V xy[2] = {mix_quarters<0, 4, 1, 5>(of[0], of[1]), mix_quarters<0, 4, 1, 5>(of[2], of[3])};
    const V z[2] = {mix_quarters<2, 6, 3, 7>(of[0], of[1]), mix_quarters<2, 6, 3, 7>(of[2], of[3])};
    u[0] = mix_quarters<0, 1, 4, 5>(xy[0], xy[1]);
    u[1] = mix_quarters<2, 3, 6, 7>(xy[0], xy[1]);
    u[2] = mix_quarters<0, 1, 4, 5>(z[0], z[1]);
  }
}
/// Adds packs of components to the first `lanes` of W nodes.
template <int W>
VOXODE_INLINE_FUNCTION void add_to_nodes(float* values, const std::uint32_t* node, const Pack<float, W>* u, int lanes = W) {
  if constexpr (W == 1) {
    for (int d = 0; d < 3; ++d) values[4 * std::size_t(node[0]) + std::size_t(d)] += u[d];
  } else {
    using V = Pack<float, W>;
    const V xy[2] = {mix_quarters<0, 4, 1, 5>(u[0], u[1]), mix_quarters<2, 6, 3, 7>(u[0], u[1])};
    const V z[2] = {mix_quarters<0, 4, 1, 5>(u[2], V{}), mix_quarters<2, 6, 3, 7>(u[2], V{})};
    const V of[4] = {mix_quarters<0, 1, 4, 5>(xy[0], z[0]), mix_quarters<2, 3, 6, 7>(xy[0], z[0]), mix_quarters<0, 1, 4, 5>(xy[1], z[1]), mix_quarters<2, 3, 6, 7>(xy[1], z[1])};
    Pack<float, 4> quarter[4][W / 4];
    memcpy(quarter, of, sizeof(of));
    if (lanes == W) {
      VOXODE_UNROLL
      for (int l = 0; l < W; ++l) add_unaligned<Pack<float, 4>>(values + 4 * std::size_t(node[l]), quarter[l % 4][l / 4]);
    } else {
      for (int l = 0; l < lanes; ++l) add_unaligned<Pack<float, 4>>(values + 4 * std::size_t(node[l]), quarter[l % 4][l / 4]);
    }
  }
}

}  // namespace voxode::kernels
