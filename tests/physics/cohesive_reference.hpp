#pragma once
// The cohesive law written a second time, straight from the definitions (equivalent openings in metres, no shortcuts), and helpers that drive a point.
#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "physics/cohesive/law.hpp"

namespace voxode::test {

using physics::InterfaceEntry;
using physics::InterfaceLawKind;
using physics::cohesive::CohesivePoint;
using physics::cohesive::CohesiveResponse;
using physics::cohesive::Law;

struct ReferencePoint {
  double damage = 0, separation = 0;
};

/// Normal and sliding traction of opening dn and sliding ds >= 0 (rate independent, frictionless).
struct Reference {
  InterfaceEntry e;
  struct At { double lambda, lambda_0, lambda_f, B, K_B, G; };
  At at(double dn, double ds) const {
    const double X = e.normal_stiffness * std::pow(std::max(dn, 0.0), 2), Y = e.shear_stiffness * ds * ds;
    const double B = X + Y > 0 ? Y / (X + Y) : 0, K_B = (1 - B) * e.normal_stiffness + B * e.shear_stiffness;
    const double dn0 = e.normal_strength / e.normal_stiffness, ds0 = e.shear_strength / e.shear_stiffness, m = std::pow(B, e.mode_mixing_exponent);
    const double onset = e.normal_stiffness * dn0 * dn0 + (e.shear_stiffness * ds0 * ds0 - e.normal_stiffness * dn0 * dn0) * m;
    const double G = e.toughness_I + (e.toughness_II - e.toughness_I) * m, lambda_0 = std::sqrt(onset / K_B);
    return {std::sqrt((X + Y) / K_B), lambda_0, 2 * G / (K_B * lambda_0), B, K_B, G};
  }
  ReferencePoint advance(double dn, double ds, const ReferencePoint& old) const {
    const At a = at(dn, ds);
    if (a.lambda == 0) return old;
    const double d = a.lambda_f * (a.lambda - a.lambda_0) / (a.lambda * (a.lambda_f - a.lambda_0)), s = (a.lambda - a.lambda_0) / (a.lambda_f - a.lambda_0);
    return {std::max(old.damage, std::clamp(d, 0.0, 1.0)), std::max(old.separation, std::clamp(s, 0.0, 1.0))};
  }
  std::array<double, 2> traction(double dn, double ds, const ReferencePoint& p) const {
    return {dn > 0 ? (1 - p.damage) * e.normal_stiffness * dn : e.normal_stiffness * dn, (1 - p.damage) * e.shear_stiffness * ds};
  }
};

/// A right-handed frame with an oblique normal.
struct Frame {
  double n[3], s[3], t[3];
  static Frame oblique() {
    Frame f{{2. / 7, 3. / 7, 6. / 7}, {6. / 7, 2. / 7, -3. / 7}, {-3. / 7, 6. / 7, -2. / 7}};
    return f;
  }
  std::array<double, 3> jump(double opening, double sliding, double across = 0) const {
    std::array<double, 3> j;
    for (int a = 0; a < 3; ++a) j[a] = opening * n[a] + sliding * s[a] + across * t[a];
    return j;
  }
};

/// Drives one point along a path of committed states and sums the external work (trapezoids).
struct Drive {
  Law law;
  Frame frame = Frame::oblique();
  double time_step = 1;
  CohesivePoint point;
  CohesiveResponse now;
  std::array<double, 3> jump{0, 0, 0};
  double work = 0, dissipated = 0;

  explicit Drive(const InterfaceEntry& e) : law(physics::cohesive::make_law(e)), point(law.initial()) { law.respond(jump.data(), frame.n, point, time_step, now); }

  void step(const std::array<double, 3>& next) {
    CohesiveResponse r;
    law.respond(next.data(), frame.n, point, time_step, r);
    for (int a = 0; a < 3; ++a) work += 0.5 * (r.traction[a] + now.traction[a]) * (next[a] - jump[a]);
    const CohesivePoint committed = law.commit(next.data(), frame.n, point, time_step);
    dissipated += law.dissipation(jump.data(), next.data(), frame.n, point, committed);
    point = committed;
    jump = next;
    now = r;
  }
  void line(double opening, double sliding, int n) {
    const std::array<double, 3> from = jump, to = frame.jump(opening, sliding);
    for (int i = 1; i <= n; ++i) {
      std::array<double, 3> j;
      for (int a = 0; a < 3; ++a) j[a] = from[a] + (to[a] - from[a]) * i / n;
      step(j);
    }
  }
  double normal_traction() const { return physics::cohesive::dot3(now.traction, frame.n); }
  double shear_traction() const { return physics::cohesive::dot3(now.traction, frame.s); }
  double across_traction() const { return physics::cohesive::dot3(now.traction, frame.t); }
};

/// Different stiffness, strength and toughness in both modes.
inline InterfaceEntry anisotropic_entry(double stiffness = 1e16) {
  InterfaceEntry e;
  e.normal_stiffness = stiffness;
  e.shear_stiffness = 0.4 * stiffness;
  e.normal_strength = 20e6;
  e.shear_strength = 35e6;
  e.toughness_I = 1.0;
  e.toughness_II = 2.5;
  e.mode_mixing_exponent = 1.7;
  return e;
}

inline double max_of(double a, double b) { return a > b ? a : b; }

}  // namespace voxode::test
