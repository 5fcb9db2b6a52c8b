#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "kernels/error.hpp"
#include "mesh/coarsening.hpp"

namespace voxode::mesh::coarsening {

std::vector<WallEntry> finest_walls(const HierarchyInput& in) {
  const Nodes& nodes = *in.nodes;
  const Index3& n = nodes.n_cells;
  if (nodes.vertex_count() > 0xffffffffll) throw MemoryError("vertices of the multigrid hierarchy exceed their index; crop or coarsen the image");
  std::vector<WallEntry> entries;
  for (const Wall& wall : in.walls) {
    std::map<std::pair<Index, std::int32_t>, double> stiffness;
    std::map<std::int32_t, double> area;  // voxel faces
    const auto axis = std::size_t(wall.axis), b = (axis + 1) % 3, c = (axis + 2) % 3;
    for (Index q = 0; q < n[c]; ++q)
      for (Index p = 0; p < n[b]; ++p) {
        Index3 cell;
        cell[axis] = wall.upper ? n[axis] - 1 : 0;
        cell[b] = p, cell[c] = q;
        const auto linear = std::size_t(linear_index(n, cell[0], cell[1], cell[2]));
        const std::int32_t body = in.cell_body[linear];
        if (body < 0) continue;
        area[body] += 1;
        const double k = 0.25 * 5 * double(in.class_stiffness[(*in.cell_class)[linear]]);  // over a voxel's face
        for (int corner = 0; corner < 4; ++corner) {
          Index3 v = cell;
          v[axis] = wall.upper ? n[axis] : 0;
          v[b] += corner & 1, v[c] += corner >> 1;
          stiffness[{nodes.vertex(v[0], v[1], v[2]), body}] += k;
        }
      }
    for (const auto& [key, k] : stiffness)
      entries.push_back({std::uint32_t(key.first), std::uint32_t(key.first), key.second, std::uint8_t(wall.axis), std::uint8_t(wall.plate), k, std::sqrt(area[key.second])});
  }
  return entries;
}

/// Springs of 5 E / H on every level. Where a cell is larger than the patch by which a body touches the wall, it is the patch that yields, and the springs stay
/// as they are: softer ones would let the body turn too far.
std::vector<WallEntry> coarsen_walls(const std::vector<WallEntry>& walls, const Finer& finer, CoarseLevel& level) {
  constexpr double patches = 2;
  const auto edge_ratio = [&](double patch) { return std::min(finer.cell_edge, patches * patch) / std::min(level.cell_edge, patches * patch); };
  const auto parents = [&](std::uint32_t node, std::int32_t body, std::uint32_t (&parent)[8], float (&weight)[8]) {
    if (!finer.level) return level.nodes_of(parent_of_body(node, body, finer, level), coordinates_of(node, finer.n_vertices), parent, weight);
    const std::vector<std::uint32_t>& offset = finer.level->node_offset;
    const Index vertex = std::upper_bound(offset.begin(), offset.end(), node) - offset.begin() - 1;
    return level.nodes_of({level.parent[node]}, coordinates_of(vertex, finer.n_vertices), parent, weight);
  };
  std::vector<WallEntry> entries;
  std::uint32_t row[8], column[8];
  float row_weight[8], column_weight[8];
  for (const WallEntry& e : walls) {
    const int n_rows = parents(e.row, e.body, row, row_weight), n_columns = parents(e.column, e.body, column, column_weight);
    for (int r = 0; r < n_rows; ++r)
      for (int c = 0; c < n_columns; ++c)
        entries.push_back({row[r], column[c], e.body, e.component, e.plate, e.value * double(row_weight[r]) * double(column_weight[c]) * edge_ratio(e.patch), e.patch});
  }
  const auto key = [](const WallEntry& e) { return std::tie(e.component, e.plate, e.row, e.column); };
  std::stable_sort(entries.begin(), entries.end(), [&](const WallEntry& a, const WallEntry& b) { return key(a) < key(b); });
  std::size_t last = 0;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (key(entries[i]) != key(entries[last])) {
      entries[++last] = entries[i];
      continue;
    }
    entries[last].value += entries[i].value;
    entries[last].patch = std::max(entries[last].patch, entries[i].patch);
  }
  if (!entries.empty()) entries.resize(last + 1);

  WallSprings& w = level.walls;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const WallEntry& e = entries[i];
    const WallEntry* const p = i ? &entries[i - 1] : nullptr;
    if (!p || e.row != p->row || e.component != p->component || e.plate != p->plate) {
      w.row_offset.push_back(std::uint32_t(i));
      w.node.push_back(e.row);
      w.component.push_back(e.component);
      w.to_plate.push_back(e.plate);
    }
    w.column.push_back(e.column);
    w.value.push_back(float(e.value));
  }
  w.row_offset.push_back(std::uint32_t(entries.size()));
  return entries;
}

}  // namespace voxode::mesh::coarsening
