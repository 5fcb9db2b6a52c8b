#include "mesh/body_parts.hpp"

#include <algorithm>

#include "mesh/components.hpp"

namespace voxode::mesh {

namespace {

constexpr float soft_share = 0.1f;         // of the stiffest voxel's modulus in the same body
constexpr Index least_soft_voxels = 512;   // smaller ones stay with the rest: they would crowd the coarse levels, and finer ones see to them
constexpr float tie_over_voxel = 10;       // a tie is as stiff as a tenth of a voxel of the softer part

/// What one part has at a vertex.
struct Share {
  std::int32_t part;
  float stiffest, sum;
};

}  // namespace

BodyParts find_body_parts(const Nodes& nodes, const std::vector<std::int32_t>& mechanical_body, const std::vector<std::uint32_t>& cell_class, const std::vector<float>& class_stiffness) {
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
  BodyParts parts;
  if (!any) return parts;

  const Components pieces = find_components(nodes.n_cells, key, nodes.periodic);
  any = false;
  for (std::size_t cell = 0; cell < key.size(); ++cell) {
    if (key[cell] < n_bodies) continue;
    if (pieces.size[std::size_t(pieces.of_voxel[cell])] < least_soft_voxels) key[cell] = mechanical_body[cell];
    else any = true;
  }
  if (!any) return parts;
  parts.of_voxel = find_components(nodes.n_cells, key, nodes.periodic).of_voxel;
  parts.of_node.resize(nodes.body.size());
  for (Index v = 0; v < nodes.vertex_count(); ++v)
    for (std::size_t node = nodes.offset[std::size_t(v)]; node < nodes.offset[std::size_t(v) + 1]; ++node) {
      const std::int32_t body = nodes.body[node];
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
      const Share* const owner = std::max_element(shares, shares + n_shares, [](const Share& a, const Share& b) { return a.stiffest != b.stiffest ? a.stiffest < b.stiffest : a.part > b.part; });
      parts.of_node[node] = owner->part;
      for (const Share* s = shares; s < shares + n_shares; ++s)
        if (s != owner) parts.ties.push_back({v, owner->part, s->part, tie_over_voxel * std::min(owner->sum, s->sum)});
    }
  return parts;
}

}  // namespace voxode::mesh
