#include "physics/cycle.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>

namespace voxode::physics {
namespace {

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

void Timings::go_over(Archive& archive) {
  std::string text;
  for (const auto& [name, n] : count) text += fmt::format("{}\t{}\t{}\n", name, n, seconds.contains(name) ? seconds.at(name) : 0.0);
  archive.text("timings", text);
  if (!archive.loads()) return;
  std::istringstream lines(text);
  for (std::string name, n, spent; std::getline(lines, name, '\t') && std::getline(lines, n, '\t') && std::getline(lines, spent);) {
    count[name] += std::stoll(n);
    if (const double s = std::stod(spent); s > 0) seconds[name] += s;
  }
}

struct CycleDriver::Implementation {
  const mesh::VoxelGrid& grid;
  const Microstructure& structure;
  const Job& job;
  Timings timings;
  std::unique_ptr<Mechanics> mechanics;
  EffectiveConduction conduction;
  double undeformed_thickness;
  double started = seconds_now();
  int steps_done = -1;  ///< in all cycles; -1: not even the pristine state

  Implementation(const mesh::VoxelGrid& g, const Microstructure& s, const Job& j)
      : grid(g), structure(s), job(j), conduction(g, s, j), undeformed_thickness(double(g.n[2]) * g.spacing) {
    const double begin = seconds_now();
    mechanics = std::make_unique<Mechanics>(grid, structure.bodies, structure.faces, job, mesh::bodies_with_load_path(structure.mechanical));
    spent("mechanics set-up", begin);
  }

  void spent(const std::string& what, double begin) {
    timings.seconds[what] += seconds_now() - begin;
    ++timings.count[what];
  }

  StepRow row(int cycle, const std::string& state, int step, double lithium, const StepReport& report) {
    const double begin = seconds_now();
    const MechanicalMeasures m = mechanics->measure();
    StepRow r;
    r.cycle = cycle;
    r.state = state;
    r.step = step;
    r.lithium_content = lithium;
    r.stack_pressure = m.pressure;
    r.thickness = undeformed_thickness + m.plate_displacement;
    const double area = grid.volume() / undeformed_thickness * (1 + m.strain_xx) * (1 + m.strain_yy);
    const double cell = r.thickness * area;
    const double pores = cell - m.solid_volume - m.gap_volume + m.overlap_volume;
    r.void_fraction = (pores + m.opened_volume) / cell;
    r.opened_volume_fraction = m.opened_volume / cell;
    r.gap_volume_fraction = m.gap_volume / cell;
    if (m.cohesive_area > 0) r.open_area_fraction = m.open_area / m.cohesive_area;
    if (m.damage_area > 0) {
      r.broken_area_fraction = m.broken_area / m.cohesive_area;
      r.mean_separation = m.mean_separation;
      r.mean_damage = m.mean_damage;
    }
    if (m.contact_area > 0) r.contact_area_fraction = 1 - m.contact_area_open / m.contact_area;
    r.mean_stress = m.mean_stress;
    r.elastic_energy = m.elastic_energy;
    r.dissipated_energy = m.dissipated_energy;
    r.plate_work = m.plate_work;
    r.swelling_work = m.swelling_work;
    r.snap_energy = m.snap_energy;
    r.nonlinear_iterations = report.iterations;
    r.multigrid_cycles = report.multigrid_cycles;
    r.substeps = report.substeps;
    r.residual = report.residual;
    r.wall_seconds = seconds_now() - started;
    spent("measures", begin);
    return r;
  }

  ConductionRow conduct() {
    const double begin = seconds_now();
    ConductionRow c;
    const std::vector<double> w = mechanics->face_conduction();
    if (job.effective.ionic) c.ionic = conduction.solve(Carrier::ionic, w);
    if (job.effective.electronic) c.electronic = conduction.solve(Carrier::electronic, w);
    c.active_surface_per_volume = conduction.active_surface_per_volume(mechanics->open_share());
    c.isolated_active_fraction = conduction.isolated_active_fraction(w);
    spent("conduction", begin);
    return c;
  }

  /// `last`: the potentials serve no further solve.
  void snapshot(FieldSnapshot& fields, CrackSnapshot& cracks, double lithium, bool last) {
    mechanics->make_room();
    mechanics->fill(fields);
    mechanics->fill(cracks);
    fields.lithium.assign(grid.phase.size(), std::numeric_limits<float>::quiet_NaN());
    for (std::size_t v = 0; v < grid.phase.size(); ++v)
      if (grid.phase[v] != mesh::pore && job.phases[grid.phase[v]].role == Role::active) fields.lithium[v] = float(lithium);
    fields.ionic_potential = conduction.potential(Carrier::ionic, last);
    fields.electronic_potential = conduction.potential(Carrier::electronic, last);
  }

  void hand_out(const CycleObserver& o, const StepRow& row, bool end_of_half_cycle) {
    const bool due = job.effective.every == Every::step || (end_of_half_cycle && (job.effective.every == Every::half_cycle || row.state != "charged"));
    ConductionRow c;
    if (due) {
      mechanics->make_room();
      c = conduct();
    }
    if (o.on_step) o.on_step(row, due ? &c : nullptr);
    if (end_of_half_cycle && o.on_half_cycle) o.on_half_cycle(row, c);
    if (o.on_fields && o.wants_fields && o.wants_fields(row)) {
      const double begin = seconds_now();
      FieldSnapshot fields;
      CrackSnapshot cracks;
      snapshot(fields, cracks, row.lithium_content, job.effective.every != Every::step);
      fields.name = row.cycle == 0 ? row.state : fmt::format("cycle {} {} step {}", row.cycle, row.state, row.step);
      const int half = row.cycle == 0 ? 0 : 2 * (row.cycle - 1) + ((row.state == "charging" || row.state == "charged") ? 0 : 1);
      fields.time = row.cycle == 0 ? 0.0 : half + double(row.step) / job.cycling.steps_per_half_cycle;
      o.on_fields(row, fields, cracks);
      spent("writing fields", begin);
    }
    if (job.effective.every != Every::step) conduction.forget();
    if (o.on_state) o.on_state(row);
  }

  void reach_pristine(const CycleObserver& observer);

  StepReport advance(double lithium, double pressure, double time_step) {
    const double begin = seconds_now();
    const StepReport report = mechanics->advance({lithium, pressure, 0, time_step});
    spent("equilibrium", begin);
    timings.count["nonlinear iterations"] += report.iterations;
    timings.count["multigrid cycles"] += report.multigrid_cycles;
    timings.count["coarse refreshes"] += report.coarse_refreshes;
    timings.count["substeps"] += report.substeps;
    return report;
  }
};

CycleDriver::CycleDriver(const mesh::VoxelGrid& grid, const Microstructure& structure, const Job& job) : implementation_(std::make_unique<Implementation>(grid, structure, job)) {}
CycleDriver::~CycleDriver() = default;
void CycleDriver::make_room() const { implementation_->mechanics->make_room(); }
const Mechanics& CycleDriver::mechanics() const { return *implementation_->mechanics; }
const Timings& CycleDriver::timings() const { return implementation_->timings; }
int CycleDriver::n_steps(const Job& job) { return 2 * job.cycling.cycles * job.cycling.steps_per_half_cycle; }

void CycleDriver::snapshot(FieldSnapshot& fields, CrackSnapshot& cracks) const { implementation_->snapshot(fields, cracks, std::numeric_limits<double>::quiet_NaN(), true); }

void CycleDriver::go_over(Archive& archive) {
  Implementation& me = *implementation_;
  archive.count("steps_done", me.steps_done);
  me.mechanics->go_over(archive);
  me.conduction.go_over(archive);
  me.timings.go_over(archive);
}

/// Press, pressure, and what the plate does from then on.
void CycleDriver::Implementation::reach_pristine(const CycleObserver& observer) {
  const double start = job.lithium.discharged;
  if (job.cycling.press > 0) {
    // without plasticity pressing and letting go leaves nothing behind; the glued solve still shows that the press can be carried
    mechanics->glue();
    advance(start, job.cycling.press, 0);
    advance(start, 0, 0);
    mechanics->release_bonds();
    if (observer.on_note) observer.on_note("the fabrication press leaves no trace: no material here is plastic");
  }
  const double pressure = job.boundary.pressure_of_cycle(1);
  const StepReport report = advance(start, pressure, 0);
  const MechanicalMeasures reference = mechanics->measure();
  if (job.boundary.stack == Stack::gap) mechanics->hold_plate(true);
  if (job.boundary.stack == Stack::spring) mechanics->attach_spring(job.boundary.spring_stiffness, pressure, reference.plate_displacement);
  mechanics->reset_work();
  steps_done = 0;
  hand_out(observer, row(0, "pristine", 0, start, report), true);
}

void CycleDriver::run(const CycleObserver& observer, int most_steps) {
  Implementation& me = *implementation_;
  const Job& job = me.job;
  me.mechanics->on_iteration = observer.on_iteration;
  if (me.steps_done < 0) me.reach_pristine(observer);
  const int n = job.cycling.steps_per_half_cycle;
  const double time_step = job.cycling.half_cycle_time / n;
  const int left = n_steps(job) - me.steps_done, last = me.steps_done + (most_steps < 0 ? left : std::min(most_steps, left));
  while (me.steps_done < last) {
    const int cycle = me.steps_done / (2 * n) + 1, step = me.steps_done % n + 1;
    const bool charges = me.steps_done / n % 2 == 0;
    const double from = charges ? job.lithium.discharged : job.lithium.charged, to = charges ? job.lithium.charged : job.lithium.discharged;
    const double lithium = step == n ? to : from + (to - from) * step / n;
    const StepReport report = me.advance(lithium, job.boundary.pressure_of_cycle(cycle), time_step);
    ++me.steps_done;
    const std::string state = step < n ? (charges ? "charging" : "discharging") : (charges ? "charged" : "discharged");
    me.hand_out(observer, me.row(cycle, state, step, lithium, report), step == n);
  }
}

}  // namespace voxode::physics
