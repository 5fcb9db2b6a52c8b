#include "io/fields.hpp"

#include <fmt/format.h>

#include <cmath>

#include "io/series.hpp"
#include "kernels/error.hpp"

#ifdef VOXODE_WITH_VTK
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkIntArray.h>
#include <vtkUnsignedCharArray.h>
#include <vtkXMLImageDataWriter.h>

#include "io/vtk_output.hpp"
#endif

namespace voxode::io {

float von_mises(const float* s) {
  const double a = double(s[0]) - s[1], b = double(s[1]) - s[2], c = double(s[2]) - s[0];
  const double shear = double(s[3]) * s[3] + double(s[4]) * s[4] + double(s[5]) * s[5];
  return float(std::sqrt(0.5 * (a * a + b * b + c * c) + 3 * shear));
}

#ifdef VOXODE_WITH_VTK

struct FieldWriter::Implementation {
  const mesh::VoxelGrid& grid;
  const mesh::Bodies& bodies;
  Series series;
};

namespace {

void check_length(const char* name, std::size_t length, std::size_t wanted, bool may_be_empty) {
  if (length != wanted && !(may_be_empty && length == 0))
    throw InternalError(fmt::format("the snapshot's {} has {} values, the voxels want {}", name, length, wanted));
}

/// Derived stresses, MPa.
struct StressFields {
  std::vector<float> tensor, mises, mean;
  explicit StressFields(std::vector<float> stress) : tensor(std::move(stress)), mises(tensor.size() / 6), mean(tensor.size() / 6) {
    constexpr int from[6] = {0, 1, 2, 5, 3, 4};  // VTK: XX YY ZZ XY YZ XZ, here: xx yy zz yz xz xy
    constexpr float per_MPa = 1e-6f;
    for (std::size_t v = 0; v < mises.size(); ++v) {
      float s[6];
      for (int c = 0; c < 6; ++c) s[c] = tensor[6 * v + std::size_t(c)];
      for (int c = 0; c < 6; ++c) tensor[6 * v + std::size_t(c)] = s[from[c]] * per_MPa;
      mises[v] = von_mises(s) * per_MPa;
      mean[v] = (s[0] + s[1] + s[2]) / 3 * per_MPa;
    }
  }
};

}  // namespace

FieldWriter::FieldWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, Index keep)
    : implementation_(new Implementation{grid, bodies, Series(folder, "fields", "vti", keep)}) {}

void FieldWriter::write(physics::FieldSnapshot snapshot) {
  const mesh::VoxelGrid& grid = implementation_->grid;
  const Index n = grid.n_voxels();
  check_length("displacement", snapshot.displacement.size(), std::size_t(3 * n), true);
  check_length("stress", snapshot.stress.size(), std::size_t(6 * n), true);
  check_length("lithium", snapshot.lithium.size(), std::size_t(n), true);
  check_length("ionic potential", snapshot.ionic_potential.size(), std::size_t(n), true);
  check_length("electronic potential", snapshot.electronic_potential.size(), std::size_t(n), true);

  vtkNew<vtkImageData> image;
  image->SetDimensions(int(grid.n[0]) + 1, int(grid.n[1]) + 1, int(grid.n[2]) + 1);
  image->SetSpacing(grid.spacing, grid.spacing, grid.spacing);
  vtkCellData* cells = image->GetCellData();
  cells->AddArray(borrow<vtkUnsignedCharArray>("phase", grid.phase.data(), 1, n));
  cells->AddArray(borrow<vtkIntArray>("body", implementation_->bodies.of_voxel.data(), 1, n));
  const auto add = [&](const char* name, const std::vector<float>& values, int n_components) {
    if (!values.empty()) cells->AddArray(borrow<vtkFloatArray>(name, values.data(), n_components, n));
  };
  add("lithium", snapshot.lithium, 1);
  add("displacement_m", snapshot.displacement, 3);
  const StressFields stress(std::move(snapshot.stress));
  if (!stress.tensor.empty()) {
    const auto tensor = borrow<vtkFloatArray>("stress_MPa", stress.tensor.data(), 6, n);
    const char* names[6] = {"XX", "YY", "ZZ", "XY", "YZ", "XZ"};
    for (int c = 0; c < 6; ++c) tensor->SetComponentName(c, names[c]);
    cells->AddArray(tensor);
    add("von_mises_MPa", stress.mises, 1);
    add("mean_stress_MPa", stress.mean, 1);
  }
  add("ionic_potential", snapshot.ionic_potential, 1);
  add("electronic_potential", snapshot.electronic_potential, 1);
  add_text(image->GetFieldData(), "state", snapshot.name);
  vtkNew<vtkDoubleArray> time;
  time->SetName("TimeValue");
  time->InsertNextValue(snapshot.time);
  image->GetFieldData()->AddArray(time);

  Series& series = implementation_->series;
  vtkNew<vtkXMLImageDataWriter> writer;
  write_vtk(writer, image, series.next_path(), series.path_of(series.size()));
  series.add(snapshot.time);
}

Index FieldWriter::n_written() const { return implementation_->series.size(); }

#else

struct FieldWriter::Implementation {};

FieldWriter::FieldWriter(const std::string&, const mesh::VoxelGrid&, const mesh::Bodies&, Index) {
  throw ConfigError("output.fields asks for ParaView files and this voxode is built without VTK: set output.fields = \"none\", or build with -DVOXODE_WITH_VTK=ON.");
}
void FieldWriter::write(physics::FieldSnapshot) {}
Index FieldWriter::n_written() const { return 0; }

#endif

FieldWriter::~FieldWriter() = default;
FieldWriter::FieldWriter(FieldWriter&&) noexcept = default;

}  // namespace voxode::io
