#include "mesh/faces.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "kernels/error.hpp"
#include "mesh/face_normals.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {
namespace {

constexpr float vanished = 1e-3f;  // share of a face below which it holds nothing

struct PairOf {
  std::int32_t low, high;
  bool operator==(const PairOf&) const = default;
};

PairOf pair_of(const Index3& n, const Bodies& bodies, const Faces& faces, std::size_t f) {
  const std::int32_t a = bodies.of_voxel[std::size_t(faces.cell[f])], b = bodies.of_voxel[std::size_t(upper_cell(n, faces.cell[f], faces.axis[f]))];
  return {std::min(a, b), std::max(a, b)};
}

void find_cells(const Index3& n, const Bodies& bodies, const Periodicity& periodic, Faces& faces) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    Index v = 0;
    for (Index k = 0; k < n[2]; ++k)
      for (Index j = 0; j < n[1]; ++j)
        for (Index i = 0; i < n[0]; ++i, ++v) {
          const std::int32_t a = bodies.of_voxel[std::size_t(v)];
          const Index at = axis == 0 ? i : axis == 1 ? j : k;
          if (a < 0 || (at + 1 == n[axis] && !periodic[axis])) continue;
          const std::int32_t b = bodies.of_voxel[std::size_t(upper_cell(n, v, int(axis)))];
          if (b < 0 || a == b) continue;
          faces.cell.push_back(v);
          faces.axis.push_back(std::uint8_t(axis));
        }
  }
}

/// The number of the face above a cell, -1 if there is none.
struct FaceFinder {
  const Faces* faces;
  std::array<std::size_t, 4> begin{};  // of each axis
  explicit FaceFinder(const Faces& all) : faces(&all) {
    for (std::uint8_t a = 0; a < 3; ++a) begin[a] = std::size_t(std::lower_bound(all.axis.begin(), all.axis.end(), a) - all.axis.begin());
    begin[3] = all.axis.size();
  }
  Index operator()(Index cell, std::size_t axis) const {
    const auto first = faces->cell.begin() + std::ptrdiff_t(begin[axis]), last = faces->cell.begin() + std::ptrdiff_t(begin[axis + 1]);
    const auto found = std::lower_bound(first, last, cell);
    return found != last && *found == cell ? Index(found - faces->cell.begin()) : -1;
  }
};

/// Calls visit(face) for each face around a vertex, in the order of faces' numbers along an axis.
template <class Visit>
void for_faces_at(const Index3& n, const Periodicity& periodic, const FaceFinder& find, const Index3& vertex, const Visit& visit) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (int side = 0; side < 4; ++side) {
      Index3 cell = vertex;
      --cell[axis];
      cell[(axis + 1) % 3] -= side & 1;
      cell[(axis + 2) % 3] -= side >> 1;
      bool inside = true;
      for (std::size_t a = 0; a < 3; ++a) {
        if (periodic[a]) cell[a] = (cell[a] + n[a]) % n[a];
        inside = inside && cell[a] >= 0 && cell[a] < n[a];
      }
      if (!inside) continue;
      const Index f = find(linear_index(n, cell[0], cell[1], cell[2]), axis);
      if (f >= 0) visit(f);
    }
}

/// Whether at one of the face's vertices all faces of its two bodies have vanished and this is the first of them.
bool stands_in(const Index3& n, const Periodicity& periodic, const Bodies& bodies, const Faces& faces, const FaceFinder& find, std::size_t f) {
  if (faces.area_share[f] >= vanished) return false;
  const auto axis = std::size_t(faces.axis[f]);
  const Index v = faces.cell[f];
  const Index3 cell{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
  const PairOf mine = pair_of(n, bodies, faces, f);
  for (int corner = 0; corner < 4; ++corner) {
    Index3 vertex = cell;
    ++vertex[axis];
    vertex[(axis + 1) % 3] += corner & 1;
    vertex[(axis + 2) % 3] += corner >> 1;
    bool first = true;
    for_faces_at(n, periodic, find, vertex, [&](Index other) {
      const auto o = std::size_t(other);
      if (o == f || !(pair_of(n, bodies, faces, o) == mine)) return;
      if (o < f || faces.area_share[o] >= vanished) first = false;
    });
    if (first) return true;
  }
  return false;
}

void fill_normals(const Index3& n, const Periodicity& periodic, const Bodies& bodies, const std::vector<std::uint8_t>& smoothed, Faces& faces) {
  const auto n_faces = Index(faces.cell.size());
  const std::vector<float> gradient = distance_gradients(n, bodies, faces, smoothed, periodic);
  const auto set_raw = [&](std::size_t f) {
    for (std::size_t a = 0; a < 3; ++a) faces.normal[3 * f + a] = a == faces.axis[f] ? 1.f : 0.f;
    faces.area_share[f] = 1.f;
  };
  Kokkos::parallel_for("voxode::mesh::make_faces::normals", HostPolicy(0, n_faces), [&](Index face) {
    const auto f = std::size_t(face);
    const float* const g = gradient.data() + 3 * f;
    const float length = std::sqrt(g[0] * g[0] + g[1] * g[1] + g[2] * g[2]);
    if (!smoothed[f] || length < 1e-6f) return set_raw(f);
    for (std::size_t a = 0; a < 3; ++a) faces.normal[3 * f + a] = g[a] / length;
    faces.area_share[f] = std::max(faces.normal[3 * f + faces.axis[f]], 0.f);
  });
  Kokkos::fence();
  const FaceFinder find(faces);
  std::vector<std::uint8_t> raw(faces.cell.size(), 0);
  Kokkos::parallel_for("voxode::mesh::make_faces::vanished", HostPolicy(0, n_faces), [&](Index f) {
    raw[std::size_t(f)] = std::uint8_t(stands_in(n, periodic, bodies, faces, find, std::size_t(f)));
  });
  Kokkos::fence();
  for (std::size_t f = 0; f < raw.size(); ++f)
    if (raw[f]) set_raw(f);
}

}  // namespace

Index upper_cell(const Index3& n, Index cell, int axis) {
  const Index stride = axis == 0 ? 1 : axis == 1 ? n[0] : n[0] * n[1];
  const Index length = n[std::size_t(axis)];
  return cell / stride % length + 1 < length ? cell + stride : cell - (length - 1) * stride;
}

Faces make_faces(const VoxelGrid& grid, const Bodies& bodies, const std::function<FaceRule(std::int32_t body_a, std::int32_t body_b)>& rule,
                 const Periodicity& periodic) {
  if (bodies.of_voxel.size() != std::size_t(grid.n_voxels())) throw InternalError("make_faces: the bodies do not fit the box");
  Faces faces;
  find_cells(grid.n, bodies, periodic, faces);
  const std::size_t m = faces.cell.size();
  faces.entry.resize(m);
  faces.normal.resize(3 * m);
  faces.area_share.resize(m);
  std::vector<std::uint8_t> smoothed(m);
  std::unordered_map<std::uint64_t, FaceRule> rules;
  for (std::size_t f = 0; f < m; ++f) {
    const PairOf pair = pair_of(grid.n, bodies, faces, f);
    const auto [at, is_new] = rules.try_emplace(std::uint64_t(std::uint32_t(pair.low)) << 32 | std::uint32_t(pair.high));
    if (is_new) at->second = rule(pair.low, pair.high);
    faces.entry[f] = at->second.entry;
    smoothed[f] = at->second.normals == NormalMode::smoothed;
  }
  fill_normals(grid.n, periodic, bodies, smoothed, faces);
  return faces;
}

}  // namespace voxode::mesh
