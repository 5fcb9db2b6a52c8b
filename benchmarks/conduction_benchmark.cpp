// Effective conductivity of random media between plates along z, relative residual 1e-6, set-up included: overlapping spheres, and electrolytes that hardly
// percolate. voxels_per_second: of the box. bytes_per_voxel: peak host memory of one solve beyond the image itself (not that of a GPU).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "benchmarks/guarded.hpp"
#include "benchmarks/peak_memory.hpp"
#include "mesh/counter_random.hpp"
#include "physics/transport.hpp"
#include "tests/random_spheres.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

std::vector<std::uint8_t> half_spheres(const Index3& n) { return tests::random_spheres(n, double(n[0]) / 12.0, 0.5, 1); }

ConductionProblem problem_of(const Index3& n, const std::vector<std::uint8_t>& phase, double contrast) {
  ConductionProblem problem;
  problem.n = n;
  problem.phase = phase;
  problem.conductivity = {1.0, contrast};
  return problem;
}

/// Times solves and counts the memory of one.
ConductionSolution measure(benchmark::State& state, const ConductionProblem& problem, const ConductionOptions& options) {
  const benchmarks::PeakMemory memory;
  ConductionSolution solution = solve_conduction(problem, 2, options);
  const double bytes = memory.bytes();
  for (auto _ : state) {
    solution = solve_conduction(problem, 2, options);
    benchmark::DoNotOptimize(solution.conductivity);
  }
  const double voxels = double(product(problem.n));
  state.counters["voxels_per_second"] = benchmark::Counter(voxels * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["solver_iterations"] = solution.iterations;
  state.counters["bytes_per_voxel"] = bytes / voxels;
  state.counters["conductivity"] = solution.conductivity;
  return solution;
}

// Conductivity of the spheres over the matrix's; 0: only the matrix conducts, as in a tortuosity factor.
void conduction(benchmark::State& state, double contrast, bool jacobi) {
  const Index edge = state.range(0);
  const Index3 n{edge, edge, edge};
  const std::vector<std::uint8_t> phase = half_spheres(n);
  ConductionOptions options;
  options.jacobi = jacobi;
  benchmarks::guarded(state, [&] { measure(state, problem_of(n, phase, contrast), options); });
}

/// Phase 0 where the medium of this share conducts, 1 elsewhere; media of one edge are nested.
using Medium = std::vector<std::uint8_t> (*)(const Index3& n, double share);

/// What overlapping spheres leave.
std::vector<std::uint8_t> between_spheres(const Index3& n, double share) { return tests::random_spheres(n, double(n[0]) / 12.0, 1 - share, 1); }
/// Overlapping spheres.
std::vector<std::uint8_t> in_spheres(const Index3& n, double share) {
  std::vector<std::uint8_t> phase = tests::random_spheres(n, double(n[0]) / 12.0, share, 1);
  for (std::uint8_t& p : phase) p = 1 - p;
  return phase;
}
/// Voxels drawn one by one.
std::vector<std::uint8_t> single_voxels(const Index3& n, double share) {
  std::vector<std::uint8_t> phase(std::size_t(product(n)));
  const mesh::CounterRandom random{1};
  for (std::size_t v = 0; v < phase.size(); ++v) phase[v] = random.uniform(v, 0) < share ? 0 : 1;
  return phase;
}

/// Least share at which this very medium percolates along z, to .001.
double percolation_threshold(const Index3& n, Medium medium) {
  double below = 0, above = 1;
  while (above - below > 1e-3) {
    const double share = 0.5 * (below + above);
    const std::vector<std::uint8_t> phase = medium(n, share);
    (percolation_of(problem_of(n, phase, 0.0), 2).n_both > 0 ? above : below) = share;
  }
  return above;
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Five percentage points above the threshold; times_plain: its time over that of insulating spheres in the same box, both the best of three taken in turns.
void measure_near_percolation(benchmark::State& state, Medium medium) {
  const Index edge = state.range(0);
  const Index3 n{edge, edge, edge};
  const double threshold = percolation_threshold(n, medium);
  const std::vector<std::uint8_t> phase = medium(n, threshold + 0.05), plain_phase = half_spheres(n);
  const ConductionProblem problem = problem_of(n, phase, 0.0), plain = problem_of(n, plain_phase, 0.0);
  const ConductionSolution solution = measure(state, problem, {});
  double best = 1e300, best_plain = 1e300;
  for (int i = 0; i < 3; ++i) {
    best_plain = std::min(best_plain, seconds_of([&] { benchmark::DoNotOptimize(solve_conduction(plain, 2, {}).conductivity); }));
    best = std::min(best, seconds_of([&] { benchmark::DoNotOptimize(solve_conduction(problem, 2, {}).conductivity); }));
  }
  state.counters["threshold"] = threshold;
  state.counters["percolating_share"] = solution.percolating_share;
  state.counters["times_plain"] = best / best_plain;
}

void near_percolation(benchmark::State& state, Medium medium) {
  benchmarks::guarded(state, [&] { measure_near_percolation(state, medium); });
}

BENCHMARK_CAPTURE(conduction, spheres_ten_times, 10.0, false)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(conduction, spheres_a_thousandth, 1e-3, false)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(conduction, insulating_spheres, 0.0, false)->Arg(32)->Arg(64)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(conduction, insulating_spheres_jacobi, 0.0, true)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(near_percolation, between_spheres, between_spheres)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(near_percolation, in_spheres, in_spheres)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(near_percolation, single_voxels, single_voxels)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
