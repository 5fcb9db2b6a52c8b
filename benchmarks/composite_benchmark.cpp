// One elastic load on a composite (composite.hpp): mean strain xx, relative residual 1e-6, by the state of its interfaces and the resolution.
#include "benchmarks/composite.hpp"
#include "benchmarks/guarded.hpp"
#include "benchmarks/on_request.hpp"
#include "benchmarks/one_load.hpp"

using namespace voxode;
using benchmarks::Interfaces;

namespace {

void composite(benchmark::State& state, Interfaces interfaces) {
  const auto make = [&] { return benchmarks::Composite(state.range(0), interfaces); };
  benchmarks::guarded(state, [&] { benchmarks::one_load(state, make, 1000); });
}

void large(const char* name, Interfaces interfaces) {
  benchmark::RegisterBenchmark(name, composite, interfaces)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
}

BENCHMARK_CAPTURE(composite, bonded, Interfaces::bonded)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(composite, intact, Interfaces::intact)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(composite, half_open, Interfaces::half_open)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(composite, loose, Interfaces::loose)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
const bool large_composites = benchmarks::register_on_request([] {
  large("composite/bonded", Interfaces::bonded);
  large("composite/intact", Interfaces::intact);
  large("composite/half_open", Interfaces::half_open);
  large("composite/loose", Interfaces::loose);
});

}  // namespace
