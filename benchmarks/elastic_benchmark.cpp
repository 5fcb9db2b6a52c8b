// One elastic load on a periodic box: a sphere of a quarter of the edge as radius, ten times stiffer, Poisson ratio .3, mean strain xx, relative residual 1e-6.
#include "benchmarks/guarded.hpp"
#include "benchmarks/one_load.hpp"
#include "benchmarks/sphere_in_box.hpp"

using namespace voxode;

namespace {

void elastic(benchmark::State& state, bool jacobi) {
  benchmarks::guarded(state, [&] { benchmarks::one_load(state, [&] { return benchmarks::SphereInBox(state.range(0), jacobi); }, 100000); });
}

BENCHMARK_CAPTURE(elastic, sphere_ten_times, false)->Arg(32)->Arg(64)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(elastic, sphere_ten_times_jacobi, true)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
