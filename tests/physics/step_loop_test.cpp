// What the step loop asks of the device: fields stay there, nothing is allocated, and the host waits for a few sums only. Counted on the host, where the kernels'
// variants for one run (VOXODE_GPU_VARIANTS: those for a GPU); the callbacks are Kokkos' own, so a GPU shows the same to any tool of Kokkos.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "mesh/components.hpp"
#include "physics/cycle.hpp"
#include "physics/linear_solver.hpp"
#include "tests/physics/kokkos_counter.hpp"
#include "tests/two_phase_job.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;
using tests::KokkosCounter;
using tests::KokkosCounts;
using tests::Tallies;

/// Spheres that shrink and come off their matrix, in a box of n^3 voxels.
struct Cathode {
  Job job = tests::two_phase_job();
  mesh::VoxelGrid grid;

  explicit Cathode(Index n) {
    job.cycling.steps_per_half_cycle = 5;
    grid.n = {n, n, n};
    grid.spacing = 5e-7;
    grid.phase_names = {"electrolyte", "active"};
    const double centres[][4] = {{0.3, 0.3, 0.25, 0.2}, {0.75, 0.3, 0.4, 0.18}, {0.35, 0.75, 0.6, 0.21}, {0.7, 0.7, 0.8, 0.17}};
    for (Index k = 0; k < n; ++k)
      for (Index j = 0; j < n; ++j)
        for (Index i = 0; i < n; ++i) {
          std::uint8_t phase = 0;
          for (const auto& c : centres)
            if (std::hypot(double(i) + 0.5 - c[0] * double(n), double(j) + 0.5 - c[1] * double(n), double(k) + 0.5 - c[2] * double(n)) < c[3] * double(n)) phase = 1;
          grid.phase.push_back(phase);
        }
  }
};

/// What the host waits for: sums and other reductions, and explicit fences, by the kernel before.
Tallies waits(const KokkosCounts& counts) {
  Tallies all = counts.fences;
  for (const auto& [name, t] : counts.reductions) all[name].count += t.count;
  return all;
}

/// One nonlinear iteration, or what follows the last one of a step.
struct Interval {
  int step;
  bool is_end, after_results;  ///< results were handed out just before
  KokkosCounts counts;
  std::string where() const { return "step " + std::to_string(step) + (is_end ? ", its end" : ", an iteration"); }
};

/// A cycle of 2 x 5 steps after the pristine state.
std::vector<Interval> run_cycle(Index& n_nodes) {
  const Cathode cathode(24);
  const Microstructure structure = make_microstructure(cathode.grid, cathode.job, true);
  CycleDriver driver(cathode.grid, structure, cathode.job);
  n_nodes = driver.mechanics().n_unknowns() / 3;
  std::vector<Interval> list;
  int step = 0;
  bool results = false, first = true;
  KokkosCounter counter;
  CycleObserver observer;
  observer.on_iteration = [&](int, double) {
    list.push_back({step, false, results, counter.take()});
    results = false;
  };
  observer.on_step = [&](const StepRow&, const ConductionRow* conduction) {
    if (first) list.clear();  // the pristine state: set-up goes on until then
    else if (!conduction) list.push_back({step, true, false, counter.take()});  // measures only; conduction has its own solver
    first = false;
    results = conduction;
    counter.take();
    ++step;
  };
  driver.run(observer);
  return list;
}

void expect_only(const Tallies& found, const std::set<std::string>& allowed, const std::string& what) {
  for (const auto& [name, t] : found) EXPECT_TRUE(allowed.count(name)) << what << ": " << t.count << " x " << name << ", " << t.bytes << " bytes";
}

TEST(StepLoop, AfterTheFirstStep_NothingIsAllocatedAndNoFieldIsCopied) {
  Index n_nodes = 0;
  const std::vector<Interval> list = run_cycle(n_nodes);
  const std::int64_t field = 12 * n_nodes;  // bytes, in single precision
  std::size_t refreshed = 0, relaxed = 0, ends = 0, after_results = 0;
  for (const Interval& i : list) {
    const bool refresh = i.counts.kernels.has("voxode::physics::build_springs"), relaxation = i.counts.kernels.has("voxode::physics::local_move");
    refreshed += refresh, relaxed += relaxation, ends += i.is_end, after_results += i.after_results;
    // lists of the local relaxation, which only grow; fields that made room for results, once a half cycle
    std::set<std::string> allocations;
    if (relaxation) allocations.insert({"local_list", "local_packs", "local_flags"});
    if (i.after_results) allocations.insert({"b", "x", "fine_scratch", "direction", "residual_old"});
    expect_only(i.counts.allocations, allocations, i.where() + " allocates");
    // Kokkos' own fill waits twice
    EXPECT_EQ(i.counts.fills.total_bytes(), 0) << i.where() << " fills\n" << i.counts.fills.text();
    // the last level to its host solver and back; when springs have changed, the last level's and the largest eigenvector of coarse levels; a table of strains
    // by material
    EXPECT_LT(i.counts.copies.total_bytes(), i.is_end ? 2048 : refresh ? 2 * field : field / 8) << i.where() << " copies\n" << i.counts.copies.text();
  }
  EXPECT_GT(refreshed, 10u) << "too little happens: the test could not fail";
  EXPECT_GE(relaxed, 3u);
  EXPECT_EQ(ends, 8u);  // ten steps, two of which end with conduction
  EXPECT_EQ(after_results, 2u);
}

TEST(StepLoop, NonlinearIteration_WaitsForSevenSums) {
  Index n_nodes = 0;
  std::size_t plain = 0;
  for (const Interval& i : run_cycle(n_nodes)) {
    Tallies found = waits(i.counts);
    if (i.is_end) {  // energies
      EXPECT_EQ(found.total(), 2) << i.where() << "\n" << found.text();
      continue;
    }
    if (!i.counts.kernels.has("voxode::kernels::combine")) {  // the first of a step: norms of residual and loads, their parts on the plate
      EXPECT_EQ(found.total(), 5) << i.where() << "\n" << found.text();
      continue;
    }
    if (i.counts.kernels.has("voxode::physics::local_precondition") || i.counts.reductions.has("voxode::physics::count_flagged")) continue;
    // sums of the residual; of the preconditioned residual with this one and the last; of the direction with residual and force; changed springs; both ends
    // of the line search; the plate's force here, and on every coarse level but the last; once for every further point of the line search
    EXPECT_EQ(found.of("voxode::kernels::dot").count, 1) << i.where();
    EXPECT_EQ(found.of("voxode::kernels::dots").count, 2) << i.where();
    const std::int64_t search = found.of("voxode::physics::line_slope").count, spectrum = found.of("voxode::kernels::square").count;
    EXPECT_EQ(found.total() - search - spectrum, 6) << i.where() << "\n" << found.text();
    EXPECT_LE(search, 4) << i.where();
    EXPECT_LE(spectrum, 3) << i.where();  // of coarse levels whose springs have changed
    ++plain;
  }
  EXPECT_GT(plain, 10u) << "too little happens: the test could not fail";
}

/// What one iteration of the linear solver asks for: the difference of two solves over that of their iterations.
struct PerIteration {
  int iterations[2];
  KokkosCounts counts[2];
  std::int64_t bottom_bytes = 0;
  double of(const std::function<std::int64_t(const KokkosCounts&)>& what) const { return double(what(counts[1]) - what(counts[0])) / double(iterations[1] - iterations[0]); }
};
PerIteration count_linear(bool plate) {
  const Cathode cathode(24);
  const std::vector<std::int32_t> of_phase(cathode.grid.phase.begin(), cathode.grid.phase.end());
  const Index3& n = cathode.grid.n;
  const mesh::Periodicity closed{false, false, false};
  const std::vector<std::int32_t> body = mesh::find_components(n, of_phase, closed).of_voxel;
  const mesh::Nodes nodes = mesh::make_nodes(n, closed, body);
  const mesh::Bodies bodies = mesh::make_bodies(cathode.grid, std::vector<mesh::BodyRule>(2, {mesh::BodyMode::pieces, 0, mesh::OrientationMode::aligned, {}}), closed, 1);
  const mesh::Faces faces = mesh::make_faces(cathode.grid, bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::voxel}; }, closed);
  const mesh::CohesivePoints points = mesh::make_cohesive_points(nodes, faces, body);
  MaterialClasses classes;
  for (const Phase& p : cathode.job.phases) classes.stiffness.push_back(p.material.stiffness);
  classes.bbar = {0, 0};
  classes.of_cell.assign(of_phase.begin(), of_phase.end());
  Support support;
  for (auto& axis : support.wall) axis = {true, true};
  support.plate_moves = plate;
  const ElasticSystem system(nodes, points, classes, cathode.grid.spacing, support);
  const auto springs = kernels::upload("springs", std::vector<float>(std::size_t(6 * points.n_pairs()), 1e5f));
  ElasticMultigrid multigrid(system, body, {});
  multigrid.refresh(springs);
  const auto u = kernels::make_field<double>("u", nodes.n_nodes()), load = kernels::make_field<double>("load", nodes.n_nodes());
  const std::vector<Voigt> strain{Voigt{}, Voigt{0.02, 0.02, 0.02, 0, 0, 0}};
  system.bulk_force<double>(u, load, system.device_strain<double>(strain));
  PerIteration result;
  result.bottom_bytes = 16 * (multigrid.n_bottom_unknowns() / 3);
  KokkosCounter counter;
  for (int pass = 0; pass < 2; ++pass) {
    kernels::fill(u, 0.0);
    double displacement = 0;
    counter.take();
    LinearOptions options;
    options.tolerance = pass ? 1e-8 : 1e-3;
    result.iterations[pass] = solve_linear(system, multigrid, springs, load, 0.0, u, displacement, options).iterations;
    result.counts[pass] = counter.take();
  }
  return result;
}

TEST(StepLoop, LinearIteration_WaitsForThreeSumsAndTheBottomSolve) {
  for (const bool plate : {false, true}) {
    const PerIteration found = count_linear(plate);
    ASSERT_GT(found.iterations[1], found.iterations[0] + 3);
    // with a plate three more: its force from the operator, and twice in the cycle, on the finest level and on the one before the last
    EXPECT_EQ(found.of([](const KokkosCounts& c) { return waits(c).total(); }), plate ? 6 : 3) << waits(found.counts[1]).text();
    EXPECT_EQ(found.of([](const KokkosCounts& c) { return c.allocations.total(); }), 0) << found.counts[1].allocations.text();
    EXPECT_EQ(found.of([](const KokkosCounts& c) { return c.copies.total_bytes(); }), double(2 * found.bottom_bytes)) << found.counts[1].copies.text();
    EXPECT_EQ(found.of([](const KokkosCounts& c) { return c.copies.total(); }), 2) << found.counts[1].copies.text();
    EXPECT_EQ(found.of([](const KokkosCounts& c) { return c.fills.total(); }), 0) << found.counts[1].fills.text();
  }
}

}  // namespace
