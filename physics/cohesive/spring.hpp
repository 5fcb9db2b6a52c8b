#pragma once
// Linear both ways, never damaged: `spring`, and every face while the press makes the bonds.
#include "physics/cohesive/point.hpp"

namespace voxode::physics::cohesive {

struct Spring {
  double normal_stiffness = 0, shear_stiffness = 0;  ///< Pa/m

  VOXODE_FUNCTION void respond(const double jump[3], const double normal[3], const CohesivePoint& old, double /*time_step*/, CohesiveResponse& out) const {
    const Split s = split_jump(jump, normal);
    out = CohesiveResponse{};
    out.damage = old.damage;
    out.separation = old.separation;
    out.opening = s.opening;
    for (int a = 0; a < 3; ++a) out.traction[a] = shear_stiffness * s.sliding[a] + normal_stiffness * s.opening * normal[a];
    out.stored_energy = 0.5 * (normal_stiffness * s.opening * s.opening + shear_stiffness * s.sliding_squared);
  }

  VOXODE_FUNCTION void preconditioner_stiffness(const double[3], const double normal[3], const CohesivePoint&, double, double sym[6]) const {
    transverse_stiffness(normal_stiffness, shear_stiffness, normal, sym);
  }
};

}  // namespace voxode::physics::cohesive
