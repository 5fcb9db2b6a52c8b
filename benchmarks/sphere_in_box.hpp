#pragma once
// A periodic box with a sphere of a quarter of the edge as radius, ten times stiffer, Poisson ratio .3.
#include "benchmarks/elastic_box.hpp"

namespace voxode::benchmarks {

struct SphereInBox : ElasticBox {
  SphereInBox(Index edge, bool jacobi) : ElasticBox(edge) {
    body.assign(std::size_t(product(n)), 0);
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
    make_points();
    make_solver(voxel_edge, jacobi, {});
  }
};

}  // namespace voxode::benchmarks
