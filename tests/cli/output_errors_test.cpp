// Results that cannot be written: exit 6 with the reason; what was finished before stays valid.
#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::last_words;
using test::read_csv;
using testing::HasSubstr;

TEST(OutputFolder, UnderAFile_IsSaidBeforeAnyWork) {
  const Cathode cathode;
  cathode.file("file", "");
  const Ended ended = cathode.run({"--out", cathode.folder / "file/out"});
  EXPECT_EQ(ended.code, 2) << "--out twice";
  const Ended refused = test::run_program({"run", cathode.folder / "cathode.toml", "--out", cathode.folder / "file/out"});
  expect_failure(refused, 6, {"could not write the folder of results to ", "file/out", "Not a directory", "--out"});
  EXPECT_THAT(refused.err, testing::Not(HasSubstr("nodes"))) << "nothing was prepared";
}

TEST(OutputFolder, WhereNothingCanBeMade_IsSaid) {
  const Cathode cathode;
  expect_failure(test::run_program({"run", cathode.folder / "cathode.toml", "--out", "/proc/voxode"}), 6, {"/proc/voxode", "Choose another folder"});
}

TEST(OutputFolder, ThatIsAFile_IsSaid) {
  const Cathode cathode;
  cathode.file("out", "");
  expect_failure(cathode.run(), 6, {"out", "Choose another folder"});
}

TEST(FullDisk, FromTheStart_NamesTheTable) {
  const Cathode cathode;
  std::filesystem::create_directories(cathode.out());
  std::filesystem::create_symlink("/dev/full", cathode.out("steps.csv"));
  expect_failure(cathode.run(), 6, {"steps.csv: No space left on device", "Free space there", "holds no rows yet"});
}

/// Files may not grow beyond a limit that the table reaches in the middle of a row, as a full disk would end it.
TEST(FullDisk, InMidRun_KeepsWholeRows) {
  const Cathode cathode;
  const Ended ended = cathode.run({"--quiet", "--set", "cycling.steps_per_half_cycle=60", "--set", "output.checkpoints=none"}, {.limits = {{RLIMIT_FSIZE, 8000}}});
  expect_failure(ended, 6, {"could not write a row of the table to ", "steps.csv: File too large", "ulimit -f", "finished rows stay valid"});
  const test::Csv steps = read_csv(cathode.out("steps.csv"));
  EXPECT_GT(steps.rows.size(), 5u);
  EXPECT_LT(steps.rows.size(), 60u);
  EXPECT_THAT(last_words(ended), HasSubstr("Its " + std::to_string(steps.rows.size()) + " finished rows"));
  EXPECT_EQ(read_csv(cathode.out("cycles.csv")).rows.size(), 1u);
  EXPECT_THAT(test::text_of(cathode.out("summary.json")), HasSubstr("could not write a row"));  // small enough to fit
}

#ifdef VOXODE_WITH_VTK
TEST(FullDisk, InTheMiddleOfAPicture_LeavesNoPart) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return int((i * 7 + j * 3 + k * 5) % 4 == 0); });
  const Ended ended = cathode.run({"--quiet", "--steps", "1", "--set", "output.fields=step"}, {.limits = {{RLIMIT_FSIZE, 6000}}});
  expect_failure(ended, 6, {"could not write", "File too large"});
  EXPECT_EQ(read_csv(cathode.out("steps.csv")).rows.size(), 1u);
  for (const auto& entry : std::filesystem::directory_iterator(cathode.out())) {
    const std::string name = entry.path().filename().string();
    EXPECT_FALSE(name.ends_with(".vti") || name.starts_with(".unfinished")) << name;
  }
}
#endif

}  // namespace
}  // namespace voxode
