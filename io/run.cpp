#include "io/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "io/checkpoint.hpp"
#include "io/cracks.hpp"
#include "io/fields.hpp"
#include "io/folder_lock.hpp"
#include "io/prepare_job.hpp"
#include "io/progress.hpp"
#include "io/report.hpp"
#include "io/result_file.hpp"
#include "io/run_state.hpp"
#include "io/run_tables.hpp"
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
  /// `resumed`: where to go on, with the `state` of that run; empty: from the beginning.
  CycleRun(const Config& config, const RunOptions& options, PreparedJob& prepared, RunState state, std::unique_ptr<physics::Archive> resumed, std::ostream& out, std::ostream& log)
      : config_(config), options_(options), prepared_(prepared), out_(out), resumed_(std::move(resumed)), state_(std::move(state)), started_(now() - state_.wall_seconds), progress_(log, progress_options()),
        steps_(config.output.folder.string(), config.job.effective.every == physics::Every::step, keep(state_.step_rows)), cycles_(config.output.folder.string(), keep(state_.cycle_rows)) {
    const std::string folder = config.output.folder.string();
    std::vector<double> gaps;
    for (const auto& entry : config.job.interfaces) gaps.push_back(entry.contact_gap);
    if (config.output.fields != OutputSettings::Fields::none) {
      fields_.emplace(folder, prepared.grid, prepared.structure.bodies, state_.field_states, config.output.field_arrays);
      cracks_.emplace(folder, prepared.grid, prepared.structure.bodies, prepared.structure.faces, gaps, state_.crack_states, interface_names(config.job));
    }
    if (config.output.voids != OutputSettings::Fields::none) voids_.emplace(folder, prepared.grid, prepared.structure.faces, gaps, state_.void_states);
    if (resumed_) checkpoint_at_ = state_.n_steps;
  }

  void run() {
    for (const std::string& note : prepared_.notes) progress_.note(note);
    physics::CycleDriver driver(prepared_.grid, prepared_.structure, config_.job);
    std::vector<std::int32_t>().swap(prepared_.structure.mechanical.of_voxel);  // the driver has its own
    if (resumed_) {
      driver.go_over(*resumed_);
      resumed_.reset();
      progress_.note(fmt::format("goes on after {} load steps", state_.n_steps));
    }
    progress_.note(driver.mechanics().description());
    if (!checkpoints_available() && config_.output.checkpoints != OutputSettings::Fields::none) progress_.note("this voxode is built without HDF5: no checkpoints are written, and the run cannot be resumed");
    progress_.note(fmt::format("mechanics holds {:.0f} bytes per voxel", driver.mechanics().bytes() / double(prepared_.grid.n_voxels())));
    try {
      driver.run(observer(driver), options_.most_steps);
    } catch (const ConvergenceError& error) {
      const std::string kept = keep_last_state(driver);
      finish(driver, error.what());
      throw ConvergenceError(fmt::format("{} {}", error.what(), kept));
    } catch (const Interrupted&) {
      finish(driver, "interrupted");
      if (checkpoint_at_ >= 0) progress_.note(fmt::format("the checkpoint after {} load steps is whole: the same command with --resume goes on from there", checkpoint_at_));
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
  std::optional<Index> keep(Index n) const { return resumed_ ? std::optional(n) : std::nullopt; }

  Progress::Options progress_options() const {
    Progress::Options p;
    p.mode = progress_mode(2, options_.quiet);
    const int left = physics::CycleDriver::n_steps(config_.job) - state_.n_steps;
    p.n_steps = state_.n_steps + (options_.most_steps >= 0 ? std::min(options_.most_steps, left) : left);
    p.steps_done_before = state_.n_steps;
    return p;
  }

  physics::CycleObserver observer(physics::CycleDriver& driver) {
    physics::CycleObserver o;
    o.on_iteration = [this](int iteration, double residual) {
      progress_.iteration(iteration, residual);
      stop_if_asked(options_);
    };
    o.on_note = [this](const std::string& text) { progress_.note(text); };
    o.on_step = [this](const physics::StepRow& row, const physics::ConductionRow* conduction) {
      steps_.append(row, conduction ? std::optional(*conduction) : std::nullopt);
      progress_.step(row);
      state_.last = row;
      state_.n_steps += row.cycle > 0;
    };
    o.on_half_cycle = [this](const physics::StepRow& row, const physics::ConductionRow& conduction) {
      cycles_.append(row, conduction);
      state_.conduction = conduction;
      if (row.state == "discharged") ++state_.n_cycles;
      if (!options_.json && !options_.quiet)
        out_ << fmt::format("cycle {} {:<10} void fraction {:.5f}  ionic {} S/m  electronic {} S/m  open area {:.1f} %\n", row.cycle, row.state, row.void_fraction, or_none(conduction.ionic.conductivity), or_none(conduction.electronic.conductivity), 100 * row.open_area_fraction.value_or(0.0)) << std::flush;
      warn_of_blocked_paths(conduction);
    };
    o.wants_fields = [this](const physics::StepRow& row) { return is_due(config_.output.fields, row) || is_due(config_.output.voids, row); };
    o.on_fields = [this](const physics::StepRow& row, physics::FieldSnapshot& fields, const physics::CrackSnapshot& cracks) {
      write(std::move(fields), cracks, is_due(config_.output.fields, row), is_due(config_.output.voids, row));
    };
    o.on_state = [this, &driver](const physics::StepRow& row) {
      if (is_due(config_.output.checkpoints, row) && checkpoints_available()) save(driver);
    };
    return o;
  }

  void save(physics::CycleDriver& driver) {
    state_.step_rows = steps_.n_rows();
    state_.cycle_rows = cycles_.n_rows();
    if (fields_) state_.field_states = fields_->n_written();
    if (cracks_) state_.crack_states = cracks_->n_written();
    if (voids_) state_.void_states = voids_->n_written();
    state_.wall_seconds = now() - started_;
    const double begin = now();
    write_checkpoint(config_.output.folder.string(), state_.n_steps, options_.version, [&](physics::Archive& archive) {
      state_.go_over(archive);
      driver.go_over(archive);
    });
    checkpoint_at_ = state_.n_steps;
    checkpoints_.seconds += now() - begin;
    ++checkpoints_.count;
  }

  static bool is_due(OutputSettings::Fields when, const physics::StepRow& row) {
    if (when == OutputSettings::Fields::none) return false;
    return when == OutputSettings::Fields::step || row.state == "pristine" || row.state == "charged" || row.state == "discharged";
  }

  void warn_of_blocked_paths(const physics::ConductionRow& row) {
    const auto warn = [&](const std::optional<double>& conductivity, const char* carrier) {
      const std::string warning = fmt::format("no {} path from plate to plate", carrier);
      if (!conductivity || *conductivity > 0 || std::find(state_.warnings.begin(), state_.warnings.end(), warning) != state_.warnings.end()) return;
      progress_.note(fmt::format("warning: {}; its conductivity is zero and its tortuosity stays empty", warning));
      state_.warnings.push_back(warning);
    };
    warn(row.ionic.conductivity, "ionic");
    warn(row.electronic.conductivity, "electronic");
  }

  void write(physics::FieldSnapshot fields, const physics::CrackSnapshot& cracks, bool for_paraview, bool voids) {
    const std::string name = fields.name;
    const double time = fields.time;
    if (for_paraview) {
      fields_->write(fields);
      fields = {};  // the cracks' corners take memory of their own
      cracks_->write(cracks, name, time);
    }
    if (voids) voids_->write(cracks, name, time);
  }

  /// Pictures of the state that the rows end with; what there is to find on disk, in a sentence.
  std::string keep_last_state(const physics::CycleDriver& driver) {
    if (!state_.last) return "No step has converged, so that there are no rows yet: check the pressure, the materials and the tolerance.";
    const std::string rows = fmt::format("The rows of all {} converged steps are in {}", state_.n_steps, config_.output.folder.string());
    if (!fields_ && !voids_) return rows + ".";
    physics::FieldSnapshot fields;
    physics::CrackSnapshot cracks;
    driver.snapshot(fields, cracks);
    fields.name = fmt::format("last converged, cycle {} {} step {}", state_.last->cycle, state_.last->state, state_.last->step);
    fields.time = 2.0 * config_.job.cycling.cycles + 1;
    write(std::move(fields), cracks, fields_.has_value(), voids_.has_value());
    return rows + fmt::format(", and the last converged state ends {}.", !voids_ ? "fields.pvd and cracks.pvd" : fields_ ? "fields.pvd, cracks.pvd and the numbered voids_*.vdb" : "the numbered voids_*.vdb");
  }

  void finish(const physics::CycleDriver& driver, const std::string& ended) {
    progress_.finish();
    RunSummary s;
    s.title = config_.job.title;
    s.finished = ended == "done" && state_.n_steps == physics::CycleDriver::n_steps(config_.job);
    s.ended = ended;
    s.cycles_done = state_.n_cycles;
    s.steps_done = state_.n_steps;
    s.n_voxels = prepared_.grid.n;
    s.voxel_size = prepared_.grid.spacing;
    s.n_unknowns = driver.mechanics().n_unknowns();
    s.n_cohesive_points = driver.mechanics().n_cohesive_points();
    if (state_.last) s.last = *state_.last;
    s.conduction = state_.conduction;
    driver.make_room();
    s.interfaces = interface_table(config_.job, prepared_, driver.mechanics());
    s.phases = phase_table(config_.job, prepared_);
    s.notes = prepared_.notes;
    s.notes.insert(s.notes.end(), state_.warnings.begin(), state_.warnings.end());
    s.provenance = provenance(config_, options_, started_);
    for (const auto& [part, seconds] : driver.timings().seconds) s.provenance.work[part] = {seconds, driver.timings().count.at(part), {}};
    s.provenance.work["microstructure"] = {prepared_.seconds, 1, {}};
    if (checkpoints_.count > 0) s.provenance.work["checkpoints"] = checkpoints_;
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

  const Config& config_;
  const RunOptions& options_;
  PreparedJob& prepared_;
  std::ostream& out_;
  std::unique_ptr<physics::Archive> resumed_;
  RunState state_;
  double started_;  ///< of a run that was resumed: as if it had not been stopped
  Progress progress_;
  StepsTable steps_;
  CyclesTable cycles_;
  std::optional<FieldWriter> fields_;
  std::optional<CrackWriter> cracks_;
  std::optional<VoidWriter> voids_;
  int checkpoint_at_ = -1;  ///< load steps done at the last one
  WorkPart checkpoints_;
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
  const std::string folder = config.output.folder.string();
  const FolderLock lock(folder);
  OpenCheckpoint from;
  RunState state;
  if (options.resume) {
    if (config.job.kind == physics::JobKind::properties) throw ConfigError("--resume goes on with cycles and job = \"properties\" has none: run it without --resume.");
    from = open_checkpoint(folder, options.version);
    state.go_over(*from.items);
    check_same_job(state, config, from.path);
  }
  write_result_file((config.output.folder / "resolved.toml").string(), config.resolved_toml);  // before any work: is the folder writable?
  std::error_code ignored;
  std::filesystem::remove(config.output.folder / "report.html", ignored);  // an earlier run's
  PreparedJob prepared = prepare_job(config);
  prepared.notes.insert(prepared.notes.end(), from.notes.begin(), from.notes.end());
  const std::string microstructure = microstructure_hash(prepared);
  if (from.items) check_same_microstructure(state, microstructure, from.path);
  stop_if_asked(options);
  if (!options.resume) remove_checkpoints(folder);
  state.resolved_toml = config.resolved_toml;
  state.preconditioner = preconditioner_name(config);
  state.microstructure = microstructure;
  if (config.job.kind == physics::JobKind::properties) run_properties(config, options, prepared, out, log);
  else CycleRun(config, options, prepared, std::move(state), std::move(from.items), out, log).run();
  if (!options.json && !options.quiet) out << "results in " << config.output.folder.string() << "\n";
}

}  // namespace voxode::io
