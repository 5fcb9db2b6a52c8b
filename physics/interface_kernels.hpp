#pragma once
// Loops over cohesive points, vertex by vertex: forces, line search, preconditioner springs, history.
#include "mesh/faces.hpp"
#include "physics/cohesive/law.hpp"
#include "physics/elastic_system.hpp"

namespace voxode::physics {

using kernels::Array;
using kernels::ConstArray;
using kernels::Field;

/// Committed history of all cohesive points.
struct PointHistory {
  Array<double> damage;
  Array<float> separation;
  Array<float> opened_most;  ///< largest committed opened part, m
  Array<double> slip;        ///< (n_points, 3); empty without friction
};

/// Faces, laws and history as kernels read them.
struct Interface {
  ConstArray<std::uint32_t> pair_offset, pair_node, point_offset, face;
  ConstArray<std::int8_t> sign;
  ConstArray<float> normal;       ///< (n_faces, 3)
  ConstArray<float> area_share;
  ConstArray<std::uint8_t> entry;
  ConstArray<cohesive::Law> laws;
  PointHistory history;
  double quarter_face = 0;        ///< h^2 / 4
  double time_step = 0;

  VOXODE_FUNCTION double area(std::uint32_t point) const { return quarter_face * double(area_share(face(point))); }
  /// Unit normal from the pair's first to its second node.
  VOXODE_FUNCTION void point_normal(std::uint32_t point, double (&n)[3]) const {
    const double s = double(sign(point));
    for (int d = 0; d < 3; ++d) n[d] = s * double(normal(3 * std::size_t(face(point)) + std::size_t(d)));
  }
  VOXODE_FUNCTION const cohesive::Law& law(std::uint32_t point) const { return laws(entry(face(point))); }
  VOXODE_FUNCTION cohesive::CohesivePoint old(std::uint32_t point) const {
    cohesive::CohesivePoint p;
    p.damage = history.damage(point);
    p.separation = double(history.separation(point));
    if (history.slip.extent(0))
      for (int d = 0; d < 3; ++d) p.slip[d] = history.slip(3 * std::size_t(point) + std::size_t(d));
    return p;
  }
  template <class T>
  VOXODE_FUNCTION void jump_of(std::uint32_t pair, const Field<const T>& u, double (&jump)[3]) const {
    const std::uint32_t a = pair_node(2 * std::size_t(pair)), b = pair_node(2 * std::size_t(pair) + 1);
    for (int d = 0; d < 3; ++d) jump[d] = double(u(b, d)) - double(u(a, d));
  }
};

/// The interface of the system's cohesive points, without laws and history. `faces` must outlive it.
Interface make_interface(const ElasticSystem& system, const mesh::Faces& faces);

/// r -= cohesive forces at u; `force` (if not empty) gets the assembled cohesive forces added.
struct SubtractCohesive {
  Interface interface;
  Field<const double> u;
  Field<double> r;
  VOXODE_FUNCTION void operator()(Index q) const {
    for (std::uint32_t pair = interface.pair_offset(q); pair < interface.pair_offset(q + 1); ++pair) {
      double jump[3], f[3] = {0, 0, 0};
      interface.jump_of(pair, u, jump);
      for (std::uint32_t p = interface.point_offset(pair); p < interface.point_offset(pair + 1); ++p) {
        double n[3], t[3];
        interface.point_normal(p, n);
        interface.law(p).traction(jump, n, interface.old(p), interface.time_step, t);
        const double area = interface.area(p);
        for (int d = 0; d < 3; ++d) f[d] += area * t[d];
      }
      const std::uint32_t a = interface.pair_node(2 * std::size_t(pair)), b = interface.pair_node(2 * std::size_t(pair) + 1);
      for (int d = 0; d < 3; ++d) {
        r(b, d) -= f[d];
        r(a, d) += f[d];
      }
    }
  }
};

/// Sum over the points of a vertex of area x traction(u + alpha p) . jump(p): the interfaces' part of a line search's slope.
struct LineSlope {
  Interface interface;
  Field<const double> u;
  Field<const float> p;
  double alpha = 0;
  VOXODE_FUNCTION double operator()(Index q) const {
    double sum = 0;
    for (std::uint32_t pair = interface.pair_offset(q); pair < interface.pair_offset(q + 1); ++pair) {
      double jump[3], change[3];
      interface.jump_of(pair, u, jump);
      interface.jump_of(pair, p, change);
      for (int d = 0; d < 3; ++d) jump[d] += alpha * change[d];
      for (std::uint32_t point = interface.point_offset(pair); point < interface.point_offset(pair + 1); ++point) {
        double n[3], t[3];
        interface.point_normal(point, n);
        interface.law(point).traction(jump, n, interface.old(point), interface.time_step, t);
        sum += interface.area(point) * (t[0] * change[0] + t[1] * change[1] + t[2] * change[2]);
      }
    }
    return sum;
  }
};

/// Springs of every pair for the preconditioner, (n_pairs, 6), N/m; returns in `changed` 1 for each pair whose springs moved by more than a tenth, or, with `all`, for each:
/// then nothing is left of the springs that were there.
struct PreconditionerSprings {
  Interface interface;
  Field<const double> u;
  Array<float> springs;
  Array<std::uint8_t> changed;
  bool all = false;
  VOXODE_FUNCTION void operator()(Index q) const {
    for (std::uint32_t pair = interface.pair_offset(q); pair < interface.pair_offset(q + 1); ++pair) {
      double jump[3], sum[6] = {0, 0, 0, 0, 0, 0};
      interface.jump_of(pair, u, jump);
      for (std::uint32_t p = interface.point_offset(pair); p < interface.point_offset(pair + 1); ++p) {
        double n[3], k[6];
        interface.point_normal(p, n);
        interface.law(p).preconditioner_stiffness(jump, n, interface.old(p), interface.time_step, k);
        const double area = interface.area(p);
        for (int e = 0; e < 6; ++e) sum[e] += area * k[e];
      }
      float* const to = springs.data() + 6 * std::size_t(pair);
      double difference = 0, size = 0;
      for (int e = 0; e < 6; ++e) {
        const double d = sum[e] - double(to[e]);
        difference += d * d;
        size += double(to[e]) * double(to[e]);
      }
      changed(pair) = all || difference > 0.01 * size ? 1 : 0;
      if (changed(pair))
        for (int e = 0; e < 6; ++e) to[e] = float(sum[e]);
    }
  }
};

/// Commits the history at u; `dissipated` gets the energy (J) of each vertex between the jumps of `before` and `u`.
struct CommitHistory {
  Interface interface;
  Field<const double> u;
  Field<const float> change;  ///< of u in this step
  Array<double> dissipated;
  VOXODE_FUNCTION void operator()(Index q) const {
    double sum = 0;
    for (std::uint32_t pair = interface.pair_offset(q); pair < interface.pair_offset(q + 1); ++pair) {
      double jump[3], jump_change[3], old_jump[3];
      interface.jump_of(pair, u, jump);
      interface.jump_of(pair, change, jump_change);
      for (int d = 0; d < 3; ++d) old_jump[d] = jump[d] - jump_change[d];
      for (std::uint32_t p = interface.point_offset(pair); p < interface.point_offset(pair + 1); ++p) {
        double n[3];
        interface.point_normal(p, n);
        const cohesive::CohesivePoint old = interface.old(p);
        const cohesive::Law& law = interface.law(p);
        const cohesive::CohesivePoint now = law.commit(jump, n, old, interface.time_step);
        sum += interface.area(p) * law.dissipation(old_jump, jump, n, old, now);
        interface.history.damage(p) = now.damage;
        interface.history.separation(p) = float(now.separation);
        const double opening = cohesive::dot3(jump, n);
        const float opened = opening > 0 ? float(now.damage * opening) : 0.0f;
        if (opened > interface.history.opened_most(p)) interface.history.opened_most(p) = opened;
        if (interface.history.slip.extent(0))
          for (int d = 0; d < 3; ++d) interface.history.slip(3 * std::size_t(p) + std::size_t(d)) = now.slip[d];
      }
    }
    dissipated(q) = sum;
  }
};

/// What measures and files want of one point.
struct PointView {
  double area, opening, sliding, damage, separation, opened, stored, normal_traction;
  float jump[3], traction[3], mode_mix;  ///< along the face's normal, not the pair's
};
VOXODE_FUNCTION PointView view_point(const Interface& interface, const Field<const double>& u, std::uint32_t pair, std::uint32_t p) {
  double jump[3], n[3];
  interface.jump_of(pair, u, jump);
  interface.point_normal(p, n);
  const cohesive::CohesivePoint old = interface.old(p);
  cohesive::CohesiveResponse out;
  interface.law(p).respond(jump, n, old, interface.time_step, out);
  const cohesive::Split split = cohesive::split_jump(jump, n);
  PointView v;
  v.area = interface.area(p);
  v.opening = split.opening;
  v.sliding = sqrt(split.sliding_squared);
  v.damage = old.damage;
  v.separation = old.separation;
  v.opened = split.opening > 0 ? old.damage * split.opening : 0.0;
  v.stored = out.stored_energy;
  v.normal_traction = cohesive::dot3(out.traction, n);
  for (int d = 0; d < 3; ++d) {
    v.jump[d] = float(interface.sign(p) * jump[d]);
    v.traction[d] = float(interface.sign(p) * out.traction[d]);
  }
  v.mode_mix = float(interface.law(p).mode_mix(split));
  return v;
}

}  // namespace voxode::physics
