#pragma once
// Values at ascending places close to each other, as two packs of lanes: whole packs are read and written, and their lanes put in place by permutations,
// where lane by lane would cost a load and a store each. Only with AVX-512; elsewhere `available` is false.
#include "kernels/simd.hpp"

#if defined(__AVX512F__) && !defined(__CUDACC__) && !defined(VOXODE_GPU_VARIANTS)
#define VOXODE_WINDOWS 1
#include <immintrin.h>

#include <bit>
#endif

namespace voxode::kernels {

/// A run of 2 W consecutive places that holds two sets of W ascending ones.
template <class T, int W>
class Window {
 public:
#ifdef VOXODE_WINDOWS
  static constexpr bool available = W * sizeof(T) == 64;
#else
  static constexpr bool available = false;
#endif

  /// Whether there is such a run within [begin, end). `first` is nowhere greater than `second`.
  bool find(const std::uint32_t (&first)[W], const std::uint32_t (&second)[W], std::uint32_t begin, std::uint32_t end);
  /// The values at both sets.
  void load(const T* values, Pack<T, W>& at_first, Pack<T, W>& at_second) const;
  /// Adds to them; all other places of the run are written too, as they were.
  void add(T* values, const Pack<T, W>& to_first, const Pack<T, W>& to_second) const;

#ifdef VOXODE_WINDOWS
 private:
  using V = Pack<T, W>;
  struct Places {
    __m512i index;          // lane -> place in the run
    std::uint32_t taken;    // bit of each place that has a lane
    __m512i upper;          // lanes from the first in the run's upper half on
  };
  std::uint32_t base_ = 0;
  Places first_, second_;

  static Places places(const std::uint32_t (&node)[W], std::uint32_t base) {
    using U = Pack<std::uint32_t, W>;
    const U index = load_unaligned<U>(node) - base;
    Places p;
    p.taken = sum_lanes<std::uint32_t, W>(1u << index);
    std::uint32_t lane[W];
    for (int l = 0; l < W; ++l) lane[l] = std::uint32_t(l);
    const U upper = load_unaligned<U>(lane) + std::uint32_t(std::popcount(p.taken & ((1u << W) - 1)));
    p.index = wide(index);
    p.upper = wide(upper);
    return p;
  }
  /// Lane numbers as permutations take them: as wide as T.
  static __m512i wide(const Pack<std::uint32_t, W>& index) {
    if constexpr (W == 16) return std::bit_cast<__m512i>(index);
    else return std::bit_cast<__m512i>(__builtin_convertvector(index, Pack<std::uint64_t, W>));
  }
  static V pick(const V& lower, const V& upper, const Places& p) {
    if constexpr (W == 16) return std::bit_cast<V>(_mm512_permutex2var_ps(std::bit_cast<__m512>(lower), p.index, std::bit_cast<__m512>(upper)));
    else return std::bit_cast<V>(_mm512_permutex2var_pd(std::bit_cast<__m512d>(lower), p.index, std::bit_cast<__m512d>(upper)));
  }
  /// What the lanes put into the run's lower and upper half.
  static void spread(const V& v, const Places& p, V& lower, V& upper) {
    if constexpr (W == 16) {
      const auto lanes = std::bit_cast<__m512>(v);
      lower = std::bit_cast<V>(_mm512_maskz_expand_ps(__mmask16(p.taken), lanes));
      upper = std::bit_cast<V>(_mm512_maskz_expand_ps(__mmask16(p.taken >> 16), _mm512_permutex2var_ps(lanes, p.upper, lanes)));
    } else {
      const auto lanes = std::bit_cast<__m512d>(v);
      lower = std::bit_cast<V>(_mm512_maskz_expand_pd(__mmask8(p.taken), lanes));
      upper = std::bit_cast<V>(_mm512_maskz_expand_pd(__mmask8(p.taken >> 8), _mm512_permutex2var_pd(lanes, p.upper, lanes)));
    }
  }
#endif
};

#ifdef VOXODE_WINDOWS
template <class T, int W>
bool Window<T, W>::find(const std::uint32_t (&first)[W], const std::uint32_t (&second)[W], std::uint32_t begin, std::uint32_t end) {
  constexpr std::uint32_t size = 2 * W;
  if (end < begin + size) return false;
  base_ = first[0] + size <= end ? first[0] : end - size;
  if (second[W - 1] - base_ >= size) return false;
  first_ = places(first, base_);
  second_ = places(second, base_);
  return true;
}
template <class T, int W>
void Window<T, W>::load(const T* values, V& at_first, V& at_second) const {
  const V lower = load_unaligned<V>(values + base_), upper = load_unaligned<V>(values + base_ + W);
  at_first = pick(lower, upper, first_);
  at_second = pick(lower, upper, second_);
}
template <class T, int W>
void Window<T, W>::add(T* values, const V& to_first, const V& to_second) const {
  V lower[2], upper[2];
  spread(to_first, first_, lower[0], upper[0]);
  spread(to_second, second_, lower[1], upper[1]);
  add_unaligned<V>(values + base_, lower[0] + lower[1]);
  add_unaligned<V>(values + base_ + W, upper[0] + upper[1]);
}
#endif

}  // namespace voxode::kernels
