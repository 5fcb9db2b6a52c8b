#pragma once
// A box of Voronoi grains of 100 voxels, each a body with a random stress-free strain, behind springs of 100 E / h on raw faces, 1e-6 of them between a share of
// the pairs of grains.
#include <cmath>
#include <vector>

#include "mesh/counter_random.hpp"
#include "mesh/grains.hpp"
#include "physics/elastic_system.hpp"
#include "tests/raw_faces.hpp"

namespace voxode::tests {

struct Polycrystal {
  static constexpr double voxel_edge = 1e-7, modulus = 140e9, voxels_per_grain = 100;
  std::vector<std::int32_t> body;
  Index n_grains = 0;
  mesh::Nodes nodes;
  mesh::Faces faces;
  mesh::CohesivePoints points;
  physics::MaterialClasses classes;    ///< one a grain: each has its stress-free strain
  std::vector<Voigt> strain;  ///< of each grain
  std::vector<float> intact;           ///< N/m, (n_pairs)
  physics::Support support;            ///< mirrors, or nothing

  explicit Polycrystal(Index edge, bool periodic = false) {
    mesh::VoxelGrid grid;
    grid.n = {edge, edge, edge};
    grid.spacing = voxel_edge;
    grid.phase.assign(std::size_t(grid.n_voxels()), 0);
    grid.phase_names = {"active"};
    grid.instance.assign(grid.phase.size(), 1);  // one particle
    mesh::BodyRule rule;
    rule.mode = mesh::BodyMode::grains;
    rule.grain_size = std::cbrt(voxels_per_grain) * voxel_edge;
    const mesh::Periodicity sides{periodic, periodic, periodic};
    mesh::Bodies grains = mesh::make_bodies(grid, {rule}, sides, 1);
    n_grains = Index(grains.table.size());
    body = std::move(grains.of_voxel);
    nodes = mesh::make_nodes(grid.n, sides, body);
    faces = raw_faces(grid.n, body, sides);
    points = mesh::make_cohesive_points(nodes, faces, body);
    classes.stiffness.assign(std::size_t(n_grains), physics::isotropic_stiffness(modulus, 0.3));
    classes.bbar.assign(std::size_t(n_grains), 0);
    classes.of_cell.assign(body.begin(), body.end());
    const mesh::CounterRandom random{2};
    for (Index g = 0; g < n_grains; ++g) {
      strain.emplace_back();
      for (std::size_t e = 0; e < 6; ++e) strain.back()[e] = 0.02 * (random.uniform(std::uint64_t(g), e) - 0.5);
    }
    for (auto& axis : support.wall) axis = {!periodic, !periodic};
    for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p) intact.push_back(float(100 * modulus * voxel_edge / 4 * double(points.point_offset[p + 1] - points.point_offset[p])));
  }
  /// Springs (n_pairs, 6); a pair of grains is open as a whole, or not.
  std::vector<float> springs(double open_share) const {
    const mesh::CounterRandom random{3};
    std::vector<float> list(6 * intact.size(), 0.0f);
    for (std::size_t p = 0; p < intact.size(); ++p) {
      const std::int32_t a = nodes.body[points.pair_node[2 * p]], b = nodes.body[points.pair_node[2 * p + 1]];
      const bool open = random.uniform(std::uint64_t(std::min(a, b)), std::uint64_t(std::max(a, b))) < open_share;
      for (std::size_t d = 0; d < 3; ++d) list[6 * p + d] = intact[p] * (open ? 1e-6f : 1.0f);
    }
    return list;
  }
};

}  // namespace voxode::tests
