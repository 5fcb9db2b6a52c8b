#include "io/cracks.hpp"

#include <gmock/gmock.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkFieldData.h>
#include <vtkIdList.h>
#include <vtkNew.h>
#include <vtkPolyData.h>
#include <vtkSmartPointer.h>
#include <vtkStringArray.h>
#include <vtkXMLPolyDataReader.h>

#include <cmath>
#include <set>

#include "io/scratch_folder.hpp"
#include "io/vtk_file.hpp"
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

vtkSmartPointer<vtkPolyData> read(const std::string& path) {
  vtkNew<vtkXMLPolyDataReader> reader;
  reader->SetFileName(path.c_str());
  reader->Update();
  EXPECT_EQ(reader->GetErrorCode(), 0u);
  return reader->GetOutput();
}

/// Area vector of a triangle.
Vector3 area_of(vtkPolyData* surface, vtkIdType cell) {
  vtkNew<vtkIdList> ids;
  surface->GetCellPoints(cell, ids);
  EXPECT_EQ(ids->GetNumberOfIds(), 3);
  double p[3][3];
  for (int k = 0; k < 3; ++k) surface->GetPoint(ids->GetId(k), p[k]);
  Vector3 area;
  for (std::size_t d = 0; d < 3; ++d) {
    const std::size_t e = (d + 1) % 3, f = (d + 2) % 3;
    area[d] = 0.5 * ((p[1][e] - p[0][e]) * (p[2][f] - p[0][f]) - (p[1][f] - p[0][f]) * (p[2][e] - p[0][e]));
  }
  return area;
}

TEST(CrackWriter, TwoTrianglesAFace_PointAlongItsAxisAndCarryItsData) {
  ScratchFolder folder;
  Case c;
  io::CrackWriter writer(folder.path(), c.grid, c.bodies, c.faces, {1e-9, 1e-9}, 0, {"active - electrolyte, any, bilinear", "active - active, any, contact"});
  c.snapshot.separation.assign(4, 1);
  c.snapshot.jump = {3e-9f, 0, 1e-9f, 1e-9f, 2e-9f, 3e-9f, 4e-9f, 5e-9f, 6e-9f, 7e-9f, 8e-9f, 9e-9f};
  c.snapshot.traction_vector = {1e6f, 3e6f, 4e6f, 1.6e6f, 1.2e6f, 5e5f, 0, -3e6f, 0, 2e6f, 0, 0};
  c.snapshot.mode_mix = {0.1f, 0.2f, 0.3f, 1};
  writer.write(c.snapshot, "cycle 1 charged", 1);
  const auto surface = read(folder / "cracks_0000.vtp");
  ASSERT_EQ(surface->GetNumberOfCells(), 8);
  for (const vtkIdType q : {0, 2, 3}) {  // whose normals are those of their voxel faces
    const Vector3 first = area_of(surface, 2 * q), second = area_of(surface, 2 * q + 1);
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_NEAR(first[d], d == c.faces.axis[std::size_t(q)] ? h * h / 2 : 0, 1e-6 * h * h);
      EXPECT_NEAR(second[d], first[d], 1e-6 * h * h);
    }
  }
  const Vector3 tilted = area_of(surface, 2);
  EXPECT_NEAR(tilted[1] / tilted[0], 0.6 / 0.8, 0.01);
  vtkCellData* data = surface->GetCellData();
  const auto at = [&](const char* name, vtkIdType cell, int component = 0) { return data->GetArray(name)->GetComponent(cell, component); };
  const int entry[4] = {0, 1, 0, 1}, below[4] = {100, 102, 100, 104}, above[4] = {101, 100, 103, 110};
  const double shear[4] = {5e6, 5e5, 0, 2e6};
  for (vtkIdType cell = 0; cell < 8; ++cell) {
    const auto q = std::size_t(cell / 2);
    for (const auto& [name, values] : {std::pair{"opening_m", &c.snapshot.opening}, {"opened_part_m", &c.snapshot.opened_part}, {"sliding_m", &c.snapshot.sliding},
                                       {"damage", &c.snapshot.damage}, {"separation", &c.snapshot.separation}, {"normal_traction_Pa", &c.snapshot.traction}})
      EXPECT_EQ(at(name, cell), (*values)[q]) << name;
    for (int d = 0; d < 3; ++d) {
      EXPECT_EQ(at("jump_m", cell, d), io::rounded(c.snapshot.jump[3 * q + std::size_t(d)], 12));
      EXPECT_EQ(at("traction_Pa", cell, d), io::rounded(c.snapshot.traction_vector[3 * q + std::size_t(d)], 12));
      EXPECT_EQ(at("normal", cell, d), io::rounded(c.faces.normal[3 * q + std::size_t(d)], 12));
    }
    EXPECT_NEAR(at("shear_traction_Pa", cell), shear[q], 1.3e-4 * shear[q] + 1);
    EXPECT_EQ(at("mode_mix", cell), io::rounded(c.snapshot.mode_mix[q], 12));
    EXPECT_EQ(at("interface", cell), entry[q]);
    EXPECT_EQ(at("body_a", cell), below[q]);
    EXPECT_EQ(at("body_b", cell), above[q]);
  }
  auto* names = vtkStringArray::SafeDownCast(surface->GetFieldData()->GetAbstractArray("interfaces"));
  ASSERT_NE(names, nullptr);
  EXPECT_EQ(names->GetValue(1), "active - active, any, contact");
}

/// A sphere whose lower part has opened.
struct SphereCase {
  static constexpr double radius = 9;
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  mesh::Faces faces;
  physics::CrackSnapshot snapshot;
  static double from_middle(const double* x) { return std::hypot(x[0] / h - 12, x[1] / h - 12, x[2] / h - 12); }
  SphereCase() {
    grid.n = {24, 24, 24};
    grid.spacing = h;
    for (Index v = 0; v < grid.n_voxels(); ++v) {
      const Index3 i = coordinates_of(v, grid.n);
      bodies.of_voxel.push_back(std::hypot(double(i[0]) - 11.5, double(i[1]) - 11.5, double(i[2]) - 11.5) < radius ? 0 : 1);
      grid.phase.push_back(std::uint8_t(bodies.of_voxel.back()));
    }
    bodies.table.resize(2);
    bodies.table[1].phase = 1;
    faces = mesh::make_faces(grid, bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::smoothed}; }, {});
    for (Index f = 0; f < faces.size(); ++f) snapshot.face.push_back(f);
    for (auto* values : {&snapshot.opening, &snapshot.sliding, &snapshot.damage, &snapshot.separation, &snapshot.opened_part, &snapshot.traction}) values->assign(snapshot.face.size(), 0);
  }
  void open_below(Index layer) {
    for (std::size_t p = 0; p < snapshot.face.size(); ++p) snapshot.opened_part[p] = faces.cell[p] / (24 * 24) < layer ? 5e-9f : 0.0f;
  }
};

TEST(CrackWriter, Sphere_IsSmoothAndClosedAndTheSameBytesEachTime) {
  ScratchFolder folder;
  SphereCase c;
  c.open_below(24);
  for (const char* place : {"a", "b"}) io::CrackWriter(folder / place, c.grid, c.bodies, c.faces, {1e-9}).write(c.snapshot, "charged", 1);
  EXPECT_TRUE(text_of(folder / "a/cracks_0000.vtp") == text_of(folder / "b/cracks_0000.vtp"));
  const auto surface = read(folder / "a/cracks_0000.vtp");
  ASSERT_EQ(surface->GetNumberOfCells(), 2 * c.faces.size());
  double area = 0, squares = 0;
  Vector3 sum{};
  for (vtkIdType cell = 0; cell < surface->GetNumberOfCells(); ++cell) {
    Vector3 a = area_of(surface, cell);
    const int sign = int(surface->GetCellData()->GetArray("body_a")->GetComponent(cell, 0)) == 0 ? 1 : -1;
    for (std::size_t d = 0; d < 3; ++d) sum[d] += sign * a[d];
    area += std::hypot(a[0], a[1], a[2]);
  }
  EXPECT_NEAR(area, 4 * 3.14159265358979 * SphereCase::radius * SphereCase::radius * h * h, 0.02 * area);
  for (const double component : sum) EXPECT_NEAR(component, 0, 1e-5 * area);  // closed
  for (vtkIdType p = 0; p < surface->GetNumberOfPoints(); ++p) squares += std::pow(SphereCase::from_middle(surface->GetPoint(p)) - SphereCase::radius, 2);
  EXPECT_LT(std::sqrt(squares / double(surface->GetNumberOfPoints())), 0.15) << "voxels from the sphere";
}

TEST(CrackWriter, CrackThatGrows_MovesNoTriangle) {
  ScratchFolder folder;
  SphereCase c;
  io::CrackWriter writer(folder.path(), c.grid, c.bodies, c.faces, {1e-9});
  c.open_below(8);
  writer.write(c.snapshot, "charging", 0.5);
  c.open_below(24);
  writer.write(c.snapshot, "charged", 1);
  const auto some = read(folder / "cracks_0000.vtp"), all = read(folder / "cracks_0001.vtp");
  std::set<Vector3> places;
  for (vtkIdType p = 0; p < all->GetNumberOfPoints(); ++p) places.insert({all->GetPoint(p)[0], all->GetPoint(p)[1], all->GetPoint(p)[2]});
  ASSERT_GT(some->GetNumberOfPoints(), 100);
  ASSERT_LT(some->GetNumberOfPoints(), all->GetNumberOfPoints());
  for (vtkIdType p = 0; p < some->GetNumberOfPoints(); ++p) EXPECT_TRUE(places.count({some->GetPoint(p)[0], some->GetPoint(p)[1], some->GetPoint(p)[2]}));
}

TEST(CrackWriter, NothingOpen_IsAnEmptyValidFile) {
  ScratchFolder folder;
  const Case c;
  io::CrackWriter writer(folder.path(), c.grid, c.bodies, c.faces, {1e-9, 1e-9});
  writer.write({}, "pristine", 0);
  const auto surface = read(folder / "cracks_0000.vtp");
  EXPECT_EQ(surface->GetNumberOfCells(), 0);
  for (const char* name : {"opening_m", "jump_m", "mode_mix", "shear_traction_Pa", "body_b", "normal"}) EXPECT_NE(surface->GetCellData()->GetArray(name), nullptr) << name;
  EXPECT_THAT(text_of(folder / "cracks.pvd"), HasSubstr("file=\"cracks_0000.vtp\""));
}

}  // namespace
}  // namespace voxode
