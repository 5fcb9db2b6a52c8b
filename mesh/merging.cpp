#include "mesh/merging.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "kernels/union_find.hpp"

namespace voxode::mesh::coarsening {

namespace {

/// E h of each body's stiffest class.
std::vector<float> stiffness_of_bodies(const HierarchyInput& input) {
  std::vector<float> stiffness;
  for (std::size_t cell = 0; cell < input.cell_body.size(); ++cell) {
    if (input.cell_body[cell] < 0) continue;
    const auto body = std::size_t(input.cell_body[cell]);
    if (stiffness.size() <= body) stiffness.resize(body + 1, 0.0f);
    stiffness[body] = std::max(stiffness[body], input.class_stiffness[(*input.cell_class)[cell]]);
  }
  return stiffness;
}

/// By what two bodies hold each other.
struct Facet {
  std::int32_t body[2];
  double area = 0, stiff_area = 0;  ///< voxel faces
  bool joins_all = false;           ///< at all its pairs, soft ones too
};

// facets smaller than this hold two bodies like a hinge: they stay apart
constexpr double least_area = 4.1;  // voxel faces

/// A body that no stiff facet joins, such as a bridge of binder, goes with one of the far stiffer neighbours, the one that it touches most: by itself it would crowd the coarsest
/// levels, with more it would weld them together.
void join_soft(const HierarchyInput& input, std::vector<Facet>& facets) {
  constexpr float soft = 0.05f;
  const std::vector<float> stiffness = stiffness_of_bodies(input);
  std::vector<Facet*> largest(stiffness.size(), nullptr);
  std::vector<std::uint8_t> follows(stiffness.size(), 1);
  for (Facet& facet : facets)
    for (std::size_t side = 0; side < 2; ++side) {
      const auto own = std::size_t(facet.body[side]), other = std::size_t(facet.body[1 - side]);
      if (facet.stiff_area >= least_area) follows[own] = 0;
      if (facet.area >= least_area && stiffness[own] < soft * stiffness[other] && (!largest[own] || facet.area > largest[own]->area)) largest[own] = &facet;
    }
  for (std::size_t body = 0; body < largest.size(); ++body)
    if (largest[body] && follows[body]) largest[body]->joins_all = true;
}

}  // namespace

Merging::Merging(const HierarchyInput& input) : n_(input.nodes->n_cells), periodic_(input.nodes->periodic) {
  const CohesivePoints& points = *input.points;
  const auto n_pairs = std::size_t(points.n_pairs());
  constexpr std::uint32_t none = 0xffffffffu;
  std::vector<Facet> facets;
  std::vector<std::uint32_t> facet_of(n_pairs, none);
  std::unordered_map<std::uint64_t, std::uint32_t> number;  // by bodies
  std::uint64_t last_bodies = std::numeric_limits<std::uint64_t>::max();
  std::uint32_t last = none;
  for (std::size_t p = 0; p < n_pairs; ++p) {
    if ((*input.bonds)[p] == Bond::open) continue;
    const auto [a, b] = std::minmax(input.node_body[points.pair_node[2 * p]], input.node_body[points.pair_node[2 * p + 1]]);
    const std::uint64_t bodies = std::uint64_t(a) << 32 | std::uint64_t(b);
    if (bodies != last_bodies) {  // neighbours mostly belong to the same
      const auto [entry, is_new] = number.try_emplace(bodies, std::uint32_t(facets.size()));
      if (is_new) facets.push_back({{a, b}});
      last_bodies = bodies;
      last = entry->second;
    }
    facet_of[p] = last;
    const double area = 0.25 * double(points.point_offset[p + 1] - points.point_offset[p]);
    facets[last].area += area;
    if ((*input.bonds)[p] == Bond::stiff) facets[last].stiff_area += area;
  }
  join_soft(input, facets);
  joins_.assign(n_pairs, 0);
  for (std::size_t p = 0; p < n_pairs; ++p)
    joins_[p] = facet_of[p] != none && (facets[facet_of[p]].joins_all || ((*input.bonds)[p] == Bond::stiff && facets[facet_of[p]].stiff_area >= least_area));
  find_clusters(input);
  find_boxes(input);
}

void Merging::find_clusters(const HierarchyInput& input) {
  const CohesivePoints& points = *input.points;
  const std::int32_t most = input.cell_body.empty() ? -1 : *std::max_element(input.cell_body.begin(), input.cell_body.end());
  cluster_.resize(std::size_t(most + 1));
  std::iota(cluster_.begin(), cluster_.end(), 0);
  for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p)
    if ((*input.bonds)[p] != Bond::open) kernels::unite(cluster_.data(), input.node_body[points.pair_node[2 * p]], input.node_body[points.pair_node[2 * p + 1]]);
  for (const PartTie& tie : input.parts->ties) kernels::unite(cluster_.data(), tie.first, tie.second);
  for (std::int32_t& c : cluster_) c = kernels::find_root(cluster_.data(), c);
}

void Merging::find_boxes(const HierarchyInput& input) {
  box_.assign(cluster_.size(), Box{n_, {0, 0, 0}, n_, {0, 0, 0}});
  held_.assign(cluster_.size(), 0);
  Index3 at;
  std::size_t cell = 0;
  for (at[2] = 0; at[2] < n_[2]; ++at[2])
    for (at[1] = 0; at[1] < n_[1]; ++at[1])
      for (at[0] = 0; at[0] < n_[0]; ++at[0]) {
        const std::int32_t body = input.cell_body[cell++];
        if (body < 0) continue;
        Box& box = box_[std::size_t(cluster(body))];
        for (std::size_t a = 0; a < 3; ++a) {
          const Index shifted = at[a] < n_[a] - n_[a] / 2 ? at[a] + n_[a] / 2 : at[a] + n_[a] / 2 - n_[a];
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
