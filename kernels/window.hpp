#pragma once
// Values at ascending places close to each other, as two packs of lanes: whole packs are read and written, and their lanes put in place by permutations,
// where lane by lane would cost a load and a store each. Only with AVX-512; elsewhere `Window::available` is false.
#include "kernels/simd.hpp"

#if defined(__AVX512F__) && defined(__AVX512VL__) && !defined(__CUDACC__) && !defined(VOXODE_GPU_VARIANTS)
#define VOXODE_WINDOWS 1
#include <immintrin.h>

#include <bit>
#endif

namespace voxode::kernels {

/// A run of 2 W consecutive places that holds two sets of ascending ones, at most W each. The last lane of the second set lies elsewhere.
template <class T, int W>
class Window {
 public:
#ifdef VOXODE_WINDOWS
  static constexpr bool available = W * sizeof(T) == 64;
#else
  static constexpr bool available = false;
#endif
  using V = Pack<T, W>;
  using Places = Pack<std::uint32_t, W>;

  /// Four at once. Lane l of `first` and `second` counts where bit l of `lanes` is set (the last of `second` never); it lies in [base, base + 2 W).
  /// No lane of `first` is greater than that of `second`, and none of `second` than the next of `first`.
  static void make(const Places (&first)[4], const Places (&second)[4], std::uint32_t lanes, const std::uint32_t (&base)[4], Window (&window)[4]);
  /// The values at both sets, `last` in the last lane of the second. What other lanes hold that don't count are values of the run.
  void load(const T* values, const T& last, V& at_first, V& at_second) const;
  /// Adds to them; all other places of the run are written too, as they were. Lanes that don't count hold 0, but for the last.
  void add(T* values, const V& to_first, const V& to_second) const;

#ifdef VOXODE_WINDOWS
 private:
  static constexpr std::uint32_t all = (1u << W) - 1;
  std::uint32_t base_ = 0;
  std::uint32_t taken_ = 0;      // places that a lane lies at
  std::uint32_t same_ = 0;       // lanes of the first set at the place of the lane before in the second
  __m512i first_, second_;       // lane -> place in the run
  __m512i lower_, upper_;        // place in each half of the run -> lane; W more: of the second set

  static constexpr std::uint32_t number[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  /// Lane numbers as permutations take them: as wide as T.
  static __m512i wide(const Places& index) {
    if constexpr (W == 16) return std::bit_cast<__m512i>(index);
    else return std::bit_cast<__m512i>(__builtin_convertvector(index, Pack<std::uint64_t, W>));
  }
  /// One bit for each place.
  static Pack<std::uint32_t, 8> bits(const Places& index, std::uint32_t lanes) {
    if constexpr (W == 16) {
      const __m512i bit = _mm512_maskz_sllv_epi32(__mmask16(lanes), _mm512_set1_epi32(1), std::bit_cast<__m512i>(index));
      Pack<std::uint32_t, 8> half[2];
      memcpy(half, &bit, sizeof(bit));
      return half[0] | half[1];
    } else {
      return std::bit_cast<Pack<std::uint32_t, 8>>(_mm256_maskz_sllv_epi32(__mmask8(lanes), _mm256_set1_epi32(1), std::bit_cast<__m256i>(index)));
    }
  }
  static __m512i compress(std::uint32_t lanes, __m512i v) {
    if constexpr (W == 16) return _mm512_maskz_compress_epi32(__mmask16(lanes), v);
    else return _mm512_maskz_compress_epi64(__mmask8(lanes), v);
  }
  /// The first lanes of v in the lanes of `to` that are set.
  static __m512i expand(__m512i into, std::uint32_t to, __m512i v) {
    if constexpr (W == 16) return _mm512_mask_expand_epi32(into, __mmask16(to), v);
    else return _mm512_mask_expand_epi64(into, __mmask8(to), v);
  }
  /// Without its first n lanes.
  static __m512i from_lane(int n, __m512i v) {
    const __m512i lane = wide(load_unaligned<Places>(number) + std::uint32_t(n));
    if constexpr (W == 16) return _mm512_maskz_permutexvar_epi32(__mmask16(all), lane, v);  // g++ 12 warns of the plain one
    else return _mm512_maskz_permutexvar_epi64(__mmask8(all), lane, v);
  }
  static std::uint32_t equal(const Places& a, const Places& b) {
    if constexpr (W == 16) return _mm512_cmpeq_epu32_mask(std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b));
    else return _mm256_cmpeq_epu32_mask(std::bit_cast<__m256i>(a), std::bit_cast<__m256i>(b));
  }
  static V pick(const V& lower, __m512i index, const V& upper) {
    if constexpr (W == 16) return std::bit_cast<V>(_mm512_permutex2var_ps(std::bit_cast<__m512>(lower), index, std::bit_cast<__m512>(upper)));
    else return std::bit_cast<V>(_mm512_permutex2var_pd(std::bit_cast<__m512d>(lower), index, std::bit_cast<__m512d>(upper)));
  }
  /// The same in some lanes, 0 in the others.
  static V pick(std::uint32_t lanes, const V& lower, __m512i index, const V& upper) {
    if constexpr (W == 16) return std::bit_cast<V>(_mm512_maskz_permutex2var_ps(__mmask16(lanes), std::bit_cast<__m512>(lower), index, std::bit_cast<__m512>(upper)));
    else return std::bit_cast<V>(_mm512_maskz_permutex2var_pd(__mmask8(lanes), std::bit_cast<__m512d>(lower), index, std::bit_cast<__m512d>(upper)));
  }
  static V add_in(std::uint32_t lanes, const V& a, const V& b) {
    if constexpr (W == 16) return std::bit_cast<V>(_mm512_mask_add_ps(std::bit_cast<__m512>(a), __mmask16(lanes), std::bit_cast<__m512>(a), std::bit_cast<__m512>(b)));
    else return std::bit_cast<V>(_mm512_mask_add_pd(std::bit_cast<__m512d>(a), __mmask8(lanes), std::bit_cast<__m512d>(a), std::bit_cast<__m512d>(b)));
  }
  static V with_last(const V& v, const T& last) {
    if constexpr (W == 16) return std::bit_cast<V>(_mm512_mask_broadcastss_ps(std::bit_cast<__m512>(v), 0x8000, _mm_load_ss(&last)));
    else return std::bit_cast<V>(_mm512_mask_broadcastsd_pd(std::bit_cast<__m512d>(v), 0x80, _mm_load_sd(&last)));
  }
#endif
};

#ifdef VOXODE_WINDOWS
template <class T, int W>
VOXODE_INLINE_FUNCTION void Window<T, W>::make(const Places (&first)[4], const Places (&second)[4], std::uint32_t lanes, const std::uint32_t (&base)[4], Window (&window)[4]) {
  const std::uint32_t lanes_second = lanes & all >> 1;
  Pack<std::uint32_t, 8> bit[8];
  VOXODE_UNROLL
  for (int r = 0; r < 4; ++r) {
    const Places from_base[2] = {first[r] - base[r], second[r] - base[r]};
    bit[2 * r] = bits(from_base[0], lanes);
    bit[2 * r + 1] = bits(from_base[1], lanes_second);
    window[r].base_ = base[r];
    window[r].first_ = wide(from_base[0]);
    window[r].second_ = wide(from_base[1]);
    window[r].same_ = equal(first[r], one_lane_up<std::uint32_t, W>(second[r])) & ~1u;
  }
  std::uint32_t taken[8];
  store_unaligned(taken, sum_lanes_of_each<std::uint32_t>(bit));
  const Places numbers = load_unaligned<Places>(number);
  const __m512i lane_first = compress(lanes, wide(numbers)), lane_second = compress(lanes_second, wide(numbers + std::uint32_t(W)));
  VOXODE_UNROLL
  for (int r = 0; r < 4; ++r) {
    const std::uint32_t a = taken[2 * r], b = taken[2 * r + 1];
    window[r].taken_ = a | b;
    window[r].lower_ = expand(expand(lane_second, b & all, lane_second), a & all, lane_first);
    window[r].upper_ = expand(expand(lane_second, b >> W, from_lane(std::popcount(b & all), lane_second)), a >> W, from_lane(std::popcount(a & all), lane_first));
  }
}
template <class T, int W>
VOXODE_INLINE_FUNCTION void Window<T, W>::load(const T* values, const T& last, V& at_first, V& at_second) const {
  const V lower = load_unaligned<V>(values + base_), upper = load_unaligned<V>(values + base_ + W);
  at_first = pick(lower, first_, upper);
  at_second = with_last(pick(lower, second_, upper), last);
}
template <class T, int W>
VOXODE_INLINE_FUNCTION void Window<T, W>::add(T* values, const V& to_first, const V& to_second) const {
  const V sum = add_in(same_, to_first, one_lane_up<T, W>(to_second));
  add_unaligned<V>(values + base_, pick(taken_ & all, sum, lower_, to_second));
  add_unaligned<V>(values + base_ + W, pick(taken_ >> W, sum, upper_, to_second));
}
#endif

/// Bit l: whether lane l has one of the bits of `bit`.
template <int W>
VOXODE_INLINE_FUNCTION std::uint32_t lanes_with(const Pack<std::uint32_t, W>& v, std::uint32_t bit) {
#ifdef VOXODE_WINDOWS
  if constexpr (W == 16) return _mm512_test_epi32_mask(std::bit_cast<__m512i>(v), _mm512_set1_epi32(int(bit)));
  else if constexpr (W == 8) return _mm256_test_epi32_mask(std::bit_cast<__m256i>(v), _mm256_set1_epi32(int(bit)));
#endif
  std::uint32_t lanes = 0;
  for (int l = 0; l < W; ++l) lanes |= (get_lane<W, std::uint32_t>(v, l) & bit) ? 1u << l : 0u;
  return lanes;
}
/// table[index[l]] in the lanes whose bit is set, 0 in the others; index[l] < W there.
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> look_up(const Pack<T, W>& table, const Pack<std::uint32_t, W>& index, std::uint32_t lanes) {
#ifdef VOXODE_WINDOWS
  if constexpr (W == 16) return std::bit_cast<Pack<T, W>>(_mm512_maskz_permutexvar_ps(__mmask16(lanes), std::bit_cast<__m512i>(index), std::bit_cast<__m512>(table)));
  else if constexpr (W == 8) return std::bit_cast<Pack<T, W>>(_mm512_maskz_permutexvar_pd(__mmask8(lanes), std::bit_cast<__m512i>(__builtin_convertvector(index, Pack<std::uint64_t, W>)), std::bit_cast<__m512d>(table)));
#endif
  Pack<T, W> v{};
  for (int l = 0; l < W; ++l)
    if (lanes >> l & 1u) set_lane<W>(v, l, get_lane<W, T>(table, int(get_lane<W, std::uint32_t>(index, l))));
  return v;
}

}  // namespace voxode::kernels
