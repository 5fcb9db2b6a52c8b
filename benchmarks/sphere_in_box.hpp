#pragma once
// A periodic box with a sphere of a quarter of the edge as radius, ten times stiffer, Poisson ratio .3.
#include <memory>
#include <vector>

#include "physics/linear_solver.hpp"

namespace voxode::benchmarks {

struct SphereInBox {
  Index3 n;
  std::vector<std::int32_t> body;
  physics::MaterialClasses classes;
  mesh::Nodes nodes;
  mesh::CohesivePoints points;
  std::unique_ptr<physics::ElasticSystem> system;
  std::unique_ptr<physics::ElasticMultigrid> multigrid;
  kernels::Array<float> springs;

  SphereInBox(Index edge, bool jacobi) : n{edge, edge, edge}, body(std::size_t(product(n)), 0) {
    constexpr double voxel_edge = 1e-6;
    classes.stiffness = {physics::isotropic_stiffness(1e9, 0.3), physics::isotropic_stiffness(10e9, 0.3)};
    classes.bbar = {0, 0};
    const double centre = 0.5 * double(edge), radius = 0.25 * double(edge);
    for (Index k = 0; k < edge; ++k)
      for (Index j = 0; j < edge; ++j)
        for (Index i = 0; i < edge; ++i) {
          const double x = double(i) + 0.5 - centre, y = double(j) + 0.5 - centre, z = double(k) + 0.5 - centre;
          classes.of_cell.push_back(x * x + y * y + z * z < radius * radius ? 1 : 0);
        }
    nodes = mesh::make_nodes(n, {true, true, true}, body);
    points = mesh::make_cohesive_points(nodes, mesh::Faces{}, body);
    system = std::make_unique<physics::ElasticSystem>(nodes, points, classes, voxel_edge, physics::Support{});
    physics::ElasticMultigrid::Options options;
    options.jacobi = jacobi;
    multigrid = std::make_unique<physics::ElasticMultigrid>(*system, body, options);
    springs = kernels::make_array<float>("springs", 0);
    multigrid->refresh(springs);
  }
};

}  // namespace voxode::benchmarks
