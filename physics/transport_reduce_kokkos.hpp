#pragma once
// Sums in a fixed order: the same bits for every number of threads.
#include <array>

#include "physics/transport_graph_kokkos.hpp"

namespace voxode::physics::transport {

using kernels::on_host;
inline constexpr Index lane_length = 2048;   // entries of a lane on the host, where a lane is contiguous
inline constexpr Index device_lanes = 262144;  // number of lanes on a device, where lanes are interleaved
inline constexpr Index copied_lanes = 1024;    // so many of them come to the host

template <int K, class Functor>
struct Lanes {
  Index n, n_lanes;
  double* partial;  ///< (n_lanes, K)
  Functor functor;  ///< functor(i, sums)
  KOKKOS_INLINE_FUNCTION void operator()(Index lane) const {
    double sums[K] = {};
    if constexpr (on_host) {
      const Index end = (lane + 1) * lane_length < n ? (lane + 1) * lane_length : n;
      for (Index i = lane * lane_length; i < end; ++i) functor(i, sums);
    } else {
      for (Index i = lane; i < n; i += n_lanes) functor(i, sums);
    }
    for (int k = 0; k < K; ++k) partial[lane * K + k] = sums[k];
  }
};

template <int K>
struct SumLanes {
  const double* partial;
  KOKKOS_INLINE_FUNCTION void operator()(Index lane, double* sums) const {
    for (int k = 0; k < K; ++k) sums[k] += partial[lane * K + k];
  }
};

/// K sums over i in [0, n); `partial` is enlarged as needed.
template <int K, class Functor>
std::array<double, K> sum_all(const char* label, Index n, const Functor& functor, View<double>& partial) {
  Index n_lanes = on_host ? (n + lane_length - 1) / lane_length : (n < device_lanes ? n : device_lanes);
  const Index n_partial = (n_lanes + (on_host ? 0 : copied_lanes)) * K;
  if (Index(partial.extent(0)) < n_partial) partial = allocate<double>("voxode::physics::transport::partial", n_partial);
  double* lanes = partial.data();
  for_all(label, n_lanes, Lanes<K, Functor>{n, n_lanes, lanes, functor});
  if (!on_host && n_lanes > copied_lanes) {
    double* const few = lanes + n_lanes * K;
    for_all(label, copied_lanes, Lanes<K, SumLanes<K>>{n_lanes, copied_lanes, few, {lanes}});
    lanes = few, n_lanes = copied_lanes;
  }
  Kokkos::fence();
  const std::size_t begin = std::size_t(lanes - partial.data());
  const auto used = Kokkos::subview(partial, std::pair<std::size_t, std::size_t>(begin, begin + std::size_t(n_lanes * K)));
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), used);
  std::array<double, K> total{};
  for (Index lane = 0; lane < n_lanes; ++lane)
    for (int k = 0; k < K; ++k) total[k] += host(lane * K + k);
  return total;
}

}  // namespace voxode::physics::transport
