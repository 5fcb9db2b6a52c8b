#pragma once
// Never glued: carries pressure when closed, friction if asked, and nothing when open.
#include "physics/cohesive/friction.hpp"

namespace voxode::physics::cohesive {

struct Contact {
  double normal_stiffness = 0, shear_stiffness = 0;  ///< Pa/m
  double friction_coefficient = 0;
  double preconditioner_floor = 1e-6;  ///< share of the stiffness that an open or sliding face keeps in the preconditioner

  VOXODE_FUNCTION void respond(const double jump[3], const double normal[3], const CohesivePoint& old, double /*time_step*/, CohesiveResponse& out) const {
    const Split s = split_jump(jump, normal);
    out = CohesiveResponse{};
    out.damage = out.separation = 1;
    out.opening = s.opening;
    const double closed = s.opening < 0 ? s.opening : 0.0;
    for (int a = 0; a < 3; ++a) out.traction[a] = normal_stiffness * closed * normal[a];
    out.stored_energy = 0.5 * normal_stiffness * closed * closed;
    if (friction_coefficient <= 0) return;
    double tau[3];
    Friction{friction_coefficient, shear_stiffness}.respond(s, normal, normal_stiffness * closed, old.slip, tau, out.slip);
    for (int a = 0; a < 3; ++a) out.traction[a] += tau[a];
    out.stored_energy += 0.5 * dot3(tau, tau) / shear_stiffness;
  }

  VOXODE_FUNCTION void preconditioner_stiffness(const double jump[3], const double normal[3], const CohesivePoint& old, double, double sym[6]) const {
    const Split s = split_jump(jump, normal);
    double shear = preconditioner_floor * shear_stiffness;
    if (friction_coefficient > 0 && s.opening < 0) {
      double tau[3], slip[3];
      shear += shear_stiffness * Friction{friction_coefficient, shear_stiffness}.respond(s, normal, normal_stiffness * s.opening, old.slip, tau, slip);
    }
    transverse_stiffness(s.opening > 0 ? preconditioner_floor * normal_stiffness : normal_stiffness, shear, normal, sym);
  }
};

}  // namespace voxode::physics::cohesive
