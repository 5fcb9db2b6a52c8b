// Effective conductivity of random overlapping spheres between plates along z, relative residual 1e-6, set-up included.
// voxels_per_second: of the box. bytes_per_voxel: peak host memory of one solve beyond the image itself (not that of a GPU).
#include <benchmark/benchmark.h>

#include "benchmarks/peak_memory.hpp"
#include "physics/transport.hpp"
#include "tests/random_spheres.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

// Conductivity of the spheres over the matrix's; 0: only the matrix conducts, as in a tortuosity factor.
void conduction(benchmark::State& state, double contrast, bool jacobi) {
  const Index edge = state.range(0);
  const Index3 n{edge, edge, edge};
  const std::vector<std::uint8_t> phase = tests::random_spheres(n, double(edge) / 12.0, 0.5, 1);
  ConductionProblem problem;
  problem.n = n;
  problem.phase = phase;
  problem.conductivity = {1.0, contrast};
  ConductionOptions options;
  options.jacobi = jacobi;
  const benchmarks::PeakMemory memory;
  ConductionSolution solution = solve_conduction(problem, 2, options);
  const double bytes = memory.bytes();
  for (auto _ : state) {
    solution = solve_conduction(problem, 2, options);
    benchmark::DoNotOptimize(solution.conductivity);
  }
  const double voxels = double(product(n));
  state.counters["voxels_per_second"] = benchmark::Counter(voxels * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["solver_iterations"] = solution.iterations;
  state.counters["bytes_per_voxel"] = bytes / voxels;
  state.counters["conductivity"] = solution.conductivity;
}

BENCHMARK_CAPTURE(conduction, spheres_ten_times, 10.0, false)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(conduction, spheres_a_thousandth, 1e-3, false)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(conduction, insulating_spheres, 0.0, false)->Arg(32)->Arg(64)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(conduction, insulating_spheres_jacobi, 0.0, true)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
