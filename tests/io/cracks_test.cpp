#include "io/cracks.hpp"

#include <gmock/gmock.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkIdList.h>
#include <vtkNew.h>
#include <vtkPolyData.h>
#include <vtkXMLPolyDataReader.h>

#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using test::ScratchFolder;
using test::text_of;
using testing::HasSubstr;

constexpr double h = 0.5e-6;

/// 3 x 2 x 2 voxels; four faces, one an axis and one that wraps in x.
struct Case {
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  mesh::Faces faces;
  physics::CrackSnapshot snapshot;
  Case() {
    grid.n = {3, 2, 2};
    grid.spacing = h;
    grid.phase.assign(12, 0);
    for (int v = 0; v < 12; ++v) bodies.of_voxel.push_back(100 + v);
    faces.cell = {0, 2, 0, 4};
    faces.axis = {0, 0, 1, 2};
    faces.entry = {0, 1, 0, 1};
    faces.normal = {1, 0, 0, 0.8f, 0.6f, 0, 0, 1, 0, 0, 0, 1};
    faces.area_share = {1, 0.8f, 1, 1};
    snapshot.face = {0, 1, 2, 3};
    snapshot.opening = {3e-9f, 3e-9f, 0, 1e-10f};
    snapshot.sliding = {1e-9f, 2e-9f, 3e-9f, 4e-9f};
    snapshot.damage = {0.9f, 0.9f, 0.5f, 1};
    snapshot.separation = {0.5f, 0.5f, 0.25f, 0.995f};
    snapshot.opened_part = {2.7e-9f, 2.7e-9f, 0, 1e-10f};
    snapshot.traction = {1e6f, 2e6f, -3e6f, 0};
  }
};

TEST(CrackWriter, OpenedFaces_GoByTheGapOfTheirEntryOrBySeparation) {
  const Case c;
  EXPECT_THAT(io::opened_faces(c.snapshot, c.faces, {1e-9, 1e-9}), testing::ElementsAre(0, 1, 3));
  EXPECT_THAT(io::opened_faces(c.snapshot, c.faces, {1e-9, 5e-9}), testing::ElementsAre(0, 3));
  EXPECT_THROW(io::opened_faces(c.snapshot, c.faces, {1e-9}), InternalError);
}

TEST(CrackWriter, Quads_LieOnTheirVoxelFacesAndPointAlongTheAxis) {
  ScratchFolder folder;
  Case c;
  io::CrackWriter writer(folder.path(), c.grid, c.bodies, c.faces, {1e-9, 1e-9});
  c.snapshot.separation.assign(4, 1);
  writer.write(c.snapshot, "cycle 1 charged", 1);
  vtkNew<vtkXMLPolyDataReader> reader;
  reader->SetFileName((folder / "cracks_0000.vtp").c_str());
  reader->Update();
  vtkPolyData* surface = reader->GetOutput();
  ASSERT_EQ(surface->GetNumberOfCells(), 4);
  const double centre[4][3] = {{1, 0.5, 0.5}, {3, 0.5, 0.5}, {0.5, 1, 0.5}, {1.5, 1.5, 1}};
  vtkNew<vtkIdList> ids;
  for (vtkIdType q = 0; q < 4; ++q) {
    surface->GetCellPoints(q, ids);
    ASSERT_EQ(ids->GetNumberOfIds(), 4);
    double p[4][3], mean[3] = {};
    for (int k = 0; k < 4; ++k) surface->GetPoint(ids->GetId(k), p[k]);
    for (int k = 0; k < 4; ++k)
      for (int d = 0; d < 3; ++d) mean[d] += p[k][d] / 4;
    for (int d = 0; d < 3; ++d) EXPECT_NEAR(mean[d], h * centre[q][d], 1e-12);
    for (int d = 0; d < 3; ++d) {
      const int e = (d + 1) % 3, f = (d + 2) % 3;
      const double area = (p[1][e] - p[0][e]) * (p[3][f] - p[0][f]) - (p[1][f] - p[0][f]) * (p[3][e] - p[0][e]);
      EXPECT_NEAR(area, d == c.faces.axis[std::size_t(q)] ? h * h : 0, 1e-6 * h * h);
    }
  }
  vtkCellData* data = surface->GetCellData();
  for (const auto& [name, values] : {std::pair{"opening_m", &c.snapshot.opening}, {"sliding_m", &c.snapshot.sliding}, {"damage", &c.snapshot.damage},
                                     {"separation", &c.snapshot.separation}, {"normal_traction_Pa", &c.snapshot.traction}})
    for (vtkIdType q = 0; q < 4; ++q) EXPECT_EQ(data->GetArray(name)->GetComponent(q, 0), (*values)[std::size_t(q)]) << name;
  const int entry[4] = {0, 1, 0, 1}, below[4] = {100, 102, 100, 104}, above[4] = {101, 100, 103, 110};
  for (vtkIdType q = 0; q < 4; ++q) {
    EXPECT_EQ(data->GetArray("interface")->GetComponent(q, 0), entry[q]);
    EXPECT_EQ(data->GetArray("body_a")->GetComponent(q, 0), below[q]);
    EXPECT_EQ(data->GetArray("body_b")->GetComponent(q, 0), above[q]);
  }
  EXPECT_FLOAT_EQ(float(data->GetArray("normal")->GetComponent(1, 1)), 0.6f);
}

TEST(CrackWriter, NothingOpen_IsAnEmptyValidFile) {
  ScratchFolder folder;
  const Case c;
  io::CrackWriter writer(folder.path(), c.grid, c.bodies, c.faces, {1e-9, 1e-9});
  writer.write({}, "pristine", 0);
  vtkNew<vtkXMLPolyDataReader> reader;
  reader->SetFileName((folder / "cracks_0000.vtp").c_str());
  reader->Update();
  EXPECT_EQ(reader->GetErrorCode(), 0u);
  EXPECT_EQ(reader->GetOutput()->GetNumberOfCells(), 0);
  EXPECT_NE(reader->GetOutput()->GetCellData()->GetArray("opening_m"), nullptr);
  EXPECT_THAT(text_of(folder / "cracks.pvd"), HasSubstr("file=\"cracks_0000.vtp\""));
}

}  // namespace
}  // namespace voxode
