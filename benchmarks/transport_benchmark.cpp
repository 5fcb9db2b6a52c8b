// Operator and smoother of conduction's finest level, between plates along z: against what memory and multiply-adds of this machine allow (machine.hpp).
// The operator is timed where the conjugate gradients launch it (with its inner product); the smoother is the
// multigrid without coarse levels, a row is the mean of 16 steps.
#include <chrono>

#include "benchmarks/kernel_timer.hpp"
#include "benchmarks/machine.hpp"
#include "physics/transport_multigrid_kokkos.hpp"
#include "physics/transport_system_kokkos.hpp"
#include "tests/random_spheres.hpp"

using namespace voxode;
using namespace voxode::benchmarks;
namespace transport = physics::transport;

namespace {

struct Spheres {
  std::vector<std::uint8_t> phase;
  physics::ConductionProblem problem;

  Spheres(Index edge, double contrast) : phase(tests::random_spheres({edge, edge, edge}, double(edge) / 12.0, 0.5, 1)) {
    problem.n = {edge, edge, edge};
    problem.phase = phase;
    problem.conductivity = {1.0, contrast};
  }
  double voxels() const { return double(phase.size()); }
  transport::System system() const { return transport::make_system(problem, problem.wrap, 2, physics::percolation_of(problem, 2).mask, physics::reaches_both); }
};

/// Numbers of the neighbours in y and z, codes of three faces and of the ground.
constexpr double stencil_bytes = 4 * 4 + 3 + 2;
/// Six differences times conductances, the ground's, summed.
constexpr double row_flops = 1 + 3 * 6;

void transport_operator(benchmark::State& state, double contrast) {
  const Spheres spheres(state.range(0), contrast);
  const double unknowns = double(spheres.system().stencil.n);
  for (auto _ : state) {
    const KernelTimer timer("voxode::physics::transport::apply");
    benchmark::DoNotOptimize(physics::solve_conduction(spheres.problem, 2, {}).conductivity);
    if (timer.mean() == 0) return state.SkipWithError("no kernel of that name was started");
    state.SetIterationTime(timer.mean());
  }
  count_work(state, {spheres.voxels(), unknowns * (stencil_bytes + 2 * 8), unknowns * (row_flops + 2), true});
}

void transport_smoother(benchmark::State& state, double contrast) {
  const Spheres spheres(state.range(0), contrast);
  const transport::System system = spheres.system();
  constexpr int degree = 16;
  transport::Multigrid multigrid;
  multigrid.settings.degree = degree;
  multigrid.stencil = system.stencil;
  transport::Level finest;
  finest.n = system.stencil.n;
  finest.inverse_diagonal = transport::inverse_diagonal(system.stencil);
  for (auto* const view : {&finest.correction, &finest.correction_next, &finest.direction}) *view = transport::allocate<float>("transport_smoother", finest.n);
  multigrid.levels.push_back(finest);
  const auto residual = transport::allocate<double>("residual", finest.n);
  Kokkos::deep_copy(residual, 1.0);
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(transport::apply_multigrid(multigrid, residual.data()));
    Kokkos::fence();
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / degree);  // of a step
  }
  // first step: residual and diagonal read, direction and correction written; the others read those two as well, and the stencil
  const double bytes = (8 + 3 * 4) + (degree - 1) * (stencil_bytes + 8 + 5 * 4), flops = 2 + (degree - 1) * (row_flops + 6);
  const double unknowns = double(finest.n);
  count_work(state, {spheres.voxels(), unknowns * bytes / degree, unknowns * flops / degree, false});
}

BENCHMARK_CAPTURE(transport_operator, spheres_ten_times, 10.0)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseManualTime()->MinTime(0.05);
BENCHMARK_CAPTURE(transport_operator, insulating_spheres, 0.0)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseManualTime()->MinTime(0.05);
BENCHMARK_CAPTURE(transport_smoother, spheres_ten_times, 10.0)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseManualTime()->MinTime(0.05);
BENCHMARK_CAPTURE(transport_smoother, insulating_spheres, 0.0)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseManualTime()->MinTime(0.05);

}  // namespace
