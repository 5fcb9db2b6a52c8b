#include "physics/vertex_blocks.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "kernels/error.hpp"
#include "physics/multigrid_kernels.hpp"

namespace voxode::physics {

namespace {

/// Assembles and inverts one vertex block of the finest level: elements, pairs, walls.
struct FineBlock {
  FineMesh mesh;
  ConstArray<float> diagonal;          // (n_classes, 8, 6)
  ConstArray<std::uint32_t> vertex;
  ConstArray<std::uint32_t> pair_offset, pair_node;
  ConstArray<float> pair_stiffness;
  Array<std::uint32_t> block_offset;
  Array<float> value;
  bool wall[3][2];
  bool interfaces;  // `vertex` has pairs
  Array<std::uint8_t> changed;         // pairs with new springs; empty: all

  VOXODE_FUNCTION void operator()(Index q) const {
    const Index v = vertex(q);
    if (changed.extent(0)) {
      bool any = false;
      for (std::uint32_t p = pair_offset(q); p < pair_offset(q + 1); ++p) any = any || changed(p);
      if (!any) return;
    }
    const std::uint32_t begin = mesh.offset(v);
    const int m = int(mesh.offset(v + 1) - begin);
    if (m == 0) return;
    const Index at[3] = {v % mesh.n_vertices[0], v / mesh.n_vertices[0] % mesh.n_vertices[1], v / (mesh.n_vertices[0] * mesh.n_vertices[1])};
    double a[300];
    const int size = kernels::packed_size(3 * m);
    for (int i = 0; i < size; ++i) a[i] = 0;
    for (int c = 0; c < 8; ++c) {  // the cell of which this vertex is corner c
      Index cell[3];
      bool inside = true;
      for (int d = 0; d < 3; ++d) {
        cell[d] = at[d] - (c >> d & 1);
        if (mesh.periodic[d] && cell[d] < 0) cell[d] += mesh.n[d];
        inside = inside && cell[d] >= 0 && cell[d] < mesh.n[d];
      }
      if (!inside) continue;
      const Index linear = cell[0] + mesh.n[0] * (cell[1] + mesh.n[1] * cell[2]);
      const std::uint32_t rank = mesh.corner_rank(linear);
      if (!((rank >> 24) & 1u)) continue;
      add(a, int(rank >> (3 * c) & 7u), int(rank >> (3 * c) & 7u), diagonal.data() + 6 * (8 * std::size_t(mesh.cell_class(linear)) + std::size_t(c)), 1.0);
    }
    if (interfaces)
      for (std::uint32_t p = pair_offset(q); p < pair_offset(q + 1); ++p) {
        const int first = int(pair_node(2 * std::size_t(p)) - begin), second = int(pair_node(2 * std::size_t(p) + 1) - begin);
        const float* const k = pair_stiffness.data() + 6 * std::size_t(p);
        add(a, first, first, k, 1.0);
        add(a, second, second, k, 1.0);
        add(a, second, first, k, -1.0);
      }
    for (int d = 0; d < 3; ++d) {
      const bool fixed = (wall[d][0] && at[d] == 0) || (wall[d][1] && at[d] == mesh.n[d]);
      if (!fixed) continue;
      for (int n = 0; n < m; ++n) {
        for (int i = 0; i < 3 * m; ++i) a[kernels::packed(3 * n + d, i)] = 0;
        a[kernels::packed(3 * n + d, 3 * n + d)] = 1;
      }
    }
    kernels::invert_packed(a, 3 * m, 1e-9);
    float* const to = value.data() + 3 * std::size_t(block_offset(v));
    for (int i = 0; i < size; ++i) to[i] = float(a[i]);
  }
  static VOXODE_FUNCTION void add(double* a, int m, int n, const float* block, double sign) {
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        const int row = 3 * m + i, column = 3 * n + j;
        if (column <= row) a[kernels::packed(row, column)] += sign * double(block[symmetric3(i, j)]);
      }
  }
};

/// Places for vertex blocks one after the other, in units of 3 values.
struct Room {
  std::uint64_t used = 0;
  std::uint32_t take(std::uint32_t n_nodes) {
    const auto first = std::uint32_t(used);
    used += std::uint64_t(kernels::packed_size(3 * int(n_nodes))) / 3;
    if (used > 0xffffffffull) throw MemoryError("the smoother's vertex blocks exceed their index; crop or coarsen the image");
    return first;
  }
};

}  // namespace

VertexBlocks::VertexBlocks(const std::string& label, ConstArray<std::uint32_t> offset, const std::vector<std::uint32_t>& host_offset)
    : node_offset(offset), n_vertices(Index(host_offset.size()) - 1) {
  std::vector<std::uint32_t> first(std::size_t(n_vertices) + 1);
  Room room;
  for (std::size_t v = 0; v < std::size_t(n_vertices); ++v) first[v] = room.take(host_offset[v + 1] - host_offset[v]);
  first[std::size_t(n_vertices)] = std::uint32_t(room.used);
  block_offset = kernels::upload(label, first);
  short_value = kernels::make_array<std::uint16_t>(label, Index(room.used) * 3);
}

VertexBlocks make_fine_blocks(const ElasticSystem& system) {
  const mesh::Nodes& nodes = system.nodes;
  const Index3 &n = nodes.n_cells, &n_vertices = nodes.n_vertices;
  constexpr std::uint32_t nothing = 0xffffffffu;
  using Key = std::array<std::uint32_t, 9>;  // classes of the 8 voxels, walls
  struct Hash {
    std::size_t operator()(const Key& key) const {
      std::uint64_t h = 0xcbf29ce484222325ull;
      for (const std::uint32_t part : key) h = (h ^ part) * 0x100000001b3ull;
      return std::size_t(h ^ h >> 31);
    }
  };
  std::unordered_map<Key, std::uint32_t, Hash> known;
  std::vector<std::uint32_t> block_offset(std::size_t(nodes.vertex_count()) + 1), plain;
  Room room;
  auto interface_vertex = system.points.vertex.begin();
  for (Index vertex = 0; vertex < nodes.vertex_count(); ++vertex) {
    const auto v = std::size_t(vertex);
    const std::uint32_t n_nodes = nodes.offset[v + 1] - nodes.offset[v];
    const bool has_pairs = interface_vertex != system.points.vertex.end() && *interface_vertex == vertex;
    if (has_pairs) ++interface_vertex;
    if (has_pairs || n_nodes != 1) {
      block_offset[v] = room.take(n_nodes);
      if (!has_pairs && n_nodes > 0) plain.push_back(std::uint32_t(v));
      continue;
    }
    const Index at[3] = {vertex % n_vertices[0], vertex / n_vertices[0] % n_vertices[1], vertex / (n_vertices[0] * n_vertices[1])};
    Key key;
    key.fill(nothing);
    key[8] = 0;
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t s = 0; s < 2; ++s)
        if (system.support.wall[a][s] && at[a] == (s ? n[a] : 0)) key[8] |= 1u << (2 * a + s);
    nodes.for_cells_around(vertex, [&](std::size_t corner, std::size_t cell) {
      if (nodes.corner_rank[cell] & mesh::Nodes::solid_bit) key[corner] = system.classes.of_cell[cell];
    });
    const auto [place, fresh] = known.try_emplace(key, 0);
    if (fresh) {
      place->second = room.take(n_nodes);
      plain.push_back(std::uint32_t(v));
    }
    block_offset[v] = place->second;
  }
  block_offset.back() = std::uint32_t(room.used);
  VertexBlocks blocks;
  blocks.node_offset = system.mesh.offset;
  blocks.n_vertices = nodes.vertex_count();
  blocks.block_offset = kernels::upload("fine_vertex_blocks", block_offset);
  blocks.plain_vertex = kernels::upload("plain_vertex", plain);
  blocks.value = kernels::make_array<float>("fine_vertex_blocks", Index(room.used) * 3);
  return blocks;
}

Array<float> class_diagonals(const ElasticSystem& s) {
  std::vector<float> result;
  const float g[3] = {0.25f, 0.25f, 0.25f};
  for (Index c = 0; c < s.classes.size(); ++c)
    for (int corner = 0; corner < 8; ++corner) {
      float block[6];
      const float* const p = s.class_moduli.data() + c * s.n_moduli;
      if (s.classes.isotropic) {
        kernels::Isotropic<float> m;
        std::copy(p, p + s.n_moduli, m.p);
        kernels::hexahedron_diagonal<float>(corner, m, g, 1.0f, block);
      } else {
        kernels::Anisotropic<float> m;
        std::copy(p, p + s.n_moduli, m.p);
        kernels::hexahedron_diagonal<float>(corner, m, g, 1.0f, block);
      }
      result.insert(result.end(), block, block + 6);
    }
  return kernels::upload("class_diagonals", result);
}

void assemble_fine_blocks(const ElasticSystem& system, const Array<float>& class_diagonal, const Array<float>& pair_stiffness, bool interfaces, const Array<std::uint8_t>& changed, const VertexBlocks& blocks) {
  FineBlock f;
  f.mesh = system.mesh;
  f.diagonal = class_diagonal;
  f.vertex = interfaces ? system.interface_vertex : ConstArray<std::uint32_t>(blocks.plain_vertex);
  f.pair_offset = system.pair_offset;
  f.pair_node = system.pair_node;
  f.pair_stiffness = pair_stiffness;
  f.block_offset = blocks.block_offset;
  f.value = blocks.value;
  for (int a = 0; a < 3; ++a)
    for (int s = 0; s < 2; ++s) f.wall[a][s] = system.support.wall[std::size_t(a)][std::size_t(s)];
  f.interfaces = interfaces;
  f.changed = changed;
  kernels::for_each("voxode::physics::fine_blocks", Index(f.vertex.extent(0)), f);
}

}  // namespace voxode::physics
