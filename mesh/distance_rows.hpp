#pragma once
// One row of the exact Euclidean distance transform: the lower envelope of parabolas (Meijster, Roerdink and Hesselink 2000), in integers.
#include <cstdint>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::mesh {

/// Squared distance of what has no target in reach; squares of real ones stay below.
inline constexpr std::int32_t no_target = 1 << 29;

/// Work space of a thread.
struct DistanceRow {
  std::vector<std::int32_t> value;
  std::vector<Index> site, start;
  void resize(Index n) {
    if (Index(value.size()) >= n) return;
    value.resize(std::size_t(n));
    site.resize(std::size_t(n));
    start.resize(std::size_t(n));
  }
  Index parabola(Index x, Index i) const { return (x - i) * (x - i) + value[std::size_t(i)]; }
  /// result(u, d) for u in [begin, end): d = min over i in [0, n) of (u - i)^2 + value[i].
  template <class Result>
  void transform(Index n, Index begin, Index end, const Result& result) {
    Index q = 0;
    site[0] = start[0] = 0;
    for (Index u = 1; u < n; ++u) {
      while (q >= 0 && parabola(start[std::size_t(q)], site[std::size_t(q)]) > parabola(start[std::size_t(q)], u)) --q;
      if (q < 0) {
        q = 0;
        site[0] = u;
        start[0] = 0;
        continue;
      }
      const Index i = site[std::size_t(q)];
      const Index from = 1 + (u * u - i * i + value[std::size_t(u)] - value[std::size_t(i)]) / (2 * (u - i));
      if (from >= n) continue;
      ++q;
      site[std::size_t(q)] = u;
      start[std::size_t(q)] = from;
    }
    for (Index u = n; u-- > begin;) {
      if (u < end) {
        const Index d = parabola(u, site[std::size_t(q)]);
        result(u, d < no_target ? std::int32_t(d) : no_target);
      }
      if (u == start[std::size_t(q)]) --q;
    }
  }
};

}  // namespace voxode::mesh
