#include "physics/local_smoother.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "kernels/chebyshev.hpp"
#include "mesh/thin_sets.hpp"
#include "physics/multigrid_kernels.hpp"
#include "physics/node_gather.hpp"
#include "physics/vertex_blocks.hpp"

namespace voxode::physics {

using kernels::for_each;

namespace {

// K / G from which a class counts as nearly incompressible (Poisson ratio .475)
constexpr double least_bulk_to_shear = 20;
// An interface counts as stiff from this share of K h on, K of the softest class in the region, h the voxel edge. Rubber spheres of G / K = 1/500 in
// electrolyte, nodes beyond always held: 25, 41, 69, 229 iterations with interfaces of .004, .4, 44, 4400 K h; always with them: 32 with the last.
constexpr double stiff_interface = 0.1;
constexpr Index least_splinter_voxels = 6;  // shorter ones are stiff enough for the steps on all vertices

/// y += K x of listed cells, one block of the list; on a GPU one cell, and its forces go to `force`.
template <int W, class Moduli>
struct ListedForce {
  Index n_cells;
  ConstArray<std::uint32_t> offset, cell_class, cell_node, blocks;
  ConstArray<float> moduli;  ///< shape (n_classes, Moduli::size)
  NodeField<const float> x;
  NodeField<float> y;
  Array<float> cell_force;  ///< (24, n_cells)

  using V = kernels::Pack<float, W>;

  VOXODE_FUNCTION void operator()(Index index) const {
    if constexpr (kernels::on_host) {
      const std::uint32_t block = blocks(index), end = offset(block + 1);
      std::uint32_t e = offset(block);
      for (; e + W <= end; e += W) pack<true>(e, W);
      if (e < end) pack<false>(e, int(end - e));
    } else {
      pack<true>(std::uint32_t(index), 1);
    }
  }

  /// W cells, or the first `lanes` of them: the others are then the first one again.
  template <bool full>
  VOXODE_FUNCTION void pack(std::uint32_t first, int lanes) const {
    const auto values_of = [&](const std::uint32_t* list, std::uint32_t (&here)[W]) {
      for (int l = 0; l < W; ++l) here[l] = list[first + std::uint32_t(full || l < lanes ? l : 0)];
    };
    V u[24];
    for (int c = 0; c < 8; ++c) {
      std::uint32_t node[W];
      values_of(cell_node.data() + n_cells * c, node);
      kernels::gather_nodes<W>(x.data(), node, u + 3 * c);
    }
    std::uint32_t number[W], differ = 0;
    values_of(cell_class.data(), number);
    for (int l = 1; l < W; ++l) differ |= number[l] ^ number[0];
    Moduli m;
    for (int s = 0; s < Moduli::size; ++s) {
      const float* const p = moduli.data() + s;
      if (differ == 0) m.p[s] = p[std::size_t(number[0]) * Moduli::size] - V{};
      else
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(m.p[s], l, p[std::size_t(number[l]) * Moduli::size]);
    }
    const float g[3] = {0.25f, 0.25f, 0.25f};
    kernels::hexahedron_force<float>(u, m, g, 1.0f);
    if constexpr (!kernels::on_host) {
      for (int i = 0; i < 24; ++i) cell_force(std::size_t(n_cells * i + first)) = kernels::get_lane<W, float>(u[i], 0);
    } else {
      for (int c = 0; c < 8; ++c) kernels::add_to_nodes<W>(y.data(), cell_node.data() + n_cells * c + first, u + 3 * c, full ? W : lanes);
    }
  }
};

/// Inverse of a vertex block or, of the same inverse, of one node's part of the block.
template <class Source>
struct TakeBlock {
  ConstArray<Source> source;
  ConstArray<float> inverse;
  Array<float> value;
  ConstArray<std::uint32_t> pair_offset;
  ConstArray<std::uint8_t> changed;  ///< pairs; empty: all blocks are taken
  VOXODE_FUNCTION void operator()(Index index) const {
    const Source s = source(index);
    if (changed.extent(0)) {
      bool any = false;
      if (s.at_interface != Source::nowhere)
        for (std::uint32_t p = pair_offset(s.at_interface); p < pair_offset(s.at_interface + 1) && !any; ++p) any = changed(p) != 0;
      if (!any) return;
    }
    const float* const from = inverse.data() + 3 * std::size_t(s.block);
    float* const to = value.data() + 3 * std::size_t(s.to);
    const int m = s.n_nodes, node = s.node, size = kernels::packed_size(3 * m);
    if (node < 0) {
      for (int e = 0; e < size; ++e) to[e] = from[e];
      return;
    }
    double a[300], own[6];
    for (int e = 0; e < size; ++e) a[e] = double(from[e]);
    kernels::invert_packed(a, 3 * m, 1e-9);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j <= i; ++j) own[kernels::packed(i, j)] = a[kernels::packed(3 * node + i, 3 * node + j)];
    kernels::invert_packed(own, 3, 1e-9);
    for (int e = 0; e < 6; ++e) to[e] = float(own[e]);
  }
};

bool nearly_incompressible(const Stiffness& c) {
  const IsotropicModuli m = voigt_average(c);
  return m.bulk > least_bulk_to_shear * m.shear;
}

std::vector<bool> nearly_incompressible_classes(const ElasticSystem& system) {
  std::vector<bool> list;
  for (const Stiffness& c : system.classes.stiffness) list.push_back(nearly_incompressible(c));
  return list;
}

/// Stiffness of a pair (N/m) from which it is stiff beside the softest of these classes.
double stiff_pair(const ElasticSystem& system, const std::vector<bool>& of_class) {
  double softest = std::numeric_limits<double>::max();
  for (std::size_t c = 0; c < of_class.size(); ++c)
    if (of_class[c]) softest = std::min(softest, voigt_average(system.classes.stiffness[c]).bulk * system.voxel_edge);
  return stiff_interface * softest;
}

}  // namespace

LocalSmoother::Region LocalSmoother::nearly_incompressible(const ElasticSystem& system) {
  Region region;
  const std::vector<bool> of_class = nearly_incompressible_classes(system);
  if (std::find(of_class.begin(), of_class.end(), true) == of_class.end()) return region;
  region.stiff_pair = stiff_pair(system, of_class);
  region.degree = 20;
  region.range = 300;
  region.node.assign(std::size_t(system.n_nodes()), 0);
  constexpr std::uint8_t soft = 1, other = 2;
  system.nodes.for_solid_cells([&](std::size_t cell, const std::array<std::uint32_t, 8>& node) {
    for (const std::uint32_t n : node) region.node[n] |= of_class[system.classes.of_cell[cell]] ? soft : other;
  });
  for (std::uint8_t& n : region.node) n = n == soft;
  return region;
}

LocalSmoother::Region LocalSmoother::splinters(const ElasticSystem& system, const std::vector<std::int32_t>& mechanical_body) {
  Region region;
  std::vector<bool> of_class = nearly_incompressible_classes(system);
  of_class.flip();
  const mesh::Components sets = mesh::find_thin_sets(system.nodes, mechanical_body);
  if (std::none_of(sets.size.begin(), sets.size.end(), [](Index size) { return size >= least_splinter_voxels; })) return region;
  region.stiff_pair = stiff_pair(system, of_class);
  region.degree = 60;
  region.range = 3000;
  region.node.assign(std::size_t(system.n_nodes()), 0);
  system.nodes.for_solid_cells([&](std::size_t cell, const std::array<std::uint32_t, 8>& node) {
    const std::int32_t set = sets.of_voxel[cell];
    if (set < 0 || sets.size[std::size_t(set)] < least_splinter_voxels || !of_class[system.classes.of_cell[cell]]) return;
    for (const std::uint32_t n : node) region.node[n] = 1;
  });
  return region;
}

LocalSmoother::LocalSmoother(const ElasticSystem& system, const VertexBlocks& blocks, const std::vector<float>& stiffest, const Region& region) : degree_(region.degree), range_(region.range) {
  if (region.node.empty()) return;
  const mesh::Nodes& nodes = system.nodes;
  const Index3 n = nodes.n_cells;
  constexpr std::uint32_t absent = 0xffffffffu;
  std::vector<std::uint32_t> local(std::size_t(nodes.n_nodes()), absent);  // number here of a node of the finest mesh
  std::vector<std::uint32_t> node, node_offset{0}, block_offset;
  std::vector<Source> source;
  std::uint32_t room = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> shared;  // vertices with one node share blocks
  const std::vector<std::uint32_t> fine_block_offset = kernels::to_host(blocks.block_offset);
  const auto number = [&](std::uint32_t of_mesh) {
    if (local[of_mesh] == absent) {
      local[of_mesh] = std::uint32_t(node.size());
      node.push_back(of_mesh);
    }
    return local[of_mesh];
  };
  std::vector<bool> has_stiff_pair(nodes.offset.size() - 1, stiffest.empty());
  const mesh::CohesivePoints& points = system.points;
  for (std::size_t q = 0; q < points.vertex.size() && !stiffest.empty(); ++q)
    for (std::uint32_t p = points.pair_offset[q]; p < points.pair_offset[q + 1]; ++p)
      if (double(stiffest[p]) > region.stiff_pair && (region.node[points.pair_node[2 * p]] || region.node[points.pair_node[2 * p + 1]])) has_stiff_pair[std::size_t(points.vertex[q])] = true;
  std::uint32_t at_interface = 0;  // interface vertices below v
  for (std::size_t v = 0; v + 1 < nodes.offset.size(); ++v) {
    while (at_interface < points.vertex.size() && std::size_t(points.vertex[at_interface]) < v) ++at_interface;
    const bool has_pairs = at_interface < points.vertex.size() && std::size_t(points.vertex[at_interface]) == v;
    const std::uint32_t begin = nodes.offset[v], end = nodes.offset[v + 1];
    const auto add_group = [&](int only) {
      const int n_nodes = int(end - begin), n_listed = only < 0 ? n_nodes : 1;
      for (int m = 0; m < n_listed; ++m) number(begin + std::uint32_t(only < 0 ? m : only));
      node_offset.push_back(std::uint32_t(node.size()));
      const std::uint32_t to = n_nodes == 1 ? shared.try_emplace(fine_block_offset[v], room).first->second : room;
      block_offset.push_back(to);
      if (to != room) return;
      source.push_back({fine_block_offset[v], to, std::int16_t(n_nodes), std::int16_t(only), has_pairs ? at_interface : Source::nowhere});
      room += std::uint32_t(kernels::packed_size(3 * n_listed)) / 3;
    };
    bool any = false;
    for (std::uint32_t m = begin; m < end; ++m) any = any || region.node[m] != 0;
    if (any && (end - begin == 1 || has_stiff_pair[v])) add_group(-1);
    else
      for (std::uint32_t m = begin; m < end; ++m)
        if (region.node[m]) add_group(int(m - begin));
  }
  const std::uint32_t n_own = node_offset.back();
  const auto is_own = [&](std::uint32_t of_mesh) { return local[of_mesh] < n_own; };

  std::vector<std::uint32_t> cell_offset{0}, cell_class;
  std::vector<std::array<std::uint32_t, 8>> corners;
  const mesh::Blocks& partition = system.blocks.blocks;
  for (Index b = 0; b < partition.count(); ++b) {
    const Index3 at{b % partition.n_blocks[0], b / partition.n_blocks[0] % partition.n_blocks[1], b / (partition.n_blocks[0] * partition.n_blocks[1])};
    Index3 begin, end;
    for (std::size_t a = 0; a < 3; ++a) begin[a] = at[a] * partition.size[a], end[a] = std::min(n[a], begin[a] + partition.size[a]);
    for (Index k = begin[2]; k < end[2]; ++k)
      for (Index j = begin[1]; j < end[1]; ++j)
        for (Index i = begin[0]; i < end[0]; ++i) {
          const Index cell = i + n[0] * (j + n[1] * k);
          if (!(nodes.corner_rank[std::size_t(cell)] & mesh::Nodes::solid_bit)) continue;
          std::array<std::uint32_t, 8> corner = nodes.of_cell(cell);
          if (std::none_of(corner.begin(), corner.end(), is_own)) continue;
          cell_class.push_back(system.classes.of_cell[std::size_t(cell)]);
          for (std::uint32_t& m : corner) m = number(m);
          corners.push_back(corner);
        }
    cell_offset.push_back(std::uint32_t(corners.size()));
  }
  std::vector<std::uint32_t> cell_node(8 * corners.size());
  for (std::size_t c = 0; c < 8; ++c)
    for (std::size_t e = 0; e < corners.size(); ++e) cell_node[c * corners.size() + e] = corners[e][c];

  std::vector<std::uint32_t> pair_offset{0}, pair, pair_node;
  for (std::size_t q = 0; q < points.vertex.size(); ++q) {
    for (std::uint32_t p = points.pair_offset[q]; p < points.pair_offset[q + 1]; ++p) {
      const std::uint32_t first = points.pair_node[2 * p], second = points.pair_node[2 * p + 1];
      if (!is_own(first) && !is_own(second)) continue;
      pair.push_back(p);
      for (const std::uint32_t of_mesh : {first, second}) pair_node.push_back(number(of_mesh));
    }
    if (pair.size() > pair_offset.back()) pair_offset.push_back(std::uint32_t(pair.size()));
  }
  std::vector<std::uint32_t> fixed_node;
  std::vector<std::uint8_t> fixed_component;
  const auto fix = [&](std::uint32_t of_mesh, int component) {
    if (!is_own(of_mesh)) return;
    fixed_node.push_back(local[of_mesh]);
    fixed_component.push_back(std::uint8_t(component));
  };
  const std::vector<std::uint32_t> walls = kernels::to_host(system.fixed_node), plate = kernels::to_host(system.plate_node);
  const std::vector<std::uint8_t> component = kernels::to_host(system.fixed_component);
  for (std::size_t i = 0; i < walls.size(); ++i) fix(walls[i], component[i]);
  for (const std::uint32_t of_mesh : plate) fix(of_mesh, 2);

  node_ = kernels::upload("local_node", node);
  node_offset_ = kernels::upload("local_node_offset", node_offset);
  block_offset_ = kernels::upload("local_block_offset", block_offset);
  source_ = kernels::upload("local_source", source);
  value_ = kernels::make_array<float>("local_blocks", 3 * Index(room));
  cell_offset_ = kernels::upload("local_cell_offset", cell_offset);
  cell_class_ = kernels::upload("local_cell_class", cell_class);
  cell_node_ = kernels::upload("local_cell_node", cell_node);
  pair_offset_ = kernels::upload("local_pair_offset", pair_offset);
  pair_ = kernels::upload("local_pair", pair);
  pair_node_ = kernels::upload("local_pair_node", pair_node);
  fixed_node_ = kernels::upload("local_fixed_node", fixed_node);
  fixed_component_ = kernels::upload("local_fixed_component", fixed_component);
  if (!kernels::on_host) {
    cells_ = NodeGather(cell_node, Index(n_own));
    cell_force_ = kernels::make_array<float>("local_cell_force", 24 * Index(corners.size()));
  }
  n_own_ = Index(n_own);
  const Index needed = 12 * Index(node.size()) + 4 * n_own_;
  if (needed > 6 * system.n_nodes()) own_scratch_ = kernels::make_array<float>("local_scratch", needed);
}

double LocalSmoother::bytes() const {
  double sum = double(fixed_component_.extent(0)) + cells_.bytes() + 4.0 * double(cell_force_.extent(0)) + 4.0 * double(own_scratch_.extent(0)) + 4.0 * double(value_.extent(0)) + double(sizeof(Source)) * double(source_.extent(0));
  for (const auto& array : {node_, node_offset_, block_offset_, cell_offset_, cell_class_, cell_node_, pair_offset_, pair_, pair_node_, fixed_node_}) sum += 4.0 * double(array.extent(0));
  return sum;
}

void LocalSmoother::refresh(const ElasticSystem& system, const VertexBlocks& blocks, const Array<std::uint8_t>& changed) const {
  for_each("voxode::physics::local_blocks", Index(source_.extent(0)), TakeBlock<Source>{source_, blocks.value, value_, system.pair_offset, changed});
}

void LocalSmoother::smooth(const ElasticSystem& system, const Array<float>& pair_stiffness, double largest, const Field<float>& b, const Field<float>& x, float* scratch) const {
  const auto node = node_, pair_offset = pair_offset_, pair = pair_, pair_node = pair_node_, fixed_node = fixed_node_;
  const auto fixed_component = fixed_component_;
  float* const memory = own_scratch_.extent(0) ? own_scratch_.data() : scratch;
  const std::size_t n = node.extent(0);
  const Index n_own = n_own_;
  const NodeField<float> d(memory, n), t(memory + 4 * n, n), own_x(memory + 8 * n, n), own_b(memory + 12 * n, std::size_t(n_own));
  for_each("voxode::physics::local_gather", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) {
    for (int a = 0; a < 3; ++a) own_x(i, a) = x(node(i), a);
    own_x(i, 3) = 0.0f;
    if (i < n_own)
      for (int a = 0; a < 3; ++a) own_b(i, a) = b(node(i), a);
  });
  const auto apply = [&] {  // t = A x on the own nodes; on the others t means nothing
    if (kernels::on_host) for_each("voxode::physics::local_clear", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) {
      for (int a = 0; a < 4; ++a) t(i, a) = 0.0f;
    });
    const auto add = [&](auto force) {
      force.n_cells = Index(cell_class_.extent(0));
      force.offset = cell_offset_;
      force.cell_class = cell_class_;
      force.cell_node = cell_node_;
      force.moduli = system.moduli_single();
      force.x = own_x;
      force.y = t;
      force.cell_force = cell_force_;
      if constexpr (kernels::on_host) {
        system.blocks.run("voxode::physics::local_force", force);
      } else {
        for_each("voxode::physics::local_force", force.n_cells, force);
        for_each("voxode::physics::local_gather_forces", n_own, GatherForces{cells_, force.n_cells, cell_force_, {}, {}, t});
      }
    };
    constexpr int W = kernels::pack_width<float>;
    if (system.classes.isotropic) add(ListedForce<W, kernels::Isotropic<kernels::Pack<float, W>>>{});
    else add(ListedForce<W, kernels::Anisotropic<kernels::Pack<float, W>>>{});
    const NodeField<const float> from = own_x;
    for_each("voxode::physics::local_pairs", Index(pair_offset.extent(0)) - 1, KOKKOS_LAMBDA(Index q) {
      for (std::uint32_t p = pair_offset(q); p < pair_offset(q + 1); ++p)
        add_pair_force(pair_node(2 * std::size_t(p)), pair_node(2 * std::size_t(p) + 1), &pair_stiffness(6 * std::size_t(pair(p))), from, t);
    });
    for_each("voxode::physics::local_mask", Index(fixed_node.extent(0)), KOKKOS_LAMBDA(Index i) { t(fixed_node(i), fixed_component(i)) = 0.0f; });
  };
  kernels::ChebyshevFactors<double> factors(largest / range_, largest);
  for (int i = 0; i < degree_; ++i) {
    apply();
    const auto [keep, step] = factors.next();
    run_chebyshev("voxode::physics::local_chebyshev",
                  ChebyshevStep<NodeField<float>>{Index(block_offset_.extent(0)), node_offset_, block_offset_, value_, own_b, t, own_x, d, keep, step, false});
  }
  for_each("voxode::physics::local_scatter", n_own, KOKKOS_LAMBDA(Index i) {
    for (int a = 0; a < 3; ++a) x(node(i), a) = own_x(i, a);
  });
}

}  // namespace voxode::physics
