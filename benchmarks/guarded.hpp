#pragma once
// A case that throws is an error of its row, and the others go on.
#include <benchmark/benchmark.h>

#include <exception>

namespace voxode::benchmarks {

template <class Case>
void guarded(benchmark::State& state, const Case& run) {
  try {
    run();
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

}  // namespace voxode::benchmarks
