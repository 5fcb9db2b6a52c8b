// The verb export on a tiny run: what it writes, what it says, and how it fails.
#include <nlohmann/json.hpp>

#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using nlohmann::json;
using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::run_program;
using test::text_of;
using testing::HasSubstr;

/// Two columns of active material from plate to plate, so that both carriers have a path.
int columns(Index, Index j, Index k) { return (j < 4) == (k < 4) ? 1 : 0; }

/// A finished run.
struct FinishedRun {
  FinishedRun() {
    cathode.image(columns);
    const Ended ended = cathode.run({"--quiet"});
    EXPECT_EQ(ended.code, 0) << ended.err;
  }
  Ended exported(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"export", cathode.out()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  std::string file(const std::string& name) const { return cathode.folder / name; }
  Cathode cathode;
};

TEST(Export, TinyRun_GivesBpxAndPybamm) {
  const FinishedRun run;
  const Ended bpx = run.exported({"--to", "bpx", "-o", run.file("cell.json")});
  EXPECT_EQ(bpx.code, 0) << bpx.err;
  EXPECT_EQ(bpx.out, "written: " + run.file("cell.json") + "\n");
  EXPECT_THAT(bpx.err, HasSubstr("particle radius is the template's"));
  const json cell = json::parse(text_of(run.file("cell.json")));
  const test::Csv cycles = test::read_csv(run.cathode.out("cycles.csv"));
  const auto number = [&](std::size_t row, const char* column) { return std::stod(cycles.rows.at(row).at(column)); };
  const json& p = cell["Parameterisation"]["Positive electrode"];
  EXPECT_DOUBLE_EQ(p["Porosity"], 0.5);
  EXPECT_DOUBLE_EQ(p["Transport efficiency"], number(2, "ionic_conductivity_S_per_m") / 0.1);
  EXPECT_DOUBLE_EQ(p["Conductivity [S.m-1]"], number(2, "electronic_conductivity_S_per_m"));
  EXPECT_DOUBLE_EQ(cell["Parameterisation"]["User-defined"]["Positive electrode contact area share"], number(2, "active_surface_per_volume_per_m") / number(0, "active_surface_per_volume_per_m"));
  const Ended pybamm = run.exported({"--to", "pybamm", "--cycle", "all", "-o", run.file("cells")});
  EXPECT_EQ(pybamm.code, 0) << pybamm.err;
  EXPECT_EQ(std::count(pybamm.out.begin(), pybamm.out.end(), '\n'), 3);
  EXPECT_TRUE(json::parse(text_of(run.file("cells/cycle_0001.pybamm.json"))).is_object());
  EXPECT_EQ(test::read_csv(run.file("cells/cycles.pybamm.csv")).rows.size(), 2u);
}

TEST(Export, WrongCommandLines_SayWhatIsExpected) {
  expect_failure(run_program({"export"}), 2, {"export: folder is required"});
  expect_failure(run_program({"export", "out", "-o", "x"}), 2, {"export: --to is required"});
  expect_failure(run_program({"export", "out", "--to", "bpx"}), 2, {"export: --output is required"});
  expect_failure(run_program({"export", "out", "--to", "comsol", "-o", "x"}), 2, {"--to", "comsol not in", "bpx", "pybamm"});
  expect_failure(run_program({"export", "out", "--to", "bpx", "-o", "x", "--cycle", "-1"}), 2, {"--cycle -1: give the number of a cycle"});
  expect_failure(run_program({"export", "out", "--to", "bpx", "-o", "x.json", "--cycle", "all"}), 2, {"x_{cycle}.json"});
  expect_failure(run_program({"export", "out", "--to", "bpx", "-o", "x", "--state", "pristine"}), 2, {"--state", "discharged", "charged"});
}

TEST(Export, MissingCycle_IsInputError) {
  const FinishedRun run;
  expect_failure(run.exported({"--to", "bpx", "--cycle", "5", "-o", run.file("cell.json")}), 3, {"there is no cycle 5", "cycles 0 and 1"});
  expect_failure(run.exported({"--to", "bpx", "-o", "/proc/voxode/cell.json"}), 6, {"/proc/voxode", "with -o"});
  run.cathode.file("broken.json", "{}");
  expect_failure(run.exported({"--to", "bpx", "-o", run.file("cell.json"), "--template", run.file("broken.json")}), 3, {"broken.json", "lacks Header"});
}

TEST(Export, FullDisk_LeavesNoPart) {
  const FinishedRun run;
  const Ended ended = run_program({"export", run.cathode.out(), "--to", "bpx", "-o", run.file("cell.json")}, {.limits = {{RLIMIT_FSIZE, 100}}});
  EXPECT_EQ(ended.code, 6) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("File too large"));
  EXPECT_FALSE(std::filesystem::exists(run.file("cell.json")));
}

TEST(Export, RunThatIsNoneOrNotFinished_IsInputError) {
  const Cathode cathode;
  const std::vector<std::string> words{"export", cathode.out(), "--to", "bpx", "-o", cathode.folder / "cell.json"};
  expect_failure(run_program(words), 3, {"there is no such folder"});
  EXPECT_EQ(cathode.run({"--quiet", "--steps", "1"}).code, 0);
  expect_failure(run_program(words), 3, {"has not finished: 0 cycles and 1 load steps are done (stopped as asked)"});
}

/// The cube of active material touches no plate.
TEST(Export, NothingPercolates_SaysWhichCarrier) {
  const Cathode cathode;
  EXPECT_EQ(cathode.run({"--quiet"}).code, 0);
  expect_failure(run_program({"export", cathode.out(), "--to", "pybamm", "-o", cathode.folder / "cell.json"}), 3, {"no electronic path from plate to plate", "No state of this kind has both paths: try --state charged"});
}

TEST(Export, JobOfProperties_IsInputError) {
  const Cathode cathode;
  cathode.image(columns);
  EXPECT_EQ(cathode.run({"--quiet", "--set", "job=properties"}).code, 0);
  expect_failure(run_program({"export", cathode.out(), "--to", "bpx", "-o", cathode.folder / "cell.json"}), 3, {"job = \"properties\"", "--set job=cycle"});
}

}  // namespace
}  // namespace voxode
