#include "physics/elastic_bottom.hpp"

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
    : system_(&system), level_(&level), n_unknowns_(3 * level.n_nodes + (system.support.plate_moves ? 1 : 0)) {
  if (!mirror_is_field) mirror_ = NodeField<float>::HostMirror("bottom_mirror", std::size_t(level.n_nodes));
  find_rigid_motions();
}

void ElasticBottom::refresh(const Array<float>& spring_matrix, double plate_spring) {
  if (!matrix_mirror_.extent(0)) matrix_mirror_ = Kokkos::create_mirror_view(spring_matrix);
  Kokkos::deep_copy(matrix_mirror_, spring_matrix);
  const auto& matrix = matrix_mirror_;
  if (n_unknowns_ > 0 && has_changed(matrix.data(), plate_spring)) factor(matrix.data(), plate_spring);
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
    for (Index n = 0; n < s.n_nodes; ++n) v[std::size_t(3 * n + a)] = 1;
    add(std::move(v));
  }
  for (int a = 0; a < 3; ++a) {  // rotations about axis a
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    if (!free_axis[b] || !free_axis[c] || s.periodic[std::size_t(b)] || s.periodic[std::size_t(c)]) continue;
    std::vector<double> v(std::size_t(n_unknowns_), 0.0);
    for (Index vertex = 0; vertex < product(s.n_vertices); ++vertex) {
      const Index at[3] = {vertex % s.n_vertices[0], vertex / s.n_vertices[0] % s.n_vertices[1], vertex / (s.n_vertices[0] * s.n_vertices[1])};
      for (std::uint32_t n = s.node_offset[std::size_t(vertex)]; n < s.node_offset[std::size_t(vertex) + 1]; ++n) {
        v[3 * std::size_t(n) + std::size_t(b)] = -double(s.coordinate[std::size_t(c)][std::size_t(at[c])]);
        v[3 * std::size_t(n) + std::size_t(c)] = double(s.coordinate[std::size_t(b)][std::size_t(at[b])]);
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
  for (Index n = 0; n < n_nodes; ++n)
    for (int d = 0; d < 3; ++d) b[std::size_t(3 * n + d)] = double(host(n, d));
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
  for (Index n = 0; n < n_nodes; ++n)
    for (int d = 0; d < 3; ++d) host(n, d) = float(x[std::size_t(3 * n + d)]);
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
  for (std::size_t e = 0; e < n_elements; ++e) {
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
        a.add_block(int(s.element_node[i * n_elements + e]), int(s.element_node[j * n_elements + e]), block);
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
        a.add_block(int(ai), int(aj), k);
        if (bi == mesh::SpringGroups::ground) continue;  // and so is bj
        a.add_block(int(bi), int(bj), k);
        a.add_block(int(ai), int(bj), minus);
        a.add_block(int(bi), int(aj), minus);
      }
  }
  const int plate_row = int(n_unknowns_) - 1;
  if (plate_moves && plate_spring > 0) a.add(plate_row, plate_row, plate_spring);
  for (Index r = 0; r < s.walls.n_rows(); ++r) {
    const int row = int(3 * s.walls.node[std::size_t(r)]) + s.walls.component[std::size_t(r)];
    for (std::uint32_t e = s.walls.row_offset[std::size_t(r)]; e < s.walls.row_offset[std::size_t(r) + 1]; ++e) {
      const double k = double(s.walls.value[e]);
      a.add(row, int(3 * s.walls.column[e]) + s.walls.component[std::size_t(r)], k);
      if (s.walls.to_plate[std::size_t(r)] && plate_moves) {
        a.add(plate_row, row, -k);
        a.add(plate_row, plate_row, k);
      }
    }
  }
  factor_.factor(int(n_unknowns_), std::move(a), 1e-8);
}

}  // namespace voxode::physics
