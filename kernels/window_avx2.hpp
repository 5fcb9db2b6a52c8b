#pragma once
// Lanes of a window (kernels/window.hpp) by AVX2: a pack is eight words of 32 bits, a number one or two of them.
#include <immintrin.h>

#include <array>
#include <bit>

#include "kernels/simd.hpp"

#define VOXODE_WINDOWS 1

namespace voxode::kernels::windows {

/// Of each set of eight: for word w in byte w, how many members lie below it; and its members in ascending order.
struct WordTables {
  std::array<std::uint64_t, 256> below{}, members{};
  constexpr WordTables() {
    for (std::size_t set = 0; set < 256; ++set) {
      std::uint64_t n = 0;
      for (std::uint64_t w = 0; w < 8; ++w) {
        below[set] |= n << (8 * w);
        if (!(set >> w & 1u)) continue;
        members[set] |= w << (8 * n);
        ++n;
      }
    }
  }
};
inline constexpr WordTables word_tables;

/// All ones in the words that belong to the set.
VOXODE_INLINE_FUNCTION __m256i mask_of(std::uint32_t words) {
  const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(int(words)), bit), bit);
}
/// Every bit of 16 twice.
VOXODE_INLINE_FUNCTION std::uint32_t doubled(std::uint32_t bits) {
  bits = (bits | bits << 8) & 0x00ff00ffu;
  bits = (bits | bits << 4) & 0x0f0f0f0fu;
  bits = (bits | bits << 2) & 0x33333333u;
  bits = (bits | bits << 1) & 0x55555555u;
  return bits | bits << 1;
}
/// The words of numbers.
VOXODE_INLINE_FUNCTION __m256i words_of(const Pack<std::uint32_t, 8>& number) { return std::bit_cast<__m256i>(number); }
VOXODE_INLINE_FUNCTION __m256i words_of(const Pack<std::uint32_t, 4>& number) {
  const __m256i first = _mm256_slli_epi64(_mm256_cvtepu32_epi64(std::bit_cast<__m128i>(number)), 1);
  return _mm256_or_si256(first, _mm256_slli_epi64(_mm256_or_si256(first, _mm256_set1_epi64x(1)), 32));
}
template <class V>
VOXODE_INLINE_FUNCTION V permuted(const V& v, __m256i words) {
  return std::bit_cast<V>(_mm256_permutevar8x32_epi32(std::bit_cast<__m256i>(v), words));
}
template <class V>
VOXODE_INLINE_FUNCTION V masked(const V& v, __m256i mask) {
  return std::bit_cast<V>(_mm256_and_si256(std::bit_cast<__m256i>(v), mask));
}

template <class T, int W>
class WindowLanes {
 public:
  using V = Pack<T, W>;
  using Places = Pack<std::uint32_t, W>;

  static VOXODE_INLINE_FUNCTION void make(const Places (&first)[4], const Places (&second)[4], std::uint32_t lanes, WindowLanes* const (&window)[4]) {
    const std::uint32_t lanes_second = lanes & ((1u << W) - 1) >> 1;
    const Places counts = lane_mask(lanes), counts_second = lane_mask(lanes_second);
    Pack<std::uint32_t, 8> bit[8] = {};  // of places of the first set; of the second 16 higher
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      const Places one = Places{} + 1u, both = (shifted(one, first[r]) & counts) | (shifted(one << 16, second[r]) & counts_second);
      std::memcpy(&bit[r], &both, sizeof(both));
      WindowLanes& w = *window[r];
      w.first_ = words_of(first[r]);
      w.second_ = words_of(second[r]);
      const auto same = first[r] == one_lane_up<std::uint32_t, W>(second[r]);
      if constexpr (W == 8) w.same_ = _mm256_andnot_si256(_mm256_setr_epi32(-1, 0, 0, 0, 0, 0, 0, 0), std::bit_cast<__m256i>(same));
      else w.same_ = _mm256_andnot_si256(_mm256_setr_epi64x(-1, 0, 0, 0), _mm256_cvtepi32_epi64(std::bit_cast<__m128i>(same)));
    }
    std::uint32_t taken[8];
    store_unaligned(taken, sum_lanes_of_each<std::uint32_t>(bit));
    const __m128i lane_first = members(in_words(lanes)), lane_second = members(in_words(lanes_second));
    VOXODE_UNROLL
    for (int r = 0; r < 4; ++r) {
      const std::uint32_t a = in_words(taken[r] & 0xffffu), b = in_words(taken[r] >> 16);
      WindowLanes& w = *window[r];
      w.from_first_[0] = lanes_at(a & 255, 0, lane_first);
      w.from_first_[1] = lanes_at(a >> 8, std::popcount(a & 255), lane_first);
      w.from_second_[0] = lanes_at(b & 255, 0, lane_second);
      w.from_second_[1] = lanes_at(b >> 8, std::popcount(b & 255), lane_second);
      for (int half = 0; half < 2; ++half) {
        w.at_first_[half] = mask_of(a >> 8 * half & 255);
        w.at_second_[half] = mask_of((b & ~a) >> 8 * half & 255);
      }
    }
  }
  /// From both halves of the run.
  VOXODE_INLINE_FUNCTION void take(const V& lower, const V& upper, const T& last, V& at_first, V& at_second) const {
    at_first = pick(lower, upper, first_);
    at_second = pick(lower, upper, second_);
    if constexpr (W == 8) at_second = std::bit_cast<V>(_mm256_blend_ps(std::bit_cast<__m256>(at_second), _mm256_broadcast_ss(&last), 0x80));
    else at_second = std::bit_cast<V>(_mm256_blend_pd(std::bit_cast<__m256d>(at_second), _mm256_broadcast_sd(&last), 0x8));
  }
  /// What both halves of the run get.
  VOXODE_INLINE_FUNCTION void put(const V& to_first, const V& to_second, V& lower, V& upper) const {
    const V sum = to_first + masked(one_lane_up<T, W>(to_second), same_);
    lower = half(0, sum, to_second);
    upper = half(1, sum, to_second);
  }

 private:
  __m256i first_, second_;                   // lane -> place in the run; by words, as all the others
  __m256i same_;                             // lanes of the first set at the place of the lane before in the second
  __m256i from_first_[2], from_second_[2];   // place in each half of the run -> lane
  __m256i at_first_[2], at_second_[2];       // places that a lane of the first set lies at, or of the second alone

  static VOXODE_INLINE_FUNCTION Places lane_mask(std::uint32_t lanes) {
    if constexpr (W == 8) return std::bit_cast<Places>(mask_of(lanes));
    else return std::bit_cast<Places>(_mm256_castsi256_si128(mask_of(lanes)));
  }
  static VOXODE_INLINE_FUNCTION Places shifted(const Places& one, const Places& by) {
    if constexpr (W == 8) return std::bit_cast<Places>(_mm256_sllv_epi32(std::bit_cast<__m256i>(one), std::bit_cast<__m256i>(by)));
    else return std::bit_cast<Places>(_mm_sllv_epi32(std::bit_cast<__m128i>(one), std::bit_cast<__m128i>(by)));
  }
  static VOXODE_INLINE_FUNCTION std::uint32_t in_words(std::uint32_t bits) {
    if constexpr (W == 8) return bits;
    else return doubled(bits);
  }
  static VOXODE_INLINE_FUNCTION __m128i members(std::uint32_t words) { return _mm_cvtsi64_si128(std::int64_t(word_tables.members[words])); }
  /// Lane of each of eight places: the first that is taken has the lane `begin` of `lane`, and so on.
  static VOXODE_INLINE_FUNCTION __m256i lanes_at(std::uint32_t taken, int begin, __m128i lane) {
    const __m128i rank = _mm_add_epi8(_mm_cvtsi64_si128(std::int64_t(word_tables.below[taken])), _mm_set1_epi8(char(begin)));
    return _mm256_cvtepu8_epi32(_mm_shuffle_epi8(lane, rank));
  }
  static VOXODE_INLINE_FUNCTION V pick(const V& lower, const V& upper, __m256i place) {
    const __m256 from_upper = _mm256_castsi256_ps(_mm256_slli_epi32(place, 28));
    return std::bit_cast<V>(_mm256_blendv_ps(std::bit_cast<__m256>(permuted(lower, place)), std::bit_cast<__m256>(permuted(upper, place)), from_upper));
  }
  VOXODE_INLINE_FUNCTION V half(int h, const V& sum, const V& to_second) const {
    const V from_first = masked(permuted(sum, from_first_[h]), at_first_[h]), from_second = masked(permuted(to_second, from_second_[h]), at_second_[h]);
    return std::bit_cast<V>(_mm256_or_si256(std::bit_cast<__m256i>(from_first), std::bit_cast<__m256i>(from_second)));
  }
};

template <int W>
inline constexpr bool has_lane_masks = W == 4 || W == 8;
template <class P>
VOXODE_INLINE_FUNCTION std::uint32_t lanes_with(const P& v, std::uint32_t bit) {
  if constexpr (sizeof(v) == 32) {
    const __m256i without = _mm256_cmpeq_epi32(_mm256_and_si256(std::bit_cast<__m256i>(v), _mm256_set1_epi32(int(bit))), _mm256_setzero_si256());
    return std::uint32_t(_mm256_movemask_ps(_mm256_castsi256_ps(without))) ^ 0xffu;
  } else {
    const __m128i without = _mm_cmpeq_epi32(_mm_and_si128(std::bit_cast<__m128i>(v), _mm_set1_epi32(int(bit))), _mm_setzero_si128());
    return std::uint32_t(_mm_movemask_ps(_mm_castsi128_ps(without))) ^ 0xfu;
  }
}
template <class T, class V, class P>
VOXODE_INLINE_FUNCTION V look_up(const V& table, const P& index, std::uint32_t lanes) {
  return masked(permuted(table, words_of(index)), mask_of(sizeof(T) == 4 ? lanes : doubled(lanes)));
}

}  // namespace voxode::kernels::windows
