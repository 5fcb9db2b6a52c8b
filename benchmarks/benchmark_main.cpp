// Starts the runtime and notes what the numbers were measured on.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "benchmarks/machine.hpp"
#include "kernels/runtime.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const voxode::kernels::Runtime runtime({});
  benchmark::AddCustomContext("device", voxode::kernels::device_description());
  benchmark::AddCustomContext("kokkos", voxode::kernels::kokkos_description());
  benchmark::AddCustomContext("compiler", VOXODE_COMPILER);
  benchmark::AddCustomContext("commit", VOXODE_COMMIT);
  const voxode::benchmarks::Machine& machine = voxode::benchmarks::machine();
  benchmark::AddCustomContext("triad", fmt::format("{:.1f} GB/s", 1e-9 * machine.triad));
  benchmark::AddCustomContext("fma_peak", fmt::format("{:.0f} Gflop/s (single precision)", 1e-9 * machine.fma_peak));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
