#pragma once
// What an elastic benchmark solves: a periodic box of bodies, its hierarchy, and springs between its bodies.
#include <memory>
#include <vector>

#include "physics/linear_solver.hpp"

namespace voxode::benchmarks {

struct ElasticBox {
  static constexpr mesh::Periodicity periodic{true, true, true};
  Index3 n;
  std::vector<std::int32_t> body;
  physics::MaterialClasses classes;
  mesh::Nodes nodes;
  mesh::Faces faces;
  mesh::CohesivePoints points;
  std::unique_ptr<physics::ElasticSystem> system;
  std::unique_ptr<physics::ElasticMultigrid> multigrid;
  kernels::Array<float> springs;

 protected:
  explicit ElasticBox(Index edge) : n{edge, edge, edge} {}
  /// Nodes and cohesive points of the bodies and faces.
  void make_points() {
    nodes = mesh::make_nodes(n, periodic, body);
    points = mesh::make_cohesive_points(nodes, faces, body);
  }
  /// System and hierarchy; `pair_springs`: (n_pairs, 6), N/m.
  void make_solver(double voxel_edge, bool jacobi, const std::vector<float>& pair_springs) {
    system = std::make_unique<physics::ElasticSystem>(nodes, points, classes, voxel_edge, physics::Support{});
    physics::ElasticMultigrid::Options options;
    options.jacobi = jacobi;
    multigrid = std::make_unique<physics::ElasticMultigrid>(*system, body, options);
    springs = kernels::upload("springs", pair_springs);
    multigrid->refresh(springs);
  }
};

}  // namespace voxode::benchmarks
