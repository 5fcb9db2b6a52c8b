// VTK image data and OpenVDB grids.
#include <fmt/format.h>

#include "image_support.hpp"

#ifdef VOXODE_WITH_OPENVDB
#include <openvdb/openvdb.h>
#endif

namespace voxode {
namespace {

using io::read_image;
using test::read_error;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

#ifdef VOXODE_WITH_VTK
std::string array(const std::string& type, const std::string& name, int n = 24, int components = 1) {
  std::string text = fmt::format("<DataArray type=\"{}\" Name=\"{}\" format=\"ascii\" NumberOfComponents=\"{}\">", type, name, components);
  for (int v = 0; v < n * components; ++v) text += fmt::format(" {}", v % 120 + 1);
  return text + "</DataArray>";
}

class ImageVti : public test::ImageTest {
 protected:
  std::string vti(const std::string& point_data, const std::string& cell_data, const std::string& extent = "0 4 0 3 0 2", const std::string& spacing = "2e-7 3e-7 4e-7") {
    return bytes_file("image.vti", fmt::format("<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"0.1\" byte_order=\"LittleEndian\">\n"
                                               "<ImageData WholeExtent=\"{0}\" Origin=\"0 0 0\" Spacing=\"{1}\">\n<Piece Extent=\"{0}\">\n<PointData>{2}</PointData>\n"
                                               "<CellData>{3}</CellData>\n</Piece>\n</ImageData>\n</VTKFile>\n",
                                               extent, spacing, point_data, cell_data));
  }
  void expect_small(const io::LabelImage& image, const std::string& type) {
    EXPECT_EQ(image.shape, test::small_shape);
    EXPECT_EQ(image.type, type);
    EXPECT_THAT(image.label, ElementsAreArray(test::small_labels<std::uint32_t>()));
  }
};

TEST_F(ImageVti, CellsAndPoints_ReadWithZFirst) {
  const auto cells = read_image(vti("", array("UInt8", "labels")));
  expect_small(cells, "uint8");
  ASSERT_TRUE(cells.voxel_size);
  EXPECT_THAT(*cells.voxel_size, ElementsAre(4e-7, 3e-7, 2e-7));
  expect_small(read_image(vti(array("Int32", "anything"), "", "0 3 0 2 0 1")), "int32");
  expect_small(read_image(vti("", array("UInt16", "labels"), "10 14 5 8 -1 1")), "uint16");  // an extent that does not start at zero
  expect_small(read_image(vti("", array("Int64", "labels"))), "int64");
}

TEST_F(ImageVti, SpacingThatCannotBeMetres_IsUnknown) { EXPECT_FALSE(read_image(vti("", array("UInt8", "labels"), "0 4 0 3 0 2", "0.4 0.4 0.4")).voxel_size); }

TEST_F(ImageVti, SeveralArrays_NeedATellingName) {
  expect_small(read_image(vti("", array("Int16", "density") + array("UInt8", "phase"))), "uint8");
  EXPECT_THAT(read_error(vti("", array("UInt8", "first") + array("UInt8", "second"))), AllOf(HasSubstr("first, second"), HasSubstr("Name it \"labels\"")));
  EXPECT_THAT(read_error(vti("", "")), AllOf(HasSubstr("cell data: none"), HasSubstr("point data: none")));
}

TEST_F(ImageVti, Crop_IsThatPart) {
  EXPECT_THAT(read_image(vti("", array("UInt8", "labels")), {}, io::Crop{{{1, 2}, {1, 3}, {2, 4}}}).label, ElementsAre(19, 20, 23, 24));
}

TEST_F(ImageVti, NoLabels_SaysWhy) {
  EXPECT_THAT(read_error(vti("", array("Float32", "labels"))), AllOf(HasSubstr("float numbers"), HasSubstr("Convert")));
  EXPECT_THAT(read_error(vti("", array("UInt8", "labels", 24, 3))), HasSubstr("3 components"));
}

TEST_F(ImageVti, Damaged_IsAnErrorAndStandardErrorStaysEmpty) {
  const std::string bytes = bytes_of(vti("", array("UInt8", "labels")));
  ::testing::internal::CaptureStderr();
  for (std::size_t n = 60; n + 12 < bytes.size(); n += 9) {
    SCOPED_TRACE(n);
    EXPECT_THAT(read_error(bytes_file("cut.vti", bytes.substr(0, n))), AllOf(HasSubstr("cut.vti"), HasSubstr("damaged"), HasSubstr("again")));
  }
  EXPECT_THAT(read_error(bytes_file("text.vti", "hello")), HasSubstr("not a .vti file"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}
#endif

#ifdef VOXODE_WITH_OPENVDB
class ImageVdb : public test::ImageTest {
 protected:
  /// Labels 1 ... 24 with x fastest, somewhere off the origin.
  template <class Grid>
  typename Grid::Ptr small_grid(const std::string& name = "labels") {
    openvdb::initialize();
    auto grid = Grid::create(typename Grid::ValueType(0));
    auto accessor = grid->getAccessor();
    for (int v = 0; v < 24; ++v) accessor.setValue({v % 4 - 7, v / 4 % 3 + 100, v / 12 + 3}, typename Grid::ValueType(v + 1));
    grid->setName(name);
    grid->setTransform(openvdb::math::Transform::createLinearTransform(0.4));
    return grid;
  }
  std::string vdb(const openvdb::GridCPtrVec& grids) {
    openvdb::io::File file(path("image.vdb"));
    file.write(grids);
    file.close();
    return path("image.vdb");
  }
  void expect_small(const io::LabelImage& image, const std::string& type) {
    EXPECT_EQ(image.shape, test::small_shape);
    EXPECT_EQ(image.type, type);
    EXPECT_THAT(image.label, ElementsAreArray(test::small_labels<std::uint32_t>()));
  }
};

TEST_F(ImageVdb, WholeNumbers_ReadWithZFirst) {
  const auto image = read_image(vdb({small_grid<openvdb::Int32Grid>()}));
  expect_small(image, "int32");
  EXPECT_FALSE(image.voxel_size);  // a transform has no unit
  expect_small(read_image(vdb({small_grid<openvdb::Int64Grid>("anything")})), "int64");
  EXPECT_THAT(read_image(vdb({small_grid<openvdb::BoolGrid>()})).label, ElementsAreArray(std::vector<std::uint32_t>(24, 1)));
}

TEST_F(ImageVdb, InactiveVoxels_CarryTheBackground) {
  openvdb::initialize();
  auto grid = openvdb::Int32Grid::create(7);
  grid->getAccessor().setValue({0, 0, 0}, 1);
  grid->getAccessor().setValue({2, 0, 0}, 3);
  EXPECT_THAT(read_image(vdb({grid})).label, ElementsAre(1, 7, 3));
  EXPECT_THAT(read_error(vdb({openvdb::Int32Grid::create(7)})), HasSubstr("no active voxel"));
}

TEST_F(ImageVdb, Crop_IsThatPart) {
  EXPECT_THAT(read_image(vdb({small_grid<openvdb::Int32Grid>()}), {}, io::Crop{{{1, 2}, {1, 3}, {2, 4}}}).label, ElementsAre(19, 20, 23, 24));
}

TEST_F(ImageVdb, GridsThatCannotBeUsed_AreNamed) {
  EXPECT_THAT(read_error(vdb({small_grid<openvdb::FloatGrid>("density")})), AllOf(HasSubstr("\"density\" holds float values"), HasSubstr("Int32Grid")));
  EXPECT_THAT(read_error(vdb({small_grid<openvdb::Int32Grid>("a"), small_grid<openvdb::Int32Grid>("b")})), AllOf(HasSubstr("a, b"), HasSubstr("Name it \"labels\"")));
  expect_small(read_image(vdb({small_grid<openvdb::FloatGrid>("density"), small_grid<openvdb::Int32Grid>("labels")})), "int32");
}

TEST_F(ImageVdb, Truncated_IsAnError) {
  const std::string bytes = bytes_of(vdb({small_grid<openvdb::Int32Grid>()}));
  ::testing::internal::CaptureStderr();
  for (std::size_t n = 8; n < bytes.size(); n += 23) {
    SCOPED_TRACE(n);
    EXPECT_THAT(read_error(bytes_file("cut.vdb", bytes.substr(0, n))), AllOf(HasSubstr("cut.vdb"), HasSubstr("damaged or truncated"), HasSubstr("again")));
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}
#endif

}  // namespace
}  // namespace voxode
