// Runs that end before their end: by the user, by the system, by --steps, by a step that does not converge.
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::last_words;
using test::Program;
using test::read_csv;
using testing::HasSubstr;

nlohmann::json summary_of(const Cathode& cathode) { return nlohmann::json::parse(test::text_of(cathode.out("summary.json")), nullptr, false); }

/// A run far longer than the test waits, stopped by `signal` once its second step is reported.
void expect_stopped_by(int signal, int code) {
  const Cathode cathode;
  Program program(cathode.arguments({"--set", "cycling.cycles=1000000"}));
  ASSERT_TRUE(program.says("step 2/4000000")) << program.wait().err;
  program.send(signal);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.code, code) << ended.err;
  EXPECT_THAT(last_words(ended), HasSubstr("stopped by signal " + std::to_string(signal)));
  const std::size_t n_rows = read_csv(cathode.out("steps.csv")).rows.size();
  EXPECT_GE(n_rows, 3u);  // pristine, and the two steps
  EXPECT_GE(read_csv(cathode.out("cycles.csv")).rows.size(), 2u);
  const auto summary = summary_of(cathode);
  ASSERT_TRUE(summary.is_object());
  EXPECT_EQ(summary.at("steps_done").get<std::size_t>(), n_rows - 1);
  EXPECT_EQ(summary.at("ended").get<std::string>(), "interrupted");
  EXPECT_FALSE(summary.at("finished").get<bool>());
}

TEST(Interrupt, CtrlC_KeepsFinishedRows) { expect_stopped_by(SIGINT, 130); }
TEST(Interrupt, Termination_KeepsFinishedRows) { expect_stopped_by(SIGTERM, 143); }

TEST(Steps, Given_StopCleanly) {
  const Cathode cathode;
  const Ended ended = cathode.run({"--steps", "3"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const test::Csv steps = read_csv(cathode.out("steps.csv"));
  ASSERT_EQ(steps.rows.size(), 4u);
  EXPECT_EQ(steps.rows.back().at("state"), "discharging");
  EXPECT_EQ(steps.rows.back().at("step"), "1");
  EXPECT_EQ(read_csv(cathode.out("cycles.csv")).rows.size(), 2u);
  EXPECT_EQ(summary_of(cathode).at("steps_done").get<int>(), 3);
  EXPECT_FALSE(summary_of(cathode).at("finished").get<bool>());
}

TEST(Steps, MoreThanThereAre_FinishTheRun) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--steps", "100"}).code, 0);
  EXPECT_EQ(read_csv(cathode.out("steps.csv")).rows.size(), 5u);
  EXPECT_TRUE(summary_of(cathode).at("finished").get<bool>());
}

TEST(Steps, None_LeaveThePristineState) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--steps", "0"}).code, 0);
  const test::Csv steps = read_csv(cathode.out("steps.csv"));
  ASSERT_EQ(steps.rows.size(), 1u);
  EXPECT_EQ(steps.rows.front().at("state"), "pristine");
}

/// No arithmetic reaches this tolerance; without pressure the pristine state has no load and passes.
const std::vector<std::string> unreachable{"--quiet", "--set", "solver.tolerance=1e-30", "--set", "boundary.pressure_MPa=0", "--set", "effective.ionic=false", "--set", "effective.electronic=false"};

TEST(NotConverged, Step_LeavesTheLastStateAndSaysSo) {
  const Cathode cathode;
  std::vector<std::string> arguments = unreachable;
#ifdef VOXODE_WITH_VTK
  arguments.insert(arguments.end(), {"--set", "output.fields=half-cycle"});
#endif
  const Ended ended = cathode.run(arguments);
  expect_failure(ended, 4, {"mechanical equilibrium was not found at lithium content 0.89", "residual", "cycling.steps_per_half_cycle", "The rows of all 0 converged steps are in " + cathode.out()});
  EXPECT_TRUE(std::regex_search(ended.err, std::regex(R"(0: \d\.\d+e[-+]\d+, \d+: \d\.\d+e)"))) << "a history of residuals: " << ended.err;
  const test::Csv steps = read_csv(cathode.out("steps.csv"));
  ASSERT_EQ(steps.rows.size(), 1u);
  EXPECT_EQ(steps.rows.front().at("state"), "pristine");
  EXPECT_EQ(read_csv(cathode.out("cycles.csv")).rows.size(), 1u);
  EXPECT_THAT(summary_of(cathode).at("ended").get<std::string>(), HasSubstr("equilibrium was not found"));
#ifdef VOXODE_WITH_VTK
  EXPECT_THAT(last_words(ended), HasSubstr("the last converged state ends fields.pvd and cracks.pvd"));
  EXPECT_THAT(test::text_of(cathode.out("fields.pvd")), HasSubstr("fields_0001.vti"));  // after the pristine one
  EXPECT_TRUE(std::filesystem::exists(cathode.out("fields_0001.vti")));
#endif
}

TEST(NotConverged, FirstState_SaysThatThereAreNoRows) {
  const Cathode cathode;
  const Ended ended = cathode.run({"--quiet", "--set", "solver.tolerance=1e-30"});
  expect_failure(ended, 4, {"mechanical equilibrium was not found", "No step has converged, so that there are no rows yet"});
  EXPECT_EQ(read_csv(cathode.out("steps.csv")).rows.size(), 0u);
}

TEST(NotConverged, Conduction_SaysItsHistory) {
  const Cathode cathode;
  const Ended ended = cathode.run({"--quiet", "--set", "job=properties", "--set", "solver.tolerance=1e-30"});
  expect_failure(ended, 4, {"conduction: the residual", "Its history: 0: ", "Raise solver.tolerance"});
}

}  // namespace
}  // namespace voxode
