// What a TIFF that cannot be used makes the reader say.
#ifdef VOXODE_WITH_TIFF
#include <fmt/format.h>

#include "image_support.hpp"
#include "tiff_bytes.hpp"

namespace voxode {
namespace {

using test::read_error;
using test::TiffBytes;
using test::TiffPage;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class ImageTiffErrors : public test::ImageTest {
 protected:
  std::string of_page(TiffPage page) {
    page.data = std::string(page.width * page.height * page.samples * std::max(1u, page.bits / 8u), '\1');
    TiffBytes file;
    return read_error(bytes_file("image.tif", file.add(page).bytes()));
  }
  /// Every shorter file of these bytes is an InputError that names the file, and nothing goes to standard error.
  void expect_truncated(const std::string& bytes) {
    ::testing::internal::CaptureStderr();
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      SCOPED_TRACE(fmt::format("the first {} of {} bytes", n, bytes.size()));
      const std::string message = read_error(bytes_file("cut.tif", bytes.substr(0, n)));
      EXPECT_THAT(message, AllOf(HasSubstr("cut.tif"), AnyOf(HasSubstr("xport"), HasSubstr("opy"))));
      EXPECT_THAT(message, HasSubstr(n == 0 ? "empty" : n < 4 ? "first bytes say otherwise" : "truncated"));
    }
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  }
};

TEST_F(ImageTiffErrors, TruncatedAnywhere_IsSaid) {
  for (const bool big_tiff : {false, true}) {
    TiffBytes file(big_tiff, big_tiff);
    for (int p = 0; p < 2; ++p) file.add({.data = std::string(12, char(p)), .rows_per_strip = 2});
    expect_truncated(file.bytes());
  }
}

TEST_F(ImageTiffErrors, TruncatedFileOfOurs_IsSaidWithThePage) {
  std::vector<std::uint8_t> labels(3 * 40 * 40);
  for (std::size_t v = 0; v < labels.size(); ++v) labels[v] = std::uint8_t(v * 2654435761u >> 20);
  io::write_tiff<std::uint8_t>(path("whole.tif"), {3, 40, 40}, labels, {{1e-6, 1e-6, 1e-6}});
  const std::string bytes = bytes_of(path("whole.tif"));
  for (const double share : {0.05, 0.3, 0.5, 0.7, 0.95}) {
    const auto n = std::size_t(share * double(bytes.size()));
    EXPECT_THAT(read_error(bytes_file("cut.tif", bytes.substr(0, n))),
                AllOf(HasSubstr("cut.tif: the file is truncated: page "), HasSubstr(fmt::format("{} are there", n)), HasSubstr("Copy or export")));
  }
}

TEST_F(ImageTiffErrors, DamagedCompressedData_NamePageAndReason) {
  std::vector<std::uint8_t> labels(2 * 50 * 50);
  for (std::size_t v = 0; v < labels.size(); ++v) labels[v] = std::uint8_t(v * 2654435761u >> 20);
  io::write_tiff<std::uint8_t>(path("image.tif"), {2, 50, 50}, labels);
  std::string bytes = bytes_of(path("image.tif"));
  for (std::size_t i = 200; i < 260; ++i) bytes[i] = char(~bytes[i]);
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(read_error(bytes_file("image.tif", bytes)), AllOf(HasSubstr("page 1 of 2: strip 1 cannot be decoded"), HasSubstr("libtiff: \"")));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(ImageTiffErrors, NotLabels_SaysWhatItIsAndWhatToDo) {
  EXPECT_THAT(of_page({.samples = 3, .photometric = 2}), AllOf(HasSubstr("3 samples per pixel"), HasSubstr("RGB"), HasSubstr("single-channel")));
  EXPECT_THAT(of_page({.samples = 2}), HasSubstr("2 samples per pixel"));
  EXPECT_THAT(of_page({.bits = 32, .format = 3}), AllOf(HasSubstr("32-bit floating-point"), HasSubstr("Convert")));
  EXPECT_THAT(of_page({.bits = 16, .format = 2}), AllOf(HasSubstr("signed 16-bit"), HasSubstr("unsigned")));
  EXPECT_THAT(of_page({.photometric = 3}), HasSubstr("colour palette"));
  EXPECT_THAT(of_page({.bits = 64}), HasSubstr("64 bits per pixel; 8, 16 and 32 can be read"));
  EXPECT_THAT(of_page({.width = 8, .bits = 1}), HasSubstr("1 bits per pixel"));
  EXPECT_THAT(of_page({.compression = 34892}), HasSubstr("compression 34892"));
}

TEST_F(ImageTiffErrors, PagesThatDiffer_NameTheFirstThatDoes) {
  TiffBytes file;
  file.add({.data = std::string(12, '\1')}).add({.data = std::string(12, '\1')}).add({.width = 5, .data = std::string(15, '\1')});
  EXPECT_THAT(read_error(bytes_file("image.tif", file.bytes())), AllOf(HasSubstr("page 3 of 3"), HasSubstr("3 x 5 pixels of uint8"), HasSubstr("3 x 4 of uint8")));
}

TEST_F(ImageTiffErrors, BrokenChains_EndAtOnce) {
  TiffBytes loop;
  loop.add({.data = std::string(12, '\1')}).add({.data = std::string(12, '\1')});
  loop.link_last_to(loop.first_directory());
  EXPECT_THAT(read_error(bytes_file("image.tif", loop.bytes())), HasSubstr("after page 2 is an earlier page again"));
  TiffBytes outside;
  outside.add({.data = std::string(12, '\1')}).link_last_to(1000000);
  EXPECT_THAT(read_error(bytes_file("image.tif", outside.bytes())), HasSubstr("truncated: page 2 needs 1000002 bytes"));
  EXPECT_THAT(read_error(bytes_file("image.tif", TiffBytes().bytes())), HasSubstr("zero pages"));
}

TEST_F(ImageTiffErrors, DescriptionWithMoreImages_IsTruncation) {
  TiffBytes file;
  const std::string description = "ImageJ=1.53\nimages=3\nslices=3\n";
  file.add({.data = std::string(12, '\1'), .description = description}).add({.data = std::string(12, '\1'), .description = description});
  EXPECT_THAT(read_error(bytes_file("image.tif", file.bytes())), HasSubstr("images=3, it holds 2 pages"));
}

TEST_F(ImageTiffErrors, Hyperstack_NamesItsAxes) {
  EXPECT_THAT(of_page({.description = "ImageJ=1.53\nimages=4\nchannels=2\nslices=2\nhyperstack=true\n"}), AllOf(HasSubstr("2 channels, 2 slices and 1 frames"), HasSubstr("Save one")));
}

TEST_F(ImageTiffErrors, MissingOrForeignFile_SaysSo) {
  EXPECT_THAT(read_error(path("none.tif")), AllOf(HasSubstr("none.tif"), HasSubstr("No such file"), HasSubstr("Check the path")));
  EXPECT_THAT(read_error(bytes_file("text.tif", "hello, this is no image")), HasSubstr("not a TIFF file"));
  EXPECT_THAT(read_error(bytes_file("image.png", "\x89PNG\r\n")), AllOf(HasSubstr("format is not known"), HasSubstr("multi-page TIFF")));
  EXPECT_THAT(read_error(bytes_file("empty.tif", "")), HasSubstr("the file is empty"));
}

TEST_F(ImageTiffErrors, Folders_NameTheSlice) {
  std::filesystem::create_directories(folder_ / "slices");
  EXPECT_THAT(read_error(path("slices")), HasSubstr("holds no .tif or .tiff slices"));
  TiffBytes a, b, two;
  bytes_file("slices/a.tif", a.add({.data = std::string(12, '\1')}).bytes());
  bytes_file("slices/b.tif", b.add({.width = 6, .data = std::string(18, '\1')}).bytes());
  EXPECT_THAT(read_error(path("slices")), AllOf(HasSubstr("b.tif: the slice has 3 x 6 pixels of uint8, a.tif has 3 x 4"), HasSubstr("Remove or correct")));
  bytes_file("slices/b.tif", two.add({.data = std::string(12, '\1')}).add({.data = std::string(12, '\1')}).bytes());
  EXPECT_THAT(read_error(path("slices")), HasSubstr("b.tif: a slice of a folder must be a single page, this file has 2"));
}

TEST_F(ImageTiffErrors, CropOutside_NamesAxisAndShape) {
  TiffBytes file;
  const auto image = bytes_file("image.tif", file.add({.data = std::string(12, '\1')}).bytes());
  const auto message = [&](const io::Crop& crop) { return test::input_error([&] { io::read_image(image, {}, crop); }); };
  EXPECT_THAT(message({{{0, 1}, {0, 3}, {1, 5}}}), AllOf(HasSubstr("crop = [1, 5] along array axis 2"), HasSubstr("1 x 3 x 4")));
  EXPECT_THAT(message({{{0, 1}, {2, 2}, {0, 4}}}), HasSubstr("crop = [2, 2] along array axis 1"));
  EXPECT_THAT(message({{{-1, 1}, {0, 3}, {0, 4}}}), HasSubstr("crop = [-1, 1] along array axis 0"));
}

}  // namespace
}  // namespace voxode
#endif
