#pragma once
// Bilinear softening with mode-dependent stiffness (Turon et al. 2018, Compos. Struct. 182, with Benzeggagh and Kenane 1996), unilateral contact and
// Coulomb slip of the damaged part (Alfano and Sacco 2006). With W = K_n <d_n>^2 + K_s d_s^2 = K_B lambda^2 and its value at onset
// W_0 = K_B lambda_0^2, everything follows from r = lambda / lambda_0 = sqrt(W / W_0) and R = lambda_f / lambda_0 = 2 G / W_0.
#include "physics/cohesive/friction.hpp"

namespace voxode::physics::cohesive {

struct Bilinear {
  double normal_stiffness = 0, shear_stiffness = 0;  ///< Pa/m
  double onset_I = 0, onset_II = 0;                  ///< W_0 in opening and sliding: strength^2 / stiffness, J/m2
  double toughness_I = 0, toughness_II = 0;          ///< J/m2
  double eta = 1.5;                                  ///< Benzeggagh-Kenane exponent
  double friction_coefficient = 0;
  double viscosity = 0;                ///< s
  double preconditioner_floor = 1e-6;  ///< share of the intact stiffness that a broken face keeps in the preconditioner; its traction keeps nothing
  double softening_share = 0.1;        ///< theta: what the preconditioner keeps of the secant along a growing jump

  /// Energy-like measures of a jump: B, W_0 and R at this mode mix. W = 0: all zero.
  struct Mode {
    double W, B, W_0, R, G;
  };

  VOXODE_FUNCTION double mixing(double B) const {
    if (B <= 0) return 0.0;
    if (B >= 1) return 1.0;
    if (eta == 1.5) return B * std::sqrt(B);
    if (eta == 2.0) return B * B;
    if (eta == 1.0) return B;
    return std::pow(B, eta);
  }

  VOXODE_FUNCTION double energy_measure(const Split& s) const {
    const double open = s.opening > 0 ? s.opening : 0.0;
    return normal_stiffness * open * open + shear_stiffness * s.sliding_squared;
  }

  VOXODE_FUNCTION Mode mode(const Split& s) const {
    Mode m;
    m.W = energy_measure(s);
    m.B = m.W > 0 ? shear_stiffness * s.sliding_squared / m.W : 0.0;
    const double mix = mixing(m.B);
    m.W_0 = onset_I + (onset_II - onset_I) * mix;
    m.G = toughness_I + (toughness_II - toughness_I) * mix;
    m.R = 2 * m.G / m.W_0;
    return m;
  }

  VOXODE_FUNCTION double equivalent_opening(const Mode& m) const {
    return std::sqrt(m.W / ((1 - m.B) * normal_stiffness + m.B * shear_stiffness));
  }

  /// s of a damage at R: the inverse of d = R (r - 1) / (r (R - 1)) in s = (r - 1) / (R - 1).
  VOXODE_FUNCTION static double separation_of_damage(double d, double R) { return d / (R - d * (R - 1)); }

  /// Damage and separation at this jump; returns whether damage grows. Costs no root below the onset.
  VOXODE_FUNCTION bool evolve(const Split& s, const CohesivePoint& old, double time_step, double& damage, double& separation) const {
    damage = old.damage;
    separation = old.separation;
    if (damage >= 1) return false;
    const double W = energy_measure(s);
    if (W <= (onset_I < onset_II ? onset_I : onset_II)) return false;
    const Mode m = mode(s);
    if (W <= m.W_0) return false;
    const double r = std::sqrt(W / m.W_0);
    const double d_law = r >= m.R ? 1.0 : m.R * (r - 1) / (r * (m.R - 1));
    if (viscosity > 0) {
      if (d_law <= old.damage) return false;
      damage = old.damage + (d_law - old.damage) * (time_step / (viscosity + time_step));
      const double s_now = separation_of_damage(damage, m.R);
      if (s_now > separation) separation = s_now;
    } else {
      const double s_law = r >= m.R ? 1.0 : (r - 1) / (m.R - 1);
      if (s_law > separation) separation = s_law;
      if (d_law > damage) damage = d_law;
    }
    return damage > old.damage;
  }

  /// time_step (s) counts only with viscosity.
  VOXODE_FUNCTION void respond(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step, CohesiveResponse& out) const {
    const Split s = split_jump(jump, normal);
    out = CohesiveResponse{};
    out.opening = s.opening;
    out.growing = evolve(s, old, time_step, out.damage, out.separation);
    const Mode m = mode(s);
    out.mode_mix = m.B;
    out.lambda = equivalent_opening(m);
    const double g = 1 - out.damage;
    const double kn = s.opening > 0 ? g * normal_stiffness : normal_stiffness, ks = g * shear_stiffness;
    for (int a = 0; a < 3; ++a) out.traction[a] = ks * s.sliding[a] + kn * s.opening * normal[a];
    out.stored_energy = 0.5 * (kn * s.opening * s.opening + ks * s.sliding_squared);
    if (friction_coefficient <= 0) return;
    double tau[3];
    Friction{friction_coefficient, shear_stiffness}.respond(s, normal, kn * s.opening, old.slip, tau, out.slip);
    for (int a = 0; a < 3; ++a) out.traction[a] += out.damage * tau[a];
    out.stored_energy += 0.5 * out.damage * dot3(tau, tau) / shear_stiffness;
  }

  /// The traction alone, that of respond but for rounding: for line searches.
  VOXODE_FUNCTION void traction(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step, double t[3]) const {
    const Split s = split_jump(jump, normal);
    double damage, separation;
    evolve(s, old, time_step, damage, separation);
    const double g = 1 - damage;
    const double kn = s.opening > 0 ? g * normal_stiffness : normal_stiffness, ks = g * shear_stiffness;
    for (int a = 0; a < 3; ++a) t[a] = ks * s.sliding[a] + kn * s.opening * normal[a];
    if (friction_coefficient <= 0) return;
    double tau[3], slip[3];
    Friction{friction_coefficient, shear_stiffness}.respond(s, normal, kn * s.opening, old.slip, tau, slip);
    for (int a = 0; a < 3; ++a) t[a] += damage * tau[a];
  }

  /// Springs of the preconditioner, positive semidefinite (xx yy zz yz xz xy, Pa/m): with D = K_n n n' + K_s (I - n n') and the part e of the jump
  /// that loads, g D - (1 - theta) g (D e)(D e)' / (e . D e) while damage grows, K_n along n when closed, plus the secant of the friction. A face open by less
  /// than an intact one opens before damage counts as closed: taken for open, one about to close is pushed far past that, and chatters from step to step.
  VOXODE_FUNCTION void preconditioner_stiffness(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step, double sym[6]) const {
    const Split s = split_jump(jump, normal);
    double damage, separation;
    const bool growing = evolve(s, old, time_step, damage, separation);
    double g = 1 - damage;
    if (g < preconditioner_floor) g = preconditioner_floor;
    double shear = g * shear_stiffness;
    if (friction_coefficient > 0 && s.opening < 0 && damage > 0) {
      double tau[3], slip[3];
      shear += damage * shear_stiffness *
               Friction{friction_coefficient, shear_stiffness}.respond(s, normal, normal_stiffness * s.opening, old.slip, tau, slip);
    }
    const bool opens = s.opening > 0 && normal_stiffness * s.opening * s.opening > onset_I;
    transverse_stiffness(opens ? g * normal_stiffness : normal_stiffness, shear, normal, sym);
    if (!growing) return;
    double De[3];
    const double open = s.opening > 0 ? s.opening : 0.0;
    for (int a = 0; a < 3; ++a) De[a] = shear_stiffness * s.sliding[a] + normal_stiffness * open * normal[a];
    const double c = (1 - softening_share) * g / energy_measure(s);
    sym[0] -= c * De[0] * De[0];
    sym[1] -= c * De[1] * De[1];
    sym[2] -= c * De[2] * De[2];
    sym[3] -= c * De[1] * De[2];
    sym[4] -= c * De[0] * De[2];
    sym[5] -= c * De[0] * De[1];
  }

  /// Work of separation spent (J/m2) between two committed states: the integral of W / 2 over the damage. Along the law this is G(B) ds, exact at a
  /// constant mode mix; a jump that ran past the law (a snap) counts only this much. With viscosity the trapezoid of W / 2.
  VOXODE_FUNCTION double damage_dissipation(const double jump_before[3], const double jump_now[3], const double normal[3], const CohesivePoint& before, const CohesivePoint& now) const {
    if (now.damage <= before.damage) return 0.0;
    const Split s = split_jump(jump_now, normal);
    if (viscosity > 0) return 0.25 * (energy_measure(s) + energy_measure(split_jump(jump_before, normal))) * (now.damage - before.damage);
    const Mode m = mode(s);
    return m.G * (separation_of_damage(now.damage, m.R) - separation_of_damage(before.damage, m.R));
  }
};

}  // namespace voxode::physics::cohesive
