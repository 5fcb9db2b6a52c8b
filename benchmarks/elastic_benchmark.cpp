// One elastic load on a periodic box: a sphere of a quarter of the edge as radius, ten times stiffer, Poisson ratio .3, mean strain xx, relative residual 1e-6.
// voxel_loads_per_second: of the solve alone; setup_ms: mesh, hierarchy and factors, which further loads share; bytes_per_voxel: peak
// host memory, so left out in a GPU build.
#include <benchmark/benchmark.h>

#include <chrono>

#include "benchmarks/peak_memory.hpp"
#include "benchmarks/sphere_in_box.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

void elastic(benchmark::State& state, bool jacobi) {
  const Index edge = state.range(0);
  const benchmarks::PeakMemory memory;
  const auto begin = std::chrono::steady_clock::now();
  const benchmarks::SphereInBox box(edge, jacobi);
  Kokkos::fence();
  const std::chrono::duration<double, std::milli> setup = std::chrono::steady_clock::now() - begin;
  const Index n_nodes = box.system->n_nodes();
  const auto u = kernels::make_field<double>("u", n_nodes), load = kernels::make_field<double>("load", n_nodes);
  const Voigt strain{1e-3, 0, 0, 0, 0, 0};
  box.system->bulk_force<double>(u, load, box.system->device_strain<double>({strain, strain}));
  kernels::assign_scaled(load, -1.0, load);
  LinearOptions options;
  options.max_iterations = 100000;
  LinearResult result;
  for (auto _ : state) {
    Kokkos::deep_copy(u, 0.0);
    double plate = 0;
    result = solve_linear(*box.system, *box.multigrid, box.no_springs, load, 0.0, u, plate, options);
    benchmark::DoNotOptimize(result.residual);
  }
  const double voxels = double(product(box.n));
  state.counters["voxel_loads_per_second"] = benchmark::Counter(voxels * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["iterations"] = result.iterations;
  state.counters["setup_ms"] = setup.count();
  if (kernels::on_host) state.counters["bytes_per_voxel"] = memory.bytes() / voxels;
}

BENCHMARK_CAPTURE(elastic, sphere_ten_times, false)->Arg(32)->Arg(64)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(elastic, sphere_ten_times_jacobi, true)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
