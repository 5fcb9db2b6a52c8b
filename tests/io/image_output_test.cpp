// Disks that are full, folders that are not there: an error with the path, and no part of a file left behind.
#include <sys/resource.h>

#include <csignal>
#include <random>

#include "image_support.hpp"

namespace voxode {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

#ifdef VOXODE_WITH_TIFF
const std::vector<std::string> extensions{".npy", ".raw", ".tif"};
#else
const std::vector<std::string> extensions{".npy", ".raw"};
#endif

/// Files cannot grow beyond this while it lives; the signal of that is ignored, as the program does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class ImageOutput : public test::ImageTest {
 protected:
  ImageOutput() {
    image_.shape = {20, 60, 70};
    image_.label.resize(std::size_t(image_.n_voxels()));
    std::mt19937 random(1);  // deflate cannot shorten it
    for (auto& label : image_.label) label = std::uint8_t(random());
  }
  std::string write_error(const std::string& file) {
    return test::message_of<OutputError>([&] { io::write_image(file, image_); });
  }
  io::LabelImage image_;
};

TEST_F(ImageOutput, DiskFull_IsAnOutputErrorWithThePath) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  for (const auto& extension : extensions) {
    SCOPED_TRACE(extension);
    std::filesystem::create_symlink("/dev/full", path("full" + extension));
    EXPECT_THAT(write_error(path("full" + extension)), AllOf(HasSubstr("full" + extension), HasSubstr("No space left"), HasSubstr("Free space")));
  }
}

TEST_F(ImageOutput, FileGrowsTooLarge_LeavesNothingBehind) {
  for (const auto& extension : extensions)
    for (const rlim_t limit : {0, 100, 5000, 40000}) {
      SCOPED_TRACE(extension + " " + std::to_string(limit));
      const FileSizeLimit limited(limit);
      EXPECT_THAT(write_error(path("out" + extension)), AllOf(HasSubstr("out" + extension), HasSubstr("File too large"), HasSubstr("limit")));
      EXPECT_FALSE(std::filesystem::exists(path("out" + extension)));
    }
}

TEST_F(ImageOutput, NoFolderOrWrongExtension_SaysWhatToDo) {
  for (const auto& extension : extensions) EXPECT_THAT(write_error(path("none/out" + extension)), AllOf(HasSubstr("No such file"), HasSubstr("folder exists")));
  EXPECT_THAT(write_error(path("out.png")), AllOf(HasSubstr("out.png"), HasSubstr(".npy or .raw")));
  std::filesystem::create_directories(folder_ / "folder.npy");
  EXPECT_THAT(write_error(path("folder.npy")), HasSubstr("Is a directory"));
  EXPECT_TRUE(std::filesystem::is_directory(path("folder.npy")));
}

}  // namespace
}  // namespace voxode
