// Starts the runtime and notes what the numbers were measured on.
#include <benchmark/benchmark.h>

#include "kernels/runtime.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const voxode::kernels::Runtime runtime({});
  benchmark::AddCustomContext("device", voxode::kernels::device_description());
  benchmark::AddCustomContext("kokkos", voxode::kernels::kokkos_description());
  benchmark::AddCustomContext("compiler", VOXODE_COMPILER);
  benchmark::AddCustomContext("commit", VOXODE_COMMIT);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
