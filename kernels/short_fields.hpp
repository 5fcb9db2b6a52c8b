#pragma once
// Fields of which a solver wants only the gist: two bytes a number.
#include <cstring>

#include "kernels/vector_operations.hpp"

namespace voxode::kernels {

/// Upper half of a float: 8 bits of mantissa (bfloat16).
VOXODE_FUNCTION std::uint16_t upper_half(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return std::uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
VOXODE_FUNCTION float from_upper_half(std::uint16_t half) {
  const std::uint32_t bits = std::uint32_t(half) << 16;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// A field's entries, in their order, each to 2^-9 of itself.
struct HalfField {
  Array<std::uint16_t> entry;
  HalfField() = default;
  HalfField(const std::string& label, Index n_nodes) : entry(label, 3 * std::size_t(n_nodes)) {}
};
inline void assign(const HalfField& y, const Field<float>& x) {
  std::uint16_t* const py = y.entry.data();
  const float* const px = x.data();
  for_each("voxode::kernels::assign_half", Index(x.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { py[i] = upper_half(px[i]); });
}
/// The same of a field node by node, and back.
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
/// Sums of a_i b_i and a_i c_i.
inline std::array<double, 2> dots(const Field<float>& a, const Field<float>& b, const HalfField& c) {
  const float* const pa = a.data();
  const float* const pb = b.data();
  const std::uint16_t* const pc = c.entry.data();
  return deterministic_sums("voxode::kernels::dots", Index(a.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(pb[i]); },
                            KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(from_upper_half(pc[i])); });
}

/// A smooth field's entries, each to 2^-16 of the largest among some neighbours: its differences from node to node keep more digits than those of numbers rounded one by one.
struct ScaledField {
  static constexpr Index block = 64;  ///< entries with one scale
  Array<std::int16_t> entry;
  Array<float> scale;
  ScaledField() = default;
  ScaledField(const std::string& label, Index n_nodes) : entry(label, 3 * std::size_t(n_nodes)), scale(label, std::size_t((3 * n_nodes + block - 1) / block)) {}
};
/// Encodes one block.
struct AssignScaled {
  const float* x;
  Index n;
  std::int16_t* entry;
  float* scale;
  VOXODE_FUNCTION void operator()(Index b) const {
    const Index begin = b * ScaledField::block, end = begin + ScaledField::block < n ? begin + ScaledField::block : n;
    float most = 0;
    for (Index i = begin; i < end; ++i) {
      const float size = x[i] < 0 ? -x[i] : x[i];
      most = size > most ? size : most;
    }
    constexpr float full = 32767;
    scale[b] = most / full;
    const float inverse = most > 1e-30f ? full / most : 0.0f;
    for (Index i = begin; i < end; ++i) {
      const float scaled = x[i] * inverse;
      entry[i] = std::int16_t(int(scaled + (scaled < 0 ? -0.5f : 0.5f)));
    }
  }
};
inline void assign(const ScaledField& y, const Field<float>& x) {
  for_each("voxode::kernels::assign_blocks", Index(y.scale.extent(0)), AssignScaled{x.data(), Index(y.entry.extent(0)), y.entry.data(), y.scale.data()});
}
/// x = alpha x + beta y.
inline void combine(const Field<float>& x, double alpha, double beta, const ScaledField& y) {
  float* const px = x.data();
  const std::int16_t* const entry = y.entry.data();
  const float* const scale = y.scale.data();
  for_each("voxode::kernels::combine", Index(x.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { px[i] = float(beta * double(scale[i / ScaledField::block]) * double(entry[i]) + alpha * double(px[i])); });
}

}  // namespace voxode::kernels
