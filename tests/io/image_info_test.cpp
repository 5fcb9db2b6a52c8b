// What `voxode info` says, on an image counted by hand and on the real electrode.
#include <nlohmann/json.hpp>

#include <limits>
#include <numeric>

#include "image_support.hpp"
#include "io/image/info.hpp"
#include "io/image/prepare.hpp"

namespace voxode {
namespace {

using io::image_info;
using io::LabelImage;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// Two slices of 2 x 3.
LabelImage hand() {
  LabelImage image;
  image.shape = image.file_shape = {2, 2, 3};
  image.label = {0, 0, 1, 0, 0, 9, /**/ 0, 1, 1, 0, 0, 0};
  image.type = "uint8";
  image.source = "hand.tif";
  return image;
}

TEST(ImageInfo, HandMadeImage_HasSharesAndFaces) {
  const auto info = image_info(hand());
  ASSERT_EQ(info.labels.size(), 3u);
  EXPECT_EQ(info.labels[0].label, 0u);
  EXPECT_EQ(info.labels[1].label, 1u);
  EXPECT_EQ(info.labels[2].label, 9u);
  EXPECT_EQ(info.labels[0].n_voxels, 8);
  EXPECT_DOUBLE_EQ(info.labels[1].share, 0.25);
  // Axis 0 (slices): 0-1 at column 1 of row 0, 9-0 at column 2 of row 1.
  // Axis 1 (rows): slice 0: 1-9 at column 2; slice 1: 1-0 at columns 1 and 2.
  // Axis 2 (columns): slice 0: 0-1, 0-9; slice 1: 0-1.
  EXPECT_THAT(info.labels[0].faces, ElementsAre(2, 2, 3));
  EXPECT_THAT(info.labels[1].faces, ElementsAre(1, 3, 2));
  EXPECT_THAT(info.labels[2].faces, ElementsAre(1, 1, 1));
  EXPECT_DOUBLE_EQ(info.labels[2].surface_per_voxel, 3.0 / 12.0);
  EXPECT_FALSE(info.labels[0].surface_per_m);
}

TEST(ImageInfo, VoxelSize_MakesAreasPerVolume) {
  auto image = hand();
  image.voxel_size = {{4e-6, 2e-6, 1e-6}};
  const auto info = image_info(image);
  ASSERT_TRUE(info.labels[1].surface_per_m);
  // One face of 2 um^2, three of 4 and two of 8 in a volume of 12 x 8 um^3.
  EXPECT_NEAR(*info.labels[1].surface_per_m, (1 * 2 + 3 * 4 + 2 * 8) / 96.0 * 1e6, 1e-6);
  image.voxel_size = {{std::numeric_limits<double>::quiet_NaN(), 2e-6, 1e-6}};
  EXPECT_FALSE(image_info(image).labels[1].surface_per_m);
}

TEST(ImageInfo, Text_IsATable) {
  auto image = hand();
  EXPECT_THAT(to_text(image_info(image)), AllOf(HasSubstr("hand.tif"), HasSubstr("2 x 2 x 3"), HasSubstr("uint8"), HasSubstr("not in the file"), HasSubstr("0.66667"), Not(HasSubstr("1/m"))));
  image.voxel_size = {{1e-6, 1e-6, 0.5e-6}};
  EXPECT_THAT(to_text(image_info(image)), AllOf(HasSubstr("1 x 1 x 0.5 um"), HasSubstr("surface, 1/m")));
  image.voxel_size = {{std::numeric_limits<double>::quiet_NaN(), 1e-6, 0.5e-6}};
  EXPECT_THAT(to_text(image_info(image)), HasSubstr("? x 1 x 0.5 um"));
}

TEST(ImageInfo, ManyLabels_AreSummedUp) {
  LabelImage image;
  image.shape = image.file_shape = {1, 10, 10};
  image.label.resize(100);
  std::iota(image.label.begin(), image.label.end(), 65500u);  // on both sides of 65536
  const auto info = image_info(image);
  EXPECT_EQ(info.labels.size(), 100u);
  EXPECT_EQ(info.labels[99].label, 65599u);
  EXPECT_THAT(info.labels[99].faces, ElementsAre(0, 1, 1));
  EXPECT_THAT(to_text(info, 40), AllOf(HasSubstr("65539"), Not(HasSubstr("65540")), HasSubstr("and 60 more labels with 60 voxels")));
  EXPECT_THAT(to_text(info, 0), HasSubstr("65599"));
}

TEST(ImageInfo, Json_HasTheSameNumbers) {
  auto image = hand();
  image.voxel_size = {{std::numeric_limits<double>::quiet_NaN(), 2e-6, 1e-6}};
  const auto j = to_json(image_info(image));
  EXPECT_EQ(j.at("file"), "hand.tif");
  EXPECT_EQ(j.at("type"), "uint8");
  EXPECT_EQ(j.at("shape"), (std::vector<int>{2, 2, 3}));
  EXPECT_EQ(j.at("n_voxels"), 12);
  EXPECT_TRUE(j.at("voxel_size_m")[0].is_null());
  EXPECT_EQ(j.at("voxel_size_m")[2], 1e-6);
  EXPECT_EQ(j.at("labels").size(), 3u);
  EXPECT_EQ(j.at("labels")[2].at("label"), 9);
  EXPECT_EQ(j.at("labels")[2].at("voxels"), 1);
  EXPECT_TRUE(j.at("labels")[2].at("surface_per_m").is_null());
  EXPECT_TRUE(to_json(image_info(hand())).at("voxel_size_m").is_null());
}

#ifdef VOXODE_WITH_TIFF
TEST(ImageInfo, RealElectrode_HasItsShares) {
  const std::string file = (std::filesystem::path(test::data_folder()) / "nmc-1-cal_generatedCBD_bridge.tif").string();
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "SKIPPED: no " << file << "; set VOXODE_DATA to the folder with the electrode's image";
  const auto info = image_info(io::read_image(file));
  EXPECT_THAT(info.shape, ElementsAre(251, 301, 301));
  EXPECT_EQ(info.type, "uint8");
  EXPECT_FALSE(info.voxel_size);  // its 72 dpi are for printing
  ASSERT_EQ(info.labels.size(), 3u);
  EXPECT_NEAR(info.labels[0].share, 0.40055, 5e-6);
  EXPECT_NEAR(info.labels[1].share, 0.49945, 5e-6);
  EXPECT_NEAR(info.labels[2].share, 0.10000, 5e-6);

  io::ImageSettings settings;
  settings.file = file;
  settings.voxel_size_m = {{0.398e-6, 0.398e-6, 0.398e-6}};
  settings.crop = io::Crop{{{0, 64}, {100, 164}, {100, 164}}};
  settings.labels = {{0, "electrolyte"}, {1, "active"}, {2, "binder"}};
  const auto grid = io::prepare_image(settings).grid;
  EXPECT_EQ(grid.n, (Index3{64, 64, 64}));
  EXPECT_THAT(grid.phase_names, ElementsAre("electrolyte", "active", "binder"));
  const auto whole = io::read_image(file);
  EXPECT_EQ(grid.phase[std::size_t(linear_index(grid.n, 3, 5, 7))], whole.label[std::size_t((7 * 301 + 105) * 301 + 103)]);
}
#endif

}  // namespace
}  // namespace voxode
