#pragma once
// Never glued: carries pressure when closed, friction if asked, and nothing (the residual share) when open.
#include "physics/cohesive/friction.hpp"

namespace voxode::physics::cohesive {

struct Contact {
  double normal_stiffness = 0, shear_stiffness = 0;  ///< Pa/m
  double friction_coefficient = 0;
  double residual = 1e-7;              ///< share of the intact stiffness that an open face keeps
  double preconditioner_floor = 1e-6;  ///< the same in the preconditioner

  VOXODE_FUNCTION void respond(const double jump[3], const double normal[3], const CohesivePoint& old, double /*time_step*/, CohesiveResponse& out) const {
    const Split s = split_jump(jump, normal);
    out = CohesiveResponse{};
    out.damage = out.separation = 1;
    out.opening = s.opening;
    const double kn = s.opening > 0 ? residual * normal_stiffness : normal_stiffness, ks = residual * shear_stiffness;
    for (int a = 0; a < 3; ++a) out.traction[a] = ks * s.sliding[a] + kn * s.opening * normal[a];
    out.stored_energy = 0.5 * (kn * s.opening * s.opening + ks * s.sliding_squared);
    if (friction_coefficient <= 0) return;
    double tau[3];
    Friction{friction_coefficient, shear_stiffness}.respond(s, normal, kn * s.opening, old.slip, tau, out.slip);
    for (int a = 0; a < 3; ++a) out.traction[a] += tau[a];
    out.stored_energy += 0.5 * dot3(tau, tau) / shear_stiffness;
  }

  VOXODE_FUNCTION void preconditioner_stiffness(const double jump[3], const double normal[3], const CohesivePoint& old, double, double sym[6]) const {
    const Split s = split_jump(jump, normal);
    const double g = residual > preconditioner_floor ? residual : preconditioner_floor;
    double shear = g * shear_stiffness;
    if (friction_coefficient > 0 && s.opening < 0) {
      double tau[3], slip[3];
      shear += shear_stiffness * Friction{friction_coefficient, shear_stiffness}.respond(s, normal, normal_stiffness * s.opening, old.slip, tau, slip);
    }
    transverse_stiffness(s.opening > 0 ? g * normal_stiffness : normal_stiffness, shear, normal, sym);
  }
};

}  // namespace voxode::physics::cohesive
