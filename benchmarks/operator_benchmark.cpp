// The elastic operator of the finest mesh, y = K x, and its smoother's step, on the periodic sphere (one body) and on the composite with every particle a body:
// against what memory and multiply-adds of this machine allow (machine.hpp). Each array counts once: what a perfect cache would leave to move.
#include <type_traits>

#include "benchmarks/composite.hpp"
#include "benchmarks/element_flops.hpp"
#include "benchmarks/machine.hpp"
#include "benchmarks/sphere_in_box.hpp"
#include "physics/multigrid_kernels.hpp"

using namespace voxode;
using namespace voxode::benchmarks;

namespace {

/// y = K x without springs: x read, y written; rank and class of each voxel, first node of each vertex.
template <class T>
Work operator_work(const physics::ElasticSystem& system) {
  Work work;
  work.voxels = double(product(system.nodes.n_cells));
  work.bytes = 2 * 3 * sizeof(T) * double(system.n_nodes()) + 8 * work.voxels + 4 * double(system.n_vertices());
  double n_solid = 0;
  for (const std::uint32_t rank : system.nodes.corner_rank) n_solid += rank & mesh::Nodes::solid_bit ? 1 : 0;
  work.flops = flops_per_element() * n_solid;
  work.in_double = std::is_same_v<T, double>;
  return work;
}

/// Beside that: springs; b, x and d read, x and d written (K x need not leave the cache), blocks of the vertices and where they are.
Work smoother_work(const physics::ElasticSystem& system, const physics::VertexBlocks& blocks) {
  Work work = operator_work<float>(system);
  const mesh::CohesivePoints& points = system.points;
  work.bytes += 32 * double(points.n_pairs()) + 8 * double(points.n_vertices());
  work.bytes += 3 * 3 * sizeof(float) * double(system.n_nodes()) + 4 * double(blocks.n_vertices) + 4 * double(blocks.value.extent(0));
  work.flops += 24 * double(points.n_pairs());
  for (Index v = 0; v < system.n_vertices(); ++v) {
    const double unknowns = 3 * double(system.nodes.offset[std::size_t(v) + 1] - system.nodes.offset[std::size_t(v)]);
    work.flops += unknowns * (2 * unknowns + 4);  // the block on b - K x, then d = keep d + step D^-1 (..), x + d
  }
  return work;
}

template <class T, class Box>
void run_operator(benchmark::State& state, const Box& box) {
  const auto x = kernels::make_field<T>("x", box.system->n_nodes()), y = kernels::make_field<T>("y", box.system->n_nodes());
  Kokkos::deep_copy(x, T(1));
  for (auto _ : state) {
    box.system->template bulk_force<T>(kernels::Field<const T>(x), y);
    Kokkos::fence();
  }
  count_work(state, operator_work<T>(*box.system));
}

/// A step of the finest level's Chebyshev iteration, as the multigrid makes it.
template <class Box>
void run_smoother(benchmark::State& state, const Box& box) {
  const Index n = box.system->n_nodes();
  const auto b = kernels::make_field<float>("b", n), t = kernels::make_field<float>("t", n), x = kernels::make_field<float>("x", n),
             d = kernels::make_field<float>("d", n);
  Kokkos::deep_copy(b, 1.0f);
  Kokkos::deep_copy(x, 1.0f);
  const physics::VertexBlocks& blocks = box.multigrid->fine_blocks();
  const physics::ChebyshevStep<kernels::Field<float>> step{
      blocks.n_vertices, blocks.node_offset, blocks.block_offset, blocks.value, b, t, x, d, 0.1f, 0.3f, false};
  for (auto _ : state) {
    box.system->template bulk_force<float>(kernels::Field<const float>(x), t);
    box.system->template add_pair_forces<float>(box.springs, kernels::Field<const float>(x), t);
    box.system->template mask<float>(t);
    physics::run_chebyshev("voxode::benchmarks::chebyshev", step);
    Kokkos::fence();
  }
  count_work(state, smoother_work(*box.system, blocks));
}

template <class T>
void elastic_operator(benchmark::State& state) {
  run_operator<T>(state, SphereInBox(state.range(0), true));
}
void elastic_operator_composite(benchmark::State& state) { run_operator<float>(state, Composite(state.range(0), Interfaces::intact, true)); }
void elastic_smoother(benchmark::State& state) { run_smoother(state, SphereInBox(state.range(0), true)); }
void elastic_smoother_composite(benchmark::State& state) { run_smoother(state, Composite(state.range(0), Interfaces::intact, true)); }

BENCHMARK_TEMPLATE(elastic_operator, float)->Arg(32)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_TEMPLATE(elastic_operator, double)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(elastic_operator_composite)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(elastic_smoother)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(elastic_smoother_composite)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
