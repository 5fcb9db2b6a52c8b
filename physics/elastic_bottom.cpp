#include "physics/elastic_bottom.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "kernels/hexahedron.hpp"
#include "physics/multigrid_kernels.hpp"

namespace voxode::physics {

namespace {
/// A mirror is the field itself, which may move.
constexpr bool mirror_is_field = std::is_same_v<NodeField<float>::HostMirror::memory_space, kernels::Memory>;
}  // namespace

ElasticBottom::ElasticBottom(const ElasticSystem& system, const mesh::CoarseLevel& level)
    : system_(&system), level_(&level) {
  find_small_bodies();
  n_unknowns_ = 3 * n_blocks_ + (system.support.plate_moves ? 1 : 0);
  if (!mirror_is_field) mirror_ = NodeField<float>::HostMirror("bottom_mirror", std::size_t(level.n_nodes));
  find_rigid_motions();
}

void ElasticBottom::refresh(const Array<float>& spring_matrix, double plate_spring) {
  if (!matrix_mirror_.extent(0)) matrix_mirror_ = Kokkos::create_mirror_view(spring_matrix);
  Kokkos::deep_copy(matrix_mirror_, spring_matrix);
  const auto& matrix = matrix_mirror_;
  if (n_unknowns_ > 0 && has_changed(matrix.data(), plate_spring)) factor(matrix.data(), plate_spring);
}

/// Bodies that fill no more than a small part of each cell they are in.
void ElasticBottom::find_small_bodies() {
  constexpr int widest = 100;  // of 255: standard deviation over that of a full cell
  const mesh::CoarseLevel& s = *level_;
  const auto n_elements = std::size_t(s.n_elements()), n_nodes = std::size_t(s.n_nodes);
  std::vector<std::array<float, 3>> vertex(n_nodes);
  for (Index v = 0; v < product(s.n_vertices); ++v)
    for (std::uint32_t n = s.node_offset[std::size_t(v)]; n < s.node_offset[std::size_t(v) + 1]; ++n)
      for (std::size_t d = 0; d < 3; ++d) vertex[n][d] = float(s.coordinate[d][std::size_t(coordinates_of(v, s.n_vertices)[d])]);
  struct Body {
    bool small = true;
    int n_elements = 0, block = -1;
    std::array<float, 3> middle{};
    float floor = 0;
  };
  std::vector<Body> bodies(n_elements == 0 ? 0 : std::size_t(1 + *std::max_element(s.element_body.begin(), s.element_body.end())));
  std::vector<std::int32_t> body_of(n_nodes, -1);
  std::vector<std::array<float, 3>> place(n_nodes);  // where the body's element has it: beyond the far side of a periodic box
  for (std::size_t e = 0; e < n_elements; ++e) {
    Body& body = bodies[std::size_t(s.element_body[e])];
    std::array<float, 3> edge{};
    const std::array<float, 3> origin = vertex[s.element_node[e]];
    float squares = 0;
    for (std::size_t d = 0; d < 3; ++d) {
      edge[d] = float((s.element_wide[e] >> d & 1) ? s.last_edge[d] : s.regular_edge[d]);
      body.small = body.small && s.element_spread[d * n_elements + e] <= widest;
      body.middle[d] += origin[d] + 0.5f * edge[d] * (1 + float(s.element_centre[d * n_elements + e]) / 127);
      squares += 1 / (edge[d] * edge[d]);
    }
    ++body.n_elements;
    body.floor += 1e-7f * std::max(s.property[e], s.property[n_elements + e]) * squares;
    for (std::size_t c = 0; c < 8; ++c) {
      const std::size_t node = s.element_node[c * n_elements + e];
      std::array<float, 3> here = origin;
      for (std::size_t d = 0; d < 3; ++d) here[d] += c >> d & 1 ? edge[d] : 0.0f;
      if (body_of[node] >= 0) body.small = body.small && here == place[node];  // not across a periodic side
      body_of[node] = s.element_body[e];
      place[node] = here;
    }
  }
  for (Body& body : bodies)
    for (float& m : body.middle) m /= float(std::max(1, body.n_elements));
  node_.resize(n_nodes);
  const auto edge = float(s.cell_edge);
  for (std::size_t n = 0; n < n_nodes; ++n) {
    Body* const body = body_of[n] < 0 ? nullptr : &bodies[std::size_t(body_of[n])];
    Node& node = node_[n];
    node.small = body && body->small;
    if (!node.small) {
      node.block = n_blocks_++;
      floor_.push_back(0);
      continue;
    }
    if (body->block < 0) {
      body->block = n_blocks_;
      n_blocks_ += 2;
      floor_.insert(floor_.end(), 2, body->floor);
    }
    node.block = body->block;
    for (std::size_t d = 0; d < 3; ++d) node.arm[d] = (place[n][d] - body->middle[d]) / edge;
  }
}

/// Adds what couples two nodes to the unknowns behind them.
void ElasticBottom::add(kernels::SymmetricBlocks& a, int i, int j, const kernels::SymmetricBlocks::Block& block) const {
  const Node &row = node_[std::size_t(i)], &column = node_[std::size_t(j)];
  a.add_block(row.block, column.block, block);
  using Block = kernels::SymmetricBlocks::Block;
  double motions[6];
  const auto from_left = [&](const Block& k) {  // by the rotations of the row's body
    Block turned{};
    for (int r = 0; r < 3; ++r) {
      mesh::LooseBodies::motions(row.arm, r, motions);
      for (std::size_t m = 0; m < 3; ++m)
        for (std::size_t c = 0; c < 3; ++c) turned[3 * m + c] += motions[3 + m] * k[3 * std::size_t(r) + c];
    }
    return turned;
  };
  if (row.small) a.add_block(row.block + 1, column.block, from_left(block));
  if (!column.small) return;
  Block turned{};
  for (int c = 0; c < 3; ++c) {
    mesh::LooseBodies::motions(column.arm, c, motions);
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t m = 0; m < 3; ++m) turned[3 * r + m] += block[3 * r + std::size_t(c)] * motions[3 + m];
  }
  a.add_block(row.block, column.block + 1, turned);
  if (row.small) a.add_block(row.block + 1, column.block + 1, from_left(turned));
}

/// Rigid motions of everything that no wall and no periodic side takes away.
void ElasticBottom::find_rigid_motions() {
  const mesh::CoarseLevel& s = *level_;
  const Support& support = system_->support;
  bool free_axis[3];
  for (std::size_t a = 0; a < 3; ++a) free_axis[a] = !support.wall[a][0] && !support.wall[a][1];
  const auto add = [&](std::vector<double> v) {
    for (const auto& other : rigid_motions_) {
      double projection = 0;
      for (std::size_t i = 0; i < v.size(); ++i) projection += v[i] * other[i];
      for (std::size_t i = 0; i < v.size(); ++i) v[i] -= projection * other[i];
    }
    double norm = 0;
    for (double value : v) norm += value * value;
    norm = std::sqrt(norm);
    for (double& value : v) value /= norm;
    rigid_motions_.push_back(std::move(v));
  };
  for (int a = 0; a < 3; ++a) {
    if (!free_axis[a]) continue;
    std::vector<double> v(std::size_t(n_unknowns_), 0.0);
    for (const Node& node : node_) v[std::size_t(3 * node.block + a)] = 1;
    add(std::move(v));
  }
  for (int a = 0; a < 3; ++a) {  // rotations about axis a, in one to a cell's edge
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    if (!free_axis[b] || !free_axis[c] || s.periodic[std::size_t(b)] || s.periodic[std::size_t(c)]) continue;
    std::vector<double> v(std::size_t(n_unknowns_), 0.0);
    for (Index vertex = 0; vertex < product(s.n_vertices); ++vertex) {
      const Index3 at = coordinates_of(vertex, s.n_vertices);
      for (std::uint32_t n = s.node_offset[std::size_t(vertex)]; n < s.node_offset[std::size_t(vertex) + 1]; ++n) {
        const Node& node = node_[n];
        const auto along = [&](int d) { return double(s.coordinate[std::size_t(d)][std::size_t(at[std::size_t(d)])]) / s.cell_edge - (node.small ? double(node.arm[d]) : 0.0); };
        v[std::size_t(3 * node.block + b)] = -along(c);
        v[std::size_t(3 * node.block + c)] = along(b);
        if (node.small) v[std::size_t(3 * node.block + 3 + a)] = 1;
      }
    }
    add(std::move(v));
  }
}

double ElasticBottom::solve(const NodeField<float>& right, const NodeField<float>& solution, double plate_residual) {
  const Index n_nodes = level_->n_nodes;
  if (n_unknowns_ == 0) return 0.0;  // all bodies are loose, and left out before
  const bool plate_moves = system_->support.plate_moves;
  if (mirror_is_field) mirror_ = Kokkos::create_mirror_view(right);
  const auto& host = mirror_;
  Kokkos::deep_copy(host, right);
  std::vector<double> b(std::size_t(n_unknowns_), 0.0), x;
  double motions[6];
  for (Index n = 0; n < n_nodes; ++n) {
    const Node& node = node_[std::size_t(n)];
    double* const to = &b[std::size_t(3 * node.block)];
    for (int d = 0; d < 3; ++d) {
      const auto force = double(host(n, d));
      to[d] += force;
      if (!node.small) continue;
      mesh::LooseBodies::motions(node.arm, d, motions);
      for (int m = 3; m < 6; ++m) to[m] += force * motions[m];
    }
  }
  if (plate_moves) b[std::size_t(n_unknowns_) - 1] = plate_residual;
  const auto project = [this](std::vector<double>& v) {
    for (const auto& rigid : rigid_motions_) {
      double s = 0;
      for (std::size_t i = 0; i < v.size(); ++i) s += rigid[i] * v[i];
      for (std::size_t i = 0; i < v.size(); ++i) v[i] -= s * rigid[i];
    }
  };
  project(b);
  factor_.solve(b, x);
  project(x);
  for (Index n = 0; n < n_nodes; ++n) {
    const Node& node = node_[std::size_t(n)];
    const double* const from = &x[std::size_t(3 * node.block)];
    for (int d = 0; d < 3; ++d) {
      double u = from[d];
      if (node.small) {
        mesh::LooseBodies::motions(node.arm, d, motions);
        for (int m = 3; m < 6; ++m) u += motions[m] * from[m];
      }
      host(n, d) = float(u);
    }
  }
  Kokkos::deep_copy(solution, host);
  return plate_moves ? x[std::size_t(n_unknowns_) - 1] : 0.0;
}

/// Whether springs between two elements of a cell, or the plate's, have stiffened since the last factorisation, or many have fallen to a quarter: a body
/// that the bottom still takes for loose would be sent far away, while one that it takes for tied only lags behind.
bool ElasticBottom::has_changed(const float* matrix, double plate_spring) {
  std::vector<double> stiffness{plate_spring};
  for (Index group = 0; group < level_->springs.n_groups(); ++group) {
    double trace = 0;
    for (int i = 0; i < 24; ++i) trace += double(matrix[300 * group + kernels::packed(i, i)]);
    stiffness.push_back(trace);
  }
  bool changed = factored_stiffness_.size() != stiffness.size() || stiffness[0] < 0.5 * factored_stiffness_[0];
  std::size_t softened = 0;
  for (std::size_t i = 0; i < stiffness.size() && !changed; ++i) {
    if (stiffness[i] < 0.25 * factored_stiffness_[i]) ++softened;
    changed = stiffness[i] > 1.2 * factored_stiffness_[i] || 20 * softened > stiffness.size();
  }
  if (changed) factored_stiffness_ = std::move(stiffness);
  return changed;
}

void ElasticBottom::factor(const float* matrix, double plate_spring) {
  const mesh::CoarseLevel& s = *level_;
  const bool plate_moves = system_->support.plate_moves;
  kernels::SymmetricBlocks a;
  using Block = kernels::SymmetricBlocks::Block;
  const auto n_elements = std::size_t(s.n_elements());
  for (int block = 0; block < n_blocks_; ++block)
    if (floor_[std::size_t(block)] > 0)
      for (int d = 0; d < 3; ++d) a.add(3 * block + d, 3 * block + d, double(floor_[std::size_t(block)]));
  for (std::size_t e = 0; e < n_elements; ++e) {
    if (node_[s.element_node[e]].small) continue;  // a rigid motion strains nothing
    double g[3];
    kernels::Filling<double> filling;
    for (std::size_t d = 0; d < 3; ++d) {
      g[d] = 0.25 / ((s.element_wide[e] >> d & 1) ? s.last_edge[d] : s.regular_edge[d]);
      filling.centre[d] = s.element_centre[d * n_elements + e] / 127.0;
      filling.spread[d] = std::pow(s.element_spread[d * n_elements + e] / 255.0, 2);
    }
    double k[24][24];  // column by column
    for (int column = 0; column < 24; ++column) {
      double(&u)[24] = k[column];
      for (double& value : u) value = 0;
      u[column] = 1;
      const auto force = [&](auto m) {
        for (int p = 0; p < m.size; ++p) m.p[p] = double(s.property[std::size_t(p) * n_elements + e]);
        kernels::hexahedron_force<double>(u, m, g, 1.0, filling);
      };
      if (system_->classes.isotropic) force(kernels::Isotropic<double>{});
      else force(kernels::Anisotropic<double>{});
    }
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t j = 0; j < 8; ++j) {
        Block block;
        for (std::size_t c = 0; c < 9; ++c) block[c] = k[3 * j + c % 3][3 * i + c / 3];
        add(a, int(s.element_node[i * n_elements + e]), int(s.element_node[j * n_elements + e]), block);
      }
  }
  for (Index group = 0; group < s.springs.n_groups(); ++group) {
    const std::uint32_t* const node = s.springs.node.data() + 16 * group;
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 8; ++j) {
        const std::uint32_t ai = node[i], bi = node[8 + i], aj = node[j], bj = node[8 + j];
        constexpr std::uint32_t absent = mesh::SpringGroups::absent;
        if (ai == absent || bi == absent || aj == absent || bj == absent) continue;
        Block k, minus;
        for (int c = 0; c < 9; ++c) {
          k[std::size_t(c)] = double(matrix[300 * group + spring_entry(i, c / 3, j, c % 3)]);
          minus[std::size_t(c)] = -k[std::size_t(c)];
        }
        add(a, int(ai), int(aj), k);
        if (bi == mesh::SpringGroups::ground) continue;  // and so is bj
        add(a, int(bi), int(bj), k);
        add(a, int(ai), int(bj), minus);
        add(a, int(bi), int(aj), minus);
      }
  }
  const int plate_row = int(n_unknowns_) - 1;
  if (plate_moves && plate_spring > 0) a.add(plate_row, plate_row, plate_spring);
  for (Index r = 0; r < s.walls.n_rows(); ++r) {
    const std::size_t component = s.walls.component[std::size_t(r)];
    const std::uint32_t row = s.walls.node[std::size_t(r)];
    for (std::uint32_t e = s.walls.row_offset[std::size_t(r)]; e < s.walls.row_offset[std::size_t(r) + 1]; ++e) {
      const double k = double(s.walls.value[e]);
      Block block{};
      block[4 * component] = k;
      add(a, int(row), int(s.walls.column[e]), block);
      if (!s.walls.to_plate[std::size_t(r)] || !plate_moves) continue;
      const Node& node = node_[row];
      a.add(plate_row, 3 * node.block + int(component), -k);
      a.add(plate_row, plate_row, k);
      if (!node.small) continue;
      double motions[6];
      mesh::LooseBodies::motions(node.arm, int(component), motions);
      for (int m = 3; m < 6; ++m) a.add(plate_row, 3 * node.block + m, -k * motions[m]);
    }
  }
  factor_.factor(int(n_unknowns_), std::move(a), 1e-8);
}

}  // namespace voxode::physics
