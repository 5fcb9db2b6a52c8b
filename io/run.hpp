#pragma once
// The verbs `run` and `check`: from a config to results on disk.
#include <atomic>
#include <iosfwd>
#include <optional>
#include <string>

#include "io/config.hpp"

namespace voxode::io {

struct RunOptions {
  std::optional<std::string> folder;  ///< instead of output.folder
  int threads = 0;
  int most_steps = -1;                ///< stop cleanly after this many load steps of this call
  bool resume = false;                ///< go on from the folder's newest checkpoint
  bool quiet = false;
  bool json = false;                  ///< the final summary goes to standard output
  std::optional<physics::Preconditioner> preconditioner;
  const std::atomic<int>* stop_signal = nullptr;  ///< 0, or the signal that asks to stop
  std::string version;
};

/// Does the job. Progress and notes go to `log`, results meant for other programs to `out`. Throws voxode::Error; what was finished is on disk then.
void run_job(Config config, const RunOptions& options, std::ostream& out, std::ostream& log);

/// Everything short of solving: phases, bodies, faces, unknowns, memory, percolation, steps to come.
void check_job(const Config& config, std::ostream& out);

}  // namespace voxode::io
