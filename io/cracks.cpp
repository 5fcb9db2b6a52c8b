#include "io/cracks.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "io/series.hpp"
#include "kernels/error.hpp"

#ifdef VOXODE_WITH_VTK
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkFloatArray.h>
#include <vtkIntArray.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkUnsignedCharArray.h>
#include <vtkXMLPolyDataWriter.h>

#include "io/vtk_output.hpp"
#endif

namespace voxode::io {

std::vector<Index> opened_faces(const physics::CrackSnapshot& snapshot, const mesh::Faces& faces, const std::vector<double>& contact_gap) {
  constexpr float broken = 0.99f;
  const std::size_t n = snapshot.face.size();
  for (const std::vector<float>* values : {&snapshot.opening, &snapshot.sliding, &snapshot.damage, &snapshot.separation, &snapshot.opened_part, &snapshot.traction})
    if (values->size() != n) throw InternalError(fmt::format("a snapshot of {} faces has {} values", n, values->size()));
  std::vector<Index> opened;
  for (std::size_t p = 0; p < n; ++p) {
    const std::size_t entry = faces.entry[std::size_t(snapshot.face[p])];
    if (entry >= contact_gap.size()) throw InternalError(fmt::format("face {} has interface entry {} of {}", snapshot.face[p], entry, contact_gap.size()));
    if (double(snapshot.opened_part[p]) > contact_gap[entry] || snapshot.separation[p] >= broken) opened.push_back(Index(p));
  }
  return opened;
}

#ifdef VOXODE_WITH_VTK

struct CrackWriter::Implementation {
  const mesh::VoxelGrid& grid;
  const mesh::Bodies& bodies;
  const mesh::Faces& faces;
  std::vector<double> contact_gap;
  Series series;
};

namespace {

/// Quads of faces with shared corners.
struct Quads {
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> cells;
  std::unordered_map<Index, vtkIdType> point_of_vertex;

  void add(const mesh::VoxelGrid& grid, Index cell, int axis) {
    const Index3 n = grid.n;
    const Index3 lower{cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1])};
    const std::size_t a = std::size_t(axis), b = (a + 1) % 3, c = (a + 2) % 3;  // counter-clockwise about +axis
    constexpr int corner[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    vtkIdType quad[4];
    for (int q = 0; q < 4; ++q) {
      Index3 v = lower;
      v[a] += 1;
      v[b] += corner[q][0];
      v[c] += corner[q][1];
      quad[q] = point(grid, v);
    }
    cells->InsertNextCell(4, quad);
  }
  vtkIdType point(const mesh::VoxelGrid& grid, const Index3& v) {
    const auto [place, is_new] = point_of_vertex.try_emplace(linear_index({grid.n[0] + 1, grid.n[1] + 1, grid.n[2] + 1}, v[0], v[1], v[2]), points->GetNumberOfPoints());
    if (is_new) points->InsertNextPoint(double(v[0]) * grid.spacing, double(v[1]) * grid.spacing, double(v[2]) * grid.spacing);
    return place->second;
  }
};

/// Cell data of the drawn faces, one array a quantity.
class FaceData {
 public:
  FaceData(vtkCellData* data, const std::vector<Index>& drawn) : data_(data), drawn_(drawn) {}
  template <class VtkArray, class Value>
  void add(const char* name, int n_components, const Value& value) {
    vtkNew<VtkArray> array;
    array->SetName(name);
    array->SetNumberOfComponents(n_components);
    array->SetNumberOfTuples(vtkIdType(drawn_.size()));
    for (std::size_t q = 0; q < drawn_.size(); ++q)
      for (int c = 0; c < n_components; ++c) array->SetTypedComponent(vtkIdType(q), c, value(std::size_t(drawn_[q]), std::size_t(c)));
    data_->AddArray(array);
  }

 private:
  vtkCellData* data_;
  const std::vector<Index>& drawn_;
};

}  // namespace

CrackWriter::CrackWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const mesh::Faces& faces, std::vector<double> contact_gap,
                         Index keep)
    : implementation_(new Implementation{grid, bodies, faces, std::move(contact_gap), Series(folder, "cracks", "vtp", keep)}) {}

void CrackWriter::write(const physics::CrackSnapshot& snapshot, const std::string& state, double time) {
  const mesh::VoxelGrid& grid = implementation_->grid;
  const mesh::Faces& faces = implementation_->faces;
  const std::vector<std::int32_t>& body = implementation_->bodies.of_voxel;
  const std::vector<Index> drawn = opened_faces(snapshot, faces, implementation_->contact_gap);
  const auto face = [&](std::size_t p) { return std::size_t(snapshot.face[p]); };

  Quads quads;
  for (const Index p : drawn) quads.add(grid, faces.cell[face(std::size_t(p))], faces.axis[face(std::size_t(p))]);
  vtkNew<vtkPolyData> surface;
  surface->SetPoints(quads.points);
  surface->SetPolys(quads.cells);

  FaceData data(surface->GetCellData(), drawn);
  const auto add = [&](const char* name, const std::vector<float>& values) {
    data.add<vtkFloatArray>(name, 1, [&](std::size_t p, std::size_t) { return values[p]; });
  };
  add("opening_m", snapshot.opening);
  add("sliding_m", snapshot.sliding);
  add("damage", snapshot.damage);
  add("separation", snapshot.separation);
  add("normal_traction_Pa", snapshot.traction);
  data.add<vtkUnsignedCharArray>("interface", 1, [&](std::size_t p, std::size_t) { return faces.entry[face(p)]; });
  data.add<vtkIntArray>("body_a", 1, [&](std::size_t p, std::size_t) { return body[std::size_t(faces.cell[face(p)])]; });
  data.add<vtkIntArray>("body_b", 1, [&](std::size_t p, std::size_t) { return body[std::size_t(mesh::upper_cell(grid.n, faces.cell[face(p)], faces.axis[face(p)]))]; });
  data.add<vtkFloatArray>("normal", 3, [&](std::size_t p, std::size_t c) { return faces.normal[3 * face(p) + c]; });
  add_text(surface->GetFieldData(), "state", state);
  vtkNew<vtkDoubleArray> time_value;
  time_value->SetName("TimeValue");
  time_value->InsertNextValue(time);
  surface->GetFieldData()->AddArray(time_value);

  Series& series = implementation_->series;
  vtkNew<vtkXMLPolyDataWriter> writer;
  write_vtk(writer, surface, series.next_path(), series.path_of(series.size()));
  series.add(time);
}

Index CrackWriter::n_written() const { return implementation_->series.size(); }

#else

struct CrackWriter::Implementation {};

CrackWriter::CrackWriter(const std::string&, const mesh::VoxelGrid&, const mesh::Bodies&, const mesh::Faces&, std::vector<double>, Index) {
  throw ConfigError("output.fields asks for ParaView files and this voxode is built without VTK: set output.fields = \"none\", or build with -DVOXODE_WITH_VTK=ON.");
}
void CrackWriter::write(const physics::CrackSnapshot&, const std::string&, double) {}
Index CrackWriter::n_written() const { return 0; }

#endif

CrackWriter::~CrackWriter() = default;
CrackWriter::CrackWriter(CrackWriter&&) noexcept = default;

}  // namespace voxode::io
