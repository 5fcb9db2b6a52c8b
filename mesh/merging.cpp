#include "mesh/merging.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "kernels/union_find.hpp"

namespace voxode::mesh::coarsening {

Merging::Merging(const HierarchyInput& input) : n_(input.nodes->n_cells), periodic_(input.nodes->periodic) {
  const CohesivePoints& points = *input.points;
  const std::vector<std::int32_t>& node_body = *input.node_body;
  const auto n_pairs = std::size_t(points.n_pairs());
  // facets smaller than this hold two bodies like a hinge: they stay apart
  constexpr double least_area = 4.1;  // voxel faces
  std::vector<std::pair<std::uint64_t, std::uint32_t>> held;  // pairs that hold, by their bodies
  for (std::size_t p = 0; p < n_pairs; ++p) {
    if ((*input.bonds)[p] != Bond::stiff) continue;
    const std::int32_t a = node_body[points.pair_node[2 * p]], b = node_body[points.pair_node[2 * p + 1]];
    held.emplace_back(std::uint64_t(std::min(a, b)) << 32 | std::uint64_t(std::max(a, b)), std::uint32_t(p));
  }
  std::sort(held.begin(), held.end());
  joins_.assign(n_pairs, 0);
  for (auto begin = held.begin(); begin != held.end();) {
    const auto end = std::find_if(begin, held.end(), [bodies = begin->first](const auto& h) { return h.first != bodies; });
    double area = 0;
    for (auto h = begin; h != end; ++h) area += 0.25 * double(points.point_offset[h->second + 1] - points.point_offset[h->second]);
    for (auto h = begin; h != end; ++h) joins_[h->second] = area >= least_area ? 1 : 0;
    begin = end;
  }
  find_clusters(input);
  find_boxes(input);
}

void Merging::find_clusters(const HierarchyInput& input) {
  const CohesivePoints& points = *input.points;
  const std::int32_t most = input.cell_body->empty() ? -1 : *std::max_element(input.cell_body->begin(), input.cell_body->end());
  cluster_.resize(std::size_t(most + 1));
  std::iota(cluster_.begin(), cluster_.end(), 0);
  for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p)
    if ((*input.bonds)[p] != Bond::open) kernels::unite(cluster_.data(), (*input.node_body)[points.pair_node[2 * p]], (*input.node_body)[points.pair_node[2 * p + 1]]);
  for (const PartTie& tie : input.parts->ties) kernels::unite(cluster_.data(), tie.first, tie.second);
  for (std::int32_t& c : cluster_) c = kernels::find_root(cluster_.data(), c);
}

void Merging::find_boxes(const HierarchyInput& input) {
  box_.assign(cluster_.size(), Box{n_, {0, 0, 0}, n_, {0, 0, 0}});
  held_.assign(cluster_.size(), 0);
  for (Index cell = 0; cell < product(n_); ++cell) {
    const std::int32_t body = (*input.cell_body)[std::size_t(cell)];
    if (body < 0) continue;
    const Index3 at = coordinates_of(cell, n_);
    Box& box = box_[std::size_t(cluster(body))];
    for (std::size_t a = 0; a < 3; ++a) {
      const Index shifted = (at[a] + n_[a] / 2) % n_[a];
      box.begin[a] = std::min(box.begin[a], at[a]);
      box.end[a] = std::max(box.end[a], at[a] + 1);
      box.begin_shifted[a] = std::min(box.begin_shifted[a], shifted);
      box.end_shifted[a] = std::max(box.end_shifted[a], shifted + 1);
    }
  }
  for (const Wall& wall : input.walls) {  // what the plate rests on is its only support
    if (!wall.plate) continue;
    const auto axis = std::size_t(wall.axis);
    for (std::size_t c = 0; c < box_.size(); ++c)
      if (wall.upper ? box_[c].end[axis] == n_[axis] : box_[c].begin[axis] == 0) held_[c] = 1;
  }
}

bool Merging::is_shifted(const Box& box, std::size_t axis) const { return periodic_[axis] && box.end_shifted[axis] - box.begin_shifted[axis] < box.end[axis] - box.begin[axis]; }
Index Merging::length(const Box& box, std::size_t axis) const { return is_shifted(box, axis) ? box.end_shifted[axis] - box.begin_shifted[axis] : box.end[axis] - box.begin[axis]; }

std::vector<std::uint8_t> Merging::loose(double coarse_edge) const {
  constexpr double cells = 2.5;
  std::vector<std::uint8_t> list(cluster_.size(), 0);
  bool any = false;
  for (std::size_t body = 0; body < list.size(); ++body) {
    const auto c = std::size_t(cluster_[body]);
    bool fits = !held_[c] && length(box_[c], 0) > 0;
    for (std::size_t a = 0; a < 3; ++a) fits = fits && double(length(box_[c], a)) <= cells * coarse_edge && 2 * length(box_[c], a) <= n_[a];
    list[body] = fits;
    any = any || fits;
  }
  if (!any) list.clear();
  return list;
}

Vector3 Merging::place(std::int32_t body, const Index3& vertex) const {
  const Box& box = box_[std::size_t(cluster(body))];
  Vector3 place;
  for (std::size_t a = 0; a < 3; ++a) {
    const double middle = is_shifted(box, a) ? 0.5 * double(box.begin_shifted[a] + box.end_shifted[a]) - double(n_[a] / 2) : 0.5 * double(box.begin[a] + box.end[a]);
    place[a] = double(vertex[a]) - middle;
    if (periodic_[a]) place[a] -= double(n_[a]) * std::round(place[a] / double(n_[a]));
  }
  return place;
}

double Merging::radius(std::int32_t body) const {
  const Box& box = box_[std::size_t(cluster(body))];
  return 0.5 * double(std::max({length(box, 0), length(box, 1), length(box, 2)}));
}

}  // namespace voxode::mesh::coarsening
