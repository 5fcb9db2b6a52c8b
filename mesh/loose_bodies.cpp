#include <algorithm>
#include <tuple>

#include "kernels/packed_matrix.hpp"
#include "mesh/coarsening.hpp"

namespace voxode::mesh::coarsening {
namespace {

/// Numbers of the clusters that are left out (by body or part of one) and not yet on the level before; -1 for others.
struct Numbers {
  const Merging& merging;
  const std::vector<std::uint8_t>& left_out;
  std::vector<std::int32_t> of_cluster;
  std::vector<std::int32_t> body;  ///< one of each cluster's

  Numbers(const Merging& merging_, const std::vector<std::uint8_t>& left_out_) : merging(merging_), left_out(left_out_), of_cluster(left_out_.size(), -1) {}
  std::int32_t of(std::int32_t own) const { return left_out[std::size_t(own)] ? of_cluster[std::size_t(merging.cluster(own))] : -1; }
  void add(std::int32_t own) {
    if (!left_out[std::size_t(own)]) return;
    std::int32_t& number = of_cluster[std::size_t(merging.cluster(own))];
    if (number >= 0) return;
    number = std::int32_t(body.size());
    body.push_back(own);
  }
  void place(std::int32_t number, const Index3& vertex, float* to) const {
    const std::int32_t own = body[std::size_t(number)];
    const Vector3 place = merging.place(own, vertex);
    for (std::size_t a = 0; a < 3; ++a) to[a] = float(place[a] / merging.radius(own));
  }
};

/// By node of the finer level: the number of its cluster.
std::vector<std::int32_t> numbers_of_nodes(const Finer& finer, Numbers& numbers) {
  std::vector<std::int32_t> of_node(finer.node_offset().back(), -1);
  if (!finer.level) {
    for (std::uint32_t n = 0; n < of_node.size(); ++n) {
      numbers.add(finer.body_of_node(n));
      of_node[n] = numbers.of(finer.body_of_node(n));
    }
    return of_node;
  }
  for (Index e = 0; e < finer.n_elements(); ++e) {
    numbers.add(finer.body(e));
    const std::int32_t number = numbers.of(finer.body(e));
    for (std::size_t c = 0; c < 8 && number >= 0; ++c) of_node[finer.level->element_node[c * std::size_t(finer.n_elements()) + std::size_t(e)]] = number;
  }
  return of_node;
}

/// First member of each number's list, and the end of the last, from how many each has.
std::vector<std::uint32_t> offsets(const std::vector<std::uint32_t>& count) {
  std::vector<std::uint32_t> offset{0};
  for (const std::uint32_t n : count) offset.push_back(offset.back() + n);
  return offset;
}

}  // namespace

void find_loose(const Finer& finer, const Merging& merging, const std::vector<WallEntry>& walls, CoarseLevel& level) {
  LooseBodies& loose = level.loose;
  Numbers numbers(merging, finer.left_out);
  const std::vector<std::int32_t> of_node = numbers_of_nodes(finer, numbers);
  const std::size_t n = numbers.body.size();
  std::vector<std::uint32_t> count(n, 0);
  for (const std::int32_t number : of_node)
    if (number >= 0) ++count[std::size_t(number)];
  loose.node_offset = offsets(count);
  std::vector<std::uint32_t> next(loose.node_offset.begin(), loose.node_offset.end() - 1);
  loose.node.resize(loose.node_offset.back());
  loose.node_place.resize(3 * loose.node.size());
  std::vector<float> place_of_node(3 * of_node.size());  // for the walls
  for (Index v = 0; v < product(finer.n_vertices); ++v) {
    const Index3 at = coordinates_of(v, finer.n_vertices);
    const Index3 vertex{finer.coordinate[0][std::size_t(at[0])], finer.coordinate[1][std::size_t(at[1])], finer.coordinate[2][std::size_t(at[2])]};
    for (std::uint32_t node = finer.node_offset()[std::size_t(v)]; node < finer.node_offset()[std::size_t(v) + 1]; ++node) {
      if (of_node[node] < 0) continue;
      const std::uint32_t slot = next[std::size_t(of_node[node])]++;
      loose.node[slot] = node;
      numbers.place(of_node[node], vertex, &loose.node_place[3 * std::size_t(slot)]);
      for (std::size_t a = 0; a < 3; ++a) place_of_node[3 * std::size_t(node) + a] = loose.node_place[3 * std::size_t(slot) + a];
    }
  }

  const CohesivePoints& points = *finer.input->points;
  struct Side {
    std::int32_t number, other;
    std::uint32_t pair, vertex;
  };
  std::vector<Side> sides;
  for (std::size_t q = 0; q < points.vertex.size(); ++q)
    for (std::uint32_t p = points.pair_offset[q]; p < points.pair_offset[q + 1]; ++p) {
      const std::int32_t a = numbers.of(finer.body_of_node(points.pair_node[2 * p])), b = numbers.of(finer.body_of_node(points.pair_node[2 * p + 1]));
      if (a == b) continue;
      if (a >= 0) sides.push_back({a, b, p, points.vertex[q]});
      if (b >= 0) sides.push_back({b, a, p, points.vertex[q]});
    }
  std::sort(sides.begin(), sides.end(), [](const Side& s, const Side& t) { return std::tie(s.number, s.other, s.pair) < std::tie(t.number, t.other, t.pair); });
  loose.facet_offset.assign(n + 1, 0);
  loose.pair_place.assign(6 * sides.size(), 0.0f);
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const Side& s = sides[i];
    if (i == 0 || s.number != sides[i - 1].number || s.other != sides[i - 1].other) {
      loose.facet_other.push_back(s.other);
      loose.pair_offset.push_back(std::uint32_t(i));
      loose.facet_offset[std::size_t(s.number) + 1] = std::uint32_t(loose.facet_other.size());
    }
    loose.pair.push_back(s.pair);
    const Index3 vertex = coordinates_of(s.vertex, finer.input->nodes->n_vertices);
    numbers.place(s.number, vertex, &loose.pair_place[6 * i]);
    if (s.other >= 0) numbers.place(s.other, vertex, &loose.pair_place[6 * i + 3]);
  }
  loose.pair_offset.push_back(std::uint32_t(sides.size()));
  for (std::size_t i = 0; i < n; ++i) loose.facet_offset[i + 1] = std::max(loose.facet_offset[i + 1], loose.facet_offset[i]);

  loose.wall.assign(21 * n, 0.0f);
  for (const WallEntry& e : walls) {
    float at_row[3], at_column[3];
    std::int32_t number;
    if (finer.level) {
      number = of_node[e.row];
      if (number < 0 || of_node[e.column] != number) continue;
      for (std::size_t a = 0; a < 3; ++a) at_row[a] = place_of_node[3 * std::size_t(e.row) + a], at_column[a] = place_of_node[3 * std::size_t(e.column) + a];
    } else {
      number = numbers.of(finer.joined.empty() ? e.body : finer.joined[std::size_t(e.body)]);
      if (number < 0) continue;
      numbers.place(number, coordinates_of(e.row, finer.n_vertices), at_row);
      for (std::size_t a = 0; a < 3; ++a) at_column[a] = at_row[a];
    }
    double row[6], column[6];
    LooseBodies::motions(at_row, e.component, row);
    LooseBodies::motions(at_column, e.component, column);
    for (int i = 0; i < 6; ++i)
      for (int j = 0; j <= i; ++j) loose.wall[21 * std::size_t(number) + std::size_t(kernels::packed(i, j))] += float(e.value * row[i] * column[j]);
  }
}

}  // namespace voxode::mesh::coarsening
