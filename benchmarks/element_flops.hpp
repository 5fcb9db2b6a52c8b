#pragma once
// Arithmetic of the elastic operator, counted by running the element's code.
#include "kernels/hexahedron.hpp"

namespace voxode::benchmarks {

/// In place of a number: counts what is done to it.
struct Counted {
  long* operations = nullptr;
};
VOXODE_FUNCTION Counted count(Counted a, Counted b) {
  const Counted result{a.operations ? a.operations : b.operations};
  if (result.operations) ++*result.operations;  // moduli count nothing: what is done among them is the same for every voxel
  return result;
}
VOXODE_FUNCTION Counted operator+(Counted a, Counted b) { return count(a, b); }
VOXODE_FUNCTION Counted operator-(Counted a, Counted b) { return count(a, b); }
VOXODE_FUNCTION Counted operator*(Counted a, Counted b) { return count(a, b); }
VOXODE_FUNCTION Counted operator*(double, Counted b) { return count(b, b); }

/// Additions and multiplications of one isotropic voxel, those of its forces to the nodes' among them.
inline double flops_per_element() {
  long operations = 24;
  Counted u[24];
  for (Counted& number : u) number.operations = &operations;
  const kernels::Isotropic<Counted> moduli{};
  const double g[3] = {0.25, 0.25, 0.25};
  kernels::hexahedron_force<double>(u, moduli, g, 1.0, static_cast<const Counted*>(nullptr));
  return double(operations);
}

}  // namespace voxode::benchmarks
