#pragma once
// Fields of which a solver wants only the gist: one or two bytes a number.
#include "kernels/simd.hpp"
#include "kernels/vector_operations.hpp"

namespace voxode::kernels {

/// A node's three numbers, each to 2^-8 of itself.
struct HalfField {
  Array<std::uint16_t> entry;
  HalfField() = default;
  HalfField(const std::string& label, Index n_nodes) : entry(label, 3 * std::size_t(n_nodes)) {}
};
inline void assign(const HalfField& y, const NodeField<float>& x) {
  std::uint16_t* const py = y.entry.data();
  for_each("voxode::kernels::assign_half", Index(x.extent(0)), KOKKOS_LAMBDA(Index n) {
    for (int d = 0; d < 3; ++d) py[3 * n + d] = upper_half(x(n, d));
  });
}
inline void assign(const NodeField<float>& y, const HalfField& x) {
  const std::uint16_t* const px = x.entry.data();
  for_each("voxode::kernels::assign_half", Index(y.extent(0)), KOKKOS_LAMBDA(Index n) {
    for (int d = 0; d < 3; ++d) y(n, d) = from_upper_half(px[3 * n + d]);
    y(n, 3) = 0.0f;
  });
}

/// A field's entries as integers, with a scale for some neighbours together: where it is smooth, its differences from node to node keep more digits than those of
/// numbers rounded one by one.
template <class Integer>
struct ScaledField {
  static constexpr Index block = 64;  ///< entries with one scale
  static constexpr float full = float((1 << (8 * sizeof(Integer) - 1)) - 1);
  Array<Integer> entry;
  Array<float> scale;
  ScaledField() = default;
  ScaledField(const std::string& label, Index n_nodes) : entry(label, 3 * std::size_t(n_nodes)), scale(label, std::size_t((3 * n_nodes + block - 1) / block)) {}
};
/// Encodes one block.
template <class Integer>
struct AssignScaled {
  static constexpr Index block = ScaledField<Integer>::block;
  const float* x;
  Index n;
  Integer* entry;
  float* scale;
  VOXODE_FUNCTION void operator()(Index b) const {
    const Index begin = b * block, count = begin + block < n ? block : n - begin;
    const float* __restrict const from = x + begin;
    Integer* __restrict const to = entry + begin;  // bytes may be anything's: without a promise each is written before the next is read
    float most = 0;
    for (Index i = 0; i < count; ++i) {
      const float size = from[i] < 0 ? -from[i] : from[i];
      most = size > most ? size : most;
    }
    constexpr float full = ScaledField<Integer>::full;
    scale[b] = most / full;
    const float inverse = most > 1e-30f ? full / most : 0.0f;
    for (Index i = 0; i < count; ++i) {
      const float scaled = from[i] * inverse;
      to[i] = Integer(int(scaled + (scaled < 0 ? -0.5f : 0.5f)));
    }
  }
};
template <class Integer>
void assign(const ScaledField<Integer>& y, const Field<float>& x) {
  for_each("voxode::kernels::assign_blocks", Index(y.scale.extent(0)), AssignScaled<Integer>{x.data(), Index(y.entry.extent(0)), y.entry.data(), y.scale.data()});
}
/// x = alpha x + beta y.
template <class Integer>
void combine(const Field<float>& x, double alpha, double beta, const ScaledField<Integer>& y) {
  constexpr Index block = ScaledField<Integer>::block;
  float* const px = x.data();
  const Integer* const entry = y.entry.data();
  const float* const scale = y.scale.data();
  for_each("voxode::kernels::combine", Index(x.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { px[i] = float(beta * double(scale[i / block]) * double(entry[i]) + alpha * double(px[i])); });
}

/// Sums of a_i b_i and a_i c_i.
template <class Integer>
std::array<double, 2> dots(const Field<float>& a, const Field<float>& b, const ScaledField<Integer>& c) {
  constexpr Index block = ScaledField<Integer>::block;
  const float* const pa = a.data();
  const float* const pb = b.data();
  const Integer* const entry = c.entry.data();
  const float* const scale = c.scale.data();
  return deterministic_sums("voxode::kernels::dots", Index(a.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(pb[i]); },
                            KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(scale[i / block]) * double(entry[i]); });
}

}  // namespace voxode::kernels
