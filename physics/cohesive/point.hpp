#pragma once
// What every cohesive law takes and gives at one point. Jump = u_B - u_A (m), unit normal n from A to B; a traction (Pa) resists the jump: it
// acts on A, its opposite on B, and dW = t . d(jump) per area. Open: jump . n > 0.
#include <cmath>

#include "kernels/types.hpp"

namespace voxode::physics::cohesive {

/// Committed history of one point; changes only when a step has converged.
struct CohesivePoint {
  double damage = 0;            ///< 0 ... 1
  double separation = 0;        ///< share of the toughness that is spent, 0 ... 1
  double slip[3] = {0, 0, 0};   ///< inelastic sliding of the frictional contact, m, tangential; unused without friction
};

/// State of one point at a trial jump.
struct CohesiveResponse {
  double traction[3] = {0, 0, 0};  ///< Pa
  double damage = 0;               ///< as CohesivePoint, to be committed
  double separation = 0;
  double slip[3] = {0, 0, 0};
  double opening = 0;        ///< jump . n, m, positive open
  double lambda = 0;         ///< equivalent opening, m
  double mode_mix = 0;       ///< B, 0 opening ... 1 sliding
  double stored_energy = 0;  ///< J/m2
  bool growing = false;      ///< damage is above its committed value
};

/// Opening and sliding of a jump.
struct Split {
  double opening, sliding[3], sliding_squared;
};

VOXODE_FUNCTION double dot3(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

VOXODE_FUNCTION Split split_jump(const double jump[3], const double normal[3]) {
  Split s;
  s.opening = dot3(jump, normal);
  for (int a = 0; a < 3; ++a) s.sliding[a] = jump[a] - s.opening * normal[a];
  s.sliding_squared = dot3(s.sliding, s.sliding);
  return s;
}

/// sym (xx yy zz yz xz xy) = shear (I - n n') + normal_stiffness n n'.
VOXODE_FUNCTION void transverse_stiffness(double normal_stiffness, double shear, const double n[3], double sym[6]) {
  const double d = normal_stiffness - shear;
  sym[0] = shear + d * n[0] * n[0];
  sym[1] = shear + d * n[1] * n[1];
  sym[2] = shear + d * n[2] * n[2];
  sym[3] = d * n[1] * n[2];
  sym[4] = d * n[0] * n[2];
  sym[5] = d * n[0] * n[1];
}

}  // namespace voxode::physics::cohesive
