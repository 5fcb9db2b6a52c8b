#include "physics/cohesive/law.hpp"

#include <limits>
#include <string>

#include "kernels/error.hpp"

namespace voxode::physics::cohesive {

Bilinear make_bilinear(const InterfaceEntry& e) {
  Bilinear law;
  law.normal_stiffness = e.normal_stiffness;
  law.shear_stiffness = e.shear_stiffness;
  law.onset_I = e.normal_strength * e.normal_strength / e.normal_stiffness;
  law.onset_II = e.shear_strength * e.shear_strength / e.shear_stiffness;
  law.toughness_I = e.toughness_I;
  law.toughness_II = e.toughness_II;
  law.eta = e.mode_mixing_exponent;
  law.friction_coefficient = e.friction_coefficient;
  law.viscosity = e.viscosity;
  return law;
}

Spring make_spring(const InterfaceEntry& e) { return {e.normal_stiffness, e.shear_stiffness}; }

Contact make_contact(const InterfaceEntry& e) {
  Contact law;
  law.normal_stiffness = e.normal_stiffness;
  law.shear_stiffness = e.shear_stiffness;
  law.friction_coefficient = e.friction_coefficient;
  return law;
}

Law make_law(const InterfaceEntry& e) {
  Law law;
  switch (e.law) {
    case InterfaceLawKind::bilinear:
      law.tag = LawTag::bilinear;
      law.bilinear = make_bilinear(e);
      break;
    case InterfaceLawKind::spring:
      law.tag = LawTag::spring;
      law.spring = make_spring(e);
      break;
    case InterfaceLawKind::contact:
      law.tag = LawTag::contact;
      law.contact = make_contact(e);
      break;
    case InterfaceLawKind::bonded: break;
  }
  return law;
}

Law make_glued_law(const InterfaceEntry& e) {
  Law law = make_law(e);
  if (law.tag != LawTag::bilinear) return law;
  law.tag = LawTag::spring;
  law.spring = make_spring(e);
  return law;
}

bool is_valid(const InterfaceEntry& entry, double* worst_mode_mix) {
  if (worst_mode_mix) *worst_mode_mix = 0;
  if (entry.law != InterfaceLawKind::bilinear) return true;
  // R = 2 (G_I + dG m) / (w_I + dw m) with m = B^eta in [0, 1] is monotone in m: the least is at an end.
  const Bilinear law = make_bilinear(entry);
  const double opening = 2 * law.toughness_I / law.onset_I, sliding = 2 * law.toughness_II / law.onset_II;
  if (worst_mode_mix) *worst_mode_mix = sliding < opening ? 1 : 0;
  return opening > 1 && sliding > 1;
}

}  // namespace voxode::physics::cohesive
