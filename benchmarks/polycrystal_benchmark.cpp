// Polycrystals: Voronoi grains of 100 voxels, each a body, behind springs of 100 E / h on raw faces, 1e-6 of them between a share of the pairs of grains; the
// load is a random stress-free strain of each grain, all six sides are mirrors, relative residual 1e-6. setup_ms: hierarchy, springs and bottom;
// bytes_per_voxel: of system, hierarchy and solve, without mesh and springs; unknowns_ratio: of all levels over the finest's.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "benchmarks/guarded.hpp"
#include "benchmarks/on_request.hpp"
#include "benchmarks/peak_memory.hpp"
#include "mesh/counter_random.hpp"
#include "physics/linear_solver.hpp"
#include "tests/raw_faces.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

constexpr double voxel_edge = 1e-7, modulus = 140e9, voxels_per_grain = 100;
constexpr mesh::Periodicity mirrors{false, false, false};
/// Twice the bar. A hierarchy with more unknowns at the bottom hardly coarsens grains: with 62 856 of them, at 64^3, its vertex blocks (hundreds of nodes each)
/// and the factor had not been made after 7 minutes of a core. So it is given up before.
constexpr Index most_bottom_unknowns = 40000;

struct Polycrystal {
  std::vector<std::int32_t> body;
  Index n_grains = 0;
  mesh::Nodes nodes;
  mesh::Faces faces;
  mesh::CohesivePoints points;
  MaterialClasses classes;    ///< one a grain: each has its stress-free strain
  std::vector<Voigt> strain;  ///< of each grain
  std::vector<float> springs;
  Support support;

  Polycrystal(Index edge, double open_share) {
    mesh::VoxelGrid grid;
    grid.n = {edge, edge, edge};
    grid.spacing = voxel_edge;
    grid.phase.assign(std::size_t(grid.n_voxels()), 0);
    grid.phase_names = {"active"};
    grid.instance.assign(grid.phase.size(), 1);  // one particle
    mesh::BodyRule rule;
    rule.mode = mesh::BodyMode::grains;
    rule.grain_size = std::cbrt(voxels_per_grain) * voxel_edge;
    mesh::Bodies grains = mesh::make_bodies(grid, {rule}, mirrors, 1);
    n_grains = Index(grains.table.size());
    body = std::move(grains.of_voxel);
    nodes = mesh::make_nodes(grid.n, mirrors, body);
    faces = tests::raw_faces(grid.n, body, mirrors);
    points = mesh::make_cohesive_points(nodes, faces, body);
    classes.stiffness.assign(std::size_t(n_grains), isotropic_stiffness(modulus, 0.3));
    classes.bbar.assign(std::size_t(n_grains), 0);
    classes.of_cell.assign(body.begin(), body.end());
    const mesh::CounterRandom random{2};
    for (Index g = 0; g < n_grains; ++g) {
      strain.emplace_back();
      for (std::size_t e = 0; e < 6; ++e) strain.back()[e] = 0.02 * (random.uniform(std::uint64_t(g), e) - 0.5);
    }
    for (auto& axis : support.wall) axis = {true, true};
    find_springs(open_share);
  }
  /// A pair of grains is open as a whole, or not.
  void find_springs(double open_share) {
    const mesh::CounterRandom random{3};
    springs.assign(6 * std::size_t(points.n_pairs()), 0.0f);
    for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p) {
      const std::int32_t a = nodes.body[points.pair_node[2 * p]], b = nodes.body[points.pair_node[2 * p + 1]];
      const bool open = random.uniform(std::uint64_t(std::min(a, b)), std::uint64_t(std::max(a, b))) < open_share;
      const double quarter = 100 * modulus * voxel_edge / 4 * (open ? 1e-6 : 1.0);
      for (std::size_t d = 0; d < 3; ++d) springs[6 * p + d] = float(quarter * double(points.point_offset[p + 1] - points.point_offset[p]));
    }
  }
};

void measure(benchmark::State& state, double open_share) {
  const Polycrystal box(state.range(0), open_share);
  const benchmarks::PeakMemory memory;
  const ElasticSystem system(box.nodes, box.points, box.classes, voxel_edge, box.support);
  const auto springs = kernels::upload("springs", box.springs);
  const auto begin = std::chrono::steady_clock::now();
  ElasticMultigrid multigrid(system, box.body, ElasticMultigrid::Options{});
  const Index bottom = multigrid.n_bottom_unknowns();
  if (bottom > most_bottom_unknowns)
    return state.SkipWithError(fmt::format("{} unknowns at the bottom of the hierarchy, more than {}: not tried", bottom, most_bottom_unknowns).c_str());
  multigrid.refresh(springs);
  Kokkos::fence();
  const std::chrono::duration<double, std::milli> setup = std::chrono::steady_clock::now() - begin;
  const auto u = kernels::make_field<double>("u", system.n_nodes()), load = kernels::make_field<double>("load", system.n_nodes());
  system.bulk_force<double>(u, load, system.device_strain<double>(box.strain));
  kernels::assign_scaled(load, -1.0, load);
  LinearResult result;
  for (auto _ : state) {
    Kokkos::deep_copy(u, 0.0);
    double plate = 0;
    result = solve_linear(system, multigrid, springs, load, 0.0, u, plate, LinearOptions{});
    benchmark::DoNotOptimize(result.residual);
  }
  state.counters["voxel_loads_per_second"] = benchmark::Counter(double(box.body.size()) * double(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["solver_iterations"] = result.iterations;
  if (kernels::on_host) state.counters["bytes_per_voxel"] = memory.bytes() / double(box.body.size());
  state.counters["grains"] = double(box.n_grains);
  state.counters["setup_ms"] = setup.count();
  state.counters["unknowns_ratio"] = double(multigrid.n_unknowns()) / double(3 * system.n_nodes());
  state.counters["bottom_unknowns"] = double(bottom);
}

void polycrystal(benchmark::State& state, double open_share) {
  benchmarks::guarded(state, [&] { measure(state, open_share); });
}

void large(const char* name, double open_share) {
  benchmark::RegisterBenchmark(name, polycrystal, open_share)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
}

BENCHMARK_CAPTURE(polycrystal, intact, 0.0)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK_CAPTURE(polycrystal, open_30_percent, 0.3)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK_CAPTURE(polycrystal, open_60_percent, 0.6)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK_CAPTURE(polycrystal, all_open, 1.0)->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
const bool large_ones = benchmarks::register_on_request([] {
  large("polycrystal/intact", 0.0);
  large("polycrystal/open_30_percent", 0.3);
  large("polycrystal/open_60_percent", 0.6);
  large("polycrystal/all_open", 1.0);
});

}  // namespace
