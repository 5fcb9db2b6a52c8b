#pragma once
// Coulomb slip of the damaged part of a closed face, elastic up to the limit (Alfano and Sacco 2006, Int. J. Numer. Meth. Eng. 68, eqs. 13-18).
#include "physics/cohesive/point.hpp"

namespace voxode::physics::cohesive {

struct Friction {
  double coefficient = 0;      ///< -
  double shear_stiffness = 0;  ///< Pa/m, of the elastic part

  /// tau (Pa) of the damaged part and the new slip; returns the share of the elastic trial traction that is left (1: sticks).
  /// An open face slips freely: tau = 0, slip = sliding.
  VOXODE_FUNCTION double respond(const Split& jump, const double normal[3], double normal_traction, const double old_slip[3], double tau[3], double slip[3]) const {
    double elastic[3];
    for (int a = 0; a < 3; ++a) elastic[a] = jump.sliding[a] - old_slip[a];
    const double off_plane = dot3(elastic, normal);  // only where the normal differs from the one the slip was committed with
    for (int a = 0; a < 3; ++a) elastic[a] -= off_plane * normal[a];
    const double trial = shear_stiffness * std::sqrt(dot3(elastic, elastic));
    const double limit = normal_traction < 0 ? -coefficient * normal_traction : 0.0;
    const double share = trial > limit ? limit / trial : 1.0;
    for (int a = 0; a < 3; ++a) {
      tau[a] = shear_stiffness * share * elastic[a];
      slip[a] = jump.sliding[a] - share * elastic[a];
    }
    return share;
  }
};

}  // namespace voxode::physics::cohesive
