#pragma once
// A synthetic composite cathode: 48 % spheres of NCM, 7 % binder of 50 MPa at the necks, 4 % pores, the rest Li6PS5Cl; periodic, edge 64 um.
#include <algorithm>
#include <cmath>
#include <vector>

#include "benchmarks/elastic_box.hpp"
#include "mesh/components.hpp"
#include "mesh/packing.hpp"
#include "tests/raw_faces.hpp"

namespace voxode::benchmarks {

/// Bonded: one body, as peers solve it. Else every particle is a body, held by springs of 100 E / h, E of the softer side; half open: by 1e-6 of them on
/// the upper half of its surface; loose: by 1e-6 of them everywhere.
enum class Interfaces { bonded, intact, half_open, loose };

struct Composite : ElasticBox {
  static constexpr std::uint32_t electrolyte = 0;  ///< class; 1 active material, 2 binder

  Interfaces interfaces;
  mesh::SyntheticCathode cathode;

  Composite(Index edge, Interfaces state, bool jacobi = false) : ElasticBox(edge), interfaces(state) {
    mesh::SyntheticRecipe recipe;
    recipe.n = n;
    recipe.spacing = 64e-6 / double(edge);
    recipe.periodic = periodic;
    recipe.active_fraction = 0.48;
    recipe.diameter_median = 8e-6;
    recipe.diameter_minimum = 4e-6;
    recipe.binder_fraction = 0.07;
    recipe.pore_fraction = 0.04;
    recipe.pore_diameter = 4e-6;
    cathode = mesh::generate_cathode(recipe);
    const mesh::VoxelGrid& grid = cathode.grid;
    classes.stiffness = {physics::isotropic_stiffness(22.1e9, 0.37), physics::isotropic_stiffness(140e9, 0.3), physics::isotropic_stiffness(50e6, 0.3)};
    classes.bbar = {0, 0, 0};
    std::vector<std::int32_t> key;
    for (std::size_t i = 0; i < grid.phase.size(); ++i) {
      classes.of_cell.push_back(grid.phase[i] == mesh::pore ? electrolyte : grid.phase[i]);
      key.push_back(grid.phase[i] == mesh::pore ? -1 : state == Interfaces::bonded ? 0 : std::int32_t(grid.instance[i]));
    }
    body = largest_piece_and_particles(mesh::find_components(grid.n, key, periodic), key);
    if (state != Interfaces::bonded) faces = tests::raw_faces(n, body, periodic);
    make_points();
    make_solver(grid.spacing, jacobi, pair_springs());
  }

  /// Splinters that float in pores are left out, as a run does.
  static std::vector<std::int32_t> largest_piece_and_particles(const mesh::Components& pieces, const std::vector<std::int32_t>& key) {
    std::vector<std::int32_t> of_voxel = pieces.of_voxel;
    std::vector<Index> largest(std::size_t(*std::max_element(key.begin(), key.end())) + 1, -1);
    for (Index c = 0; c < pieces.count(); ++c) {
      Index& best = largest[std::size_t(key[std::size_t(pieces.first[std::size_t(c)])])];
      if (best < 0 || pieces.size[std::size_t(c)] > pieces.size[std::size_t(best)]) best = c;
    }
    for (std::size_t i = 0; i < of_voxel.size(); ++i)
      if (of_voxel[i] >= 0 && largest[std::size_t(key[i])] != of_voxel[i]) of_voxel[i] = -1;
    return of_voxel;
  }
  Index neighbour(Index cell, int axis) const { return mesh::upper_cell(n, cell, axis); }
  /// Upper half: of the particle with the larger number.
  bool is_open(Index cell, int axis) const {
    if (interfaces != Interfaces::half_open) return interfaces == Interfaces::loose;
    const mesh::VoxelGrid& grid = cathode.grid;
    const std::uint32_t number = std::max(grid.instance[std::size_t(cell)], grid.instance[std::size_t(neighbour(cell, axis))]);
    if (number == 0) return false;
    const double height = double(grid.n[2]) * grid.spacing, z = (double(cell / (grid.n[0] * grid.n[1])) + (axis == 2 ? 1.0 : 0.5)) * grid.spacing;
    const double above = z - cathode.spheres[number - 1].centre[2];
    return above - height * std::floor(above / height + 0.5) > 0;
  }
  double softer_modulus(std::uint32_t face) const {
    const Index cell = faces.cell[face], other = neighbour(cell, faces.axis[face]);
    const auto modulus = [&](Index i) { return physics::voigt_average(classes.stiffness[classes.of_cell[std::size_t(i)]]).youngs_modulus(); };
    return std::min(modulus(cell), modulus(other));
  }
  std::vector<float> pair_springs() const {
    std::vector<float> list(6 * std::size_t(points.n_pairs()), 0.0f);
    const double quarter = cathode.grid.spacing / 4;
    for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p)
      for (std::uint32_t point = points.point_offset[p]; point < points.point_offset[p + 1]; ++point)
        for (std::size_t d = 0; d < 3; ++d) {
          const std::uint32_t face = points.face[point];
          list[6 * p + d] += float(100 * softer_modulus(face) * quarter * (is_open(faces.cell[face], faces.axis[face]) ? 1e-6 : 1.0));
        }
    return list;
  }
};

}  // namespace voxode::benchmarks
