#pragma once
// Random numbers as a function of (seed, stream, counter): no state, so no dependence on the order of threads. SplitMix64 (Steele et al. 2014).
#include <cstdint>

namespace voxode::mesh {

inline std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

struct CounterRandom {
  std::uint64_t seed = 0;
  std::uint64_t bits(std::uint64_t stream, std::uint64_t counter) const { return mix_bits(mix_bits(mix_bits(seed) ^ stream) ^ counter); }
  /// Uniform in [0, 1).
  double uniform(std::uint64_t stream, std::uint64_t counter) const { return double(bits(stream, counter) >> 11) * 0x1p-53; }
};

}  // namespace voxode::mesh
