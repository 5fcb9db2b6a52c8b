#include "physics/incompressible_smoother.hpp"

#include <algorithm>

#include "physics/multigrid_kernels.hpp"
#include "physics/vertex_blocks.hpp"

namespace voxode::physics {

using kernels::for_each;

namespace {

constexpr int degree = 20;
constexpr double range = 300;  // smoothed part of the spectrum: [largest / range, largest]

/// y += K x of listed cells of the finest mesh, one block of the list.
template <int W, class Moduli>
struct ListedForce {
  FineMesh mesh;
  ConstArray<std::uint32_t> offset, cell, blocks;
  ConstArray<float> moduli;  ///< shape (n_classes, Moduli::size)
  Field<const float> x;
  Field<float> y;

  using V = kernels::Pack<float, W>;

  VOXODE_FUNCTION void operator()(Index index) const {
    const std::uint32_t block = blocks(index), end = offset(block + 1);
    for (std::uint32_t e = offset(block); e < end; e += W) pack(e, end - e < std::uint32_t(W) ? int(end - e) : W);
  }

  VOXODE_FUNCTION void pack(std::uint32_t first, int lanes) const {
    std::uint32_t node[8][W], number[W];
    bool uniform = true;
    for (int l = 0; l < W; ++l) {
      const std::uint32_t c = cell(first + std::uint32_t(l < lanes ? l : 0));
      corners(c, l, node);
      number[l] = mesh.cell_class(c);
      uniform = uniform && number[l] == number[0];
    }
    V u[24];
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) {
        const float* const values = &x(0, d);
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(u[3 * c + d], l, values[node[c][l]]);
      }
    Moduli m;
    if (uniform)
      for (int s = 0; s < Moduli::size; ++s) m.p[s] = moduli(std::size_t(number[0]) * Moduli::size + std::size_t(s)) - V{};
    else
      for (int s = 0; s < Moduli::size; ++s)
        for (int l = 0; l < W; ++l) kernels::set_lane<W>(m.p[s], l, moduli(std::size_t(number[l]) * Moduli::size + std::size_t(s)));
    const float g[3] = {0.25f, 0.25f, 0.25f};
    kernels::hexahedron_force<float>(u, m, g, 1.0f);
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) {
        float* const values = &y(0, d);
        for (int l = 0; l < lanes; ++l) values[node[c][l]] += kernels::get_lane<W, float>(u[3 * c + d], l);
      }
  }

  VOXODE_FUNCTION void corners(std::uint32_t c, int lane, std::uint32_t (&node)[8][W]) const {
    const std::uint32_t nx = std::uint32_t(mesh.n[0]), ny = std::uint32_t(mesh.n[1]), row = c / nx, i = c - row * nx, k = row / ny, j = row - k * ny;
    const std::uint32_t mx = std::uint32_t(mesh.n_vertices[0]), my = std::uint32_t(mesh.n_vertices[1]), mz = std::uint32_t(mesh.n_vertices[2]);
    const std::uint32_t i1 = i + 1 == mx ? 0 : i + 1, j1 = j + 1 == my ? 0 : j + 1, k1 = k + 1 == mz ? 0 : k + 1, rank = mesh.corner_rank(c);
    for (int q = 0; q < 8; ++q) {
      const std::uint32_t v = ((q & 1) ? i1 : i) + mx * (((q & 2) ? j1 : j) + my * ((q & 4) ? k1 : k));
      node[q][lane] = mesh.offset(v) + (rank >> (3 * q) & 7u);
    }
  }
};

struct ListedChebyshev {
  ChebyshevStep step;
  ConstArray<std::uint32_t> vertex;
  VOXODE_FUNCTION void operator()(Index q) const { step(Index(vertex(q))); }
};

bool nearly_incompressible(const Stiffness& c) {
  const double bulk = (c[0] + c[7] + c[14] + 2 * (c[1] + c[2] + c[8])) / 9;
  const double shear = ((c[0] + c[7] + c[14]) - (c[1] + c[2] + c[8]) + 3 * (c[21] + c[28] + c[35])) / 15;
  return bulk > IncompressibleSmoother::least_bulk_to_shear * shear;
}

}  // namespace

IncompressibleSmoother::IncompressibleSmoother(const ElasticSystem& system) {
  std::vector<bool> of_class;
  bool any = false;
  for (const Stiffness& c : system.classes.stiffness) {
    of_class.push_back(nearly_incompressible(c));
    any = any || of_class.back();
  }
  if (!any) return;
  const mesh::Nodes& nodes = system.nodes;
  const Index3 n = nodes.n_cells;
  const auto corner = [&](Index i, Index j, Index k, int c) {
    const Index3 at{i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)};
    return std::size_t(nodes.vertex(at[0] == nodes.n_vertices[0] ? 0 : at[0], at[1] == nodes.n_vertices[1] ? 0 : at[1], at[2] == nodes.n_vertices[2] ? 0 : at[2]));
  };
  const auto solid = [&](Index cell) { return (nodes.corner_rank[std::size_t(cell)] & mesh::Nodes::solid_bit) != 0; };
  // a node that a stiffer cell shares moves with that one: only what hangs on nearly incompressible cells alone needs more smoothing
  std::vector<std::uint8_t> touched(std::size_t(nodes.n_nodes()), 0);  // bit 0: by a nearly incompressible cell, bit 1: by another
  for (Index cell = 0; cell < product(n); ++cell) {
    if (!solid(cell)) continue;
    const std::uint32_t rank = nodes.corner_rank[std::size_t(cell)];
    const std::uint8_t bit = of_class[system.classes.of_cell[std::size_t(cell)]] ? 1 : 2;
    for (int c = 0; c < 8; ++c) touched[nodes.offset[corner(cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1]), c)] + (rank >> (3 * c) & 7u)] |= bit;
  }
  std::vector<bool> listed(std::size_t(nodes.vertex_count()));
  for (std::size_t v = 0; v < listed.size(); ++v)
    for (std::uint32_t node = nodes.offset[v]; node < nodes.offset[v + 1]; ++node)
      if (touched[node] == 1) listed[v] = true;
  std::vector<std::uint32_t> vertex, interface, offset{0}, cells;
  for (std::size_t v = 0; v < listed.size(); ++v)
    if (listed[v]) vertex.push_back(std::uint32_t(v));
  for (std::size_t q = 0; q < system.points.vertex.size(); ++q)
    if (listed[system.points.vertex[q]]) interface.push_back(std::uint32_t(q));
  const mesh::Blocks& blocks = system.blocks.blocks;
  for (Index b = 0; b < blocks.count(); ++b) {
    const Index3 at{b % blocks.n_blocks[0], b / blocks.n_blocks[0] % blocks.n_blocks[1], b / (blocks.n_blocks[0] * blocks.n_blocks[1])};
    Index3 begin, end;
    for (std::size_t a = 0; a < 3; ++a) begin[a] = at[a] * blocks.size[a], end[a] = std::min(n[a], begin[a] + blocks.size[a]);
    for (Index k = begin[2]; k < end[2]; ++k)
      for (Index j = begin[1]; j < end[1]; ++j)
        for (Index i = begin[0]; i < end[0]; ++i) {
          const Index cell = i + n[0] * (j + n[1] * k);
          if (!solid(cell)) continue;
          for (int c = 0; c < 8; ++c)
            if (listed[corner(i, j, k, c)]) {
              cells.push_back(std::uint32_t(cell));
              break;
            }
        }
    offset.push_back(std::uint32_t(cells.size()));
  }
  vertex_ = kernels::upload("incompressible_vertex", vertex);
  interface_ = kernels::upload("incompressible_interface", interface);
  cell_offset_ = kernels::upload("incompressible_cell_offset", offset);
  cell_ = kernels::upload("incompressible_cell", cells);
}

void IncompressibleSmoother::smooth(const ElasticSystem& system, const VertexBlocks& blocks, const Array<float>& pair_stiffness, double largest, const Field<float>& b, const Field<float>& x, const Field<float>& d,
                                    const Field<float>& t) const {
  const auto vertex = vertex_, interface = interface_;
  const auto node_offset = blocks.node_offset;
  const auto pair_offset = system.pair_offset, pair_node = system.pair_node;
  const auto apply = [&] {  // t = A x on the listed vertices; elsewhere t means nothing
    for_each("voxode::physics::incompressible_clear", n_vertices(), KOKKOS_LAMBDA(Index q) {
      for (std::uint32_t node = node_offset(vertex(q)); node < node_offset(vertex(q) + 1); ++node)
        for (int a = 0; a < 3; ++a) t(node, a) = 0.0f;
    });
    const auto add = [&](auto force) {
      force.mesh = system.mesh;
      force.offset = cell_offset_;
      force.cell = cell_;
      force.moduli = system.moduli_single();
      force.x = x;
      force.y = t;
      system.blocks.run("voxode::physics::incompressible_force", force);
    };
    constexpr int W = kernels::pack_width<float>;
    if (system.classes.isotropic) add(ListedForce<W, kernels::Isotropic<kernels::Pack<float, W>>>{});
    else add(ListedForce<W, kernels::Anisotropic<kernels::Pack<float, W>>>{});
    const Field<const float> from = x;
    for_each("voxode::physics::incompressible_pairs", Index(interface.extent(0)), KOKKOS_LAMBDA(Index q) { add_vertex_pair_forces(interface(q), pair_offset, pair_node, pair_stiffness, from, t); });
    system.mask(t);
  };
  const double lower = largest / range, theta = 0.5 * (largest + lower), delta = 0.5 * (largest - lower), sigma = theta / delta;
  double rho = 1 / sigma;
  ListedChebyshev step{{blocks.node_offset, blocks.block_offset, blocks.value, b, t, x, d, 0.0f, float(1 / theta), false}, vertex_};
  for (int i = 0; i < degree; ++i) {
    apply();
    if (i > 0) {
      const double next = 1 / (2 * sigma - rho);
      step.step.keep = float(next * rho);
      step.step.step = float(2 * next / delta);
      rho = next;
    }
    for_each("voxode::physics::incompressible_chebyshev", n_vertices(), step);
  }
}

}  // namespace voxode::physics
