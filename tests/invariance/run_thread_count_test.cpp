// A whole run of the program: the same tables, byte by byte, for one thread and for two.
#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;

/// Eight spheres, none touching another, in 20 x 20 x 20 voxels.
int spheres(Index i, Index j, Index k) {
  const auto off = [](Index at) { return double(at % 10) - 4.5; };
  return off(i) * off(i) + off(j) * off(j) + off(k) * off(k) < 3.6 * 3.6 ? 1 : 0;
}

struct Tables {
  std::string steps, cycles;
};

Tables run_with_threads(const Cathode& cathode, const std::string& threads) {
  const Ended ended = cathode.run({"--threads", threads}, {.environment = {{"OMP_NUM_THREADS", "3"}, {"OMP_PROC_BIND", "false"}}});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const std::string summary = test::text_of(cathode.out("summary.json"));
  EXPECT_THAT(summary, testing::HasSubstr("\"threads\": " + threads));
  if (summary.find("\"device\": \"OpenMP, ") != std::string::npos) {  // a GPU has threads of its own
    EXPECT_THAT(summary, testing::HasSubstr("\"device\": \"OpenMP, " + threads + " threads\"")) << "--threads goes before OMP_NUM_THREADS";
  }
  return {test::text_of(cathode.out("steps.csv")), test::text_of(cathode.out("cycles.csv"))};
}

TEST(Run, OneAndTwoThreads_GiveTheSameBytes) {
  const Cathode cathode;
  cathode.image(spheres, {20, 20, 20});
  cathode.config(12, "normal_strength_MPa = 20.0");
  const Tables one = run_with_threads(cathode, "1");
  const test::Csv rows = test::read_csv(cathode.out("steps.csv"));
  ASSERT_EQ(rows.rows.size(), 5u);
  EXPECT_GT(std::stod(rows.rows[2].at("mean_damage")), 0.01) << "interfaces debond, or the test would see less than it is meant to";
  const Tables two = run_with_threads(cathode, "2");
  EXPECT_EQ(one.steps, two.steps);
  EXPECT_EQ(one.cycles, two.cycles);
}

}  // namespace
}  // namespace voxode
