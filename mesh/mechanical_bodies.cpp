#include "mesh/mechanical_bodies.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "mesh/components.hpp"

namespace voxode::mesh {
namespace {

/// Pairs of bodies that are bonded for good, and the sets they make.
struct Bonds {
  std::vector<std::pair<std::int32_t, std::int32_t>> pairs;  ///< both ways, sorted
  std::vector<std::int32_t> group;                           ///< of each body

  std::int32_t root(std::int32_t b) {
    while (group[std::size_t(b)] != b) b = group[std::size_t(b)] = group[std::size_t(group[std::size_t(b)])];
    return b;
  }
  void close() {
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    for (const auto& [a, b] : pairs) {
      const std::int32_t ra = root(a), rb = root(b);
      group[std::size_t(std::max(ra, rb))] = std::min(ra, rb);
    }
    for (std::size_t b = 0; b < group.size(); ++b) group[b] = root(std::int32_t(b));
  }
  /// Shortest chain of bonds from a to b, breadth first.
  std::vector<std::int32_t> path(std::int32_t a, std::int32_t b) const {
    std::map<std::int32_t, std::int32_t> from{{b, b}};
    std::vector<std::int32_t> front{b};
    while (!front.empty() && !from.count(a)) {
      std::vector<std::int32_t> next;
      for (const std::int32_t at : front)
        for (auto it = std::lower_bound(pairs.begin(), pairs.end(), std::make_pair(at, std::int32_t(-1))); it != pairs.end() && it->first == at; ++it)
          if (from.emplace(it->second, at).second) next.push_back(it->second);
      front = std::move(next);
    }
    std::vector<std::int32_t> list;
    if (!from.count(a)) return list;
    for (std::int32_t at = a;; at = from[at]) {
      list.push_back(at);
      if (at == b) return list;
    }
  }
};

Bonds find_bonds(const VoxelGrid& grid, const Bodies& bodies, const Faces& faces) {
  Bonds bonds;
  bonds.group.resize(bodies.table.size());
  std::iota(bonds.group.begin(), bonds.group.end(), 0);
  std::pair<std::int32_t, std::int32_t> last{-1, -1};
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    if (faces.entry[f] != Faces::no_entry) continue;
    const std::int32_t a = bodies.of_voxel[std::size_t(faces.cell[f])], b = bodies.of_voxel[std::size_t(upper_cell(grid.n, faces.cell[f], faces.axis[f]))];
    if (last == std::make_pair(a, b)) continue;
    last = {a, b};
    bonds.pairs.emplace_back(a, b);
    bonds.pairs.emplace_back(b, a);
  }
  bonds.close();
  return bonds;
}

std::vector<IdleInterface> find_idle_interfaces(const VoxelGrid& grid, const Bodies& bodies, const Faces& faces, const Bonds& bonds) {
  std::map<std::tuple<int, int, int>, IdleInterface> idle;
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    if (faces.entry[f] == Faces::no_entry) continue;
    const std::int32_t a = bodies.of_voxel[std::size_t(faces.cell[f])], b = bodies.of_voxel[std::size_t(upper_cell(grid.n, faces.cell[f], faces.axis[f]))];
    if (bonds.group[std::size_t(a)] != bonds.group[std::size_t(b)]) continue;
    const auto [low, high] = std::minmax({bodies.table[std::size_t(a)].phase, bodies.table[std::size_t(b)].phase});
    IdleInterface& found = idle[{faces.entry[f], low, high}];
    if (found.n_faces == 0) {
      found.entry = faces.entry[f];
      found.phase_a = low;
      found.phase_b = high;
      found.bonded_path = bonds.path(a, b);
    }
    ++found.n_faces;
    found.area += double(faces.area_share[f]) * grid.spacing * grid.spacing;
  }
  std::vector<IdleInterface> list;
  for (auto& entry : idle) list.push_back(std::move(entry.second));
  return list;
}

void find_load_paths(const VoxelGrid& grid, const Periodicity& periodic, MechanicalBodies& result) {
  std::vector<std::int32_t> solid(grid.phase.size());
  for (std::size_t v = 0; v < solid.size(); ++v) solid[v] = result.of_voxel[v] >= 0 ? 0 : -1;
  const Components joined = find_components(grid.n, solid, periodic);
  const auto m = std::size_t(joined.count());
  std::vector<std::uint8_t> bottom(m, 0), top(m, 0);
  const std::size_t layer = std::size_t(grid.n[0] * grid.n[1]), last = solid.size() - layer;
  if (periodic[2]) {  // no plates: the largest joined set carries
    const auto largest = std::max_element(joined.size.begin(), joined.size.end());
    if (largest != joined.size.end()) bottom[std::size_t(largest - joined.size.begin())] = top[std::size_t(largest - joined.size.begin())] = 1;
  } else {
    for (std::size_t v = 0; v < layer; ++v) {
      if (joined.of_voxel[v] >= 0) bottom[std::size_t(joined.of_voxel[v])] = 1;
      if (joined.of_voxel[last + v] >= 0) top[std::size_t(joined.of_voxel[last + v])] = 1;
    }
  }
  for (std::size_t c = 0; c < m; ++c) result.load_path = result.load_path || (bottom[c] && top[c]);
  result.joined_to_bottom.assign(result.size.size(), 0);
  result.joined_to_top.assign(result.size.size(), 0);
  for (std::size_t v = 0; v < solid.size(); ++v) {
    if (result.of_voxel[v] < 0) continue;
    result.joined_to_bottom[std::size_t(result.of_voxel[v])] = bottom[std::size_t(joined.of_voxel[v])];
    result.joined_to_top[std::size_t(result.of_voxel[v])] = top[std::size_t(joined.of_voxel[v])];
  }
}

}  // namespace

MechanicalBodies find_mechanical_bodies(const VoxelGrid& grid, const Bodies& bodies, const Faces& faces, const Periodicity& periodic) {
  const Bonds bonds = find_bonds(grid, bodies, faces);
  std::vector<std::int32_t> key(bodies.of_voxel.size());
  for (std::size_t v = 0; v < key.size(); ++v) key[v] = bodies.of_voxel[v] < 0 ? -1 : bonds.group[std::size_t(bodies.of_voxel[v])];
  Components pieces = find_components(grid.n, key, periodic);
  MechanicalBodies result;
  result.of_voxel = std::move(pieces.of_voxel);
  result.size = std::move(pieces.size);
  if (grid.n_voxels() > 0) find_load_paths(grid, periodic, result);
  for (std::size_t b = 0; b < result.size.size(); ++b) {
    if (result.joined_to_bottom[b] || result.joined_to_top[b]) continue;
    result.floating.push_back(std::int32_t(b));
    result.n_floating_voxels += result.size[b];
  }
  result.idle_interfaces = find_idle_interfaces(grid, bodies, faces, bonds);
  return result;
}

std::vector<std::int32_t> bodies_with_load_path(const MechanicalBodies& bodies) {
  std::vector<std::int32_t> of_voxel = bodies.of_voxel;
  for (std::int32_t& b : of_voxel)
    if (b >= 0 && !bodies.joined_to_bottom[std::size_t(b)] && !bodies.joined_to_top[std::size_t(b)]) b = -1;
  return of_voxel;
}

}  // namespace voxode::mesh
