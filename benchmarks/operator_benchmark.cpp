// The elastic operator of the finest mesh, y = K x, on the periodic sphere: against what memory and multiply-adds of this machine allow.
// Bytes: x read, y written, three numbers of 4 bytes a voxel. Flops: additions and multiplications, counted by running the element's code.
#include <benchmark/benchmark.h>

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
  const double voxels = double(product(box.n));
  count_work(state, {voxels, voxels * (2 * 3 * sizeof(T) + 3 * 4), voxels * flops_per_voxel(), std::is_same_v<T, double>});
}

BENCHMARK_TEMPLATE(elastic_operator, float)->Arg(32)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_TEMPLATE(elastic_operator, double)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
