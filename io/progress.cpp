#include "io/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ostream>
#include <utility>

namespace voxode::io {

namespace {

double steady_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

int terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

constexpr double redraw_interval = 0.2, line_interval = 60;  // s

}  // namespace

ProgressMode progress_mode(int file_descriptor, bool quiet) {
  if (quiet) return ProgressMode::quiet;
  const char* term = std::getenv("TERM");
  return isatty(file_descriptor) && !(term && std::string(term) == "dumb") ? ProgressMode::terminal : ProgressMode::lines;
}

std::string duration_text(double seconds) {
  const long long s = std::llround(std::max(seconds, 0.0));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {:02} h", s / 86400, s % 86400 / 3600);
}

Progress::Progress(std::ostream& out, Options options) : out_(out), options_(std::move(options)) {
  if (!options_.seconds) options_.seconds = steady_seconds;
  if (!options_.columns) options_.columns = terminal_columns;
  start_ = steps_start_ = said_ = options_.seconds();
}

Progress::~Progress() {
  try {
    finish();
  } catch (...) {  // a stream that throws must not end a run that is over
  }
}

std::string Progress::line(double now) const {
  const int done = options_.steps_done_before + n_done_;
  std::string text = has_row_ ? fmt::format("cycle {} {}, step {}", row_.cycle, row_.state, done) : fmt::format("step {}", done);
  if (options_.n_steps) text += fmt::format("/{}", *options_.n_steps);
  if (iteration_ > 0) text += fmt::format("{}iteration {}", options_.mode == ProgressMode::lines ? " done, next: " : ", ", iteration_);
  else if (has_row_) text += fmt::format(", {} iterations", row_.nonlinear_iterations);
  if (iteration_ > 0 || has_row_) text += fmt::format(", residual {:.1e}", residual_);
  if (has_row_ && row_.open_area_fraction) text += fmt::format(", open area {:.2f} %", 100 * *row_.open_area_fraction);
  text += fmt::format(", elapsed {}", duration_text(now - start_));
  if (options_.n_steps && n_done_ > 0 && done < *options_.n_steps)
    text += fmt::format(", left {}", duration_text((steps_end_ - steps_start_) / n_done_ * (*options_.n_steps - done) - (now - steps_end_)));
  return text;
}

void Progress::say(double now) {
  out_ << line(now) << std::endl;
  said_ = now;
}

void Progress::redraw(double now) {
  std::string text = line(now);
  const int columns = options_.columns();
  if (columns > 1 && text.size() >= std::size_t(columns)) text.resize(std::size_t(columns) - 1);  // a wrapped line could not be redrawn
  out_ << '\r' << text << "\x1b[K" << std::flush;
  line_open_ = true;
  drawn_ = now;
}

void Progress::iteration(int iteration, double residual) {
  iteration_ = iteration;
  residual_ = residual;
  if (options_.mode == ProgressMode::quiet) return;
  const double now = options_.seconds();
  if (options_.mode == ProgressMode::lines && now - said_ >= line_interval) say(now);
  if (options_.mode == ProgressMode::terminal && (drawn_ < 0 || now - drawn_ >= redraw_interval)) redraw(now);
}

void Progress::step(const physics::StepRow& row) {
  row_ = row;
  has_row_ = true;
  iteration_ = 0;
  residual_ = row.residual;
  const double now = options_.seconds();
  (row.state == "pristine" ? steps_start_ : steps_end_) = now;
  if (row.state != "pristine") ++n_done_;
  if (options_.mode == ProgressMode::lines) say(now);
  if (options_.mode == ProgressMode::terminal) redraw(now);
}

void Progress::note(const std::string& text) {
  if (options_.mode == ProgressMode::quiet) return;
  const bool redraw_after = line_open_;
  if (line_open_) out_ << "\r\x1b[K";
  out_ << text << std::endl;
  if (redraw_after) redraw(options_.seconds());
}

void Progress::finish() {
  if (line_open_) out_ << std::endl;
  line_open_ = false;
}

}  // namespace voxode::io
