#include "mesh/index_boxes.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "kernels/error.hpp"

namespace voxode::mesh {
namespace {

Index wrapped(Index at, Index n) { return (at % n + n) % n; }

/// A node at a global vertex: the key that both sides of a message sort by, and the number of the node here.
struct Entry {
  Index vertex;
  std::int32_t body;
  std::uint32_t node;
  bool operator<(const Entry& other) const { return std::tie(vertex, body) < std::tie(other.vertex, other.body); }
};

std::vector<std::uint32_t> sorted_nodes(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end());
  std::vector<std::uint32_t> nodes;
  for (const Entry& e : entries) nodes.push_back(e.node);
  return nodes;
}

IndexBox shifted(const IndexBox& box, const Index3& by) {
  IndexBox moved = box;
  for (std::size_t a = 0; a < 3; ++a) moved.begin[a] += by[a], moved.end[a] += by[a];
  return moved;
}

IndexBox common(const IndexBox& one, const IndexBox& other) {
  IndexBox box;
  for (std::size_t a = 0; a < 3; ++a) box.begin[a] = std::max(one.begin[a], other.begin[a]), box.end[a] = std::min(one.end[a], other.end[a]);
  return box;
}

/// Calls f(vertex) for each vertex of a box.
template <class F>
void for_each_in(const IndexBox& box, const F& f) {
  for (Index k = box.begin[2]; k < box.end[2]; ++k)
    for (Index j = box.begin[1]; j < box.end[1]; ++j)
      for (Index i = box.begin[0]; i < box.end[0]; ++i) f(Index3{i, j, k});
}

/// A sub-box with its nodes, which finds nodes by global coordinates.
struct Lookup {
  const SubBox& box;
  const Nodes& nodes;
  const std::vector<std::int32_t>& body;

  std::size_t local_vertex(const Index3& vertex) const {  // in coordinates that go on across periodic sides
    const Index3& begin = box.ghost.begin;
    return std::size_t(nodes.vertex(vertex[0] - begin[0], vertex[1] - begin[1], vertex[2] - begin[2]));
  }
  Index3 wrap(const Index3& vertex) const {
    Index3 at = vertex;
    for (std::size_t a = 0; a < 3; ++a)
      if (box.division.periodic[a]) at[a] = wrapped(at[a], box.division.n[a]);
    return at;
  }
  Index number(const Index3& vertex) const { return linear_index(box.division.n_vertices(), vertex[0], vertex[1], vertex[2]); }

  /// Nodes at a vertex whose body touches it inside of `seen`, the ghost box of another rank, in whose coordinates the vertex is `there`.
  void add_seen(const SubBox& seen, const Index3& there, std::vector<Entry>& entries) const {
    const Index3 at = wrap(there);
    const std::size_t v = local_vertex(at);
    nodes.for_cells_around(Index(v), [&](std::size_t corner, std::size_t cell) {
      for (std::size_t a = 0; a < 3; ++a) {
        const Index voxel = there[a] - Index(corner >> a & 1);
        if (!seen.periodic[a] && (voxel < seen.ghost.begin[a] || voxel >= seen.ghost.end[a])) return;
      }
      if (body[cell] < 0) return;
      for (std::uint32_t n = nodes.offset[v]; n < nodes.offset[v + 1]; ++n)
        if (nodes.body[n] == body[cell] && std::none_of(entries.begin(), entries.end(), [n](const Entry& e) { return e.node == n; })) entries.push_back({number(at), nodes.body[n], n});
    });
  }
};

}  // namespace

int Division::owner(const Index3& vertex) const {
  Index3 part;
  for (std::size_t a = 0; a < 3; ++a) {
    const Index voxel = std::min(vertex[a], n[a] - 1);
    part[a] = voxel * n_ranks[a] / n[a];
    while (part[a] + 1 < n_ranks[a] && first(a, part[a] + 1) <= voxel) ++part[a];
  }
  return int(linear_index(n_ranks, part[0], part[1], part[2]));
}

SubBox make_sub_box(const Division& division, int rank) {
  SubBox box;
  box.division = division;
  box.rank = rank;
  const Index3& m = division.n_ranks;
  const Index3 part{rank % m[0], rank / m[0] % m[1], rank / (m[0] * m[1])};
  for (std::size_t a = 0; a < 3; ++a) {
    if (m[a] > 1 && division.n[a] < 2 * m[a])
      throw ConfigError(std::to_string(division.n[a]) + " voxels along an axis are too few for " + std::to_string(m[a]) + " ranks, which want two each");
    box.own.begin[a] = division.first(a, part[a]);
    box.own.end[a] = division.first(a, part[a] + 1);
    const bool divided = m[a] > 1, last = box.own.end[a] == division.n[a];
    const Index below = divided && (division.periodic[a] || part[a] > 0), above = divided && (division.periodic[a] || !last);
    box.ghost.begin[a] = box.own.begin[a] - below;
    box.ghost.end[a] = box.own.end[a] + above;
    box.own_vertices.begin[a] = box.own.begin[a];
    box.own_vertices.end[a] = box.own.end[a] + (last && !division.periodic[a]);
    box.halo_vertices.begin[a] = box.own_vertices.begin[a] - below;
    box.halo_vertices.end[a] = box.own_vertices.end[a] + above;
    box.periodic[a] = division.periodic[a] && !divided;
  }
  return box;
}

Index3 SubBox::to_global(const Index3& local_voxel) const {
  Index3 at;
  for (std::size_t a = 0; a < 3; ++a) at[a] = wrapped(local_voxel[a] + ghost.begin[a], division.n[a]);
  return at;
}

std::optional<Index3> SubBox::to_local(const Index3& global_voxel) const {
  Index3 at;
  for (std::size_t a = 0; a < 3; ++a) {
    at[a] = global_voxel[a] - ghost.begin[a];
    if (division.periodic[a]) at[a] = wrapped(at[a], division.n[a]);
    if (at[a] < 0 || at[a] >= ghost.end[a] - ghost.begin[a]) return std::nullopt;
  }
  return at;
}

NodeExchange make_node_exchange(const SubBox& box, const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body) {
  if (nodes.n_cells != box.ghost.size() || nodes.periodic != box.periodic) throw InternalError("make_node_exchange: the nodes are not those of the ghost box");
  const Lookup here{box, nodes, mechanical_body};
  NodeExchange exchange;
  std::map<int, std::vector<Entry>> send, receive;
  for_each_in(box.halo_vertices, [&](const Index3& vertex) {
    const std::size_t v = here.local_vertex(vertex);
    const Index3 at = here.wrap(vertex);
    const bool own = box.own_vertices.contains(vertex);
    for (std::uint32_t n = nodes.offset[v]; n < nodes.offset[v + 1]; ++n) {
      if (own) exchange.own.push_back(n);
      else receive[box.division.owner(at)].push_back({here.number(at), nodes.body[n], n});
    }
  });
  for (int rank = 0; rank < box.division.rank_count(); ++rank) {
    if (rank == box.rank) continue;
    const SubBox other = make_sub_box(box.division, rank);
    // own vertices where the other rank's halo has them, across periodic sides too
    for_each_in({{-1, -1, -1}, {2, 2, 2}}, [&](const Index3& side) {
      Index3 by;
      for (std::size_t a = 0; a < 3; ++a) {
        if (side[a] != 0 && (!box.division.periodic[a] || box.periodic[a])) return;
        by[a] = side[a] * box.division.n[a];
      }
      for_each_in(common(other.halo_vertices, shifted(box.own_vertices, by)), [&](const Index3& there) {
        std::vector<Entry> entries;
        here.add_seen(other, there, entries);
        auto& list = send[rank];
        list.insert(list.end(), entries.begin(), entries.end());
      });
    });
    if (send.count(rank) || receive.count(rank)) exchange.messages.push_back({rank, sorted_nodes(send[rank]), sorted_nodes(receive[rank])});
  }
  return exchange;
}

}  // namespace voxode::mesh
