#pragma once
// Values at ascending places close to each other, as two packs of lanes: whole packs are read and written, and their lanes put in place by permutations,
// where lane by lane would cost a load and a store each. Only with AVX-512 or AVX2; elsewhere `Window::available` is false.
#include "kernels/simd.hpp"

#if !defined(__CUDACC__) && !defined(VOXODE_GPU_VARIANTS)
#if defined(__AVX512F__) && defined(__AVX512VL__)
#include "kernels/window_avx512.hpp"
#elif defined(__AVX2__) && !defined(__AVX512F__)
#include "kernels/window_avx2.hpp"
#endif
#endif

namespace voxode::kernels {

/// A run of 2 W consecutive places that holds two sets of ascending ones, at most W each. The last lane of the second set lies elsewhere.
template <class T, int W>
class Window {
 public:
#ifdef VOXODE_WINDOWS
  static constexpr bool available = W * sizeof(T) == register_bytes;
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
  std::uint32_t base_ = 0;
  windows::WindowLanes<T, W> lanes_;
#endif
};

#ifdef VOXODE_WINDOWS
template <class T, int W>
VOXODE_INLINE_FUNCTION void Window<T, W>::make(const Places (&first)[4], const Places (&second)[4], std::uint32_t lanes, const std::uint32_t (&base)[4], Window (&window)[4]) {
  Places from_base[2][4];
  windows::WindowLanes<T, W>* to[4];
  VOXODE_UNROLL
  for (int r = 0; r < 4; ++r) {
    window[r].base_ = base[r];
    from_base[0][r] = first[r] - base[r];
    from_base[1][r] = second[r] - base[r];
    to[r] = &window[r].lanes_;
  }
  windows::WindowLanes<T, W>::make(from_base[0], from_base[1], lanes, to);
}
template <class T, int W>
VOXODE_INLINE_FUNCTION void Window<T, W>::load(const T* values, const T& last, V& at_first, V& at_second) const {
  lanes_.take(load_unaligned<V>(values + base_), load_unaligned<V>(values + base_ + W), last, at_first, at_second);
}
template <class T, int W>
VOXODE_INLINE_FUNCTION void Window<T, W>::add(T* values, const V& to_first, const V& to_second) const {
  V lower, upper;
  lanes_.put(to_first, to_second, lower, upper);
  add_unaligned<V>(values + base_, lower);
  add_unaligned<V>(values + base_ + W, upper);
}
#endif

/// Bit l: whether lane l has one of the bits of `bit`.
template <int W>
VOXODE_INLINE_FUNCTION std::uint32_t lanes_with(const Pack<std::uint32_t, W>& v, std::uint32_t bit) {
#ifdef VOXODE_WINDOWS
  if constexpr (windows::has_lane_masks<W>) return windows::lanes_with(v, bit);
#endif
  std::uint32_t lanes = 0;
  for (int l = 0; l < W; ++l) lanes |= (get_lane<W, std::uint32_t>(v, l) & bit) ? 1u << l : 0u;
  return lanes;
}
/// table[index[l]] in the lanes whose bit is set, 0 in the others; index[l] < W there.
template <class T, int W>
VOXODE_INLINE_FUNCTION Pack<T, W> look_up(const Pack<T, W>& table, const Pack<std::uint32_t, W>& index, std::uint32_t lanes) {
#ifdef VOXODE_WINDOWS
  if constexpr (W * sizeof(T) == register_bytes) return windows::look_up<T>(table, index, lanes);
#endif
  Pack<T, W> v{};
  for (int l = 0; l < W; ++l)
    if (lanes >> l & 1u) set_lane<W>(v, l, get_lane<W, T>(table, int(get_lane<W, std::uint32_t>(index, l))));
  return v;
}

}  // namespace voxode::kernels
