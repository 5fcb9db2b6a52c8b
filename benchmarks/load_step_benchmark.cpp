// A charge in ten load steps (32^3: four) while particles debond and touch again, relative residual 1e-6: a pack of spheres with soft binder, of voxels of .4 um at every
// edge, and the real electrode of real_electrode.toml, cropped to 128^3. solver_iterations: multigrid cycles a step, their mean; cycles_of_linear: that over the
// cycles of one linear solve, which presses the same box with all its interfaces glued, time_of_linear: the same by time (bar: 6, both). Set-up is not in it.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "benchmarks/guarded.hpp"
#include "benchmarks/on_request.hpp"
#include "benchmarks/peak_memory.hpp"
#include "io/prepare_job.hpp"
#include "mesh/packing.hpp"
#include "physics/mechanics.hpp"
#include "tests/two_phase_job.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

constexpr const char* image_name = "nmc-1-cal_generatedCBD_bridge.tif";

struct Electrode {
  mesh::VoxelGrid grid;
  Job job;
  Microstructure structure;
};

/// 45 % spheres of NCM, 7 % rubber at their necks, the rest Li6PS5Cl; interfaces as in real_electrode.toml.
Electrode sphere_pack(Index edge) {
  mesh::SyntheticRecipe recipe;
  recipe.n = {edge, edge, edge};
  recipe.spacing = 0.4e-6;
  recipe.periodic = {true, true, true};  // the box cuts particles, as a crop does
  recipe.active_fraction = 0.45;
  recipe.diameter_median = 4e-6;
  recipe.diameter_minimum = 3e-6;
  recipe.diameter_maximum = 6e-6;
  recipe.binder_fraction = 0.07;
  Electrode electrode;
  electrode.grid = mesh::generate_cathode(recipe).grid;
  Job& job = electrode.job = tests::two_phase_job();
  if (edge == 32) job.cycling.steps_per_half_cycle = 4;  // a test runs it
  job.phases[1].bodies.mode = mesh::BodyMode::particles;
  Phase binder;
  binder.name = "binder";
  binder.role = Role::binder;
  binder.material.youngs_modulus = 3e6;
  binder.material.poisson_ratio = 0.499;
  binder.material.stiffness = isotropic_stiffness(3e6, 0.499);
  binder.material.integration = Integration::bbar;
  job.phases.push_back(binder);
  InterfaceEntry to_binder, between;
  job.interfaces[0].normal_stiffness = job.interfaces[0].shear_stiffness = 1e17;
  to_binder.phase_a = 1, to_binder.phase_b = 2;
  to_binder.normal_stiffness = to_binder.shear_stiffness = 1e14;
  to_binder.normal_strength = 5e6;
  between.phase_a = between.phase_b = 1;
  between.normal_strength = 50e6;
  between.toughness_I = 0.1;
  job.interfaces.push_back(to_binder);
  job.interfaces.push_back(between);
  electrode.structure = make_microstructure(electrode.grid, job, true);
  return electrode;
}

/// Its image is not part of the repository: the folder with it is $VOXODE_DATA.
std::filesystem::path real_image() {
  const char* const folder = std::getenv("VOXODE_DATA");
  const std::filesystem::path path = folder ? std::filesystem::path(folder) / image_name : std::filesystem::path();
  return std::filesystem::exists(path) ? path : std::filesystem::path();
}

Electrode real_electrode(Index edge) {
  const std::string crop = "[60, " + std::to_string(60 + edge) + "]", across = "[80, " + std::to_string(80 + edge) + "]";
  const io::Config config = io::load_config(VOXODE_BENCHMARKS "/real_electrode.toml", {"image.file=" + real_image().string(), "image.crop=[" + crop + ", " + across + ", " + across + "]"});
  io::PreparedJob prepared = io::prepare_job(config);
  return {std::move(prepared.grid), config.job, std::move(prepared.structure)};
}

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <class Make>
void measure(benchmark::State& state, const Make& make) {
  const benchmarks::PeakMemory memory;
  const Electrode electrode = make(state.range(0));
  const Job& job = electrode.job;
  const double pressure = job.boundary.pressure_of_cycle(1), full = job.lithium.discharged;
  const int n = job.cycling.steps_per_half_cycle;
  Mechanics mechanics(electrode.grid, electrode.structure.bodies, electrode.structure.faces, job, mesh::bodies_with_load_path(electrode.structure.mechanical));
  mechanics.glue();
  mechanics.advance({full, pressure, 0, 0});  // sets the hierarchy's springs and spectrum up
  mechanics.advance({full, 0, 0, 0});
  double begin = seconds_now();
  const int linear_cycles = mechanics.advance({full, pressure, 0, 0}).multigrid_cycles;
  const double linear_seconds = seconds_now() - begin;
  mechanics.advance({full, 0, 0, 0});
  mechanics.release_bonds();
  mechanics.advance({full, pressure, 0, 0});

  int cycles = 0, substeps = 0;
  double seconds = 0;
  for (auto _ : state) {
    begin = seconds_now();
    for (int step = 1; step <= n; ++step) {
      const StepReport report = mechanics.advance({full + (job.lithium.charged - full) * step / n, pressure, 0, job.cycling.half_cycle_time / n});
      cycles += report.multigrid_cycles;
      substeps += report.substeps;
    }
    seconds = seconds_now() - begin;
  }
  const double voxels = double(electrode.grid.n_voxels());
  const MechanicalMeasures end = mechanics.measure();
  state.counters["voxel_loads_per_second"] = voxels * n / seconds;
  state.counters["solver_iterations"] = double(cycles) / n;
  state.counters["linear_iterations"] = linear_cycles;
  state.counters["linear_ms"] = 1e3 * linear_seconds;
  state.counters["cycles_of_linear"] = double(cycles) / n / linear_cycles;
  state.counters["time_of_linear"] = seconds / n / linear_seconds;
  state.counters["substeps"] = substeps;
  state.counters["open_area"] = end.open_area / end.cohesive_area;
  state.counters["bytes_per_voxel"] = memory.bytes() / voxels;
}

void on_spheres(benchmark::State& state) {
  benchmarks::guarded(state, [&] { measure(state, sphere_pack); });
}

void on_real_electrode(benchmark::State& state) {
  if (!real_image().empty()) return benchmarks::guarded(state, [&] { measure(state, real_electrode); });
  for (auto _ : state) {}
  state.SetLabel(std::string("left out: $VOXODE_DATA names no folder with ") + image_name);
}

BENCHMARK(on_spheres)->Name("load_step/spheres")->Arg(32)->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK(on_real_electrode)->Name("load_step/real_electrode")->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
const bool large_load_steps = benchmarks::register_on_request(
    [] { benchmark::RegisterBenchmark("load_step/spheres", on_spheres)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1); });

}  // namespace
