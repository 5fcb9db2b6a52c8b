// report.html of tiny runs by the program: at the end of `run`, by the verb `report`, and how the verb fails.
#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::run_program;
using test::text_of;
using testing::HasSubstr;
using testing::Not;

TEST(Report, Run_LeavesItAndSaysWhere) {
  const Cathode cathode;
  const Ended ended = cathode.run();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("report in " + cathode.out("report.html")));
  const std::string html = text_of(cathode.out("report.html"));
  EXPECT_THAT(html, HasSubstr(">Finished</p>"));
  EXPECT_THAT(html, HasSubstr("\"void_fraction\""));
}

TEST(Report, SwitchedOff_RunLeavesNoneAndTheVerbMakesIt) {
  const Cathode cathode;
  std::filesystem::create_directories(cathode.out());
  cathode.file("out/report.html", "of an earlier run");
  EXPECT_EQ(cathode.run({"--quiet", "--set", "output.report=false"}).code, 0);
  EXPECT_FALSE(std::filesystem::exists(cathode.out("report.html")));
  const Ended ended = run_program({"report", cathode.out()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "written: " + cathode.out("report.html") + "\n");
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(text_of(cathode.out("report.html")), HasSubstr(">Finished</p>"));
  expect_failure(cathode.run({"--set", "output.report=1"}), 2, {"output.report = 1 must be true or false"});
}

TEST(Report, RunThatStops_HasAReport) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--quiet", "--steps", "1"}).code, 0);
  EXPECT_THAT(text_of(cathode.out("report.html")), HasSubstr("Stopped as asked: 0 cycles and 1 load steps are done"));
}

TEST(Report, JobOfProperties_HasAReport) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--quiet", "--set", "job=properties"}).code, 0);
  EXPECT_THAT(text_of(cathode.out("report.html")), HasSubstr("Effective conduction along z"));
}

/// The run is what counts: where its page cannot be written it says so and ends well.
TEST(Report, PageThatCannotBeWritten_DoesNotHurtTheRun) {
  const Cathode cathode;
  std::filesystem::create_directories(cathode.out(".unfinished_report.html"));
  const Ended ended = cathode.run();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("no report.html: could not write"));
  EXPECT_THAT(text_of(cathode.out("summary.json")), HasSubstr("\"finished\": true"));
  expect_failure(run_program({"report", cathode.out()}), 6, {"report.html", "could not write"});
}

TEST(Report, FullDisk_LeavesTheOldPage) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--quiet"}).code, 0);
  const std::string before = text_of(cathode.out("report.html"));
  const Ended ended = run_program({"report", cathode.out()}, {.limits = {{RLIMIT_FSIZE, 5000}}});
  expect_failure(ended, 6, {"report.html", "File too large"});
  EXPECT_EQ(text_of(cathode.out("report.html")), before);
  EXPECT_FALSE(std::filesystem::exists(cathode.out(".unfinished_report.html")));
}

TEST(Report, FolderThatIsNone_IsInputError) {
  const Cathode cathode;
  expect_failure(run_program({"report", cathode.out()}), 3, {"there is no such folder", "Give the output folder of a `voxode run`"});
  expect_failure(run_program({"report", cathode.folder.path()}), 3, {"is no output folder of voxode"});
  expect_failure(run_program({"report", cathode.folder / "cathode.toml"}), 3, {"is no folder"});
  expect_failure(run_program({"report"}), 2, {"folder is required"});
  EXPECT_EQ(cathode.run({"--quiet"}).code, 0);
  expect_failure(run_program({"report", cathode.folder.path()}), 3, {"There is one in " + cathode.out()});
  cathode.file("out/cycles.csv", "cycle,state\n1\n");
  expect_failure(run_program({"report", cathode.out()}), 3, {"cycles.csv: is damaged: line 2"});
}

#ifdef VOXODE_WITH_VTK
TEST(Report, Fields_AreInIt) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--quiet", "--set", "output.fields=half-cycle", "--set", "interface[0].normal_strength_MPa=20.0", "--set", "interface[0].toughness_I_J_per_m2=0.1"}).code, 0);
  const std::string html = text_of(cathode.out("report.html"));
  EXPECT_THAT(html, HasSubstr("id=\"slice-data\""));
  EXPECT_THAT(html, HasSubstr("\"name\":\"von_mises\""));
  EXPECT_THAT(html, HasSubstr("\"states\":[\"pristine\",\"cycle 1 charged\",\"cycle 1 discharged\"]"));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64,"));
  cathode.file("out/fields_0001.vti", "cut");
  expect_failure(run_program({"report", cathode.out()}), 3, {"fields_0001.vti", "delete fields.pvd and cracks.pvd"});
}
#endif

}  // namespace
}  // namespace voxode
