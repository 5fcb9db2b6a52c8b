#include "benchmarks/machine.hpp"

#include <algorithm>
#include <chrono>

#include "kernels/device.hpp"
#include "kernels/simd.hpp"

namespace voxode::benchmarks {
namespace {

using kernels::for_each;
using kernels::make_array;

template <class F>
double best_seconds(const F& f) {
  double best = 1e300;
  for (int i = 0; i < 6; ++i) {  // the first touches the memory
    const auto begin = std::chrono::steady_clock::now();
    f();
    Kokkos::fence();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

double measure_triad() {
  const Index n = kernels::on_host ? Index(1) << 24 : Index(1) << 26;
  const auto a = make_array<double>("triad_a", n), b = make_array<double>("triad_b", n), c = make_array<double>("triad_c", n);
  Kokkos::deep_copy(b, 1.0);
  Kokkos::deep_copy(c, 2.0);
  const double seconds = best_seconds([&] { for_each("voxode::benchmarks::triad", n, KOKKOS_LAMBDA(Index i) { a(i) = b(i) + 3.0 * c(i); }); });
  return 24.0 * double(n) / seconds;
}

constexpr int n_chains = 16, n_rounds = 4096;

/// Chains of multiply-adds that do not wait for one another.
template <int W>
struct MultiplyAdd {
  kernels::Array<float> result;
  VOXODE_FUNCTION void operator()(Index i) const {
    using V = kernels::Pack<float, W>;
    V x[n_chains];
    for (int c = 0; c < n_chains; ++c) x[c] = V{} + float(i % 7 + c);
    const V factor = V{} + 0.999f, term = V{} + 0.001f;
    for (int r = 0; r < n_rounds; ++r)
      for (int c = 0; c < n_chains; ++c) x[c] = x[c] * factor + term;
    V sum = V{};
    for (int c = 0; c < n_chains; ++c) sum = sum + x[c];
    result(i) = kernels::get_lane<W, float>(sum, 0);
  }
};

double measure_fma_peak() {
  constexpr int W = kernels::pack_width<float>;
  const Index n = kernels::on_host ? 2048 : Index(1) << 20;
  const MultiplyAdd<W> kernel{make_array<float>("multiply_add", n)};
  const double seconds = best_seconds([&] { for_each("voxode::benchmarks::multiply_add", n, kernel); });
  return 2.0 * n_chains * n_rounds * W * double(n) / seconds;
}

}  // namespace

const Machine& machine() {
  static const Machine measured{measure_triad(), measure_fma_peak()};
  return measured;
}

void count_work(benchmark::State& state, const Work& work) {
  using benchmark::Counter;
  const double runs = double(state.iterations()), peak = machine().fma_peak / (work.in_double ? 2 : 1);
  const double seconds = std::max(work.bytes / machine().triad, work.flops / (0.5 * peak));
  state.counters["voxels_per_second"] = Counter(work.voxels * runs, Counter::kIsRate);
  state.counters["bytes_per_voxel"] = work.bytes / work.voxels;
  state.counters["flops_per_voxel"] = work.flops / work.voxels;
  state.counters["gigabytes_per_second"] = Counter(1e-9 * work.bytes * runs, Counter::kIsRate);
  state.counters["of_bound"] = Counter(seconds * runs, Counter::kIsRate);
}

}  // namespace voxode::benchmarks
