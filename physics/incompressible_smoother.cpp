#include "physics/incompressible_smoother.hpp"

#include <algorithm>
#include <array>

#include "physics/multigrid_kernels.hpp"
#include "physics/node_gather.hpp"
#include "physics/vertex_blocks.hpp"

namespace voxode::physics {

using kernels::for_each;

namespace {

constexpr int degree = 20;
constexpr double range = 300;  // smoothed part of the spectrum: [largest / range, largest]

/// y += K x of listed cells, one block of the list; on a GPU one cell, and its forces go to `force`.
template <int W, class Moduli>
struct ListedForce {
  Index n_cells;
  ConstArray<std::uint32_t> offset, cell_class, cell_node, blocks;
  ConstArray<float> moduli;  ///< shape (n_classes, Moduli::size)
  Field<const float> x;
  Field<float> y;
  Array<float> cell_force;  ///< (24, n_cells)

  using V = kernels::Pack<float, W>;

  VOXODE_FUNCTION void operator()(Index index) const {
    if constexpr (kernels::on_host) {
      const std::uint32_t block = blocks(index), end = offset(block + 1);
      for (std::uint32_t e = offset(block); e < end; e += W) pack(e, end - e < std::uint32_t(W) ? int(end - e) : W);
    } else {
      pack(std::uint32_t(index), 1);
    }
  }

  VOXODE_FUNCTION void pack(std::uint32_t first, int lanes) const {
    V u[24];
    for (int c = 0; c < 8; ++c) {
      const std::uint32_t* const node = cell_node.data() + n_cells * c + first;
      for (int d = 0; d < 3; ++d) {
        const float* const values = &x(0, d);
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(u[3 * c + d], l, values[node[l < lanes ? l : 0]]);
      }
    }
    Moduli m;
    bool uniform = true;
    for (int l = 1; l < lanes; ++l) uniform = uniform && cell_class(first + std::uint32_t(l)) == cell_class(first);
    for (int s = 0; s < Moduli::size; ++s) {
      const float* const p = moduli.data() + s;
      if (uniform) m.p[s] = p[std::size_t(cell_class(first)) * Moduli::size] - V{};
      else
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(m.p[s], l, p[std::size_t(cell_class(first + std::uint32_t(l < lanes ? l : 0))) * Moduli::size]);
    }
    const float g[3] = {0.25f, 0.25f, 0.25f};
    kernels::hexahedron_force<float>(u, m, g, 1.0f);
    if constexpr (!kernels::on_host) {
      for (int i = 0; i < 24; ++i) cell_force(std::size_t(n_cells * i + first)) = kernels::get_lane<W, float>(u[i], 0);
    } else {
      for (int c = 0; c < 8; ++c) {
        const std::uint32_t* const node = cell_node.data() + n_cells * c + first;
        for (int d = 0; d < 3; ++d) {
          float* const values = &y(0, d);
          for (int l = 0; l < lanes; ++l) values[node[l]] += kernels::get_lane<W, float>(u[3 * c + d], l);
        }
      }
    }
  }
};

bool nearly_incompressible(const Stiffness& c) {
  const IsotropicModuli m = voigt_average(c);
  return m.bulk > IncompressibleSmoother::least_bulk_to_shear * m.shear;
}

}  // namespace

IncompressibleSmoother::IncompressibleSmoother(const ElasticSystem& system, const VertexBlocks& blocks) {
  std::vector<bool> of_class;
  bool any = false;
  for (const Stiffness& c : system.classes.stiffness) {
    of_class.push_back(nearly_incompressible(c));
    any = any || of_class.back();
  }
  if (!any) return;
  const mesh::Nodes& nodes = system.nodes;
  const Index3 n = nodes.n_cells;
  const auto solid = [&](Index cell) { return (nodes.corner_rank[std::size_t(cell)] & mesh::Nodes::solid_bit) != 0; };
  const auto node_at = [&](Index i, Index j, Index k, int c) {
    const std::uint32_t rank = nodes.corner_rank[std::size_t(i + n[0] * (j + n[1] * k))];
    return nodes.offset[std::size_t(nodes.vertex(i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)))] + (rank >> (3 * c) & 7u);
  };
  // a node that a stiffer cell shares moves with that one: only what hangs on nearly incompressible cells alone needs more smoothing
  std::vector<std::uint8_t> touched(std::size_t(nodes.n_nodes()), 0);  // bit 0: by a nearly incompressible cell, bit 1: by another
  for (Index cell = 0; cell < product(n); ++cell) {
    if (!solid(cell)) continue;
    const std::uint8_t bit = of_class[system.classes.of_cell[std::size_t(cell)]] ? 1 : 2;
    for (int c = 0; c < 8; ++c) touched[node_at(cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1]), c)] |= bit;
  }

  constexpr std::uint32_t absent = 0xffffffffu;
  std::vector<std::uint32_t> local(std::size_t(nodes.n_nodes()), absent);  // number here of a node of the finest mesh
  std::vector<std::uint32_t> node, node_offset{0}, block_offset, vertex;
  const std::vector<std::uint32_t> fine_block_offset = kernels::to_host(blocks.block_offset);
  const auto number = [&](std::uint32_t of_mesh) {
    if (local[of_mesh] == absent) {
      local[of_mesh] = std::uint32_t(node.size());
      node.push_back(of_mesh);
    }
    return local[of_mesh];
  };
  for (std::size_t v = 0; v + 1 < nodes.offset.size(); ++v) {
    bool listed = false;
    for (std::uint32_t m = nodes.offset[v]; m < nodes.offset[v + 1]; ++m) listed = listed || touched[m] == 1;
    if (!listed) continue;
    for (std::uint32_t m = nodes.offset[v]; m < nodes.offset[v + 1]; ++m) number(m);
    vertex.push_back(std::uint32_t(v));
    node_offset.push_back(std::uint32_t(node.size()));
    block_offset.push_back(fine_block_offset[v]);
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
          if (!solid(cell)) continue;
          bool touches = false;
          for (int c = 0; c < 8; ++c) touches = touches || is_own(node_at(i, j, k, c));
          if (!touches) continue;
          cell_class.push_back(system.classes.of_cell[std::size_t(cell)]);
          corners.emplace_back();
          for (int c = 0; c < 8; ++c) corners.back()[std::size_t(c)] = number(node_at(i, j, k, c));
        }
    cell_offset.push_back(std::uint32_t(corners.size()));
  }
  std::vector<std::uint32_t> cell_node(8 * corners.size());
  for (std::size_t c = 0; c < 8; ++c)
    for (std::size_t e = 0; e < corners.size(); ++e) cell_node[c * corners.size() + e] = corners[e][c];

  std::vector<std::uint32_t> pair_offset{0}, pair, pair_node;
  const mesh::CohesivePoints& points = system.points;
  for (std::size_t q = 0; q < points.vertex.size(); ++q) {
    if (points.pair_offset[q] == points.pair_offset[q + 1] || !is_own(points.pair_node[2 * points.pair_offset[q]])) continue;
    for (std::uint32_t p = points.pair_offset[q]; p < points.pair_offset[q + 1]; ++p) {
      pair.push_back(p);
      for (int side = 0; side < 2; ++side) pair_node.push_back(local[points.pair_node[2 * p + std::uint32_t(side)]]);
    }
    pair_offset.push_back(std::uint32_t(pair.size()));
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

  node_ = kernels::upload("incompressible_node", node);
  node_offset_ = kernels::upload("incompressible_node_offset", node_offset);
  block_offset_ = kernels::upload("incompressible_block_offset", block_offset);
  cell_offset_ = kernels::upload("incompressible_cell_offset", cell_offset);
  cell_class_ = kernels::upload("incompressible_cell_class", cell_class);
  cell_node_ = kernels::upload("incompressible_cell_node", cell_node);
  pair_offset_ = kernels::upload("incompressible_pair_offset", pair_offset);
  pair_ = kernels::upload("incompressible_pair", pair);
  pair_node_ = kernels::upload("incompressible_pair_node", pair_node);
  fixed_node_ = kernels::upload("incompressible_fixed_node", fixed_node);
  fixed_component_ = kernels::upload("incompressible_fixed_component", fixed_component);
  if (!kernels::on_host) {
    cells_ = NodeGather(cell_node, Index(n_own));
    cell_force_ = kernels::make_array<float>("incompressible_cell_force", 24 * Index(corners.size()));
  }
  b_ = kernels::make_field<float>("incompressible_b", n_own);
  x_ = kernels::make_field<float>("incompressible_x", Index(node.size()));
}

double IncompressibleSmoother::bytes() const {
  double sum = double(fixed_component_.extent(0)) + cells_.bytes() + 4.0 * double(cell_force_.extent(0)) + 12.0 * double(b_.extent(0) + x_.extent(0));
  for (const auto& array : {node_, node_offset_, block_offset_, cell_offset_, cell_class_, cell_node_, pair_offset_, pair_, pair_node_, fixed_node_}) sum += 4.0 * double(array.extent(0));
  return sum;
}

void IncompressibleSmoother::smooth(const ElasticSystem& system, const VertexBlocks& blocks, const Array<float>& pair_stiffness, double largest, const Field<float>& b, const Field<float>& x, const Field<float>& d,
                                    const Field<float>& t) const {
  const auto node = node_, pair_offset = pair_offset_, pair = pair_, pair_node = pair_node_, fixed_node = fixed_node_;
  const auto fixed_component = fixed_component_;
  const auto own_b = b_, own_x = x_;  // and the first entries of d and t
  const Index n_own = Index(b_.extent(0));
  for_each("voxode::physics::incompressible_gather", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) {
    for (int a = 0; a < 3; ++a) own_x(i, a) = x(node(i), a);
    if (i < n_own)
      for (int a = 0; a < 3; ++a) own_b(i, a) = b(node(i), a);
  });
  const auto apply = [&] {  // t = A x on the vertices' own nodes; on those of others t means nothing
    if (kernels::on_host) for_each("voxode::physics::incompressible_clear", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) {
      for (int a = 0; a < 3; ++a) t(i, a) = 0.0f;
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
        system.blocks.run("voxode::physics::incompressible_force", force);
      } else {
        for_each("voxode::physics::incompressible_force", force.n_cells, force);
        for_each("voxode::physics::incompressible_gather_forces", n_own, GatherForces{cells_, force.n_cells, cell_force_, {}, {}, t});
      }
    };
    constexpr int W = kernels::pack_width<float>;
    if (system.classes.isotropic) add(ListedForce<W, kernels::Isotropic<kernels::Pack<float, W>>>{});
    else add(ListedForce<W, kernels::Anisotropic<kernels::Pack<float, W>>>{});
    const Field<const float> from = own_x;
    for_each("voxode::physics::incompressible_pairs", Index(pair_offset.extent(0)) - 1, KOKKOS_LAMBDA(Index q) {
      for (std::uint32_t p = pair_offset(q); p < pair_offset(q + 1); ++p)
        add_pair_force(pair_node(2 * std::size_t(p)), pair_node(2 * std::size_t(p) + 1), &pair_stiffness(6 * std::size_t(pair(p))), from, t);
    });
    for_each("voxode::physics::incompressible_mask", Index(fixed_node.extent(0)), KOKKOS_LAMBDA(Index i) { t(fixed_node(i), fixed_component(i)) = 0.0f; });
  };
  const double lower = largest / range, theta = 0.5 * (largest + lower), delta = 0.5 * (largest - lower), sigma = theta / delta;
  double rho = 1 / sigma;
  ChebyshevStep step{n_vertices(), node_offset_, block_offset_, blocks.value, b_, t, x_, d, 0.0f, float(1 / theta), false};
  for (int i = 0; i < degree; ++i) {
    apply();
    if (i > 0) {
      const double next = 1 / (2 * sigma - rho);
      step.keep = float(next * rho);
      step.step = float(2 * next / delta);
      rho = next;
    }
    run_chebyshev("voxode::physics::incompressible_chebyshev", step);
  }
  for_each("voxode::physics::incompressible_scatter", n_own, KOKKOS_LAMBDA(Index i) {
    for (int a = 0; a < 3; ++a) x(node(i), a) = own_x(i, a);
  });
}

}  // namespace voxode::physics
