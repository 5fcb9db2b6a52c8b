// Runs that were stopped, killed or resumed: the tables of one that never was.
#include <chrono>
#include <random>
#include <regex>
#include <thread>

#include "tests/cli/cathode.hpp"

#ifdef VOXODE_WITH_HDF5

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::Program;
using test::text_of;
using testing::HasSubstr;

using Words = std::vector<std::string>;

/// Eight bodies that touch, each with a corner cut off: they press on each other, slide and part.
int eight_bodies(Index i, Index j, Index k) { return i % 4 + j % 4 + k % 4 < 8 ? 1 : 0; }

/// A cathode whose interfaces debond, slide and close again; its tables when nothing stops the run, which `more` may change.
struct Stoppable {
  explicit Stoppable(Words more = {}) : arguments(std::move(more)) {
    cathode.image(eight_bodies);
    cathode.config(12, "normal_strength_MPa = 40.0\nfriction_coefficient = 0.2\nviscosity_s = 100.0");
    arguments.insert(arguments.begin(), {"--quiet", "--set", "lithium.charged=0.4"});
  }
  Ended go(const Words& more = {}) const {
    Words words = arguments;
    words.insert(words.end(), more.begin(), more.end());
    return cathode.run(words);
  }
  std::string tables() const { return text_of(cathode.out("steps.csv")) + text_of(cathode.out("cycles.csv")); }
  std::string unbroken() const {
    const Ended ended = go();
    EXPECT_EQ(ended.code, 0) << ended.err;
    const auto rows = test::read_csv(cathode.out("steps.csv")).rows;
    EXPECT_EQ(rows.size(), 5u);
    if (rows.size() == 5) {
      EXPECT_GT(std::stod(rows[2].at("mean_damage")), 0.01) << "nothing debonds, and the test sees less than it is meant to";
    }
    return tables();
  }
  Cathode cathode;
  Words arguments;
};

void expect_same_when_stopped_after_each_step(const Words& settings) {
  const Stoppable run(settings);
  const std::string whole = run.unbroken();
  ASSERT_EQ(run.go({"--steps", "0"}).code, 0);
  for (int step = 1; step <= 4; ++step) {
    const Ended ended = run.go({"--steps", "1", "--resume"});
    ASSERT_EQ(ended.code, 0) << ended.err;
  }
  EXPECT_EQ(run.tables(), whole);
  EXPECT_THAT(text_of(run.cathode.out("summary.json")), HasSubstr("\"finished\": true"));
}

TEST(Resume, AfterEachStep_GivesTheSameBytes) { expect_same_when_stopped_after_each_step({}); }
TEST(Resume, WithAFixedGap_GivesTheSameBytes) { expect_same_when_stopped_after_each_step({"--set", "boundary.stack=gap"}); }
TEST(Resume, WithAPlateSpring_GivesTheSameBytes) { expect_same_when_stopped_after_each_step({"--set", "boundary.stack=spring", "--set", "boundary.spring_MPa_per_um=50"}); }
TEST(Resume, ConductionAtEachStep_GivesTheSameBytes) { expect_same_when_stopped_after_each_step({"--set", "effective.every=step"}); }
TEST(Resume, AfterAPress_GivesTheSameBytes) { expect_same_when_stopped_after_each_step({"--set", "cycling.press_MPa=50", "--set", "solver.preconditioner=jacobi"}); }

TEST(Resume, WithMoreCycles_GivesTheTablesOfAllOfThem) {
  const Stoppable run;
  ASSERT_EQ(run.go().code, 0);
  const Ended ended = run.go({"--resume", "--set", "cycling.cycles=2", "--set", "title=longer"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const std::string resumed = run.tables();
  ASSERT_EQ(run.go({"--set", "cycling.cycles=2"}).code, 0);
  EXPECT_EQ(resumed, run.tables());
}

TEST(Resume, FinishedRun_StaysAsItIs) {
  const Stoppable run;
  const std::string whole = run.unbroken();
  const Ended ended = run.go({"--resume"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(run.tables(), whole);
}

/// Killed at any moment, again and again; what is on disk is whole each time.
TEST(Resume, KilledAtTwentyMoments_GivesTheSameBytes) {
  const Stoppable run;
  const auto begin = std::chrono::steady_clock::now();
  const std::string whole = run.unbroken();
  const double length = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::mt19937 random(20);
  int kills = 0, resumed = 0;
  std::filesystem::remove_all(run.cathode.out());
  while (kills < 20) {
    Words words = run.cathode.arguments(run.arguments);
    const bool can_resume = std::filesystem::exists(run.cathode.out("checkpoint_000000.h5")) || std::filesystem::exists(run.cathode.out("checkpoint_000001.h5")) ||
                            std::filesystem::exists(run.cathode.out("checkpoint_000002.h5")) || std::filesystem::exists(run.cathode.out("checkpoint_000003.h5"));
    if (can_resume) words.push_back("--resume");
    Program program(words);
    std::this_thread::sleep_for(std::chrono::duration<double>(length * double(random() % 1000) / 1000));
    program.send(SIGKILL);
    const Ended ended = program.wait();
    ASSERT_TRUE(ended.code == 1000 + SIGKILL || ended.code == 0) << ended.err;
    kills += ended.code != 0;
    resumed += can_resume;
    if (ended.code == 0) {  // it was through before
      EXPECT_EQ(run.tables(), whole);
      std::filesystem::remove_all(run.cathode.out());
    }
  }
  EXPECT_GT(resumed, 5);
  if (std::filesystem::exists(run.cathode.out("cycles.csv"))) {
    const Ended ended = run.go({"--resume"});
    EXPECT_EQ(ended.code == 3 ? run.go().code : ended.code, 0) << ended.err;  // killed before the first state
    EXPECT_EQ(run.tables(), whole);
  }
}

TEST(Resume, AfterASignal_GivesTheSameBytes) {
  const Stoppable run;
  const std::string whole = run.unbroken();
  Words words = run.cathode.arguments(run.arguments);
  std::erase(words, "--quiet");
  Program program(words);
  ASSERT_TRUE(program.says("step 1/4"));
  program.send(SIGTERM);
  const Ended stopped = program.wait();
  if (stopped.code != 0) {  // not through before it came
    EXPECT_EQ(stopped.code, 143);
    EXPECT_TRUE(std::regex_search(stopped.err, std::regex("the checkpoint after [1-3] load steps is whole: the same command with --resume goes on"))) << stopped.err;
  }
  EXPECT_EQ(run.go({"--resume"}).code, 0);
  EXPECT_EQ(run.tables(), whole);
}

TEST(Resume, NewestCutShort_GoesOnFromTheOneBefore) {
  const Stoppable run;
  const std::string whole = run.unbroken();
  ASSERT_EQ(run.go({"--steps", "3"}).code, 0);
  std::filesystem::resize_file(run.cathode.out("checkpoint_000003.h5"), 5000);
  Words words = run.cathode.arguments(run.arguments);
  std::erase(words, "--quiet");
  words.push_back("--resume");
  const Ended ended = test::run_program(words);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, testing::AllOf(HasSubstr("checkpoint_000003.h5 is of no use: it is cut short"), HasSubstr("goes on after 2 load steps")));
  EXPECT_EQ(run.tables(), whole);
}

TEST(Resume, ChangedJob_IsRefusedWithWhatChanged) {
  const Stoppable run;
  ASSERT_EQ(run.go({"--steps", "1"}).code, 0);
  const std::string before = run.tables();
  expect_failure(run.go({"--resume", "--set", "boundary.pressure_MPa=6", "--set", "interface[0].friction_coefficient=0.3"}), 2, {"boundary.pressure_MPa was 5", "and is 6", "interface[0].friction_coefficient was 0.2", "without --resume"});
  expect_failure(run.go({"--resume", "--preconditioner", "jacobi"}), 2, {"solver.preconditioner was \"multigrid\" and is \"jacobi\""});
  run.cathode.image(test::cube_in_electrolyte);
  expect_failure(run.go({"--resume"}), 3, {"an input file (image", "has changed"});
  EXPECT_EQ(run.tables(), before);
}

TEST(Resume, AfterARunThatCouldNotBegin_GoesOn) {
  const Stoppable run;
  const std::string whole = run.unbroken();
  ASSERT_EQ(run.go({"--steps", "2"}).code, 0);
  const std::string image = text_of(run.cathode.folder / "cathode.npy");
  run.cathode.file("cathode.npy", image.substr(0, 100));
  EXPECT_EQ(run.go().code, 3) << "the image is cut short";
  run.cathode.file("cathode.npy", image);
  EXPECT_EQ(run.go({"--resume"}).code, 0);
  EXPECT_EQ(run.tables(), whole);
}

TEST(Resume, FewerCyclesThanDone_AreRefused) {
  const Stoppable run;
  ASSERT_EQ(run.go({"--steps", "5", "--set", "cycling.cycles=2"}).code, 0);
  expect_failure(run.go({"--resume"}), 2, {"is 5 load steps on and cycling.cycles = 1 asks for 4"});
}

TEST(Resume, WithoutACheckpoint_IsRefused) {
  const Stoppable run;
  expect_failure(run.go({"--resume"}), 3, {"there is no checkpoint in " + run.cathode.out()});
  ASSERT_EQ(run.go({"--steps", "1", "--set", "output.checkpoints=none"}).code, 0);
  expect_failure(run.go({"--resume"}), 3, {"there is no checkpoint in"});
  expect_failure(run.go({"--resume", "--set", "job=properties"}), 2, {"--resume goes on with cycles"});
}

TEST(Resume, OnlyHalfCyclesSaved_GoesOnFromTheLast) {
  const Stoppable run({"--set", "output.checkpoints=half-cycle"});
  const std::string whole = run.unbroken();
  ASSERT_EQ(run.go({"--steps", "3"}).code, 0);
  EXPECT_EQ(run.go({"--resume"}).code, 0);
  EXPECT_EQ(run.tables(), whole);
}

TEST(Folder, OfARunAtWork_IsRefusedToASecond) {
  const Stoppable run;
  Program first(run.cathode.arguments({"--set", "cycling.cycles=1000000"}));
  ASSERT_TRUE(first.says("step 1/"));
  expect_failure(run.go(), 6, {"another run (process ", "is at work in " + run.cathode.out(), "--out"});
  first.send(SIGKILL);
  first.wait();
  EXPECT_EQ(run.go().code, 0) << "the lock goes with the process";
}

}  // namespace
}  // namespace voxode

#endif
