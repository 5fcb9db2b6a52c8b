#pragma once
// What a run has reached and written: with the state of its physics (CycleDriver::go_over) all that a checkpoint holds.
#include <optional>
#include <string>
#include <vector>

#include "io/config.hpp"
#include "io/prepare_job.hpp"
#include "physics/archive.hpp"
#include "physics/results.hpp"

namespace voxode::io {

struct RunState {
  std::string resolved_toml, preconditioner;
  std::string microstructure;  ///< microstructure_hash
  Index step_rows = 0, cycle_rows = 0, field_states = 0, crack_states = 0, void_states = 0;  ///< on disk
  int n_steps = 0, n_cycles = 0;
  std::optional<physics::StepRow> last;
  std::optional<physics::ConductionRow> conduction;
  std::vector<std::string> warnings;
  double wall_seconds = 0;

  void go_over(physics::Archive& archive);
};

std::string preconditioner_name(const Config& config);
/// Hash of voxels, bodies with their orientations, and faces.
std::string microstructure_hash(const PreparedJob& prepared);

/// Whether a job may go on from a state saved by another: every key is the same but for the number of cycles and what is written where; of paths the last part counts.
/// Throws ConfigError that names each key with both values. `path`: of the checkpoint.
void check_same_job(const RunState& saved, const Config& config, const std::string& path);
/// The same for what the job's files hold, by its hash. Throws InputError.
void check_same_microstructure(const RunState& saved, const std::string& hash, const std::string& path);

}  // namespace voxode::io
