#include "io/fields.hpp"

#include <gmock/gmock.h>
#include <vtkCellData.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkStringArray.h>
#include <vtkXMLImageDataReader.h>

#include <cmath>
#include <limits>

#include "io/limited_child.hpp"
#include "io/scratch_folder.hpp"
#include "io/vtk_file.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using test::ScratchFolder;
using test::text_of;
using testing::HasSubstr;
using testing::Not;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Values that tell voxels and components apart; noise keeps the compressor honest where size matters.
struct Cubes {
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  physics::FieldSnapshot snapshot;
  explicit Cubes(Index3 n) {
    grid.n = n;
    grid.spacing = 0.5e-6;
    const std::size_t count = std::size_t(grid.n_voxels());
    for (std::size_t v = 0; v < count; ++v) {
      const bool is_pore = v % 5 == 4;
      grid.phase.push_back(is_pore ? mesh::pore : std::uint8_t(v % 3));
      bodies.of_voxel.push_back(is_pore ? -1 : std::int32_t(v + 70000));
      snapshot.lithium.push_back(v % 3 == 0 ? 0.5f + 0.001f * float(v) : nan);
      for (int c = 0; c < 3; ++c) snapshot.displacement.push_back(1e-9f * float(10 * v + std::size_t(c)));
      for (int c = 0; c < 6; ++c) snapshot.stress.push_back(1e6f * (float(v) + 0.1f * float(c)) + std::sin(float(v * 7919)));
    }
    snapshot.name = "cycle 1 charged";
    snapshot.time = 1;
  }
};

vtkNew<vtkXMLImageDataReader> read_fields(const std::string& path) {
  vtkNew<vtkXMLImageDataReader> reader;
  reader->SetFileName(path.c_str());
  reader->Update();
  return reader;
}

TEST(FieldWriter, State_ReadsBackWithVtk) {
  ScratchFolder folder;
  Cubes c({4, 3, 2});
  io::FieldWriter writer(folder.path(), c.grid, c.bodies, 0, io::known_field_arrays());
  writer.write(c.snapshot);
  const auto reader = read_fields(folder / "fields_0000.vti");
  EXPECT_EQ(reader->GetErrorCode(), 0u);
  vtkImageData* image = reader->GetOutput();
  ASSERT_EQ(image->GetNumberOfCells(), 24);
  int dimensions[3];
  image->GetDimensions(dimensions);
  EXPECT_THAT(dimensions, testing::ElementsAre(5, 4, 3));
  EXPECT_DOUBLE_EQ(image->GetSpacing()[2], 0.5e-6);
  vtkCellData* data = image->GetCellData();
  EXPECT_EQ(data->GetArray("phase")->GetDataType(), VTK_UNSIGNED_CHAR);
  EXPECT_EQ(data->GetArray("body")->GetDataType(), VTK_INT);
  const int order[6] = {0, 1, 2, 5, 3, 4};  // XX YY ZZ XY YZ XZ
  for (vtkIdType v = 0; v < 24; ++v) {
    const auto u = std::size_t(v);
    EXPECT_EQ(data->GetArray("phase")->GetComponent(v, 0), c.grid.phase[u]);
    EXPECT_EQ(data->GetArray("body")->GetComponent(v, 0), c.bodies.of_voxel[u]);
    EXPECT_EQ(std::isnan(data->GetArray("lithium")->GetComponent(v, 0)), std::isnan(c.snapshot.lithium[u]));
    if (v % 3 == 0) { EXPECT_EQ(data->GetArray("lithium")->GetComponent(v, 0), c.snapshot.lithium[u]); }
    const auto expect_digits = [&](const char* name, int component, double value, double digits) {
      EXPECT_NEAR(data->GetArray(name)->GetComponent(v, component), value, digits * std::abs(value)) << name;
    };
    constexpr double coarse = 1.3e-4, fine = 7.7e-6;
    for (int k = 0; k < 3; ++k) expect_digits("displacement_m", k, c.snapshot.displacement[3 * u + std::size_t(k)], fine);
    for (int k = 0; k < 6; ++k) expect_digits("stress_MPa", k, 1e-6 * c.snapshot.stress[6 * u + std::size_t(order[k])], coarse);
    const float* s = &c.snapshot.stress[6 * u];
    expect_digits("mean_stress_MPa", 0, 1e-6 * (double(s[0]) + s[1] + s[2]) / 3, coarse);
    expect_digits("von_mises_MPa", 0, 1e-6 * io::von_mises(s), coarse);
  }
  EXPECT_STREQ(data->GetArray("stress_MPa")->GetComponentName(3), "XY");
  EXPECT_FALSE(data->HasArray("ionic_potential"));
  auto* state = vtkStringArray::SafeDownCast(image->GetFieldData()->GetAbstractArray("state"));
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->GetValue(0), "cycle 1 charged");
  EXPECT_THAT(text_of(folder / "fields_0000.vti"), HasSubstr("vtkZLibDataCompressor"));
}

std::vector<std::string> names_in(vtkImageData* image) {
  std::vector<std::string> names;
  for (int a = 0; a < image->GetCellData()->GetNumberOfArrays(); ++a) names.emplace_back(image->GetCellData()->GetArrayName(a));
  return names;
}

TEST(FieldWriter, Arrays_AreThoseAskedForAndThereByDefaultSix) {
  ScratchFolder folder;
  Cubes c({3, 3, 3});
  c.snapshot.ionic_potential.assign(27, 0.5f);
  io::FieldWriter(folder / "standard", c.grid, c.bodies).write(c.snapshot);
  EXPECT_THAT(names_in(read_fields(folder / "standard/fields_0000.vti")->GetOutput()), testing::ElementsAre("phase", "body", "lithium", "displacement_m", "von_mises_MPa", "mean_stress_MPa"));
  io::FieldWriter(folder / "chosen", c.grid, c.bodies, 0, {"stress", "ionic_potential", "electronic_potential", "phase"}).write(c.snapshot);
  EXPECT_THAT(names_in(read_fields(folder / "chosen/fields_0000.vti")->GetOutput()), testing::ElementsAre("phase", "stress_MPa", "ionic_potential"));
  io::FieldWriter(folder / "none", c.grid, c.bodies, 0, {}).write(c.snapshot);
  const auto empty = read_fields(folder / "none/fields_0000.vti");
  EXPECT_EQ(empty->GetErrorCode(), 0u);
  EXPECT_EQ(empty->GetOutput()->GetNumberOfCells(), 27);
}

/// Many blocks of every array, the last one not whole; values beyond the first block tell whether offsets and block sizes are right.
TEST(FieldWriter, ManyBlocks_ReadBackAndAreTheSameBytesEachTime) {
  ScratchFolder folder;
  Cubes c({61, 59, 67});
  io::FieldWriter(folder / "a", c.grid, c.bodies, 0, io::known_field_arrays()).write(c.snapshot);
  io::FieldWriter(folder / "b", c.grid, c.bodies, 0, io::known_field_arrays()).write(c.snapshot);
  EXPECT_TRUE(text_of(folder / "a/fields_0000.vti") == text_of(folder / "b/fields_0000.vti"));
  const auto reader = read_fields(folder / "a/fields_0000.vti");
  vtkCellData* data = reader->GetOutput()->GetCellData();
  for (const std::size_t v : {std::size_t(0), std::size_t(70000), std::size_t(150001), c.grid.phase.size() - 1}) {
    EXPECT_EQ(data->GetArray("phase")->GetComponent(vtkIdType(v), 0), c.grid.phase[v]);
    EXPECT_EQ(data->GetArray("body")->GetComponent(vtkIdType(v), 0), c.bodies.of_voxel[v]);
    EXPECT_EQ(data->GetArray("displacement_m")->GetComponent(vtkIdType(v), 2), io::rounded(c.snapshot.displacement[3 * v + 2], 16));
    EXPECT_EQ(data->GetArray("von_mises_MPa")->GetComponent(vtkIdType(v), 0), io::rounded(1e-6f * io::von_mises(&c.snapshot.stress[6 * v]), 12));
  }
}

TEST(FieldWriter, Rounded_IsTheNearestOfFewerDigits) {
  EXPECT_EQ(io::rounded(1 + 0x1p-13f, 12), 1 + 0x1p-12f);
  EXPECT_EQ(io::rounded(1 + 0x1.8p-14f, 12), 1);
  EXPECT_EQ(io::rounded(-3, 12), -3);
  EXPECT_EQ(io::rounded(0x1.fffffep0f, 4), 2);
  EXPECT_TRUE(std::isnan(io::rounded(nan, 12)));
  EXPECT_EQ(io::rounded(std::numeric_limits<float>::infinity(), 12), std::numeric_limits<float>::infinity());
}

TEST(FieldWriter, VonMises_OfTensionAndOfShear) {
  const float tension[6] = {0, 5, 0, 0, 0, 0}, shear[6] = {0, 0, 0, 0, 2, 0}, pressure[6] = {-3, -3, -3, 0, 0, 0};
  EXPECT_FLOAT_EQ(io::von_mises(tension), 5);
  EXPECT_FLOAT_EQ(io::von_mises(shear), 2 * std::sqrt(3.0f));
  EXPECT_FLOAT_EQ(io::von_mises(pressure), 0);
}

TEST(FieldWriter, List_HoldsEveryStateAndResumeForgetsLaterOnes) {
  ScratchFolder folder;
  Cubes c({2, 2, 2});
  {
    io::FieldWriter writer(folder.path(), c.grid, c.bodies, 0, io::known_field_arrays());
    EXPECT_THAT(text_of(folder / "fields.pvd"), Not(HasSubstr("DataSet")));
    for (int state = 0; state < 3; ++state) {
      c.snapshot.time = 0.5 * state;
      c.snapshot.ionic_potential.assign(8, 0.25f);
      writer.write(c.snapshot);
    }
  }
  EXPECT_THAT(text_of(folder / "fields.pvd"), HasSubstr("timestep=\"1\" group=\"\" part=\"0\" file=\"fields_0002.vti\""));
  EXPECT_EQ(read_fields(folder / "fields_0002.vti")->GetOutput()->GetCellData()->GetArray("ionic_potential")->GetComponent(3, 0), 0.25);
  {
    io::FieldWriter writer(folder.path(), c.grid, c.bodies, 2);
    EXPECT_FALSE(std::filesystem::exists(folder / "fields_0002.vti"));
    EXPECT_EQ(writer.n_written(), 2);
    c.snapshot.time = 7;
    writer.write(c.snapshot);
  }
  const std::string list = text_of(folder / "fields.pvd");
  EXPECT_THAT(list, HasSubstr("file=\"fields_0001.vti\""));
  EXPECT_THAT(list, HasSubstr("timestep=\"7\" group=\"\" part=\"0\" file=\"fields_0002.vti\""));
  EXPECT_THROW(io::FieldWriter(folder.path(), c.grid, c.bodies, 4), InputError);
}

TEST(FieldWriter, ArrayOfWrongLength_IsRefused) {
  ScratchFolder folder;
  Cubes c({2, 2, 2});
  io::FieldWriter writer(folder.path(), c.grid, c.bodies);
  c.snapshot.stress.pop_back();
  EXPECT_THROW(writer.write(c.snapshot), InternalError);
}

TEST(FieldWriter, DiskFull_LeavesTheFinishedStatesListed) {
  ScratchFolder folder;
  Cubes small({2, 2, 2}), large({32, 32, 32});
  const int status = test::run_with_file_limit(20000, [&] {
    {
      io::FieldWriter writer(folder.path(), small.grid, small.bodies);
      writer.write(small.snapshot);
    }
    io::FieldWriter writer(folder.path(), large.grid, large.bodies, 1);
    try {
      writer.write(large.snapshot);
      return 1;
    } catch (const OutputError& error) {
      return std::string(error.what()).find(folder / "fields_0001.vti") == std::string::npos ? 2 : 0;
    }
  });
  EXPECT_EQ(status, 0);
  EXPECT_THAT(text_of(folder / "fields.pvd"), HasSubstr("fields_0000.vti"));
  EXPECT_THAT(text_of(folder / "fields.pvd"), Not(HasSubstr("fields_0001.vti")));
  int n_files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++n_files;
  EXPECT_EQ(n_files, 2) << "a piece of the state that did not fit was left behind";
}

}  // namespace
}  // namespace voxode
