// The elastic operator of the finest mesh, y = K x, on the periodic sphere: against what memory and multiply-adds of this machine allow.
// gigabytes_per_second: of the bytes that it must move at the least (x read, y written, three numbers of 4 bytes a voxel); of_triad: over triad's;
// gigaflops: of additions and multiplications, counted by running the element's code; of_bound: speed over that of min(triad x intensity, fma_peak / 2).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <type_traits>

#include "benchmarks/machine.hpp"
#include "benchmarks/sphere_in_box.hpp"

using namespace voxode;
using namespace voxode::benchmarks;

namespace {

/// In place of a number: counts what is done to it.
struct Counted {
  long* operations = nullptr;
};
VOXODE_FUNCTION Counted count(Counted a, Counted b) {
  const Counted result{a.operations ? a.operations : b.operations};
  if (result.operations) ++*result.operations;  // moduli count nothing: what is done among them is the same for every voxel
  return result;
}
VOXODE_FUNCTION Counted operator+(Counted a, Counted b) { return count(a, b); }
VOXODE_FUNCTION Counted operator-(Counted a, Counted b) { return count(a, b); }
VOXODE_FUNCTION Counted operator*(Counted a, Counted b) { return count(a, b); }
VOXODE_FUNCTION Counted operator*(double, Counted b) { return count(b, b); }

/// Additions and multiplications of one isotropic voxel, those of its forces to the nodes' among them.
double flops_per_voxel() {
  long operations = 24;
  Counted u[24];
  for (Counted& number : u) number.operations = &operations;
  const kernels::Isotropic<Counted> moduli{};
  const double g[3] = {0.25, 0.25, 0.25};
  kernels::hexahedron_force<double>(u, moduli, g, 1.0, static_cast<const Counted*>(nullptr));
  return double(operations);
}

template <class T>
void elastic_operator(benchmark::State& state) {
  const SphereInBox box(state.range(0), true);
  const auto x = kernels::make_field<T>("x", box.system->n_nodes()), y = kernels::make_field<T>("y", box.system->n_nodes());
  Kokkos::deep_copy(x, T(1));
  for (auto _ : state) {
    box.system->bulk_force<T>(kernels::Field<const T>(x), y);
    Kokkos::fence();
  }
  const double voxels = double(product(box.n)) * double(state.iterations()), bytes = 2 * 3 * sizeof(T) + 3 * 4, flops = flops_per_voxel();
  const double width = std::is_same_v<T, double> ? 2 : 1;  // flops of a pack halve
  const double bound = std::min(machine().triad / bytes, 0.5 * machine().fma_peak / width / flops);  // voxels a second
  using benchmark::Counter;
  state.counters["gigabytes_per_second"] = Counter(1e-9 * voxels * bytes, Counter::kIsRate);
  state.counters["gigaflops"] = Counter(1e-9 * voxels * flops, Counter::kIsRate);
  state.counters["flops_per_voxel"] = flops;
  state.counters["of_triad"] = Counter(voxels * bytes / machine().triad, Counter::kIsRate);
  state.counters["of_bound"] = Counter(voxels / bound, Counter::kIsRate);
}

BENCHMARK_TEMPLATE(elastic_operator, float)->Arg(32)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_TEMPLATE(elastic_operator, double)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
