// The same numbers, bit by bit, for every thread count.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

struct Output {
  std::string device;   // first line
  std::string numbers;  // the rest
};

Output run_with_threads(int threads) {
  const std::string command = "OMP_PROC_BIND=false OMP_NUM_THREADS=" + std::to_string(threads) + " '" VOXODE_BINARY_DIR "/tests/conduction_numbers'";
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (!pipe) return {};
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), n);
  const int status = pclose(pipe);
  EXPECT_EQ(status, 0) << command;
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return {};
  return {text.substr(0, end), text.substr(end + 1)};
}

TEST(Conduction, ThreadCounts_BitIdentical) {
  const Output one = run_with_threads(1);
  ASSERT_GT(one.numbers.size(), 1000u) << "the helper program printed nothing";
  const Output two = run_with_threads(2);
  if (one.device.starts_with("OpenMP")) {
    EXPECT_EQ(one.device, "OpenMP, 1 threads");
    EXPECT_EQ(two.device, "OpenMP, 2 threads");
  }
  EXPECT_EQ(one.numbers, two.numbers);
}

}  // namespace
