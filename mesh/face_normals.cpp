#include "mesh/face_normals.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>

#include "mesh/distance_rows.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {
namespace {

constexpr Index filter_radius = 4;
constexpr float weight[2 * filter_radius + 1] = {1 / 25.f, 2 / 25.f, 3 / 25.f, 4 / 25.f, 5 / 25.f, 4 / 25.f, 3 / 25.f, 2 / 25.f, 1 / 25.f};
constexpr Index padding = filter_radius + 1;      // the gradient at a face reaches one cell beyond the body's box
constexpr Index cells_for_all_threads = 1 << 18;  // larger boxes are worked on by all threads together, the others by one each

/// Loops over rows, with all threads or alone. The results do not depend on it: rows are independent.
template <class Work>
void for_rows(bool all_threads, Index n, const Work& work) {
  if (all_threads) {
    Kokkos::parallel_for("voxode::mesh::face_normals::rows", HostPolicy(0, n), work);
    Kokkos::fence();
  } else {
    for (Index row = 0; row < n; ++row) work(row);
  }
}

struct Box {
  Index3 low{}, high{};  // cells of the body, [low, high)
};

/// The faces of each body, as 2 f + (1 if the body is on the upper side), in one list.
struct FacesOfBodies {
  std::vector<Index> offset, face;
  std::vector<Box> box;
};

FacesOfBodies list_faces(const Index3& n, const Bodies& bodies, const Faces& faces, const std::vector<std::uint8_t>& wanted) {
  const std::size_t m = bodies.table.size();
  FacesOfBodies list;
  list.offset.assign(m + 1, 0);
  const auto for_sides = [&](auto&& visit) {
    for (std::size_t f = 0; f < faces.cell.size(); ++f) {
      if (!wanted[f]) continue;
      visit(std::size_t(bodies.of_voxel[std::size_t(faces.cell[f])]), 2 * Index(f));
      visit(std::size_t(bodies.of_voxel[std::size_t(upper_cell(n, faces.cell[f], faces.axis[f]))]), 2 * Index(f) + 1);
    }
  };
  for_sides([&](std::size_t body, Index) { ++list.offset[body + 1]; });
  for (std::size_t b = 0; b < m; ++b) list.offset[b + 1] += list.offset[b];
  list.face.resize(std::size_t(list.offset[m]));
  std::vector<Index> next(list.offset.begin(), list.offset.end() - 1);
  for_sides([&](std::size_t body, Index side) { list.face[std::size_t(next[body]++)] = side; });

  list.box.assign(m, {n, {0, 0, 0}});
  Index v = 0;
  for (Index k = 0; k < n[2]; ++k)
    for (Index j = 0; j < n[1]; ++j)
      for (Index i = 0; i < n[0]; ++i, ++v) {
        const std::int32_t b = bodies.of_voxel[std::size_t(v)];
        if (b < 0 || list.offset[std::size_t(b)] == list.offset[std::size_t(b) + 1]) continue;
        Box& box = list.box[std::size_t(b)];
        const Index at[3] = {i, j, k};
        for (std::size_t a = 0; a < 3; ++a) {
          box.low[a] = std::min(box.low[a], at[a]);
          box.high[a] = std::max(box.high[a], at[a] + 1);
        }
      }
  return list;
}

/// Voxel of a place beyond the box: wrapped, or mirrored.
Index image_of(Index i, Index n, bool periodic) {
  if (periodic) return (i % n + n) % n;
  const Index m = (i % (2 * n) + 2 * n) % (2 * n);
  return m < n ? m : 2 * n - 1 - m;
}

/// Smoothed signed distance of one body in its padded box.
class SmoothedDistance {
 public:
  void compute(const Index3& n, const Periodicity& periodic, const std::vector<std::int32_t>& of_voxel, std::int32_t body, const Box& box, bool all_threads) {
    all_threads_ = all_threads;
    std::vector<Index> image[3];
    for (std::size_t a = 0; a < 3; ++a) {
      origin[a] = box.low[a] - padding;
      size[a] = box.high[a] - box.low[a] + 2 * padding;
      for (Index i = 0; i < size[a]; ++i) image[a].push_back(image_of(origin[a] + i, n[a], periodic[a]));
    }
    const auto cells = std::size_t(product(size));
    if (to_body_.size() < cells) {
      to_body_.resize(cells);
      to_rest_.resize(cells);
      field_.resize(cells);
      other_.resize(cells);
    }
    for_rows(all_threads_, size[1] * size[2], [&](Index row) {
      const Index from = n[0] * (image[1][std::size_t(row % size[1])] + n[1] * image[2][std::size_t(row / size[1])]);
      for (Index i = 0; i < size[0]; ++i) {
        const bool inside = of_voxel[std::size_t(from + image[0][std::size_t(i)])] == body;
        to_body_[std::size_t(row * size[0] + i)] = inside ? 0 : no_target;
        to_rest_[std::size_t(row * size[0] + i)] = inside ? no_target : 0;
      }
    });
    transform(to_body_);
    transform(to_rest_);
    for_rows(all_threads_, size[1] * size[2], [&](Index row) {
      for (Index c = row * size[0]; c < (row + 1) * size[0]; ++c) {
        const std::int32_t out = to_body_[std::size_t(c)], in = to_rest_[std::size_t(c)];
        field_[std::size_t(c)] = out > 0 ? std::sqrt(float(out)) - 0.5f : 0.5f - std::sqrt(float(in));
      }
    });
    smooth(field_, other_, 0);
    smooth(other_, field_, 1);
    smooth(field_, other_, 2);
  }
  /// Gradient, per voxel, between cell `low` (in the box) and its next one along `axis`.
  void gradient(const Index3& low, std::size_t axis, float (&g)[3]) const {
    const Index stride[3] = {1, size[0], size[0] * size[1]};
    const float* const at = other_.data() + linear_index(size, low[0] - origin[0], low[1] - origin[1], low[2] - origin[2]);
    const float* const up = at + stride[axis];
    for (std::size_t a = 0; a < 3; ++a)
      g[a] = a == axis ? *up - *at : 0.25f * ((at[stride[a]] - at[-stride[a]]) + (up[stride[a]] - up[-stride[a]]));
  }

 private:
  void transform(std::vector<std::int32_t>& squared) {
    const Index stride[3] = {1, size[0], size[0] * size[1]};
    for (std::size_t a = 0; a < 3; ++a) {
      const std::size_t b = a == 0 ? 1 : 0, c = a == 2 ? 1 : 2;
      const Index length = size[a], step = stride[a], n_b = size[b], step_b = stride[b], step_c = stride[c];
      for_rows(all_threads_, n_b * size[c], [&, length, step, n_b, step_b, step_c](Index row) {
        thread_local DistanceRow work;
        work.resize(length);
        std::int32_t* const values = squared.data() + row % n_b * step_b + row / n_b * step_c;
        for (Index i = 0; i < length; ++i) work.value[std::size_t(i)] = values[i * step];
        work.transform(length, 0, length, [=](Index u, std::int32_t d) { values[u * step] = d; });
      });
    }
  }
  // Leaves the outermost `filter_radius` cells along the axis alone: no gradient needs them.
  void smooth(const std::vector<float>& from, std::vector<float>& to, std::size_t axis) const {
    const Index stride[3] = {1, size[0], size[0] * size[1]};
    const Index step = stride[axis];
    for_rows(all_threads_, size[1] * size[2], [&, step](Index row) {
      const Index at[3] = {0, row % size[1], row / size[1]};
      if (axis > 0 && (at[axis] < filter_radius || at[axis] >= size[axis] - filter_radius)) return;
      const Index margin = axis == 0 ? filter_radius : 0;
      const float* const in = from.data() + row * size[0];
      float* const out = to.data() + row * size[0];
      for (Index i = margin; i < size[0] - margin; ++i) {
        float sum = 0;
        for (Index t = -filter_radius; t <= filter_radius; ++t) sum += weight[t + filter_radius] * in[i + t * step];
        out[i] = sum;
      }
    });
  }

  Index3 origin{}, size{};
  bool all_threads_ = false;
  std::vector<std::int32_t> to_body_, to_rest_;
  std::vector<float> field_, other_;
};

}  // namespace

std::vector<float> distance_gradients(const Index3& n, const Bodies& bodies, const Faces& faces, const std::vector<std::uint8_t>& wanted, const Periodicity& periodic) {
  const FacesOfBodies list = list_faces(n, bodies, faces, wanted);
  // The two sides of a face are written apart, then subtracted: no race, and no order of bodies in the result.
  std::vector<float> lower(faces.cell.size() * 3, 0.f), upper(faces.cell.size() * 3, 0.f);
  const auto work_on = [&](std::int32_t body, bool all_threads, SmoothedDistance& distance) {
    const auto b = std::size_t(body);
    if (list.offset[b] == list.offset[b + 1]) return;
    distance.compute(n, periodic, bodies.of_voxel, body, list.box[b], all_threads);
    for (Index s = list.offset[b]; s < list.offset[b + 1]; ++s) {
      const auto f = std::size_t(list.face[std::size_t(s)] / 2);
      const bool above = list.face[std::size_t(s)] % 2 == 1;
      const auto axis = std::size_t(faces.axis[f]);
      const Index cell = above ? upper_cell(n, faces.cell[f], int(axis)) : faces.cell[f];
      Index3 low{cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1])};
      if (above) --low[axis];
      float g[3];
      distance.gradient(low, axis, g);
      for (std::size_t a = 0; a < 3; ++a) (above ? upper : lower)[3 * f + a] = g[a];
    }
  };
  std::vector<std::int32_t> small, large;
  for (std::size_t b = 0; b < bodies.table.size(); ++b) {
    if (list.offset[b] == list.offset[b + 1]) continue;
    Index cells = 1;
    for (std::size_t a = 0; a < 3; ++a) cells *= list.box[b].high[a] - list.box[b].low[a] + 2 * padding;
    (cells > cells_for_all_threads ? large : small).push_back(std::int32_t(b));
  }
  {
    SmoothedDistance distance;
    for (const std::int32_t b : large) work_on(b, true, distance);
  }
  Kokkos::parallel_for("voxode::mesh::face_normals::bodies", DynamicHostPolicy(0, Index(small.size())), [&](Index s) {
    thread_local SmoothedDistance distance;
    work_on(small[std::size_t(s)], false, distance);
  });
  Kokkos::fence();
  for (std::size_t i = 0; i < lower.size(); ++i) lower[i] -= upper[i];
  return lower;
}

}  // namespace voxode::mesh
