#pragma once
// Lanes of a window (kernels/window.hpp) by AVX-512.
#include <immintrin.h>

#include <bit>

#include "kernels/simd.hpp"

#define VOXODE_WINDOWS 1

namespace voxode::kernels::windows {

template <class T, int W>
class WindowLanes {
 public:
  using V = Pack<T, W>;
  using Places = Pack<std::uint32_t, W>;

  static VOXODE_INLINE_FUNCTION void make(const Places (&first)[4], const Places (&second)[4], std::uint32_t lanes, WindowLanes* const (&window)[4]) {
    const std::uint32_t lanes_second = lanes & all >> 1;
    Pack<std::uint32_t, 8> bit[8];
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      bit[2 * r] = bits(first[r], lanes);
      bit[2 * r + 1] = bits(second[r], lanes_second);
      window[r]->first_ = wide(first[r]);
      window[r]->second_ = wide(second[r]);
      window[r]->same_ = equal(first[r], one_lane_up<std::uint32_t, W>(second[r])) & ~1u;
    }
    std::uint32_t taken[8];
    store_unaligned(taken, sum_lanes_of_each<std::uint32_t>(bit));
    const Places numbers = load_unaligned<Places>(number);
    const __m512i lane_first = compress(lanes, wide(numbers)), lane_second = compress(lanes_second, wide(numbers + std::uint32_t(W)));
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      const std::uint32_t a = taken[2 * r], b = taken[2 * r + 1];
      window[r]->taken_ = a | b;
      window[r]->lower_ = expand(expand(lane_second, b & all, lane_second), a & all, lane_first);
      window[r]->upper_ = expand(expand(lane_second, b >> W, from_lane(std::popcount(b & all), lane_second)), a >> W, from_lane(std::popcount(a & all), lane_first));
    }
  }
  /// From both halves of the run.
  VOXODE_INLINE_FUNCTION void take(const V& lower, const V& upper, const T& last, V& at_first, V& at_second) const {
    at_first = pick(lower, first_, upper);
    at_second = with_last(pick(lower, second_, upper), last);
  }
  /// What both halves of the run get.
  VOXODE_INLINE_FUNCTION void put(const V& to_first, const V& to_second, V& lower, V& upper) const {
    const V sum = add_in(same_, to_first, one_lane_up<T, W>(to_second));
    lower = pick(taken_ & all, sum, lower_, to_second);
    upper = pick(taken_ >> W, sum, upper_, to_second);
  }

 private:
  static constexpr std::uint32_t all = (1u << W) - 1;
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
};

template <int W>
inline constexpr bool has_lane_masks = W == 8 || W == 16;
template <class P>
VOXODE_INLINE_FUNCTION std::uint32_t lanes_with(const P& v, std::uint32_t bit) {
  if constexpr (sizeof(v) == 64) return _mm512_test_epi32_mask(std::bit_cast<__m512i>(v), _mm512_set1_epi32(int(bit)));
  else return _mm256_test_epi32_mask(std::bit_cast<__m256i>(v), _mm256_set1_epi32(int(bit)));
}
template <class T, class V, class P>
VOXODE_INLINE_FUNCTION V look_up(const V& table, const P& index, std::uint32_t lanes) {
  if constexpr (sizeof(T) == 4) return std::bit_cast<V>(_mm512_maskz_permutexvar_ps(__mmask16(lanes), std::bit_cast<__m512i>(index), std::bit_cast<__m512>(table)));
  else return std::bit_cast<V>(_mm512_maskz_permutexvar_pd(__mmask8(lanes), std::bit_cast<__m512i>(__builtin_convertvector(index, Pack<std::uint64_t, 8>)), std::bit_cast<__m512d>(table)));
}

}  // namespace voxode::kernels::windows
