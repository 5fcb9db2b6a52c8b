#pragma once
// Spheres in a box: who is near whom, and pushing them apart.
#include <vector>

#include "mesh/packing.hpp"

namespace voxode::mesh {

/// A box from the origin. On periodic axes no diameter may exceed half the length.
struct PackingBox {
  Vector3 length{};
  Periodicity periodic{};
  /// From a to b, by the nearest image.
  Vector3 between(const Vector3& a, const Vector3& b) const;
};

/// For sphere p: `neighbour[start[p]] ... neighbour[start[p + 1] - 1]`; every pair stands twice.
struct NeighbourList {
  std::vector<Index> start, neighbour;
};

/// All pairs whose surfaces are nearer than `gap` (m).
NeighbourList find_neighbours(const PackingBox& box, const std::vector<Sphere>& spheres, double gap);

/// Largest depth of overlap over the smaller diameter, of pairs, and of spheres that stick out of a wall over their own; 0 if there is none.
double maximal_overlap(const PackingBox& box, const std::vector<Sphere>& spheres);

/// Pushes overlapping spheres apart as harmonic soft spheres (FIRE: Bitzek et al., Phys. Rev. Lett. 97, 170201, 2006) until `maximal_overlap` is at
/// most `goal` or the iterations are used up; the spheres feel each other at (1 + inflation) of their radius. Returns the overlap reached.
double relax_spheres(const PackingBox& box, std::vector<Sphere>& spheres, double inflation, double goal, int max_iterations);

}  // namespace voxode::mesh
