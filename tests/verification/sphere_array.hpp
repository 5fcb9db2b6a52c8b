#pragma once
// A simple cubic array of spheres on voxels: one eighth of the cell, the sphere's centre in the corner at the origin.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "mesh/faces.hpp"

namespace voxode::tests {

/// One eighth of a cell of edge 1 (so the box has edge 1/2), `edge`^3 voxels: phase and body 0 the matrix, 1 the sphere. The sphere is the round(phi edge^3)
/// voxels next to its centre (ties by linear index): its volume share is right to half a voxel, so that what is left of the grid's error is the shape of the surface.
struct SphereArray {
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  double radius = 0;

  SphereArray(Index edge, double phi) : radius(std::cbrt(3 * phi / (4 * std::numbers::pi))) {
    grid.n = {edge, edge, edge};
    grid.spacing = 0.5 / double(edge);
    grid.phase_names = {"matrix", "sphere"};
    const Index n = product(grid.n);
    std::vector<Index> distance(static_cast<std::size_t>(n)), order(static_cast<std::size_t>(n));
    for (Index v = 0; v < n; ++v) {  // (2 d / h)^2 of the voxel's centre
      const Index a = 2 * (v % edge) + 1, b = 2 * (v / edge % edge) + 1, c = 2 * (v / (edge * edge)) + 1;
      distance[std::size_t(v)] = a * a + b * b + c * c;
    }
    std::iota(order.begin(), order.end(), Index(0));
    std::stable_sort(order.begin(), order.end(), [&](Index v, Index w) { return distance[std::size_t(v)] < distance[std::size_t(w)]; });
    const Index inside = Index(std::llround(phi * double(n)));
    grid.phase.assign(std::size_t(n), 0);
    for (Index i = 0; i < inside; ++i) grid.phase[std::size_t(order[std::size_t(i)])] = 1;
    bodies.of_voxel.assign(grid.phase.begin(), grid.phase.end());
    bodies.table.resize(2);
    bodies.table[1].phase = 1;
    bodies.table[0].n_voxels = n - inside;
    bodies.table[1].n_voxels = inside;
  }

  mesh::Faces faces() const {
    return make_faces(grid, bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::smoothed}; }, {});
  }
};

/// Straight line k = value + slope h through points of several grids, least squares, each point weighted with 1 / h (fine grids scatter less).
struct Line {
  double value = 0, slope = 0;
};

inline Line fit_line(const std::vector<double>& h, const std::vector<double>& k) {
  double w = 0, wh = 0, whh = 0, wk = 0, whk = 0;
  for (std::size_t i = 0; i < h.size(); ++i) {
    const double weight = 1 / (h[i] * h[i]);
    w += weight, wh += weight * h[i], whh += weight * h[i] * h[i], wk += weight * k[i], whk += weight * h[i] * k[i];
  }
  const double slope = (w * whk - wh * wk) / (w * whh - wh * wh);
  return {(wk - slope * wh) / w, slope};
}

/// Order of convergence p of |k - exact| = c h^p, least squares in the logarithms over all grids.
inline double observed_order(const std::vector<double>& h, const std::vector<double>& k, double exact) {
  const double n = double(h.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < h.size(); ++i) {
    const double log_h = std::log(h[i]), log_error = std::log(std::abs(k[i] - exact));
    x += log_h, y += log_error, xx += log_h * log_h, xy += log_h * log_error;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

}  // namespace voxode::tests
