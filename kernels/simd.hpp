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

/// Lanes that a host kernel works on at once.
template <class T>
inline constexpr int pack_width = has_packs ? int(64 / sizeof(T)) : 1;

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

namespace detail {
template <class V, int... L>
VOXODE_FUNCTION V one_lane_up(const V& v, std::integer_sequence<int, L...>) {
#if !defined(__CUDACC__) && !defined(__CUDA_ARCH__) && !defined(__HIPCC__)
  return __builtin_shufflevector(v, V{}, (L == 0 ? int(sizeof...(L)) : L - 1)...);
#else
  return v;
#endif
}
}  // namespace detail
/// (0, v0, v1, ...), for packs alone.
template <class T, int W>
VOXODE_FUNCTION Pack<T, W> one_lane_up(const Pack<T, W>& v) {
  return detail::one_lane_up(v, std::make_integer_sequence<int, W>{});
}

}  // namespace voxode::kernels
