#include "io/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "io/series.hpp"
#include "io/vtk_file.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

float von_mises(const float* s) {
  const double a = double(s[0]) - s[1], b = double(s[1]) - s[2], c = double(s[2]) - s[0];
  const double shear = double(s[3]) * s[3] + double(s[4]) * s[4] + double(s[5]) * s[5];
  return float(std::sqrt(0.5 * (a * a + b * b + c * c) + 3 * shear));
}

const std::vector<std::string>& known_field_arrays() {
  static const std::vector<std::string> names{"phase", "body", "lithium", "displacement", "von_mises", "mean_stress", "stress", "ionic_potential", "electronic_potential"};
  return names;
}
const std::vector<std::string>& default_field_arrays() {
  static const std::vector<std::string> names(known_field_arrays().begin(), known_field_arrays().begin() + 6);
  return names;
}

#ifdef VOXODE_WITH_VTK

struct FieldWriter::Implementation {
  const mesh::VoxelGrid& grid;
  const mesh::Bodies& bodies;
  std::vector<std::string> arrays;
  Series series;
};

namespace {

constexpr int stress_bits = 12, other_bits = 16;
constexpr float per_MPa = 1e-6f;

void check_length(const char* name, std::size_t length, std::size_t wanted) {
  if (length != wanted && length != 0) throw InternalError(fmt::format("the snapshot's {} has {} values, the voxels want {}", name, length, wanted));
}

template <class T>
std::function<void(Index, Index, void*)> copy(const std::vector<T>& values) {
  return [&values](Index begin, Index end, void* to) { std::memcpy(to, values.data() + begin, std::size_t(end - begin) * sizeof(T)); };
}

/// A noisy array whose numbers are value(cell, component).
template <class Value>
DataArray noisy_array(const char* name, int n_components, int bits, const Value& value) {
  return {name, "Float32", n_components, {}, true, [=](Index begin, Index end, void* to) {
            auto* number = static_cast<float*>(to);
            for (Index cell = begin; cell < end; ++cell)
              for (int c = 0; c < n_components; ++c) *number++ = rounded(value(std::size_t(cell), std::size_t(c)), bits);
          }};
}

/// All that the snapshot has, by the names of output.field_arrays.
std::vector<std::pair<std::string, DataArray>> arrays_of(const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const physics::FieldSnapshot& snapshot) {
  std::vector<std::pair<std::string, DataArray>> arrays;
  arrays.emplace_back("phase", DataArray{"phase", "UInt8", 1, {}, false, copy(grid.phase)});
  arrays.emplace_back("body", DataArray{"body", "Int32", 1, {}, false, copy(bodies.of_voxel)});
  if (!snapshot.lithium.empty()) arrays.emplace_back("lithium", DataArray{"lithium", "Float32", 1, {}, false, copy(snapshot.lithium)});
  if (!snapshot.displacement.empty())
    arrays.emplace_back("displacement", noisy_array("displacement_m", 3, other_bits, [u = snapshot.displacement.data()](std::size_t v, std::size_t c) { return u[3 * v + c]; }));
  if (!snapshot.stress.empty()) {
    const float* const s = snapshot.stress.data();
    static constexpr std::size_t from[6] = {0, 1, 2, 5, 3, 4};  // VTK: XX YY ZZ XY YZ XZ, here: xx yy zz yz xz xy
    arrays.emplace_back("von_mises", noisy_array("von_mises_MPa", 1, stress_bits, [s](std::size_t v, std::size_t) { return von_mises(s + 6 * v) * per_MPa; }));
    arrays.emplace_back("mean_stress", noisy_array("mean_stress_MPa", 1, stress_bits, [s](std::size_t v, std::size_t) { return (s[6 * v] + s[6 * v + 1] + s[6 * v + 2]) / 3 * per_MPa; }));
    arrays.emplace_back("stress", noisy_array("stress_MPa", 6, stress_bits, [s](std::size_t v, std::size_t c) { return s[6 * v + from[c]] * per_MPa; }));
    arrays.back().second.component_names = {"XX", "YY", "ZZ", "XY", "YZ", "XZ"};
  }
  for (const auto& [name, values] : {std::pair{"ionic_potential", &snapshot.ionic_potential}, {"electronic_potential", &snapshot.electronic_potential}})
    if (!values->empty()) arrays.emplace_back(name, noisy_array(name, 1, other_bits, [p = values->data()](std::size_t v, std::size_t) { return p[v]; }));
  return arrays;
}

}  // namespace

FieldWriter::FieldWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, Index keep, std::vector<std::string> arrays)
    : implementation_(new Implementation{grid, bodies, std::move(arrays), Series(folder, "fields", "vti", keep)}) {}

void FieldWriter::write(const physics::FieldSnapshot& snapshot) {
  Implementation& me = *implementation_;
  const auto n = std::size_t(me.grid.n_voxels());
  check_length("displacement", snapshot.displacement.size(), 3 * n);
  check_length("stress", snapshot.stress.size(), 6 * n);
  check_length("lithium", snapshot.lithium.size(), n);
  check_length("ionic potential", snapshot.ionic_potential.size(), n);
  check_length("electronic potential", snapshot.electronic_potential.size(), n);
  ImageFile image{me.grid.n, me.grid.spacing, {snapshot.name, snapshot.time, {}}, {}};
  for (auto& [name, array] : arrays_of(me.grid, me.bodies, snapshot))
    if (std::find(me.arrays.begin(), me.arrays.end(), name) != me.arrays.end()) image.cell_data.push_back(std::move(array));
  write_image(image, me.series.next_path(), me.series.path_of(me.series.size()));
  me.series.add(snapshot.time);
}

Index FieldWriter::n_written() const { return implementation_->series.size(); }

#else

struct FieldWriter::Implementation {};

FieldWriter::FieldWriter(const std::string&, const mesh::VoxelGrid&, const mesh::Bodies&, Index, std::vector<std::string>) {
  throw ConfigError("output.fields asks for ParaView files and this voxode is built without VTK: set output.fields = \"none\", or build with -DVOXODE_WITH_VTK=ON.");
}
void FieldWriter::write(const physics::FieldSnapshot&) {}
Index FieldWriter::n_written() const { return 0; }

#endif

FieldWriter::~FieldWriter() = default;
FieldWriter::FieldWriter(FieldWriter&&) noexcept = default;

}  // namespace voxode::io
