#include "io/run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <numbers>
#include <ostream>
#include <string>

#include "io/cracks.hpp"
#include "io/fields.hpp"
#include "io/prepare_job.hpp"
#include "io/progress.hpp"
#include "io/report.hpp"
#include "io/result_file.hpp"
#include "io/summary.hpp"
#include "io/tables.hpp"
#include "io/voids.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"
#include "physics/cycle.hpp"
#include "physics/homogenise.hpp"

namespace voxode::io {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string or_none(const std::optional<double>& value, const char* format = "{:.4g}") { return value ? fmt::format(fmt::runtime(format), *value) : "none"; }

void stop_if_asked(const RunOptions& options) {
  if (!options.stop_signal) return;
  const int signal = options.stop_signal->load();
  if (signal != 0) throw Interrupted(128 + signal);
}

Provenance provenance(const Config& config, const RunOptions& options, double started) {
  Provenance p;
  p.version = options.version;
  p.config_file = config.file.string();
  p.config_hash = config.hash;
  p.device = kernels::device_description();
  p.kokkos = kernels::kokkos_description();
  p.threads = options.threads;
  p.wall_seconds = now() - started;
  return p;
}

/// A cycling job under way: rows and pictures to disk as they come, and the summary at its end, whatever ends it.
class CycleRun {
 public:
  CycleRun(const Config& config, const RunOptions& options, PreparedJob& prepared, std::ostream& out, std::ostream& log)
      : config_(config), options_(options), prepared_(prepared), out_(out), started_(now()), progress_(log, progress_options(config, options)),
        steps_(config.output.folder.string(), config.job.effective.every == physics::Every::step), cycles_(config.output.folder.string()) {
    std::vector<double> gaps;
    for (const auto& entry : config.job.interfaces) gaps.push_back(entry.contact_gap);
    if (config.output.fields != OutputSettings::Fields::none) {
      fields_.emplace(config.output.folder.string(), prepared.grid, prepared.structure.bodies);
      cracks_.emplace(config.output.folder.string(), prepared.grid, prepared.structure.bodies, prepared.structure.faces, gaps);
    }
    if (config.output.voids != OutputSettings::Fields::none) voids_.emplace(config.output.folder.string(), prepared.grid, prepared.structure.faces, gaps);
  }

  void run() {
    for (const std::string& note : prepared_.notes) progress_.note(note);
    physics::CycleDriver driver(prepared_.grid, prepared_.structure, config_.job);
    std::vector<std::int32_t>().swap(prepared_.structure.mechanical.of_voxel);  // the driver has its own
    progress_.note(driver.mechanics().description());
    progress_.note(fmt::format("mechanics holds {:.0f} bytes per voxel", driver.mechanics().bytes() / double(prepared_.grid.n_voxels())));
    try {
      driver.run(observer(), options_.most_steps);
    } catch (const ConvergenceError& error) {
      const std::string kept = keep_last_state(driver);
      finish(driver, error.what());
      throw ConvergenceError(fmt::format("{} {}", error.what(), kept));
    } catch (const Interrupted&) {
      finish(driver, "interrupted");
      throw;
    } catch (const Error& error) {
      try {
        finish(driver, error.what());
      } catch (const Error&) {  // a disk too full for a row may be too full for the summary
      }
      throw;
    }
    finish(driver, "done");
  }

 private:
  static Progress::Options progress_options(const Config& config, const RunOptions& options) {
    Progress::Options p;
    p.mode = progress_mode(2, options.quiet);
    p.n_steps = options.most_steps >= 0 ? std::min(options.most_steps, physics::CycleDriver::n_steps(config.job)) : physics::CycleDriver::n_steps(config.job);
    return p;
  }

  physics::CycleObserver observer() {
    physics::CycleObserver o;
    o.on_iteration = [this](int iteration, double residual) {
      progress_.iteration(iteration, residual);
      stop_if_asked(options_);
    };
    o.on_note = [this](const std::string& text) { progress_.note(text); };
    o.on_step = [this](const physics::StepRow& row, const physics::ConductionRow* conduction) {
      steps_.append(row, conduction ? std::optional(*conduction) : std::nullopt);
      progress_.step(row);
      last_ = row;
      n_steps_ += row.cycle > 0;
    };
    o.on_half_cycle = [this](const physics::StepRow& row, const physics::ConductionRow& conduction) {
      cycles_.append(row, conduction);
      conduction_ = conduction;
      if (row.state == "discharged") ++n_cycles_;
      if (!options_.json && !options_.quiet)
        out_ << fmt::format("cycle {} {:<10} void fraction {:.5f}  ionic {} S/m  electronic {} S/m  open area {:.1f} %\n", row.cycle, row.state, row.void_fraction, or_none(conduction.ionic.conductivity), or_none(conduction.electronic.conductivity), 100 * row.open_area_fraction.value_or(0.0)) << std::flush;
      warn_of_blocked_paths(conduction);
    };
    o.wants_fields = [this](const physics::StepRow& row) { return is_due(config_.output.fields, row) || is_due(config_.output.voids, row); };
    o.on_fields = [this](const physics::StepRow& row, physics::FieldSnapshot& fields, const physics::CrackSnapshot& cracks) {
      write(std::move(fields), cracks, is_due(config_.output.fields, row), is_due(config_.output.voids, row));
    };
    return o;
  }

  static bool is_due(OutputSettings::Fields when, const physics::StepRow& row) {
    if (when == OutputSettings::Fields::none) return false;
    return when == OutputSettings::Fields::step || row.state == "pristine" || row.state == "charged" || row.state == "discharged";
  }

  void warn_of_blocked_paths(const physics::ConductionRow& row) {
    const auto warn = [&](const std::optional<double>& conductivity, const char* carrier, bool& said) {
      if (!conductivity || *conductivity > 0 || said) return;
      said = true;
      progress_.note(fmt::format("warning: no {} path from plate to plate; its conductivity is zero and its tortuosity stays empty", carrier));
      warnings_.push_back(fmt::format("no {} path from plate to plate", carrier));
    };
    warn(row.ionic.conductivity, "ionic", said_ionic_);
    warn(row.electronic.conductivity, "electronic", said_electronic_);
  }

  void write(physics::FieldSnapshot fields, const physics::CrackSnapshot& cracks, bool for_paraview, bool voids) {
    const std::string name = fields.name;
    const double time = fields.time;
    if (for_paraview) {
      fields_->write(std::move(fields));
      cracks_->write(cracks, name, time);
    }
    if (voids) voids_->write(cracks, name, time);
  }

  /// Pictures of the state that the rows end with; what there is to find on disk, in a sentence.
  std::string keep_last_state(const physics::CycleDriver& driver) {
    if (!last_) return "No step has converged, so that there are no rows yet: check the pressure, the materials and the tolerance.";
    const std::string rows = fmt::format("The rows of all {} converged steps are in {}", n_steps_, config_.output.folder.string());
    if (!fields_ && !voids_) return rows + ".";
    physics::FieldSnapshot fields;
    physics::CrackSnapshot cracks;
    driver.snapshot(fields, cracks);
    fields.name = fmt::format("last converged, cycle {} {} step {}", last_->cycle, last_->state, last_->step);
    fields.time = 2.0 * config_.job.cycling.cycles + 1;
    write(std::move(fields), cracks, fields_.has_value(), voids_.has_value());
    return rows + fmt::format(", and the last converged state ends {}.", !voids_ ? "fields.pvd and cracks.pvd" : fields_ ? "fields.pvd, cracks.pvd and the numbered voids_*.vdb" : "the numbered voids_*.vdb");
  }

  void finish(const physics::CycleDriver& driver, const std::string& ended) {
    progress_.finish();
    RunSummary s;
    s.title = config_.job.title;
    s.finished = ended == "done" && n_steps_ == physics::CycleDriver::n_steps(config_.job);
    s.ended = ended;
    s.cycles_done = n_cycles_;
    s.steps_done = n_steps_;
    s.n_voxels = prepared_.grid.n;
    s.voxel_size = prepared_.grid.spacing;
    s.n_unknowns = driver.mechanics().n_unknowns();
    s.n_cohesive_points = driver.mechanics().n_cohesive_points();
    if (last_) s.last = *last_;
    s.conduction = conduction_;
    driver.make_room();
    s.interfaces = interface_table(driver.mechanics());
    s.phases = phase_table();
    s.notes = prepared_.notes;
    s.notes.insert(s.notes.end(), warnings_.begin(), warnings_.end());
    s.provenance = provenance(config_, options_, started_);
    for (const auto& [part, seconds] : driver.timings().seconds) s.provenance.work[part] = {seconds, driver.timings().count.at(part), {}};
    s.provenance.work["microstructure"] = {prepared_.seconds, 1, {}};
    for (const char* count : {"nonlinear iterations", "multigrid cycles"})
      if (driver.timings().count.count(count)) s.provenance.work["equilibrium"].iterations = driver.timings().count.at("nonlinear iterations");
    write_summary(config_.output.folder.string(), s);
    std::string where;
    for (const auto& [part, work] : s.provenance.work) where += fmt::format("{}{} {}", where.empty() ? "" : ", ", part, duration_text(work.seconds));
    progress_.note("time: " + where);
    if (const auto peak = peak_memory_bytes()) progress_.note(fmt::format("peak memory {:.0f} MB, {:.0f} bytes per voxel", *peak / 1e6, *peak / double(prepared_.grid.n_voxels())));
    if (config_.output.report && ended != "interrupted") progress_.note(report_note({config_.output.folder, options_.version}));
    if (options_.json) out_ << summary_text(s) << "\n";
  }

  std::vector<InterfaceSummary> interface_table(const physics::Mechanics& mechanics) const {
    static const char* const law_names[] = {"bilinear", "bonded", "spring", "contact"};
    static const char* const where_names[] = {"any", "within_particle", "between_particles"};
    const auto& job = config_.job;
    std::vector<InterfaceSummary> table(job.interfaces.size());
    std::vector<double> open(table.size(), 0), broken(table.size(), 0), separation(table.size(), 0), damage(table.size(), 0);
    physics::CrackSnapshot cracks;
    mechanics.fill(cracks);
    const std::vector<double> open_share = mechanics.open_share();
    const double face_area = prepared_.grid.spacing * prepared_.grid.spacing;
    for (std::size_t i = 0; i < cracks.face.size(); ++i) {
      const auto f = std::size_t(cracks.face[i]);
      const std::size_t e = prepared_.structure.faces.entry[f];
      const double area = face_area * double(prepared_.structure.faces.area_share[f]);
      ++table[e].n_faces;
      table[e].area += area;
      open[e] += area * open_share[f];
      broken[e] += cracks.separation[i] >= 0.99f ? area : 0.0;
      separation[e] += area * double(cracks.separation[i]);
      damage[e] += area * double(cracks.damage[i]);
    }
    for (std::size_t e = 0; e < table.size(); ++e) {
      const auto& entry = job.interfaces[e];
      InterfaceSummary& s = table[e];
      s.between_a = job.phases[entry.phase_a].name;
      s.between_b = job.phases[entry.phase_b].name;
      s.where = where_names[int(entry.where)];
      s.law = law_names[int(entry.law)];
      if (s.area <= 0) continue;
      s.open_area_fraction = open[e] / s.area;
      if (entry.law != physics::InterfaceLawKind::bilinear) continue;
      s.broken_area_fraction = broken[e] / s.area;
      s.mean_separation = separation[e] / s.area;
      s.mean_damage = damage[e] / s.area;
    }
    return table;
  }

  /// Sum of r^3 over sum of r^2, r that of the sphere with a particle's volume: grains and sectors count with their particle.
  std::optional<double> particle_radius(std::uint8_t phase) const {
    std::map<std::int32_t, Index> particles;
    for (const auto& body : prepared_.structure.bodies.table)
      if (body.phase == phase && body.particle >= 0) particles[body.particle] += body.n_voxels;
    double cubes = 0, squares = 0;
    for (const auto& [particle, n_voxels] : particles) {
      const double radius = prepared_.grid.spacing * std::cbrt(0.75 / std::numbers::pi * double(n_voxels));
      cubes += radius * radius * radius;
      squares += radius * radius;
    }
    return squares > 0 ? std::optional(cubes / squares) : std::nullopt;
  }

  std::vector<PhaseSummary> phase_table() const {
    static const char* const role_names[] = {"active", "electrolyte", "binder", "conductor", "other"};
    std::vector<PhaseSummary> table(config_.job.phases.size());
    for (std::size_t p = 0; p < table.size(); ++p) {
      table[p].name = config_.job.phases[p].name;
      table[p].role = role_names[int(config_.job.phases[p].role)];
      table[p].material = config_.job.phases[p].material.name;
      table[p].ionic_conductivity = config_.job.phases[p].material.ionic_conductivity;
      table[p].electronic_conductivity = config_.job.phases[p].material.electronic_conductivity;
      table[p].particle_radius = particle_radius(std::uint8_t(p));
    }
    for (std::uint8_t phase : prepared_.grid.phase)
      if (phase != mesh::pore) ++table[phase].n_voxels;
    for (const auto& body : prepared_.structure.bodies.table) ++table[body.phase].n_bodies;
    for (auto& row : table) row.volume_fraction = double(row.n_voxels) / double(prepared_.grid.n_voxels());
    return table;
  }

  const Config& config_;
  const RunOptions& options_;
  PreparedJob& prepared_;
  std::ostream& out_;
  double started_;
  Progress progress_;
  StepsTable steps_;
  CyclesTable cycles_;
  std::optional<FieldWriter> fields_;
  std::optional<CrackWriter> cracks_;
  std::optional<VoidWriter> voids_;
  std::optional<physics::StepRow> last_;
  std::optional<physics::ConductionRow> conduction_;
  std::vector<std::string> warnings_;
  bool said_ionic_ = false, said_electronic_ = false;
  int n_steps_ = 0, n_cycles_ = 0;
};

void run_properties(const Config& config, const RunOptions& options, const PreparedJob& prepared, std::ostream& out, std::ostream& log) {
  const double started = now();
  Progress progress(log, {progress_mode(2, options.quiet), std::nullopt, 0, {}, {}});
  for (const std::string& note : prepared.notes) progress.note(note);
  const physics::Job& job = config.job;
  PropertiesSummary s;
  s.title = job.title;
  s.n_voxels = prepared.grid.n;
  s.voxel_size = prepared.grid.spacing;
  s.notes = prepared.notes;
  s.provenance = provenance(config, options, started);
  const auto timed = [&](const std::string& part, const auto& work) {
    const double begin = now();
    work();
    s.provenance.work[part] = {now() - begin, 1, {}};
    stop_if_asked(options);
  };
  for (std::size_t p = 0; p < job.phases.size(); ++p) {
    std::vector<std::uint8_t> mask(prepared.grid.phase.size());
    Index count = 0;
    for (std::size_t v = 0; v < mask.size(); ++v) count += mask[v] = prepared.grid.phase[v] == p;
    const mesh::Periodicity periodic = job.periodicity();
    const physics::Percolation percolation = physics::find_percolation({prepared.grid.n, mask, {}, {periodic[0], periodic[1], periodic[2]}}, 2);
    s.phases.push_back({job.phases[p].name, double(count) / double(prepared.grid.n_voxels()), count > 0 ? std::optional(percolation.share()) : std::nullopt});
  }
  physics::EffectiveConduction conduction(prepared.grid, prepared.structure, job);
  const auto conduct = [&](physics::Carrier carrier, const char* name, std::optional<physics::Conduction>& to) {
    timed(fmt::format("{} conduction", name), [&] { to = conduction.solve(carrier, {}); });
    if (to->conductivity && *to->conductivity == 0) {
      const std::string text = fmt::format("no {} path from plate to plate; its conductivity is zero and its tortuosity stays empty", name);
      progress.note("warning: " + text);
      s.notes.push_back(text);
    }
  };
  if (job.effective.ionic) conduct(physics::Carrier::ionic, "ionic", s.ionic);
  if (job.effective.electronic) conduct(physics::Carrier::electronic, "electronic", s.electronic);
  if (job.effective.stiffness || job.effective.swelling)
    timed("homogenisation", [&] {
      const physics::Homogenised h = physics::homogenise(prepared.grid, prepared.structure, job, job.effective.swelling);
      if (job.effective.stiffness) s.stiffness = h.stiffness;
      if (job.effective.swelling) s.swelling = h.swelling;
      s.stiffness_solve = {h.iterations, h.residual};
    });
  s.provenance.wall_seconds = now() - started;
  write_properties(config.output.folder.string(), s);
  if (config.output.report) progress.note(report_note({config.output.folder, options.version}));
  progress.finish();
  if (options.json) out << properties_text(s) << "\n";
  else if (!options.quiet) {
    for (const auto& phase : s.phases) out << fmt::format("{}: {:.4f} of the box, {} of it percolating\n", phase.name, phase.fraction, or_none(phase.percolating));
    if (s.ionic) out << fmt::format("ionic conductivity {} S/m, tortuosity factor {}\n", or_none(s.ionic->conductivity), or_none(s.ionic->tortuosity_factor));
    if (s.electronic) out << fmt::format("electronic conductivity {} S/m, tortuosity factor {}\n", or_none(s.electronic->conductivity), or_none(s.electronic->tortuosity_factor));
  }
}

}  // namespace

void run_job(Config config, const RunOptions& options, std::ostream& out, std::ostream& log) {
  if (options.folder) config.output.folder = *options.folder;
  if (options.preconditioner) config.job.solver.preconditioner = *options.preconditioner;
  write_result_file((config.output.folder / "resolved.toml").string(), config.resolved_toml);  // before any work: is the folder writable?
  std::error_code ignored;
  std::filesystem::remove(config.output.folder / "report.html", ignored);  // an earlier run's
  PreparedJob prepared = prepare_job(config);
  stop_if_asked(options);
  if (config.job.kind == physics::JobKind::properties) run_properties(config, options, prepared, out, log);
  else CycleRun(config, options, prepared, out, log).run();
  if (!options.json && !options.quiet) out << "results in " << config.output.folder.string() << "\n";
}

}  // namespace voxode::io
