#include "io/progress.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace voxode {
namespace {

using io::Progress;
using io::ProgressMode;
using testing::HasSubstr;
using testing::Not;

physics::StepRow row_of(int cycle, const char* state, int step) {
  physics::StepRow row;
  row.cycle = cycle;
  row.state = state;
  row.step = step;
  row.residual = 3.2e-7;
  row.nonlinear_iterations = 17;
  row.open_area_fraction = 0.1234;
  return row;
}

/// A clock that a test sets and a terminal of a given width.
struct Stage {
  double now = 100;
  std::ostringstream out;
  Progress::Options options(ProgressMode mode, std::optional<int> n_steps, int columns = 200) {
    return {mode, n_steps, 0, [this] { return now; }, [columns] { return columns; }};
  }
};

TEST(Progress, Lines_SayStepResidualOpenAreaAndTimes) {
  Stage stage;
  Progress progress(stage.out, stage.options(ProgressMode::lines, 40));
  progress.step(row_of(0, "pristine", 0));
  EXPECT_EQ(stage.out.str(), "cycle 0 pristine, step 0/40, 17 iterations, residual 3.2e-07, open area 12.34 %, elapsed 0 s\n");
  stage.out.str("");
  stage.now += 10;
  progress.iteration(5, 0.1);
  EXPECT_EQ(stage.out.str(), "");
  progress.step(row_of(1, "charging", 1));
  EXPECT_EQ(stage.out.str(), "cycle 1 charging, step 1/40, 17 iterations, residual 3.2e-07, open area 12.34 %, elapsed 10 s, left 6 min 30 s\n");
}

TEST(Progress, Lines_OneAMinuteWithinAStep) {
  Stage stage;
  Progress progress(stage.out, stage.options(ProgressMode::lines, 40));
  stage.now += 100;
  progress.step(row_of(1, "charging", 1));
  stage.out.str("");
  for (int i = 1; i <= 20; ++i) {
    stage.now += 7;
    progress.iteration(i, 1e-3);
  }
  EXPECT_EQ(stage.out.str(),
            "cycle 1 charging, step 1/40 done, next: iteration 9, residual 1.0e-03, open area 12.34 %, elapsed 2 min 43 s, left 1 h 03 min\n"
            "cycle 1 charging, step 1/40 done, next: iteration 18, residual 1.0e-03, open area 12.34 %, elapsed 3 min 46 s, left 1 h 02 min\n");
}

TEST(Progress, TimeLeft_CountsStepsOnly) {
  Stage stage;
  Progress progress(stage.out, stage.options(ProgressMode::lines, 4));
  stage.now += 100;  // set-up and pristine state
  progress.step(row_of(0, "pristine", 0));
  stage.now += 10;
  progress.step(row_of(1, "charging", 1));
  EXPECT_THAT(stage.out.str(), HasSubstr("elapsed 1 min 50 s, left 30 s\n"));
}

TEST(Progress, TimeLeft_RunsDownWithinAStep) {
  Stage stage;
  Progress progress(stage.out, stage.options(ProgressMode::terminal, 4));
  stage.now += 10;
  progress.step(row_of(1, "charging", 1));
  stage.now += 4;
  stage.out.str("");
  progress.iteration(3, 0.1);
  EXPECT_THAT(stage.out.str(), HasSubstr("left 26 s"));
}

TEST(Progress, Resumed_TakesTimeLeftFromItsOwnStepsOnly) {
  Stage stage;
  auto options = stage.options(ProgressMode::lines, 40);
  options.steps_done_before = 30;
  Progress progress(stage.out, options);
  stage.now += 10;
  progress.step(row_of(1, "discharging", 11));
  EXPECT_THAT(stage.out.str(), HasSubstr("step 31/40"));
  EXPECT_THAT(stage.out.str(), HasSubstr("left 1 min 30 s"));
}

TEST(Progress, UnknownNumberOfSteps_NamesNoTimeLeft) {
  Stage stage;
  Progress progress(stage.out, stage.options(ProgressMode::lines, {}));
  stage.now += 10;
  progress.step(row_of(1, "charging", 1));
  EXPECT_THAT(stage.out.str(), HasSubstr("step 1,"));
  EXPECT_THAT(stage.out.str(), Not(HasSubstr("left")));
}

TEST(Progress, Terminal_RedrawsOneLineThatFitsAndNotTooOften) {
  Stage stage;
  {
    Progress progress(stage.out, stage.options(ProgressMode::terminal, 40, 30));
    progress.iteration(1, 0.5);
    const std::string first = stage.out.str();
    EXPECT_EQ(first, "\rstep 0/40, iteration 1, resid\x1b[K");
    stage.now += 0.1;
    progress.iteration(2, 0.25);
    EXPECT_EQ(stage.out.str(), first);
    stage.now += 0.2;
    progress.iteration(3, 0.125);
    EXPECT_EQ(stage.out.str(), first + "\rstep 0/40, iteration 3, resid\x1b[K");
    EXPECT_THAT(stage.out.str(), Not(HasSubstr("\n")));
    stage.out.str("");
    progress.note("a body has no load path");
    EXPECT_THAT(stage.out.str(), HasSubstr("\r\x1b[Ka body has no load path\n\rstep 0/40"));
    stage.out.str("");
  }
  EXPECT_EQ(stage.out.str(), "\n");
}

TEST(Progress, Quiet_SaysNothing) {
  Stage stage;
  {
    Progress progress(stage.out, stage.options(ProgressMode::quiet, 40));
    progress.iteration(1, 0.5);
    stage.now += 100;
    progress.iteration(2, 0.4);
    progress.step(row_of(1, "charging", 1));
    progress.note("a note");
  }
  EXPECT_EQ(stage.out.str(), "");
  EXPECT_EQ(io::progress_mode(0, true), ProgressMode::quiet);
}

TEST(Progress, Durations_ReadAsPeopleSayThem) {
  EXPECT_EQ(io::duration_text(7.6), "8 s");
  EXPECT_EQ(io::duration_text(185), "3 min 05 s");
  EXPECT_EQ(io::duration_text(7625), "2 h 07 min");
  EXPECT_EQ(io::duration_text(86400 * 3 + 3600 * 4 + 59), "3 d 04 h");
}

}  // namespace
}  // namespace voxode
