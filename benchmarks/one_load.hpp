#pragma once
// What benchmarks of one elastic load have in common.
#include <benchmark/benchmark.h>

#include <chrono>
#include <vector>

#include "benchmarks/peak_memory.hpp"
#include "physics/linear_solver.hpp"

namespace voxode::benchmarks {

/// Makes a box (with n, classes, system, multigrid and springs), then times the solution for a mean strain xx to a relative residual of 1e-6.
/// voxel_loads_per_second: of the solve alone; setup_ms: all that `make` does; bytes_per_voxel: peak host memory, so left out in a GPU build.
template <class Make>
void one_load(benchmark::State& state, const Make& make, int max_iterations) {
  const PeakMemory memory;
  const auto begin = std::chrono::steady_clock::now();
  const auto box = make();
  Kokkos::fence();
  const std::chrono::duration<double, std::milli> setup = std::chrono::steady_clock::now() - begin;
  const Index n_nodes = box.system->n_nodes();
  const auto u = kernels::make_field<double>("u", n_nodes), load = kernels::make_field<double>("load", n_nodes);
  const std::vector<Voigt> strain(box.classes.stiffness.size(), Voigt{1e-3, 0, 0, 0, 0, 0});
  box.system->template bulk_force<double>(u, load, box.system->template device_strain<double>(strain));
  kernels::assign_scaled(load, -1.0, load);
  physics::LinearOptions options;
  options.max_iterations = max_iterations;
  physics::LinearResult result;
  for (auto _ : state) {
    Kokkos::deep_copy(u, 0.0);
    double plate = 0;
    result = solve_linear(*box.system, *box.multigrid, box.springs, load, 0.0, u, plate, options);
    benchmark::DoNotOptimize(result.residual);
  }
  const double voxels = double(product(box.n));
  state.counters["voxel_loads_per_second"] = benchmark::Counter(voxels * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["solver_iterations"] = result.iterations;
  state.counters["setup_ms"] = setup.count();
  if (kernels::on_host) state.counters["bytes_per_voxel"] = memory.bytes() / voxels;
}

}  // namespace voxode::benchmarks
