#include "mesh/body_parts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <queue>
#include <tuple>
#include <utility>

#include "mesh/thin_sets.hpp"

namespace voxode::mesh {

namespace {

constexpr float soft_share = 0.1f;         // of the stiffest voxel's modulus in the same body
constexpr Index least_soft_voxels = 512;   // smaller ones stay with the rest: they would crowd the coarse levels, and finer ones see to them
constexpr Index least_splinter_voxels = 4;   // shorter ones are stiff enough for the finest level alone
constexpr float tie_over_voxel = 10;       // a tie is as stiff as a tenth of a voxel of the softer part

/// What one part has at a vertex.
struct Share {
  std::int32_t part;
  float stiffest, sum;
};

/// Bodies, soft voxels of a body under a number of their own.
std::vector<std::int32_t> set_soft_apart(const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body, const std::vector<std::uint32_t>& cell_class, const std::vector<float>& class_stiffness) {
  std::int32_t n_bodies = 0;
  for (const std::int32_t body : mechanical_body) n_bodies = std::max(n_bodies, body + 1);
  std::vector<float> stiffest(std::size_t(n_bodies), 0.0f);
  for (std::size_t cell = 0; cell < mechanical_body.size(); ++cell)
    if (mechanical_body[cell] >= 0) stiffest[std::size_t(mechanical_body[cell])] = std::max(stiffest[std::size_t(mechanical_body[cell])], class_stiffness[cell_class[cell]]);
  std::vector<std::int32_t> key(mechanical_body.size());
  bool any = false;
  for (std::size_t cell = 0; cell < key.size(); ++cell) {
    const std::int32_t body = mechanical_body[cell];
    const bool soft = body >= 0 && class_stiffness[cell_class[cell]] < soft_share * stiffest[std::size_t(body)];
    any = any || soft;
    key[cell] = soft ? body + n_bodies : body;
  }
  if (!any) return key;
  const Components pieces = find_components(nodes.n_cells, key, nodes.periodic);
  for (std::size_t cell = 0; cell < key.size(); ++cell)
    if (key[cell] >= n_bodies && pieces.size[std::size_t(pieces.of_voxel[cell])] < least_soft_voxels) key[cell] = mechanical_body[cell];
  return key;
}

/// Whether the cells of one piece around a vertex are in several sets that faces do not join there.
bool is_hinge(const Nodes& nodes, const std::vector<std::int32_t>& piece, Index vertex) {
  std::int32_t of[8];
  std::fill(of, of + 8, -1);
  nodes.for_cells_around(vertex, [&](std::size_t corner, std::size_t cell) { of[corner] = piece[cell]; });
  int set[8];
  for (int c = 0; c < 8; ++c) set[c] = c;
  for (int round = 0; round < 4; ++round)  // the shortest path of faces between two of eight cells has four steps at the most
    for (int c = 0; c < 8; ++c)
      for (int a = 0; a < 3; ++a)
        if (of[c] >= 0 && of[c] == of[c ^ (1 << a)]) set[c] = std::min(set[c], set[c ^ (1 << a)]);
  for (int c = 0; c < 8; ++c)
    for (int d = 0; d < c; ++d)
      if (of[c] >= 0 && of[c] == of[d] && set[c] != set[d]) return true;
  return false;
}

/// Voxels of splinters: thin sets that have a hinge. Not zero: in one.
std::vector<std::uint8_t> find_splinters(const Nodes& nodes, const std::vector<std::int32_t>& piece) {
  const Components sets = find_thin_sets(nodes, piece);
  std::vector<std::uint8_t> taken(std::size_t(sets.count()), 0), splinter(piece.size());
  for (std::size_t cell = 0; cell < piece.size(); ++cell) {
    const std::int32_t set = sets.of_voxel[cell];
    if (set < 0 || taken[std::size_t(set)] || sets.size[std::size_t(set)] < least_splinter_voxels) continue;
    const Index3 at = coordinates_of(Index(cell), nodes.n_cells);
    for (int c = 0; c < 8 && !taken[std::size_t(set)]; ++c) taken[std::size_t(set)] = is_hinge(nodes, piece, nodes.vertex(at[0] + (c & 1), at[1] + (c >> 1 & 1), at[2] + (c >> 2)));
  }
  for (std::size_t cell = 0; cell < piece.size(); ++cell) splinter[cell] = sets.of_voxel[cell] >= 0 && taken[std::size_t(sets.of_voxel[cell])];
  return splinter;
}

std::vector<Index> extents(const Index3& n, const Components& parts) {
  std::vector<std::array<Index, 6>> box(std::size_t(parts.count()), {n[0], n[1], n[2], 0, 0, 0});
  for (Index cell = 0; cell < product(n); ++cell) {
    const std::int32_t part = parts.of_voxel[std::size_t(cell)];
    if (part < 0) continue;
    const Index at[3] = {cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1])};
    for (std::size_t a = 0; a < 3; ++a) {
      box[std::size_t(part)][a] = std::min(box[std::size_t(part)][a], at[a]);
      box[std::size_t(part)][a + 3] = std::max(box[std::size_t(part)][a + 3], at[a] + 1);
    }
  }
  std::vector<Index> result;
  for (std::size_t part = 0; part < box.size(); ++part) {
    const auto& b = box[part];
    result.push_back(std::min(std::max({b[3] - b[0], b[4] - b[1], b[5] - b[2]}), parts.size[part]));  // across a periodic side the box is as long as the image
  }
  return result;
}

/// A tree of the parts of each piece with its largest part as the root: a part joins the one above it. Of the neighbours those with the most faces in common come first.
std::vector<std::int32_t> find_joins(const Nodes& nodes, const std::vector<std::int32_t>& piece, const Components& parts) {
  std::map<std::pair<std::int32_t, std::int32_t>, Index> faces;
  std::map<std::int32_t, std::int32_t> largest;  // by piece
  const Index3& n = nodes.n_cells;
  for (Index cell = 0; cell < product(n); ++cell) {
    const std::int32_t part = parts.of_voxel[std::size_t(cell)];
    if (part < 0) continue;
    const Index3 at{cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1])};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      Index3 next = at;
      if (++next[axis] == n[axis]) {
        if (!nodes.periodic[axis]) continue;
        next[axis] = 0;
      }
      const auto other = std::size_t(linear_index(n, next[0], next[1], next[2]));
      if (parts.of_voxel[other] == part || piece[other] != piece[std::size_t(cell)]) continue;
      ++faces[{part, parts.of_voxel[other]}];
      ++faces[{parts.of_voxel[other], part}];
    }
  }
  for (std::size_t part = 0; part < parts.size.size(); ++part) {
    const auto [entry, is_new] = largest.try_emplace(piece[std::size_t(parts.first[part])], std::int32_t(part));
    if (parts.size[part] > parts.size[std::size_t(entry->second)]) entry->second = std::int32_t(part);
  }
  std::vector<std::int32_t> joins(parts.size.size(), -1);
  std::priority_queue<std::tuple<Index, std::int32_t, std::int32_t>> queue;  // faces, part, the one above it
  const auto add = [&](std::int32_t part, std::int32_t above) {
    joins[std::size_t(part)] = above;
    for (auto next = faces.lower_bound({part, 0}); next != faces.end() && next->first.first == part; ++next)
      if (joins[std::size_t(next->first.second)] < 0) queue.emplace(next->second, next->first.second, part);
  };
  for (const auto& entry : largest) add(entry.second, entry.second);
  while (!queue.empty()) {
    const auto [count, part, above] = queue.top();
    queue.pop();
    if (joins[std::size_t(part)] < 0) add(part, above);
  }
  return joins;
}

}  // namespace

std::vector<std::int32_t> BodyParts::joined(double cell_edge) const {
  std::vector<std::int32_t> result(joins.size());
  for (std::size_t part = 0; part < joins.size(); ++part) {
    auto p = std::int32_t(part);
    while (joins[std::size_t(p)] != p && double(extent[std::size_t(p)]) < cell_edge) p = joins[std::size_t(p)];
    result[part] = p;
  }
  return result;
}

BodyParts find_body_parts(const Nodes& nodes, const std::vector<std::int32_t>& node_body, const std::vector<std::int32_t>& mechanical_body, const std::vector<std::uint32_t>& cell_class, const std::vector<float>& class_stiffness) {
  const std::vector<std::int32_t> key = set_soft_apart(nodes, mechanical_body, cell_class, class_stiffness);
  const Components pieces = find_components(nodes.n_cells, key, nodes.periodic);
  std::vector<std::int32_t> piece_and_splinter = pieces.of_voxel;
  bool any = key != mechanical_body;
  {
    const std::vector<std::uint8_t> splinter = find_splinters(nodes, pieces.of_voxel);
    for (std::size_t cell = 0; cell < splinter.size(); ++cell) {
      if (!splinter[cell] || key[cell] != mechanical_body[cell]) continue;  // soft ones are many, and setting them apart brings nothing
      piece_and_splinter[cell] += std::int32_t(pieces.count());
      any = true;
    }
  }
  BodyParts parts;
  if (!any) return parts;
  Components found = find_components(nodes.n_cells, piece_and_splinter, nodes.periodic);
  parts.extent = extents(nodes.n_cells, found);
  parts.joins = find_joins(nodes, pieces.of_voxel, found);
  parts.of_voxel = std::move(found.of_voxel);
  parts.of_node.resize(node_body.size());
  for (Index v = 0; v < nodes.vertex_count(); ++v)
    for (std::size_t node = nodes.offset[std::size_t(v)]; node < nodes.offset[std::size_t(v) + 1]; ++node) {
      const std::int32_t body = node_body[node];
      Share shares[8];
      int n_shares = 0;
      nodes.for_cells_around(v, [&](std::size_t, std::size_t cell) {
        if (mechanical_body[cell] != body) return;
        int s = 0;
        while (s < n_shares && shares[s].part != parts.of_voxel[cell]) ++s;
        if (s == n_shares) shares[n_shares++] = {parts.of_voxel[cell], 0.0f, 0.0f};
        shares[s].stiffest = std::max(shares[s].stiffest, class_stiffness[cell_class[cell]]);
        shares[s].sum += 0.25f * class_stiffness[cell_class[cell]];
      });
      const Share* owner = shares;
      for (const Share* s = shares; s < shares + n_shares; ++s)
        if (std::tuple(s->stiffest, found.size[std::size_t(s->part)], -s->part) > std::tuple(owner->stiffest, found.size[std::size_t(owner->part)], -owner->part)) owner = s;
      parts.of_node[node] = owner->part;
      for (const Share* s = shares; s < shares + n_shares; ++s)
        if (s != owner) parts.ties.push_back({v, owner->part, s->part, tie_over_voxel * std::min(owner->sum, s->sum)});
    }
  return parts;
}

}  // namespace voxode::mesh
