// How much memory there is: control groups of both versions, from copies of what the kernel shows.
#include "io/memory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/scratch_folder.hpp"

namespace voxode {
namespace {

class ControlGroups : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  std::optional<double> room() const { return io::control_group_room(folder / "membership", folder / "mount"); }
  test::ScratchFolder folder;
};

TEST_F(ControlGroups, None_LeaveNoLimit) {
  EXPECT_EQ(room(), std::nullopt);
  put("membership", "0::/\n");
  EXPECT_EQ(room(), std::nullopt);
}

TEST_F(ControlGroups, Second_TightestAncestorCounts) {
  put("membership", "0::/job/step\n");
  put("mount/job/step/memory.max", "max\n");
  put("mount/job/step/memory.current", "1000\n");
  EXPECT_EQ(room(), std::nullopt);
  put("mount/job/memory.max", "8000\n");
  put("mount/job/memory.current", "3000\n");
  EXPECT_EQ(room(), 5000);
  put("mount/job/memory.stat", "anon 10\nfile 900\ninactive_file 700\n");
  EXPECT_EQ(room(), 5700);
  put("mount/job/step/memory.max", "2500\n");
  EXPECT_EQ(room(), 1500);
  put("mount/job/step/memory.current", "2600\n");
  EXPECT_EQ(room(), 0);
}

TEST_F(ControlGroups, First_UnlimitedIsTheLargestNumberOfPages) {
  put("membership", "5:devices:/\n4:cpu,memory:/job\n0::/\n");
  put("mount/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("mount/memory/memory.usage_in_bytes", "5000\n");
  EXPECT_EQ(room(), std::nullopt);
  put("mount/memory/job/memory.limit_in_bytes", "9000\n");
  put("mount/memory/job/memory.usage_in_bytes", "4000\n");
  put("mount/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 500\n");
  EXPECT_EQ(room(), 5500);
}

TEST_F(ControlGroups, InsideAContainer_TheMountIsTheGroup) {
  put("membership", "0::/../../outside\n");
  put("mount/memory.max", "4000\n");
  put("mount/memory.current", "1000\n");
  EXPECT_EQ(room(), 3000);
}

TEST(Memory, Proposals_Fit) {
  for (const double share : {0.9, 0.5, 0.1, 0.01}) {
    const auto box = io::box_that_fits({100, 200, 50}, 1e9, share * 1e9);
    ASSERT_TRUE(box) << share;
    EXPECT_LE(double((*box)[0] * (*box)[1] * (*box)[2]), share * 1e6);
    EXPECT_GT(double((*box)[0] * (*box)[1] * (*box)[2]), 0.7 * share * 1e6);
    const double n = io::coarsening_that_fits(1e9, share * 1e9);
    EXPECT_LE(1 / (n * n * n), share);
  }
  EXPECT_EQ(io::box_that_fits({100, 100, 100}, 1e9, 1e4), std::nullopt);
}

TEST(Memory, OfHostAndGpu_TheLesserCountsAndIsNamed) {
  EXPECT_EQ(io::memory_text(io::lesser_memory(5e9, std::nullopt)), "5000 MB");
  EXPECT_EQ(io::memory_text(io::lesser_memory(5e9, 80'000'000'000)), "5000 MB");
  const io::FreeMemory gpu = io::lesser_memory(500e9, 80'000'000'000);
  EXPECT_EQ(gpu.bytes, 80e9);
  EXPECT_EQ(io::memory_text(gpu), "80 GB of GPU memory");
}

TEST(Memory, Available_FollowsTheEnvironment) {
  const double before = io::available_memory();
  EXPECT_GT(before, 1e6);
  setenv("VOXODE_MEMORY_LIMIT_MB", "0.5", 1);
  EXPECT_EQ(io::available_memory(), 0.5e6);
  unsetenv("VOXODE_MEMORY_LIMIT_MB");
}

}  // namespace
}  // namespace voxode
