#include "io/checkpoint.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "io/limited_child.hpp"
#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

#ifdef VOXODE_WITH_HDF5

namespace voxode {
namespace {

using test::ScratchFolder;
using test::text_of;
using testing::HasSubstr;

/// One item of every kind.
struct State {
  double number = 0.1;
  std::string text = "a = \"b\"\n# not ASCII: \xc2\xb5m";
  std::optional<double> value, none;
  int count = 7;
  bool flag = true;
  std::vector<double> reals{1e-300, -0.0, 3.0};
  std::vector<float> singles;
  std::vector<std::uint8_t> bytes{0, 255};
  std::vector<std::uint16_t> halves{65535};
  std::vector<std::int32_t> integers{-5, 5};

  void go_over(physics::Archive& archive) {
    archive.number("number", number);
    archive.text("a/text", text);
    archive.optional("a/b/value", value);
    archive.optional("a/b/none", none);
    archive.count("count", count);
    archive.flag("flag", flag);
    archive.list("reals", reals);
    archive.list("singles", singles);
    archive.list("bytes", bytes);
    archive.list("halves", halves);
    archive.list("integers", integers);
  }
};

void write(const ScratchFolder& folder, int steps, State state = {}) {
  io::write_checkpoint(folder.path(), steps, "1.2.3", [&](physics::Archive& archive) { state.go_over(archive); });
}
void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
template <class Failure>
std::string message_of(const ScratchFolder& folder) {
  try {
    io::open_checkpoint(folder.path(), "0.0.1");
  } catch (const Failure& error) {
    return error.what();
  }
  return "";
}

TEST(Checkpoint, Items_ComeBackBitForBit) {
  const ScratchFolder folder;
  State state;
  state.value = 1.0 / 3;
  state.singles.assign(100000, 1.0f / 3);
  write(folder, 12, state);
  const io::OpenCheckpoint open = io::open_checkpoint(folder.path(), "0.0.1");
  EXPECT_EQ(open.path, folder / "checkpoint_000012.h5");
  EXPECT_EQ(open.version, "1.2.3");
  State back{.number = 0, .text = "", .value = {}, .none = 1.0, .count = 0, .flag = false, .reals = {}, .singles = {}, .bytes = {}, .halves = {}, .integers = {}};
  back.go_over(*open.items);
  EXPECT_EQ(back.number, state.number);
  EXPECT_EQ(back.text, state.text);
  EXPECT_EQ(back.value, state.value);
  EXPECT_FALSE(back.none.has_value());
  EXPECT_EQ(back.count, 7);
  EXPECT_TRUE(back.flag);
  EXPECT_EQ(back.reals, state.reals);
  EXPECT_TRUE(std::signbit(back.reals[1]));
  EXPECT_EQ(back.singles, state.singles);
  EXPECT_EQ(back.bytes, state.bytes);
  EXPECT_EQ(back.halves, state.halves);
  EXPECT_EQ(back.integers, state.integers);
  double other = 0;
  EXPECT_THROW(open.items->number("of another version", other), InputError);
  std::vector<double> two(2);
  EXPECT_THROW(open.items->block("reals", physics::Archive::Type::real, two.data(), 2), InputError) << "three were saved";
}

TEST(Checkpoint, Two_AreKept) {
  const ScratchFolder folder;
  put(folder / "checkpoint_000099.h5", "of a run that went further, and broke");
  for (const int steps : {1, 2, 3}) write(folder, steps);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("checkpoint_000002.h5", "checkpoint_000003.h5"));
  io::remove_checkpoints(folder.path());
  EXPECT_THAT(message_of<InputError>(folder), HasSubstr("there is no checkpoint in"));
}

TEST(Checkpoint, CutAnywhere_TheOneBeforeServes) {
  const ScratchFolder folder;
  write(folder, 1);
  write(folder, 2);
  const std::string newest = folder / "checkpoint_000002.h5", whole = text_of(newest);
  std::mt19937 random(7);
  std::vector<std::size_t> lengths{0, 1, 511, 512, 513, whole.size() - 1};
  for (int i = 0; i < 20; ++i) lengths.push_back(random() % whole.size());
  for (const std::size_t length : lengths) {
    put(newest, whole.substr(0, length));
    const io::OpenCheckpoint open = io::open_checkpoint(folder.path(), "0.0.1");
    EXPECT_EQ(open.path, folder / "checkpoint_000001.h5") << length;
    ASSERT_EQ(open.notes.size(), 1u);
    EXPECT_THAT(open.notes[0], testing::AllOf(HasSubstr(newest), HasSubstr("cut short")));
  }
  put(folder / "checkpoint_000001.h5", "");
  EXPECT_THAT(message_of<InputError>(folder), testing::AllOf(HasSubstr("checkpoint_000001.h5"), HasSubstr("checkpoint_000002.h5"), HasSubstr("without --resume")));
}

TEST(Checkpoint, AnyByteChanged_IsSeen) {
  const ScratchFolder folder;
  write(folder, 1);
  const std::string path = folder / "checkpoint_000001.h5", whole = text_of(path);
  std::mt19937 random(8);
  for (int i = 0; i < 20; ++i) {
    std::string damaged = whole;
    damaged[512 + random() % (whole.size() - 512)] ^= char(1 << (random() % 8));
    put(path, damaged);
    EXPECT_THAT(message_of<InputError>(folder), HasSubstr("has changed since it was written")) << i;
  }
}

TEST(Checkpoint, OtherFormat_IsRefusedWithBothNamed) {
  const ScratchFolder folder;
  write(folder, 1);
  const std::string path = folder / "checkpoint_000001.h5";
  std::string text = text_of(path);
  text.replace(text.find("format 1"), 8, "format 9");
  put(path, text);
  EXPECT_THAT(message_of<InputError>(folder), testing::AllOf(HasSubstr("has format 9 (voxode 1.2.3)"), HasSubstr("this voxode (0.0.1) reads format 1")));
}

TEST(Checkpoint, DiskFull_LeavesTheOneBefore) {
  const ScratchFolder folder;
  write(folder, 1);
  State large;
  large.reals.assign(100000, 1.0);
  const int status = test::run_with_file_limit(200000, [&] {
    try {
      write(folder, 2, large);
    } catch (const OutputError& error) {
      return std::string(error.what()).find("checkpoint_000002.h5") != std::string::npos ? 3 : 4;
    }
    return 0;
  });
  EXPECT_EQ(status, 3);
  EXPECT_EQ(io::open_checkpoint(folder.path(), "0.0.1").path, folder / "checkpoint_000001.h5");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing unfinished is left";
}

}  // namespace
}  // namespace voxode

#endif
