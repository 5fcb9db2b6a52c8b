#include <algorithm>
#include <tuple>

#include "kernels/error.hpp"
#include "mesh/coarsening.hpp"

namespace voxode::mesh::coarsening {
namespace {

struct Member {
  std::uint64_t order;  // block, then cell
  std::uint32_t first, second;  // elements; only the second may be none
  std::uint32_t member, cell;
  float weight[6];
  std::uint8_t reached;  // corners with a weight, one bit each
  /// One that is left out comes second: which side is which is all the same to a spring.
  void set(std::uint32_t a, std::uint32_t b) {
    first = a == no_element ? b : a;
    second = a == no_element ? a : b;
  }
};

/// An element's node at a corner of a cell; ground if it is none; absent if the element, of a cell before that one, does not reach it.
std::uint32_t node_at(const CoarseLevel& level, std::uint32_t element, const Index3& cell, int corner) {
  if (element == no_element) return SpringGroups::ground;
  const Index3 own = coordinates_of(level.element_cell[element], level.n_cells);
  for (int a = 0; a < 3; ++a) {
    if (own[std::size_t(a)] == cell[std::size_t(a)]) continue;
    if (corner >> a & 1) return SpringGroups::absent;
    corner |= 1 << a;
  }
  return level.element_node[std::size_t(corner) * std::size_t(level.n_elements()) + element];
}

bool is_apart(const CoarseLevel& level, const Member& m) {
  if (m.first == m.second) return false;
  const Index3 cell = coordinates_of(m.cell, level.n_cells);
  for (int c = 0; c < 8; ++c)
    if ((m.reached >> c & 1) && node_at(level, m.first, cell, c) != node_at(level, m.second, cell, c)) return true;
  return false;
}

std::uint8_t reached_corners(const float* place) {
  std::uint8_t bits = 0;
  for (int c = 0; c < 8; ++c) {
    bool any = true;
    for (int a = 0; a < 3; ++a) any = any && ((c >> a & 1) ? place[a] > 0 : place[a] < 1);
    if (any) bits |= std::uint8_t(1 << c);
  }
  return bits;
}

std::vector<Member> members_from_pairs(const Finer& finer, std::vector<std::uint32_t>& pair_element, const CoarseLevel& level) {
  const HierarchyInput& in = *finer.input;
  const Nodes& nodes = *in.nodes;
  const CohesivePoints& points = *in.points;
  const std::size_t n_pairs = std::size_t(points.n_pairs()), n_ties = in.parts->ties.size();
  if (n_pairs + n_ties > 0xffffffffull) throw MemoryError("interface pairs of the multigrid hierarchy exceed their index; crop or coarsen the image");
  if (finer.level) {
    for (std::uint32_t& e : pair_element) e = coarse_element(e, finer, level);
  } else {
    pair_element.reserve(2 * (n_pairs + n_ties));
    const auto element = [](Parent parent) { return parent.is_none() ? no_element : parent.element(); };
    for (std::size_t i = 0; i < 2 * n_pairs; ++i) pair_element.push_back(element({level.parent[points.pair_node[i]]}));
    for (const PartTie& tie : in.parts->ties)
      for (const std::int32_t part : {tie.first, tie.second})
        pair_element.push_back(element(parent_of_body(tie.vertex, part, finer, level)));
  }
  std::vector<Member> members;
  members.reserve(n_pairs + n_ties);
  const auto add = [&](Index vertex, std::size_t member) {
    const Index3 at = coordinates_of(vertex, nodes.n_vertices);
    Member m{};
    Index3 cell;
    for (std::size_t a = 0; a < 3; ++a) {
      const std::vector<std::int32_t>& x = level.coordinate[a];
      const auto upper = std::upper_bound(x.begin() + 1, x.end() - 1, at[a]);
      cell[a] = upper - x.begin() - 1;
      m.weight[a] = float(double(at[a] - upper[-1]) / double(*upper - upper[-1]));
    }
    m.cell = std::uint32_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]));
    m.order = std::uint64_t(level.blocks.block_of(cell[0], cell[1], cell[2])) << 32 | m.cell;
    m.set(pair_element[2 * member], pair_element[2 * member + 1]);
    m.member = std::uint32_t(member);
    m.reached = reached_corners(m.weight);
    if (is_apart(level, m)) members.push_back(m);
  };
  for (Index q = 0; q < points.n_vertices(); ++q)
    for (std::size_t pair = points.pair_offset[std::size_t(q)]; pair < points.pair_offset[std::size_t(q) + 1]; ++pair) add(points.vertex[std::size_t(q)], pair);
  for (std::size_t t = 0; t < n_ties; ++t) add(in.parts->ties[t].vertex, n_pairs + t);
  return members;
}

/// Place of finer vertex i along an axis inside coarse cell I.
float place_in_cell(const AxisTransfer& t, Index finer_vertex, Index cell) {
  return t.left[std::size_t(finer_vertex)] == cell ? t.right_weight[std::size_t(finer_vertex)] : 1.0f;
}

std::vector<Member> members_from_groups(const Finer& finer, const CoarseLevel& level) {
  const SpringGroups& groups = finer.level->springs;
  std::vector<Member> members;
  members.reserve(std::size_t(groups.n_groups()));
  for (std::size_t g = 0; g < std::size_t(groups.n_groups()); ++g) {
    const Index3 at = coordinates_of(groups.cell[g], finer.n_cells);
    Member m{};
    Index3 cell;
    for (std::size_t a = 0; a < 3; ++a) {
      const AxisTransfer& t = level.from_finer[a];
      cell[a] = coarse_cell(at[a], finer.n_cells[a], level.n_cells[a]);
      m.weight[a] = place_in_cell(t, at[a], cell[a]);
      m.weight[3 + a] = at[a] + 1 == finer.n_cells[a] ? 1.0f : place_in_cell(t, at[a] + 1, cell[a]);
    }
    m.cell = std::uint32_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]));
    m.order = std::uint64_t(level.blocks.block_of(cell[0], cell[1], cell[2])) << 32 | m.cell;
    m.set(coarse_element(groups.element[2 * g], finer, level), coarse_element(groups.element[2 * g + 1], finer, level));
    m.member = std::uint32_t(g);
    for (int c = 0; c < 8; ++c) {
      if (!(groups.reached[g] >> c & 1)) continue;
      float place[3];
      for (int a = 0; a < 3; ++a) place[a] = m.weight[(c >> a & 1) ? 3 + a : a];
      m.reached |= reached_corners(place);
    }
    if (is_apart(level, m)) members.push_back(m);
  }
  return members;
}

/// Members whose elements are of cells before theirs go with others of their cell that have the same nodes where these reach.
void match_elements(const CoarseLevel& level, std::vector<Member>& members) {
  const auto is_inside = [&](const Member& m) { return level.element_cell[m.first] == m.cell && (m.second == no_element || level.element_cell[m.second] == m.cell); };
  const auto outside = std::partition(members.begin(), members.end(), is_inside);
  const auto by_order = [](const Member& a, const Member& b) { return std::tie(a.order, a.first, a.second, a.member) < std::tie(b.order, b.first, b.second, b.member); };
  std::sort(members.begin(), outside, by_order);
  for (auto m = outside; m != members.end(); ++m) {
    const Index3 cell = coordinates_of(m->cell, level.n_cells);
    auto other = std::lower_bound(members.begin(), outside, m->order, [](const Member& a, std::uint64_t order) { return a.order < order; });
    for (; other != outside && other->order == m->order; ++other) {
      if (other != members.begin() && other[-1].order == other->order && other[-1].first == other->first && other[-1].second == other->second) continue;
      bool same = true;
      for (int c = 0; c < 8 && same; ++c)
        if (m->reached >> c & 1) same = node_at(level, m->first, cell, c) == node_at(level, other->first, cell, c) && node_at(level, m->second, cell, c) == node_at(level, other->second, cell, c);
      if (!same) continue;
      m->first = other->first;
      m->second = other->second;
      break;
    }
  }
  std::sort(members.begin(), members.end(), by_order);
}

/// Number of a place among those seen; a regular cell has three, the last one of an axis a few of its own.
std::uint8_t number_of(float place, std::vector<float>& seen) {
  const auto at = std::find(seen.begin(), seen.end(), place);
  if (at == seen.end() && seen.size() == 256) throw InternalError("spring groups of the multigrid hierarchy have more places in a cell than their index holds");
  const std::size_t number = std::size_t(at - seen.begin());
  if (at == seen.end()) seen.push_back(place);
  return std::uint8_t(number);
}

}  // namespace

void make_springs(const Finer& finer, bool of_pairs, std::vector<std::uint32_t>& pair_element, CoarseLevel& level) {
  SpringGroups& s = level.springs;
  s.of_pairs = of_pairs;
  std::vector<Member> members = of_pairs ? members_from_pairs(finer, pair_element, level) : members_from_groups(finer, level);
  match_elements(level, members);
  const int n_weights = of_pairs ? 3 : 6;
  s.member.reserve(members.size());
  s.place.reserve(members.size() * std::size_t(n_weights));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& m = members[i];
    if (i == 0 || m.order != members[i - 1].order || m.first != members[i - 1].first || m.second != members[i - 1].second) {
      s.member_offset.push_back(std::uint32_t(i));
      s.cell.push_back(m.cell);
      s.reached.push_back(0);
      const Index3 cell = coordinates_of(m.cell, level.n_cells);
      for (const std::uint32_t element : {m.first, m.second}) {
        s.element.push_back(element);
        for (int c = 0; c < 8; ++c) s.node.push_back(node_at(level, element, cell, c));
      }
    }
    s.reached.back() |= m.reached;
    s.member.push_back(m.member);
    for (int w = 0; w < n_weights; ++w) s.place.push_back(number_of(m.weight[w], s.place_value));
  }
  s.member_offset.push_back(std::uint32_t(members.size()));
  s.block_offset.assign(std::size_t(level.blocks.count()) + 1, 0);
  for (std::size_t g = 0; g < std::size_t(s.n_groups()); ++g) {
    const Index3 at = coordinates_of(s.cell[g], level.n_cells);
    ++s.block_offset[std::size_t(level.blocks.block_of(at[0], at[1], at[2])) + 1];
  }
  for (std::size_t b = 1; b < s.block_offset.size(); ++b) s.block_offset[b] += s.block_offset[b - 1];
}

}  // namespace voxode::mesh::coarsening
