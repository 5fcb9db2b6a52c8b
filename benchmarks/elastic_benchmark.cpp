// One elastic load on a periodic box: a sphere of a quarter of the edge as radius, ten times stiffer, Poisson ratio .3, mean strain xx, relative residual 1e-6.
// voxel_loads_per_second: of the solve alone; setup_ms: mesh, hierarchy and factors, which further loads share; bytes_per_voxel: peak
// host memory, so left out in a GPU build.
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>

#include "benchmarks/peak_memory.hpp"
#include "physics/linear_solver.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

struct SphereInBox {
  Index3 n;
  std::vector<std::int32_t> body;
  MaterialClasses classes;
  mesh::Nodes nodes;
  mesh::CohesivePoints points;
  std::unique_ptr<ElasticSystem> system;
  std::unique_ptr<ElasticMultigrid> multigrid;
  Array<float> no_springs;

  SphereInBox(Index edge, bool jacobi) : n{edge, edge, edge}, body(std::size_t(product(n)), 0) {
    constexpr double voxel_edge = 1e-6;
    classes.stiffness = {isotropic_stiffness(1e9, 0.3), isotropic_stiffness(10e9, 0.3)};
    classes.bbar = {0, 0};
    const double centre = 0.5 * double(edge), radius = 0.25 * double(edge);
    for (Index k = 0; k < edge; ++k)
      for (Index j = 0; j < edge; ++j)
        for (Index i = 0; i < edge; ++i) {
          const double x = double(i) + 0.5 - centre, y = double(j) + 0.5 - centre, z = double(k) + 0.5 - centre;
          classes.of_cell.push_back(x * x + y * y + z * z < radius * radius ? 1 : 0);
        }
    nodes = mesh::make_nodes(n, {true, true, true}, body);
    points = mesh::make_cohesive_points(nodes, mesh::Faces{}, body);
    system = std::make_unique<ElasticSystem>(nodes, points, classes, voxel_edge, Support{});
    ElasticMultigrid::Options options;
    options.jacobi = jacobi;
    multigrid = std::make_unique<ElasticMultigrid>(*system, body, options);
    no_springs = kernels::make_array<float>("no_springs", 0);
    multigrid->refresh(no_springs);
  }
};

void elastic(benchmark::State& state, bool jacobi) {
  const Index edge = state.range(0);
  const benchmarks::PeakMemory memory;
  const auto begin = std::chrono::steady_clock::now();
  SphereInBox box(edge, jacobi);
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
