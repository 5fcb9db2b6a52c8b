#pragma once
// What a user sees while a run goes on: one line redrawn in place on a terminal, one plain line a step elsewhere, and one a minute within a step that takes longer, nothing if quiet.
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "physics/results.hpp"

namespace voxode::io {

enum class ProgressMode { quiet, lines, terminal };

/// quiet if asked, terminal if the file descriptor is one that can redraw a line (TERM is not dumb), else lines.
ProgressMode progress_mode(int file_descriptor, bool quiet);

/// Duration as people say it: "8 s", "3 min 05 s", "2 h 07 min", "3 d 04 h".
std::string duration_text(double seconds);

class Progress {
 public:
  struct Options {
    ProgressMode mode = ProgressMode::lines;
    std::optional<int> n_steps;        ///< of the whole run, pristine not counted; empty: not known before (a protocol that ends by voltage)
    int steps_done_before = 0;         ///< by the run that this one resumes
    std::function<double()> seconds;   ///< clock; empty: the system's steady clock
    std::function<int()> columns;      ///< width of the terminal; empty: asked from the terminal on standard error
  };
  Progress(std::ostream& out, Options options);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// While a step is solved: redraws at most five times a second on a terminal, elsewhere adds a line after a minute without one.
  void iteration(int iteration, double residual);
  /// A step is done (state pristine does not count as one).
  void step(const physics::StepRow& row);
  /// A line of its own (warnings, counts); not shown if quiet.
  void note(const std::string& text);
  /// Ends the line on a terminal; the destructor does it too.
  void finish();

 private:
  std::string line(double now) const;
  void say(double now);
  void redraw(double now);
  std::ostream& out_;
  Options options_;
  double start_ = 0, drawn_ = -1, said_ = 0;
  double steps_start_ = 0, steps_end_ = 0;  ///< of the steps done: set-up and the pristine state say nothing of how long a step takes
  int n_done_ = 0;  ///< in this run
  bool line_open_ = false;
  physics::StepRow row_;
  bool has_row_ = false;
  int iteration_ = 0;
  double residual_ = 0;
};

}  // namespace voxode::io
