// Images that cannot be used, through `run` and `info`: exit 3, the file, what it is, what to do.
#include "tests/cli/cathode.hpp"
#include "tests/io/tiff_bytes.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::run_program;
using test::TiffBytes;
using test::TiffPage;
using testing::HasSubstr;

/// The same words and code from both verbs.
void expect_refused(const Cathode& cathode, const std::string& name, std::vector<std::string> parts) {
  SCOPED_TRACE(name);
  parts.push_back(name);
  cathode.config(3, "file = \"" + name + "\"");
  expect_failure(cathode.run(), 3, parts);
  expect_failure(cathode.check(), 3, parts);
  expect_failure(run_program({"info", cathode.folder / name}), 3, parts);
}

TEST(Image, Missing_IsSaid) { expect_refused(Cathode(), "nowhere.tif", {"cannot open the image: No such file or directory", "Check the path"}); }

TEST(Image, NoImageAtAll_IsSaid) {
  const Cathode cathode;
  cathode.file("text.dat", "hello, this is no image");
  expect_refused(cathode, "text.dat", {"format is not known"});
  cathode.file("empty.tif", "");
  expect_refused(cathode, "empty.tif", {"the file is empty"});
}

#ifdef VOXODE_WITH_TIFF
std::string tiff_of(TiffPage page) {
  page.data = std::string(page.width * page.height * page.samples * page.bits / 8u, '\1');
  return TiffBytes().add(page).bytes();
}

TEST(Image, TextNamedTiff_IsSaid) {
  const Cathode cathode;
  cathode.file("text.tif", "hello, this is no image");
  expect_refused(cathode, "text.tif", {"not a TIFF file"});
}

TEST(Image, TruncatedTiff_SaysHowMuchIsThere) {
  const Cathode cathode;
  std::vector<std::uint8_t> labels(8 * 40 * 40);
  for (std::size_t v = 0; v < labels.size(); ++v) labels[v] = std::uint8_t(v * 2654435761u >> 20);
  io::write_tiff<std::uint8_t>(cathode.folder / "whole.tif", {8, 40, 40}, labels);
  const std::string bytes = test::text_of(cathode.folder / "whole.tif");
  cathode.file("cut.tif", bytes.substr(0, bytes.size() / 2));
  expect_refused(cathode, "cut.tif", {"the file is truncated: page ", std::to_string(bytes.size() / 2) + " are there", "Copy or export the file again"});
}

TEST(Image, NotLabels_SaysWhatItIsInstead) {
  const Cathode cathode;
  cathode.file("rgb.tif", tiff_of({.samples = 3, .photometric = 2}));
  expect_refused(cathode, "rgb.tif", {"RGB", "single-channel"});
  cathode.file("float.tif", tiff_of({.bits = 32, .format = 3}));
  expect_refused(cathode, "float.tif", {"32-bit floating-point", "Convert"});
  cathode.file("signed.tif", tiff_of({.bits = 16, .format = 2}));
  expect_refused(cathode, "signed.tif", {"signed 16-bit", "unsigned"});
}
#endif

TEST(Image, Info_ListsLabelsOnStandardOutput) {
  const Cathode cathode;
  const Ended ended = run_program({"info", cathode.folder / "cathode.npy"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, HasSubstr("8 x 8 x 8"));
  EXPECT_THAT(ended.out, HasSubstr("0.12500"));  // 4^3 of 8^3
}

TEST(Labels, PresentButNotNamed_AreListedWithTheirShare) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return i == 0 ? 7 : test::cube_in_electrolyte(i, j, k); });
  expect_failure(cathode.run(), 3, {"cathode.npy: labels without a name: 7 (12.5 %)", "Name every label in image.labels", "7 = \""});
}

TEST(Labels, NamedButAbsent_AreSaidWithWhatThereIs) {
  const Cathode cathode;
  cathode.config(5, "labels = { 0 = \"electrolyte\", 1 = \"active\", 3 = \"pore\" }");
  expect_failure(cathode.run(), 3, {"image.labels names 3 = \"pore\", but no voxel has it", "There are: 0 (87.5 %), 1 (12.5 %)", "Remove or correct"});
  cathode.config(4, "voxel_size_um = 0.5\ncrop = [[0, 2], [0, 8], [0, 8]]");
  expect_failure(cathode.run(), 3, {"names 1 = \"active\", but no voxel inside the crop has it"});
}

TEST(Labels, WithoutVoxelSize_AskForIt) {
  const Cathode cathode;
  cathode.config(4, "");
  expect_failure(cathode.run(), 3, {"the size of a voxel is not known", "Set image.voxel_size_um"});
}

TEST(Crop, Outside_NamesAxisAndShape) {
  const Cathode cathode;
  cathode.config(4, "voxel_size_um = 0.5\ncrop = [[0, 8], [0, 8], [2, 9]]");
  expect_failure(cathode.run(), 3, {"crop = [2, 9] along array axis 2 does not fit", "8 x 8 x 8 voxels", "0 <= from < to <= 8"});
}

TEST(Coarsen, LeavesNothing_IsSaid) {
  const Cathode cathode;
  cathode.config(4, "voxel_size_um = 0.5\ncoarsen = 16");
  expect_failure(cathode.run(), 3, {"coarsen = 16 leaves nothing of 8 x 8 x 8 voxels", "Choose a smaller number"});
}

TEST(BodiesFile, OfAnotherShape_NamesBoth) {
  const Cathode cathode;
  cathode.image(test::cube_in_electrolyte, {8, 8, 9});
  std::filesystem::rename(cathode.folder / "cathode.npy", cathode.folder / "bodies.npy");
  cathode.image(test::cube_in_electrolyte);
  cathode.config(4, "voxel_size_um = 0.5\nbodies_file = \"bodies.npy\"");
  expect_failure(cathode.run(), 3, {"bodies.npy: the instance labels have the shape 8 x 8 x 9", "8 x 8 x 8"});
}

}  // namespace
}  // namespace voxode
