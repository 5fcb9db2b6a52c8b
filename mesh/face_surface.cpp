#include "mesh/face_surface.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>

#include "kernels/error.hpp"
#include "kernels/parallel_algorithms.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {
namespace {

/// Axes along which a face joins the last layer of cells to the first.
Periodicity wrapped_axes(const Index3& n, const Faces& faces) {
  Periodicity wrapped{};
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    const std::size_t a = faces.axis[f];
    if (coordinates_of(faces.cell[f], n)[a] == n[a] - 1) wrapped[a] = true;
  }
  return wrapped;
}

/// Corners with the faces around them.
struct CornerFaces {
  std::vector<std::uint32_t> offset;  ///< first slot of each corner
  std::vector<std::uint32_t> slot;    ///< 4 x face + place of the corner in it
  std::vector<std::uint8_t> fixed;    ///< bit a: the corner must not move along axis a
};

CornerFaces find_corners(const Index3& n, const Bodies& bodies, const Faces& faces, std::vector<std::uint32_t>& corner) {
  const auto pair_of = [&](std::size_t f) {
    const auto a = std::uint64_t(bodies.of_voxel[std::size_t(faces.cell[f])]), b = std::uint64_t(bodies.of_voxel[std::size_t(upper_cell(n, faces.cell[f], faces.axis[f]))]);
    return std::min(a, b) << 32 | std::max(a, b);
  };
  std::vector<std::uint64_t> pairs;
  for (std::size_t f = 0; f < faces.cell.size(); ++f)
    if (faces.entry[f] != Faces::no_entry && (pairs.empty() || pair_of(f) != pairs.back())) pairs.push_back(pair_of(f));
  kernels::sort_unique(pairs);
  const Periodicity wrapped = wrapped_axes(n, faces);
  const Index3 n_vertices{n[0] + 1, n[1] + 1, n[2] + 1};
  const std::size_t n_acting = faces.entry.size() - std::size_t(std::count(faces.entry.begin(), faces.entry.end(), Faces::no_entry));
  std::vector<std::uint64_t> key;
  CornerFaces corners;
  key.reserve(4 * n_acting);
  corners.slot.reserve(4 * n_acting);
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    if (faces.entry[f] == Faces::no_entry) continue;
    const auto pair = std::uint64_t(std::lower_bound(pairs.begin(), pairs.end(), pair_of(f)) - pairs.begin());
    const std::size_t a = faces.axis[f], b = (a + 1) % 3, c = (a + 2) % 3;
    for (std::size_t q = 0; q < 4; ++q) {
      Index3 v = coordinates_of(faces.cell[f], n);
      v[a] += 1;
      v[b] += face_corner[q][0];
      v[c] += face_corner[q][1];
      for (std::size_t d = 0; d < 3; ++d)
        if (wrapped[d] && v[d] == n[d]) v[d] = 0;
      key.push_back(std::uint64_t(linear_index(n_vertices, v[0], v[1], v[2])) * pairs.size() + pair);
      corners.slot.push_back(std::uint32_t(4 * f + q));
    }
  }
  kernels::sort_by_key(key, corners.slot);
  for (std::size_t s = 0; s < key.size(); ++s) {
    if (s == 0 || key[s] != key[s - 1]) {
      const Index3 v = coordinates_of(Index(key[s] / pairs.size()), n_vertices);
      std::uint8_t fixed = 0;
      for (std::size_t d = 0; d < 3; ++d)
        if (!wrapped[d] && (v[d] == 0 || v[d] == n[d])) fixed |= std::uint8_t(1u << d);
      corners.offset.push_back(std::uint32_t(s));
      corners.fixed.push_back(fixed);
    }
    corner[corners.slot[s]] = std::uint32_t(corners.offset.size() - 1);
  }
  corners.offset.push_back(std::uint32_t(key.size()));
  return corners;
}

}  // namespace

FaceCorners smooth_corners(const Index3& n, const Bodies& bodies, const Faces& faces, int n_steps) {
  if (faces.size() >= Index(1) << 30) throw InternalError("too many faces for a smooth surface");
  FaceCorners result;
  result.corner.assign(std::size_t(4 * faces.size()), 0);
  const CornerFaces around = find_corners(n, bodies, faces, result.corner);
  const auto n_corners = Index(around.fixed.size());
  std::vector<float> next(std::size_t(3 * n_corners), 0.0f), height(std::size_t(faces.size()), 0.0f);  // of a face's centre above where it was, along its normal
  result.shift.assign(next.size(), 0.0f);
  for (int step = 0; step < n_steps; ++step) {
    const float* const shift = result.shift.data();
    Kokkos::parallel_for("voxode::mesh::face_surface::heights", HostPolicy(0, faces.size()), [&](Index face) {
      const auto f = std::size_t(face);
      if (faces.entry[f] == Faces::no_entry) return;
      float sum = 0;
      for (std::size_t q = 0; q < 4; ++q)
        for (std::size_t d = 0; d < 3; ++d) sum += faces.normal[3 * f + d] * shift[3 * std::size_t(result.corner[4 * f + q]) + d];
      height[f] = 0.25f * sum;
    });
    Kokkos::parallel_for("voxode::mesh::face_surface::corners", HostPolicy(0, n_corners), [&](Index corner) {
      const auto k = std::size_t(corner);
      const float* const here = shift + 3 * k;
      float move[3] = {0, 0, 0};
      for (std::uint32_t s = around.offset[k]; s < around.offset[k + 1]; ++s) {
        const std::size_t f = around.slot[s] / 4, q = around.slot[s] % 4, b = (faces.axis[f] + 1u) % 3, c = (faces.axis[f] + 2u) % 3;
        const float* const normal = faces.normal.data() + 3 * f;
        float above = height[f] + normal[b] * (0.5f - float(face_corner[q][0])) + normal[c] * (0.5f - float(face_corner[q][1]));
        for (std::size_t d = 0; d < 3; ++d) above -= normal[d] * here[d];
        for (std::size_t d = 0; d < 3; ++d) move[d] += normal[d] * above;
      }
      const auto n_faces = float(around.offset[k + 1] - around.offset[k]);
      for (std::size_t d = 0; d < 3; ++d) next[3 * k + d] = around.fixed[k] >> d & 1 ? 0.0f : std::clamp(here[d] + move[d] / n_faces, -0.5f, 0.5f);
    });
    Kokkos::fence();
    result.shift.swap(next);
  }
  return result;
}

}  // namespace voxode::mesh
