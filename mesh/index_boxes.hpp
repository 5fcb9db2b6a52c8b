#pragma once
// A box of voxels divided among ranks: what each owns, what it sees of its neighbours, and which node values go where. Index lists only: whoever has a message
// layer sends them.
#include <cstdint>
#include <optional>
#include <vector>

#include "mesh/nodes.hpp"

namespace voxode::mesh {

/// Voxels or vertices from `begin` up to, but without, `end`.
struct IndexBox {
  Index3 begin{}, end{};
  Index3 size() const { return {end[0] - begin[0], end[1] - begin[1], end[2] - begin[2]}; }
  bool contains(const Index3& at) const {
    for (std::size_t a = 0; a < 3; ++a)
      if (at[a] < begin[a] || at[a] >= end[a]) return false;
    return true;
  }
};

/// The whole box and how many ranks share it along each axis; ranks are numbered x fastest.
struct Division {
  Index3 n{};  ///< voxels
  Periodicity periodic{};
  Index3 n_ranks{1, 1, 1};
  int rank_count() const { return int(product(n_ranks)); }
  /// First voxel of the `part`-th rank along an axis; `n` for part = n_ranks. Parts differ by one voxel at most.
  Index first(std::size_t axis, Index part) const { return n[axis] * part / n_ranks[axis]; }
  Index3 n_vertices() const { return {n[0] + !periodic[0], n[1] + !periodic[1], n[2] + !periodic[2]}; }
  /// The rank that owns a vertex: that of the voxel which has it as its lower corner, or the last one. Coordinates in [0, n_vertices).
  int owner(const Index3& vertex) const;
};

/// The part of one rank. Global coordinates across a periodic side go on (-1, n) in boxes, and are wrapped where single voxels are named.
struct SubBox {
  Division division;
  int rank = 0;
  IndexBox own;    ///< voxels
  IndexBox ghost;  ///< voxels: `own`, and one layer more across every side that it shares with a rank (itself not: there the sub-box is periodic)
  IndexBox own_vertices;
  /// `own_vertices`, and one layer more where `ghost` has one: what forces on own vertices depend on. Vertices of `ghost` beyond it lack a value.
  IndexBox halo_vertices;
  /// The axes along which kernels must wrap the sub-box: periodic ones that are not divided.
  Periodicity periodic{};
  /// Whether a side of the whole box that is not periodic is one of the sub-box: walls stand there.
  bool at_side(std::size_t axis, bool upper) const {
    return !division.periodic[axis] && (upper ? own.end[axis] == division.n[axis] : own.begin[axis] == 0);
  }
  /// Local coordinates count from the lower corner of `ghost`, for voxels and vertices.
  Index3 to_global(const Index3& local_voxel) const;
  /// Empty where `ghost` doesn't hold the voxel.
  std::optional<Index3> to_local(const Index3& global_voxel) const;
  /// Of values of all voxels, those of `ghost`: shape (size z, y, x), as `VoxelGrid::phase`.
  template <class T>
  std::vector<T> take(const std::vector<T>& of_all) const {
    const Index3 size = ghost.size();
    std::vector<T> values;
    values.reserve(std::size_t(product(size)));
    for (Index k = 0; k < size[2]; ++k)
      for (Index j = 0; j < size[1]; ++j)
        for (Index i = 0; i < size[0]; ++i) {
          const Index3 at = to_global({i, j, k});
          values.push_back(of_all[std::size_t(linear_index(division.n, at[0], at[1], at[2]))]);
        }
    return values;
  }
};

/// Throws ConfigError where a rank would get fewer than two voxels along a divided axis.
SubBox make_sub_box(const Division& division, int rank);

/// Values of nodes for one other rank, and from it, in the order of global vertices, then of bodies: the receiver's list is as long as the sender's.
struct NodeMessage {
  int rank = 0;
  std::vector<std::uint32_t> send;     ///< own nodes that the other rank sees
  std::vector<std::uint32_t> receive;  ///< nodes here that the other rank owns
};
struct NodeExchange {
  std::vector<std::uint32_t> own;      ///< nodes at own vertices, increasing: those that sums over all ranks count
  std::vector<NodeMessage> messages;   ///< one for each neighbour, by rank
};

/// `nodes` and `mechanical_body` are those of the ghost box, bodies numbered alike on all ranks. Ranks need not ask each other: of the bodies around an own vertex,
/// both see those that touch it inside the other's ghost box.
NodeExchange make_node_exchange(const SubBox& box, const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body);

}  // namespace voxode::mesh
