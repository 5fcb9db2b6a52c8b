#include "io/cracks.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "io/series.hpp"
#include "io/vtk_file.hpp"
#include "kernels/error.hpp"
#include "mesh/face_surface.hpp"

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
  std::vector<std::string> names;
};

namespace {

constexpr Index per_face = 2;  // triangles
constexpr int coarse_bits = 12;

/// Two triangles for each face, which share corners with those of the same pair of bodies.
class Triangles {
 public:
  std::vector<float> points;
  std::vector<std::int32_t> corners;

  Triangles(const mesh::VoxelGrid& grid, const mesh::Faces& faces, const mesh::FaceCorners& shared)
      : grid_(grid), faces_(faces), corners_(shared), point_of_(std::size_t(shared.n_corners()), none) {}

  void add(std::size_t face) {
    const std::size_t a = faces_.axis[face], b = (a + 1) % 3, c = (a + 2) % 3;
    std::int32_t id[4];
    Vector3 at[4];
    for (std::size_t q = 0; q < 4; ++q) {
      Index3 v = coordinates_of(faces_.cell[face], grid_.n);
      v[a] += 1;
      v[b] += mesh::face_corner[q][0];
      v[c] += mesh::face_corner[q][1];
      const std::uint32_t corner = corners_.corner[4 * face + q];
      std::uint32_t beyond = 0;  // bit a: at the far side along a, where a periodic box has the vertex of the near one
      for (std::size_t d = 0; d < 3; ++d) {
        at[q][d] = (double(v[d]) + double(corners_.shift[3 * std::size_t(corner) + d])) * grid_.spacing;
        if (v[d] == grid_.n[d]) beyond |= 1u << d;
      }
      std::int32_t& point = beyond == 0 ? point_of_[corner] : beyond_.try_emplace(std::uint64_t(corner) << 3 | beyond, none).first->second;
      if (point == none) {
        point = std::int32_t(points.size() / 3);
        for (std::size_t d = 0; d < 3; ++d) points.push_back(float(at[q][d]));
      }
      id[q] = point;
    }
    const auto apart = [&](std::size_t p, std::size_t q) { return (at[p][0] - at[q][0]) * (at[p][0] - at[q][0]) + (at[p][1] - at[q][1]) * (at[p][1] - at[q][1]) + (at[p][2] - at[q][2]) * (at[p][2] - at[q][2]); };
    const std::size_t start = apart(1, 3) < 0.9999 * apart(0, 2) ? 1 : 0;  // along the shorter diagonal
    for (const std::size_t t : {0u, 1u}) corners.insert(corners.end(), {id[start], id[(start + t + 1) % 4], id[(start + t + 2) % 4]});
  }

 private:
  static constexpr std::int32_t none = -1;
  const mesh::VoxelGrid& grid_;
  const mesh::Faces& faces_;
  const mesh::FaceCorners& corners_;
  std::vector<std::int32_t> point_of_;
  std::unordered_map<std::uint64_t, std::int32_t> beyond_;
};

/// Cell data of the drawn faces, each for its two triangles; value(position in the snapshot, component). What they refer to must outlive the writing.
class FaceData {
 public:
  explicit FaceData(const std::vector<Index>& drawn) : drawn_(drawn) {}
  std::vector<DataArray> arrays;
  template <class T, class Value>
  void add(const char* name, const char* type, int n_components, const Value& value) {
    arrays.push_back({name, type, n_components, {}, false, [&drawn = drawn_, n_components, value](Index begin, Index end, void* to) {
                        auto* number = static_cast<T*>(to);
                        for (Index cell = begin; cell < end; ++cell)
                          for (int c = 0; c < n_components; ++c) *number++ = T(value(std::size_t(drawn[std::size_t(cell / per_face)]), std::size_t(c)));
                      }});
  }

 private:
  const std::vector<Index>& drawn_;
};

void add_physics(FaceData& data, const physics::CrackSnapshot& snapshot, const mesh::Faces& faces) {
  const auto add = [&](const char* name, const std::vector<float>& values) { data.add<float>(name, "Float32", 1, [&values](std::size_t p, std::size_t) { return values[p]; }); };
  const auto add_rounded = [&](const char* name, const std::vector<float>& values, std::size_t n_components) {
    if (values.size() == n_components * snapshot.face.size())
      data.add<float>(name, "Float32", int(n_components), [&values, n_components](std::size_t p, std::size_t c) { return rounded(values[n_components * p + c], coarse_bits); });
  };
  add("opening_m", snapshot.opening);
  add("opened_part_m", snapshot.opened_part);
  add("sliding_m", snapshot.sliding);
  add_rounded("jump_m", snapshot.jump, 3);
  add("damage", snapshot.damage);
  add("separation", snapshot.separation);
  add_rounded("mode_mix", snapshot.mode_mix, 1);
  add("normal_traction_Pa", snapshot.traction);
  if (snapshot.traction_vector.size() != 3 * snapshot.face.size()) return;
  data.add<float>("shear_traction_Pa", "Float32", 1, [&snapshot, &faces](std::size_t p, std::size_t) {
    const float *const t = snapshot.traction_vector.data() + 3 * p, *const n = faces.normal.data() + 3 * std::size_t(snapshot.face[p]);
    const float along = t[0] * n[0] + t[1] * n[1] + t[2] * n[2];
    return rounded(std::hypot(t[0] - along * n[0], t[1] - along * n[1], t[2] - along * n[2]), coarse_bits);
  });
  add_rounded("traction_Pa", snapshot.traction_vector, 3);
}

}  // namespace

CrackWriter::CrackWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const mesh::Faces& faces, std::vector<double> contact_gap,
                         Index keep, std::vector<std::string> names)
    : implementation_(new Implementation{grid, bodies, faces, std::move(contact_gap), Series(folder, "cracks", "vtp", keep), std::move(names)}) {}

void CrackWriter::write(const physics::CrackSnapshot& snapshot, const std::string& state, double time) {
  Implementation& me = *implementation_;
  const mesh::Faces& faces = me.faces;
  const std::vector<std::int32_t>& body = me.bodies.of_voxel;
  const std::vector<Index> drawn = opened_faces(snapshot, faces, me.contact_gap);
  const auto face = [&](std::size_t p) { return std::size_t(snapshot.face[p]); };
  // made each time: while the next step is solved its memory is of more use than the time that this takes (benchmarks/NOTES.md, "Writing a state")
  const mesh::FaceCorners corners = drawn.empty() ? mesh::FaceCorners() : mesh::smooth_corners(me.grid.n, me.bodies, faces);

  Triangles triangles(me.grid, faces, corners);
  for (const Index p : drawn) triangles.add(face(std::size_t(p)));
  FaceData data(drawn);
  add_physics(data, snapshot, faces);
  data.add<std::uint8_t>("interface", "UInt8", 1, [&](std::size_t p, std::size_t) { return faces.entry[face(p)]; });
  data.add<std::int32_t>("body_a", "Int32", 1, [&](std::size_t p, std::size_t) { return body[std::size_t(faces.cell[face(p)])]; });
  data.add<std::int32_t>("body_b", "Int32", 1, [&](std::size_t p, std::size_t) { return body[std::size_t(mesh::upper_cell(me.grid.n, faces.cell[face(p)], faces.axis[face(p)]))]; });
  data.add<float>("normal", "Float32", 3, [&](std::size_t p, std::size_t c) { return rounded(faces.normal[3 * face(p) + c], coarse_bits); });
  write_surface({std::move(triangles.points), std::move(triangles.corners), {state, time, me.names}, std::move(data.arrays)}, me.series.next_path(), me.series.path_of(me.series.size()));
  me.series.add(time);
}

Index CrackWriter::n_written() const { return implementation_->series.size(); }

#else

struct CrackWriter::Implementation {};

CrackWriter::CrackWriter(const std::string&, const mesh::VoxelGrid&, const mesh::Bodies&, const mesh::Faces&, std::vector<double>, Index, std::vector<std::string>) {
  throw ConfigError("output.fields asks for ParaView files and this voxode is built without VTK: set output.fields = \"none\", or build with -DVOXODE_WITH_VTK=ON.");
}
void CrackWriter::write(const physics::CrackSnapshot&, const std::string&, double) {}
Index CrackWriter::n_written() const { return 0; }

#endif

CrackWriter::~CrackWriter() = default;
CrackWriter::CrackWriter(CrackWriter&&) noexcept = default;

}  // namespace voxode::io
