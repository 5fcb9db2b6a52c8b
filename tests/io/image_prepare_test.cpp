// From label image to voxel grid, on images small enough to count by hand.
#include <fmt/format.h>

#include <cmath>

#include "image_support.hpp"
#include "io/image/prepare.hpp"

namespace voxode {
namespace {

using io::ImageSettings;
using io::prepare_image;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using test::input_error;
using Bytes = std::vector<std::uint8_t>;

class ImagePrepare : public test::ImageTest {
 protected:
  /// An image of labels 0 .. with the names p0, p1, ...
  ImageSettings image(const std::array<Index, 3>& shape, const Bytes& labels) {
    ImageSettings s;
    s.file = path("image.npy");
    io::write_npy<std::uint8_t>(s.file, shape, labels);
    s.voxel_size_m = {{1e-6, 1e-6, 1e-6}};
    for (const auto l : labels) s.labels[l] = fmt::format("p{}", l);
    return s;
  }
  ImageSettings numbered() {
    Bytes labels = test::small_labels<std::uint8_t>();
    for (auto& l : labels) --l;
    return image(test::small_shape, labels);
  }
};

TEST_F(ImagePrepare, StackAxis0_ZIsPageAndXIsColumn) {
  const auto grid = prepare_image(numbered()).grid;
  EXPECT_EQ(grid.n, (Index3{4, 3, 2}));
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 4; ++i) EXPECT_EQ(grid.phase[std::size_t(linear_index(grid.n, i, j, k))], 12 * k + 4 * j + i);
  EXPECT_EQ(grid.spacing, 1e-6);
}

TEST_F(ImagePrepare, StackAxis1_XIsLaterAndYEarlierAxis) {
  auto s = numbered();
  s.stack_axis = 1;
  const auto grid = prepare_image(s).grid;
  EXPECT_EQ(grid.n, (Index3{4, 2, 3}));
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 4; ++i) EXPECT_EQ(grid.phase[std::size_t(linear_index(grid.n, i, j, k))], 12 * j + 4 * k + i);
}

TEST_F(ImagePrepare, StackAxis2Flipped_TurnsZOnly) {
  auto s = numbered();
  s.stack_axis = 2;
  s.flip = true;
  const auto grid = prepare_image(s).grid;
  EXPECT_EQ(grid.n, (Index3{3, 2, 4}));
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 3; ++i) EXPECT_EQ(grid.phase[std::size_t(linear_index(grid.n, i, j, k))], 12 * j + 4 * i + (3 - k));
}

TEST_F(ImagePrepare, Crop_IsHalfOpenInArrayAxes) {
  auto s = numbered();
  s.crop = io::Crop{{{1, 2}, {0, 2}, {1, 3}}};
  s.labels = {{13, "a"}, {14, "b"}, {17, "c"}, {18, "pore"}};
  const auto out = prepare_image(s);
  EXPECT_EQ(out.grid.n, (Index3{2, 2, 1}));
  EXPECT_THAT(out.grid.phase, ElementsAre(0, 1, 2, mesh::pore));
  EXPECT_THAT(out.grid.phase_names, ElementsAre("a", "b", "c"));
  EXPECT_THAT(out.notes, Contains(HasSubstr("cropped 2 x 3 x 4 to 1 x 2 x 2")));
}

TEST_F(ImagePrepare, CropOutside_SaysTheShape) {
  auto s = numbered();
  s.crop = io::Crop{{{0, 2}, {0, 4}, {0, 4}}};
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("array axis 1"), HasSubstr("2 x 3 x 4"), HasSubstr("[0, 4]")));
}

TEST_F(ImagePrepare, SharedName_IsOnePhaseNumberedByLabel) {
  auto s = image({1, 1, 4}, {3, 0, 2, 1});
  s.labels = {{0, "pore"}, {1, "b"}, {2, "a"}, {3, "b"}};
  const auto grid = prepare_image(s).grid;
  EXPECT_THAT(grid.phase_names, ElementsAre("b", "a"));
  EXPECT_THAT(grid.phase, ElementsAre(0, mesh::pore, 1, 0));
}

TEST_F(ImagePrepare, UnnamedLabels_AreListedWithShares) {
  auto s = image({1, 1, 4}, {0, 7, 7, 9});
  s.labels = {{0, "a"}};
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("7 (50 %)"), HasSubstr("9 (25 %)"), HasSubstr("image.labels")));
}

TEST_F(ImagePrepare, NameWithoutLabel_ListsWhatIsThere) {
  auto s = image({1, 1, 4}, {0, 1, 1, 1});
  s.labels[5] = "binder";
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("5 = \"binder\""), HasSubstr("0 (25 %), 1 (75 %)")));
}

TEST_F(ImagePrepare, NoVoxelSize_IsAnError) {
  auto s = numbered();
  s.voxel_size_m.reset();
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("size of a voxel is not known"), HasSubstr("voxel_size_um")));
}

#ifdef VOXODE_WITH_TIFF
TEST_F(ImagePrepare, VoxelSizeAgainstTags_ConflictsBeyondOnePerMille) {
  ImageSettings s;
  s.file = path("tagged.tif");
  const Bytes labels(24, 1);
  io::write_tiff<std::uint8_t>(s.file, test::small_shape, labels, {{0.4e-6, 0.4e-6, 0.4e-6}});
  s.labels = {{1, "a"}};
  EXPECT_NEAR(prepare_image(s).grid.spacing, 0.4e-6, 1e-12);
  s.voxel_size_m = {{0.4002e-6, 0.4002e-6, 0.4002e-6}};
  EXPECT_EQ(prepare_image(s).grid.spacing, 0.4002e-6);
  s.voxel_size_m = {{0.401e-6, 0.4e-6, 0.4e-6}};
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("contradicts"), HasSubstr("0.401"), HasSubstr("voxel_size_um")));
}
#endif

TEST_F(ImagePrepare, UnequalVoxels_BecomeCubesOfTheSmallest) {
  auto s = image({2, 1, 3}, {0, 1, 2, 3, 4, 5});
  s.voxel_size_m = {{2e-6, 1e-6, 1e-6}};
  const auto out = prepare_image(s);
  EXPECT_EQ(out.grid.n, (Index3{3, 1, 4}));
  EXPECT_THAT(out.grid.phase, ElementsAre(0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5));
  EXPECT_EQ(out.grid.spacing, 1e-6);
  EXPECT_THAT(out.notes, Contains(AllOf(HasSubstr("resampled"), HasSubstr("cubes of 1 um"))));
  s.cube_edge_m = 2e-6;  // centres of the new voxels along x lie on the face between the old ones 0 and 1: the upper
  const auto coarse = prepare_image(s).grid;
  EXPECT_EQ(coarse.n, (Index3{2, 1, 2}));
  EXPECT_THAT(coarse.phase, ElementsAre(1, 2, 4, 5));
}

TEST_F(ImagePrepare, Coarsen_MajorityTieAndDroppedBorder) {
  // Two blocks of 2 x 2 x 2 along x and a layer too many: five 2 against three 0; four 1 against four 0.
  auto s = image({2, 2, 5}, {2, 0, 0, 1, 2, /**/ 2, 2, 1, 0, 2, /**/ 0, 2, 1, 0, 2, /**/ 0, 2, 0, 1, 2});
  s.coarsen = 2;
  const auto out = prepare_image(s);
  EXPECT_EQ(out.grid.n, (Index3{2, 1, 1}));
  EXPECT_THAT(out.grid.phase, ElementsAre(2, 0));
  EXPECT_EQ(out.grid.spacing, 2e-6);
  EXPECT_THAT(out.notes, Contains(HasSubstr("1 along x, 0 along y, 0 along z")));
  EXPECT_THAT(out.notes, Contains(HasSubstr("no voxel of p1 is left")));
  s.coarsen = 3;
  EXPECT_THAT(input_error([&] { prepare_image(s); }), HasSubstr("leaves nothing"));
}

TEST_F(ImagePrepare, CoarsenWithSharedName_CountsPhasesNotLabels) {
  auto s = image({2, 2, 2}, {0, 0, 0, 1, 1, 1, 2, 2});
  s.labels = {{0, "a"}, {1, "b"}, {2, "b"}};
  s.coarsen = 2;
  EXPECT_THAT(prepare_image(s).grid.phase, ElementsAre(1));
}

TEST_F(ImagePrepare, Instances_FollowEveryStep) {
  auto s = image({2, 2, 4}, {1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1});
  s.bodies_file = path("bodies.npy");
  const std::vector<std::uint16_t> bodies{9, 300, 1, 1, 9, 8, 1, 1, 300, 300, 2, 8, 7, 300, 8, 8};
  io::write_npy<std::uint16_t>(s.bodies_file, {2, 2, 4}, bodies);
  EXPECT_THAT(prepare_image(s).grid.instance, ::testing::ElementsAreArray(bodies));
  s.coarsen = 2;
  const auto grid = prepare_image(s).grid;
  EXPECT_THAT(grid.phase, ElementsAre(1, 0));
  EXPECT_THAT(grid.instance, ElementsAre(300, 1));
  s.coarsen = 1;
  s.crop = io::Crop{{{1, 2}, {0, 1}, {2, 4}}};
  s.flip = true;
  EXPECT_THAT(prepare_image(s).grid.instance, ElementsAre(2, 8));
}

TEST_F(ImagePrepare, InstancesOfAnotherShape_NameBoth) {
  auto s = numbered();
  s.bodies_file = path("bodies.npy");
  io::write_npy<std::uint8_t>(s.bodies_file, {2, 4, 3}, Bytes(24, 1));
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("2 x 4 x 3"), HasSubstr("2 x 3 x 4")));
  s.bodies_file = path("none.npy");
  EXPECT_THAT(input_error([&] { prepare_image(s); }), AllOf(HasSubstr("bodies_file"), HasSubstr("none.npy")));
}

TEST_F(ImagePrepare, Islands_TakeTheMajorityAround) {
  // A 5 x 5 plane: a speck of two 1 in 0 (one inside the other as 2), 0 everywhere else, 3 along the right side.
  auto s = image({1, 5, 5}, {0, 0, 0, 0, 3,  //
                             0, 1, 1, 0, 3,  //
                             0, 0, 0, 0, 3,  //
                             0, 0, 0, 2, 3,  //
                             0, 0, 0, 0, 3});
  s.clean_islands_voxels = 2;
  auto out = prepare_image(s);
  EXPECT_EQ(out.grid.phase[std::size_t(3 * 5 + 3)], 0);  // three faces to 0, one to 3
  EXPECT_EQ(out.grid.phase[6], 1);
  EXPECT_THAT(out.notes, Contains(HasSubstr("removed 1 islands of p2 with 1 voxels")));
  s.clean_islands_voxels = 3;
  out = prepare_image(s);
  EXPECT_EQ(out.grid.phase, (Bytes{0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3}));
}

TEST_F(ImagePrepare, IslandInsideAnIsland_GoesInAFurtherPass) {
  Bytes labels(7 * 7, 0);
  for (int j = 2; j < 5; ++j)
    for (int i = 2; i < 5; ++i) labels[std::size_t(7 * j + i)] = 1;
  labels[7 * 3 + 3] = 2;
  auto s = image({1, 7, 7}, labels);
  s.clean_islands_voxels = 9;
  EXPECT_EQ(prepare_image(s).grid.phase, Bytes(49, 0));
  s.clean_islands_voxels = 100;  // nothing is larger: nothing changes, and it is said
  const auto out = prepare_image(s);
  EXPECT_EQ(out.grid.phase, labels);
  EXPECT_THAT(out.notes, Contains(HasSubstr("left 3 islands")));
}

TEST_F(ImagePrepare, IslandsAndInstances_TakeTheNeighboursInstance) {
  auto s = image({1, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0});
  s.bodies_file = path("bodies.npy");
  io::write_npy<std::uint8_t>(s.bodies_file, {1, 3, 3}, Bytes{1, 5, 1, 5, 9, 4, 1, 4, 1});
  s.clean_islands_voxels = 2;
  EXPECT_EQ(prepare_image(s).grid.instance[4], 4u);  // 4 and 5 twice each: the smaller
}

TEST_F(ImagePrepare, SettingsOutOfRange_AreErrors) {
  auto s = numbered();
  s.stack_axis = 3;
  EXPECT_THAT(input_error([&] { prepare_image(s); }), HasSubstr("stack_axis = 3"));
  s.stack_axis = 0;
  s.coarsen = 0;
  EXPECT_THAT(input_error([&] { prepare_image(s); }), HasSubstr("coarsen = 0"));
}

}  // namespace
}  // namespace voxode
