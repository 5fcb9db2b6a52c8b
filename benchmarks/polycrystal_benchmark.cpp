// Polycrystals (tests/polycrystal.hpp) with 0, 30, 60, 100 % of the pairs of grains open; all six sides are mirrors, relative residual 1e-6. setup_ms: hierarchy, springs
// and bottom; bytes_per_voxel: of system, hierarchy and solve, without mesh and springs; unknowns_ratio: of all levels over the finest's.
#include <benchmark/benchmark.h>

#include <chrono>

#include "benchmarks/guarded.hpp"
#include "benchmarks/on_request.hpp"
#include "benchmarks/peak_memory.hpp"
#include "physics/linear_solver.hpp"
#include "tests/polycrystal.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

void measure(benchmark::State& state, double open_share) {
  const tests::Polycrystal box(state.range(0));
  const benchmarks::PeakMemory memory;
  const ElasticSystem system(box.nodes, box.points, box.classes, box.voxel_edge, box.support);
  const auto springs = kernels::upload("springs", box.springs(open_share));
  const auto begin = std::chrono::steady_clock::now();
  ElasticMultigrid::Options options;
  options.stiffest = box.intact; 
  ElasticMultigrid multigrid(system, box.body, options);
  multigrid.refresh(springs);
  Kokkos::fence();
  const std::chrono::duration<double, std::milli> setup = std::chrono::steady_clock::now() - begin;
  const auto u = kernels::make_field<double>("u", system.n_nodes()), load = kernels::make_field<double>("load", system.n_nodes());
  system.bulk_force<double>(u, load, system.device_strain<double>(box.strain));
  kernels::assign_scaled(load, -1.0, load);
  LinearResult result;
  for (auto _ : state) {
    Kokkos::deep_copy(u, 0.0);
    double plate = 0;
    result = solve_linear(system, multigrid, springs, load, 0.0, u, plate, LinearOptions{});
    benchmark::DoNotOptimize(result.residual);
  }
  state.counters["voxel_loads_per_second"] = benchmark::Counter(double(box.body.size()) * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["solver_iterations"] = result.iterations;
  if (kernels::on_host) state.counters["bytes_per_voxel"] = memory.bytes() / double(box.body.size());
  state.counters["grains"] = double(box.n_grains);
  state.counters["setup_ms"] = setup.count();
  state.counters["unknowns_ratio"] = double(multigrid.n_unknowns()) / double(3 * system.n_nodes());
  state.counters["bottom_unknowns"] = double(multigrid.n_bottom_unknowns());
}

void polycrystal(benchmark::State& state, double open_share) {
  benchmarks::guarded(state, [&] { measure(state, open_share); });
}

void large(const char* name, double open_share) {
  benchmark::RegisterBenchmark(name, polycrystal, open_share)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
}

BENCHMARK_CAPTURE(polycrystal, intact, 0.0)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK_CAPTURE(polycrystal, open_30_percent, 0.3)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK_CAPTURE(polycrystal, open_60_percent, 0.6)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK_CAPTURE(polycrystal, all_open, 1.0)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
const bool large_polycrystals = benchmarks::register_on_request([] {
  large("polycrystal/intact", 0.0);
  large("polycrystal/open_30_percent", 0.3);
  large("polycrystal/open_60_percent", 0.6);
  large("polycrystal/all_open", 1.0);
});

}  // namespace
