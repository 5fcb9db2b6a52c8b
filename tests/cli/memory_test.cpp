// Too little memory: said before it is taken, with what would fit.
#include <regex>

#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::run_program;
using test::Surroundings;
using testing::HasSubstr;

Surroundings megabytes(const std::string& number) { return {.environment = {{"VOXODE_MEMORY_LIMIT_MB", number}}}; }

/// The three lengths of the first crop or box that a message proposes.
std::vector<std::string> numbers_of(const std::string& message, const std::string& pattern) {
  std::smatch found;
  if (!std::regex_search(message, found, std::regex(pattern))) {
    ADD_FAILURE() << "no " << pattern << " in: " << message;
    return {"0", "0", "0"};
  }
  return {found.begin() + 1, found.end()};
}

TEST(Memory, TooLittleForTheImage_ProposesACropThatFits) {
  const Cathode cathode;
  const Surroundings little = megabytes("0.09");
  const Ended refused = cathode.run({}, little);
  expect_failure(refused, 5, {"this job on 8 x 8 x 8 voxels needs at least 0.1 MB, and 0.1 MB are free", "image.coarsen = "});
  const auto crop = numbers_of(refused.err, R"(crop \(image\.crop\) of (\d+) x (\d+) x (\d+) voxels)");
  EXPECT_EQ(cathode.run({"--steps", "0", "--set", "image.crop=[[0," + crop[0] + "],[0," + crop[1] + "],[0," + crop[2] + "]]"}, little).code, 0);
}

/// Array axis 1 is the stack here; proposals are in the order of the file, before `coarsen`.
TEST(Memory, ProposedCrop_IsAlongTheAxesOfTheFile) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return i >= 4 && i < 8 && j >= 6 && j < 10 && k >= 12 && k < 20 ? 1 : 0; }, {12, 16, 32});
  cathode.config(4, "voxel_size_um = 0.5\nstack_axis = 1\ncoarsen = 2");
  const Ended refused = cathode.run({}, megabytes("0.24"));
  expect_failure(refused, 5, {"this job on 16 x 6 x 8 voxels needs"});
  const auto crop = numbers_of(refused.err, R"(crop \(image\.crop\) of (\d+) x (\d+) x (\d+) voxels along array axes 0, 1, 2 would fit, or image\.coarsen = 4)");
  EXPECT_LT(std::stoi(crop[0]), 12);
  EXPECT_LT(std::stoi(crop[0]), std::stoi(crop[1]));
  EXPECT_LT(std::stoi(crop[1]), 16);
  EXPECT_GT(std::stoi(crop[2]), 16);
  EXPECT_LT(std::stoi(crop[2]), 32);
}

TEST(Memory, Check_WarnsAndSaysHowMuch) {
  const Cathode cathode;
  const Ended little = run_program(cathode.arguments({}, "check"), megabytes("0.12"));
  EXPECT_EQ(little.code, 0);
  EXPECT_THAT(little.out, HasSubstr("MB needed, 0.1 MB free"));
  EXPECT_THAT(little.out, HasSubstr("warning: a run would be refused: too little memory"));
  const Ended enough = cathode.check();
  EXPECT_EQ(enough.code, 0);
  EXPECT_THAT(enough.out, testing::Not(HasSubstr("too little memory")));
}

TEST(Memory, TooLittleToReadTheImage_IsSaid) {
  const Cathode cathode;
  expect_failure(run_program(cathode.arguments(), megabytes("0.001")), 5, {"cathode.npy: 8 x 8 x 8 voxels need 0.0 MB of memory to read", "crop"});
}

TEST(Memory, TooLittleForTortuosity_IsSaid) {
  const Cathode cathode;
  expect_failure(run_program({"tortuosity", cathode.folder / "cathode.npy", "--label", "0"}, megabytes("0.01")), 5, {"conduction on 8 x 8 x 8 voxels needs about 0.1 MB, and 0.0 MB are free", "Crop or coarsen"});
}

#ifndef __SANITIZE_ADDRESS__  // which reserves terabytes of addresses for itself
/// Larger than the limit by far: packing alone would take minutes, so that the refusal shows that it comes first.
TEST(Memory, LimitOfTheProcess_IsHonouredBeforeThePacking) {
  if (test::built_for_gpu()) GTEST_SKIP() << "CUDA takes more addresses than this limit when it starts";
  const Cathode cathode;
  cathode.file("cathode.toml",
               "[synthetic]\nsize_voxels = [1000, 1000, 1000]\n[phase.electrolyte]\nmaterial = \"li6ps5cl\"\n[phase.active]\nmaterial = \"ncm811\"\nbodies = \"file\"\n"
               "[lithium]\ndischarged = 0.9\ncharged = 0.8\n");
  const rlim_t limit = 1000u << 20;
  for (const int resource : {RLIMIT_AS, RLIMIT_DATA}) {
    const Ended ended = cathode.run({}, {.limits = {{resource, limit}}});
    expect_failure(ended, 5, {"this job on 1000 x 1000 x 1000 voxels needs at least ", " GB, and ", " MB are free", "synthetic.size_voxels = ["});
    const auto size = numbers_of(ended.err, R"(size_voxels = \[(\d+), (\d+), (\d+)\])");
    EXPECT_GT(std::stoi(size[0]), 50);
    EXPECT_LT(std::stoi(size[0]), 200);
  }
}
#endif

}  // namespace
}  // namespace voxode
