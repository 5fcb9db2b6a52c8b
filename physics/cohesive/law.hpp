#pragma once
// The list of cohesive laws: one trivially copyable `Law` per interface entry, chosen by its kind inside the loop over points.
#include <type_traits>

#include "physics/cohesive/bilinear.hpp"
#include "physics/cohesive/contact.hpp"
#include "physics/cohesive/spring.hpp"
#include "physics/settings.hpp"

namespace voxode::physics::cohesive {

enum class LawTag : int { none, bilinear, spring, contact };

/// none: `bonded`, which has no law: zero traction.
struct Law {
  LawTag tag = LawTag::none;
  Bilinear bilinear;
  Spring spring;
  Contact contact;

  VOXODE_FUNCTION void respond(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step, CohesiveResponse& out) const {
    switch (tag) {
      case LawTag::bilinear: return bilinear.respond(jump, normal, old, time_step, out);
      case LawTag::spring: return spring.respond(jump, normal, old, time_step, out);
      case LawTag::contact: return contact.respond(jump, normal, old, time_step, out);
      case LawTag::none: break;
    }
    out = CohesiveResponse{};
  }

  /// The traction of respond alone, cheaper.
  VOXODE_FUNCTION void traction(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step, double t[3]) const {
    if (tag == LawTag::bilinear) return bilinear.traction(jump, normal, old, time_step, t);
    CohesiveResponse out;
    respond(jump, normal, old, time_step, out);
    for (int a = 0; a < 3; ++a) t[a] = out.traction[a];
  }

  /// Positive semidefinite springs, xx yy zz yz xz xy, Pa/m.
  VOXODE_FUNCTION void preconditioner_stiffness(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step, double sym[6]) const {
    switch (tag) {
      case LawTag::bilinear: return bilinear.preconditioner_stiffness(jump, normal, old, time_step, sym);
      case LawTag::spring: return spring.preconditioner_stiffness(jump, normal, old, time_step, sym);
      case LawTag::contact: return contact.preconditioner_stiffness(jump, normal, old, time_step, sym);
      case LawTag::none: break;
    }
    for (int c = 0; c < 6; ++c) sym[c] = 0;
  }

  /// Share of sliding in K_n <d_n>^2 + K_s d_s^2: 0 opening ... 1 sliding; 0 without a jump.
  VOXODE_FUNCTION double mode_mix(const Split& s) const {
    const double normal = tag == LawTag::spring ? spring.normal_stiffness : tag == LawTag::contact ? contact.normal_stiffness : bilinear.normal_stiffness;
    const double shear = tag == LawTag::spring ? spring.shear_stiffness : tag == LawTag::contact ? contact.shear_stiffness : bilinear.shear_stiffness;
    const double open = s.opening > 0 ? s.opening : 0.0, slid = shear * s.sliding_squared, sum = normal * open * open + slid;
    return sum > 0 ? slid / sum : 0.0;
  }

  /// History to commit when the step has converged at this jump.
  VOXODE_FUNCTION CohesivePoint commit(const double jump[3], const double normal[3], const CohesivePoint& old, double time_step) const {
    CohesiveResponse out;
    respond(jump, normal, old, time_step, out);
    CohesivePoint now;
    now.damage = out.damage;
    now.separation = out.separation;
    for (int a = 0; a < 3; ++a) now.slip[a] = out.slip[a];
    return now;
  }

  /// Pa/m, of the intact or closed interface.
  double largest_stiffness() const {
    switch (tag) {
      case LawTag::bilinear: return std::fmax(bilinear.normal_stiffness, bilinear.shear_stiffness);
      case LawTag::spring: return std::fmax(spring.normal_stiffness, spring.shear_stiffness);
      case LawTag::contact: return std::fmax(contact.normal_stiffness, contact.shear_stiffness);
      case LawTag::none: break;
    }
    return 0.0;
  }

  /// Damage and separation before the first step.
  VOXODE_FUNCTION CohesivePoint initial() const {
    CohesivePoint p;
    if (tag == LawTag::contact) p.damage = p.separation = 1;
    return p;
  }

  /// J/m2 turned into heat or surface between two committed states: damage and friction.
  VOXODE_FUNCTION double dissipation(const double jump_before[3], const double jump_now[3], const double normal[3], const CohesivePoint& before, const CohesivePoint& now) const {
    if (tag == LawTag::bilinear)
      return bilinear.damage_dissipation(jump_before, jump_now, normal, before, now) +
             slip_work(bilinear.friction_coefficient, bilinear.shear_stiffness, jump_before, jump_now, normal, before, now);
    if (tag == LawTag::contact) return slip_work(contact.friction_coefficient, contact.shear_stiffness, jump_before, jump_now, normal, before, now);
    return 0.0;
  }

  /// Friction work (J/m2), less what the traction of the newly damaged share takes over from the intact one. Slip under a steady or rising traction works
  /// at its end value, slip that releases a falling one at the mean: both exact along a straight path.
  VOXODE_FUNCTION static double slip_work(double coefficient, double stiffness, const double jump_before[3], const double jump_now[3], const double normal[3],
                                          const CohesivePoint& before, const CohesivePoint& now) {
    if (coefficient <= 0) return 0.0;
    const Split a = split_jump(jump_before, normal), b = split_jump(jump_now, normal);
    double old_tau[3], tau[3], slip[3];
    for (int c = 0; c < 3; ++c) {
      old_tau[c] = stiffness * (a.sliding[c] - before.slip[c]);
      tau[c] = stiffness * (b.sliding[c] - now.slip[c]);
      slip[c] = now.slip[c] - before.slip[c];
    }
    const double old_square = dot3(old_tau, old_tau), square = dot3(tau, tau);
    double work = dot3(tau, slip);
    if (square < old_square) work = 0.5 * (work + dot3(old_tau, slip));
    return now.damage * work - 0.25 * (old_square + square) / stiffness * (now.damage - before.damage);
  }
};

static_assert(std::is_trivially_copyable_v<Law> && std::is_trivially_copyable_v<CohesivePoint> && std::is_trivially_copyable_v<CohesiveResponse>);

Bilinear make_bilinear(const InterfaceEntry& entry);
Spring make_spring(const InterfaceEntry& entry);
Contact make_contact(const InterfaceEntry& entry);
Law make_law(const InterfaceEntry& entry);
/// Every law a spring of the same stiffness: the faces while the press makes the bonds (`contact` stays contact).
Law make_glued_law(const InterfaceEntry& entry);

/// Whether lambda_f > lambda_0 at every mode mix of a bilinear entry (others: true); worst_mode_mix: the B where lambda_f / lambda_0 is least.
bool is_valid(const InterfaceEntry& entry, double* worst_mode_mix = nullptr);

}  // namespace voxode::physics::cohesive
