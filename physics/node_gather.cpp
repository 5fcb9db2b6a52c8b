#include "physics/node_gather.hpp"

#include <cmath>

namespace voxode::physics {

NodeGather::NodeGather(const std::vector<std::uint32_t>& node, Index n_nodes) {
  std::vector<std::uint32_t> first(std::size_t(n_nodes) + 1, 0);
  for (const std::uint32_t n : node)
    if (Index(n) < n_nodes) ++first[n + 1];
  for (std::size_t n = 0; n < std::size_t(n_nodes); ++n) first[n + 1] += first[n];
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1), list(first.back());
  for (std::size_t i = 0; i < node.size(); ++i)
    if (Index(node[i]) < n_nodes) list[next[node[i]]++] = std::uint32_t(i);
  offset = kernels::upload("gather_offset", first);
  entry = kernels::upload("gather_entry", list);
}

NodeWeights::NodeWeights(const std::vector<std::uint32_t>& host_offset, const std::vector<std::uint32_t>& host_node, const std::vector<float>& host_weight)
    : offset(kernels::upload("weights_offset", host_offset)), node(kernels::upload("weights_node", host_node)), weight(kernels::upload("weights", host_weight)) {}

Interpolation make_interpolation(const mesh::CoarseLevel& finer, const mesh::CoarseLevel& coarse) {
  std::vector<std::uint32_t> offset{0}, node;
  std::vector<float> weight;
  std::vector<std::uint32_t> count(std::size_t(coarse.n_nodes) + 1, 0);
  for (Index v = 0; v < product(finer.n_vertices); ++v) {
    const Index3& n_finer = finer.n_vertices;
    const Index3 at{v % n_finer[0], v / n_finer[0] % n_finer[1], v / (n_finer[0] * n_finer[1])};
    for (std::uint32_t n = finer.node_offset[std::size_t(v)]; n < finer.node_offset[std::size_t(v) + 1]; ++n) {
      std::uint32_t on[8];
      float w[8];
      const int n_on = coarse.nodes_of({coarse.parent[n]}, at, on, w);
      for (int i = 0; i < n_on; ++i) {
        node.push_back(on[i]);
        weight.push_back(w[i]);
        ++count[on[i] + 1];
      }
      offset.push_back(std::uint32_t(node.size()));
    }
  }
  for (std::size_t n = 0; n + 1 < count.size(); ++n) count[n + 1] += count[n];
  std::vector<std::uint32_t> next(count.begin(), count.end() - 1), finer_node(node.size());
  std::vector<float> transposed(node.size());
  for (std::uint32_t n = 0; n + 1 < offset.size(); ++n)
    for (std::uint32_t e = offset[n]; e < offset[n + 1]; ++e) {
      const std::uint32_t to = next[node[e]]++;
      finer_node[to] = n;
      transposed[to] = weight[e];
    }
  return {NodeWeights(offset, node, weight), NodeWeights(count, finer_node, transposed)};
}

namespace {

using Team = Kokkos::TeamPolicy<kernels::Space>;
using Scratch = Kokkos::View<float*, kernels::Space::scratch_memory_space, Kokkos::MemoryUnmanaged>;

// kernels::invert_packed by a team.
struct InvertByTeam {
  ConstArray<std::uint32_t> vertices;
  InvertBlocks blocks;
  int most_unknowns;

  VOXODE_FUNCTION void operator()(const Team::member_type& team) const {
    const std::uint32_t v = vertices(std::size_t(team.league_rank()));
    if (!blocks.marked(v)) return;  // the same for the whole team
    const int n = 3 * int(blocks.node_offset(v + 1) - blocks.node_offset(v)), size = team.team_size(), me = team.team_rank();
    float* const a = blocks.value.data() + 3 * std::size_t(blocks.block_offset(v));
    const auto at = [a](int i, int j) -> float& { return a[i * (i + 1) / 2 + j]; };
    Scratch line(team.team_scratch(0), std::size_t(most_unknowns));
    for (int i = me; i < n; i += size) line(i) = at(i, i);  // the diagonal before elimination
    team.team_barrier();
    for (int j = 0; j < n; ++j) {  // L, column by column
      const float diagonal = line(j), least = InvertBlocks::floor * (diagonal > 0 ? diagonal : 1.0f), pivot = at(j, j);
      const float root = sqrtf(pivot > least ? pivot : least), inverse = 1 / root;
      team.team_barrier();
      if (me == 0) at(j, j) = root;
      for (int i = j + 1 + me; i < n; i += size) at(i, j) *= inverse;
      team.team_barrier();
      for (int i = j + 1 + me; i < n; i += size)
        for (int k = j + 1; k <= i; ++k) at(i, k) -= at(i, j) * at(k, j);
      team.team_barrier();
    }
    for (int i = 0; i < n; ++i) {  // L -> inverse of L
      for (int j = me; j <= i; j += size) line(j) = at(i, j);
      team.team_barrier();
      const float inverse = 1 / line(i);
      for (int j = me; j < i; j += size) {
        float s = 0;
        for (int k = j; k < i; ++k) s += line(k) * at(k, j);
        at(i, j) = -s * inverse;
      }
      if (me == 0) at(i, i) = inverse;
      team.team_barrier();
    }
    for (int j = 0; j < n; ++j) {  // inverse of L, transposed, times itself
      for (int i = j + me; i < n; i += size) line(i) = at(i, j);
      team.team_barrier();
      for (int i = j + me; i < n; i += size) {
        float s = 0;
        for (int k = i; k < n; ++k) s += (i == j ? line(k) : at(k, i)) * line(k);
        at(i, j) = s;
      }
      team.team_barrier();
    }
  }
};

}  // namespace

void invert_large_blocks(const Array<std::uint32_t>& vertices, int most_unknowns, const InvertBlocks& blocks) {
  if (!vertices.extent(0)) return;
#ifdef KOKKOS_ENABLE_CUDA
  constexpr int team_size = 128;
#else
  constexpr int team_size = 1;
#endif
  Team policy(int(vertices.extent(0)), team_size);
  policy.set_scratch_size(0, Kokkos::PerTeam(Scratch::shmem_size(std::size_t(most_unknowns))));
  Kokkos::parallel_for("voxode::physics::invert_large_blocks", policy, InvertByTeam{vertices, blocks, most_unknowns});
}

}  // namespace voxode::physics
