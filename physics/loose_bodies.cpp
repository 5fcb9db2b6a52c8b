#include "physics/loose_bodies.hpp"

#include <cmath>

#include "kernels/chebyshev.hpp"
#include "kernels/packed_matrix.hpp"
#include "kernels/vector_operations.hpp"

namespace voxode::physics {

using kernels::for_each;
using kernels::make_array;
using kernels::to_device;

/// Stiffness of one body's rigid motions, of its walls and the springs to others; its inverse; and what couples it to other loose bodies.
struct RigidStiffness {
  ConstArray<std::uint32_t> facet_offset, pair_offset, pair;
  ConstArray<std::int32_t> facet_other;
  ConstArray<float> pair_place, wall, pair_stiffness;
  Array<float> stiffness, inverse, coupling;
  float least;

  VOXODE_FUNCTION void operator()(Index body) const {
    double a[21];
    for (int e = 0; e < 21; ++e) a[e] = double(wall(21 * std::size_t(body) + std::size_t(e)));
    for (int m = 0; m < 6; ++m) a[kernels::packed(m, m)] += double(least);
    for (std::uint32_t f = facet_offset(body); f < facet_offset(body + 1); ++f) {
      float* const b = coupling.data() + 36 * std::size_t(f);
      for (int e = 0; e < 36; ++e) b[e] = 0.0f;
      for (std::uint32_t p = pair_offset(f); p < pair_offset(f + 1); ++p) {
        const float* const k = pair_stiffness.data() + 6 * std::size_t(pair(p));  // xx yy zz yz xz xy
        float own[3][6], other[3][6];
        for (int d = 0; d < 3; ++d) {
          mesh::LooseBodies::motions(pair_place.data() + 6 * std::size_t(p), d, own[d]);
          mesh::LooseBodies::motions(pair_place.data() + 6 * std::size_t(p) + 3, d, other[d]);
        }
        for (int m = 0; m < 6; ++m) {
          const float force[3] = {k[0] * own[0][m] + k[5] * own[1][m] + k[4] * own[2][m], k[5] * own[0][m] + k[1] * own[1][m] + k[3] * own[2][m],
                                  k[4] * own[0][m] + k[3] * own[1][m] + k[2] * own[2][m]};
          for (int n = 0; n <= m; ++n) a[kernels::packed(m, n)] += double(force[0] * own[0][n] + force[1] * own[1][n] + force[2] * own[2][n]);
          if (facet_other(f) < 0) continue;
          for (int n = 0; n < 6; ++n) b[6 * m + n] -= force[0] * other[0][n] + force[1] * other[1][n] + force[2] * other[2][n];
        }
      }
    }
    for (int e = 0; e < 21; ++e) stiffness(21 * std::size_t(body) + std::size_t(e)) = float(a[e]);
    kernels::invert_packed(a, 6, 1e-9);
    for (int e = 0; e < 21; ++e) inverse(21 * std::size_t(body) + std::size_t(e)) = float(a[e]);
  }
};

/// load = R' residual.
template <class Values>
struct RigidLoad {
  ConstArray<std::uint32_t> node_offset, node;
  ConstArray<float> node_place;
  Values residual;
  Array<float> load;

  VOXODE_FUNCTION void operator()(Index body) const {
    float sum[6] = {0, 0, 0, 0, 0, 0}, row[6];
    for (std::uint32_t n = node_offset(body); n < node_offset(body + 1); ++n)
      for (int d = 0; d < 3; ++d) {
        mesh::LooseBodies::motions(node_place.data() + 3 * std::size_t(n), d, row);
        for (int m = 0; m < 6; ++m) sum[m] += row[m] * residual(node(n), d);
      }
    for (int m = 0; m < 6; ++m) load(6 * std::size_t(body) + std::size_t(m)) = sum[m];
  }
};

/// change = keep change + step D^-1 (load - B motion). What `change` holds is not read if keep = 0.
struct RigidChange {
  ConstArray<std::uint32_t> facet_offset;
  ConstArray<std::int32_t> facet_other;
  ConstArray<float> stiffness, inverse, coupling, load, motion;
  Array<float> change;
  float keep, step;

  VOXODE_FUNCTION void operator()(Index body) const {
    const std::size_t at = 6 * std::size_t(body), block = 21 * std::size_t(body);
    float force[6] = {0, 0, 0, 0, 0, 0}, residual[6], answer[6] = {0, 0, 0, 0, 0, 0};
    kernels::add_packed_product(&stiffness(block), &motion(at), force, 6);
    for (std::uint32_t f = facet_offset(body); f < facet_offset(body + 1); ++f) {
      if (facet_other(f) < 0) continue;
      const float *const b = coupling.data() + 36 * std::size_t(f), *const x = &motion(6 * std::size_t(facet_other(f)));
      for (int m = 0; m < 6; ++m)
        for (int n = 0; n < 6; ++n) force[m] += b[6 * m + n] * x[n];
    }
    for (int m = 0; m < 6; ++m) residual[m] = load(at + std::size_t(m)) - force[m];
    kernels::add_packed_product(&inverse(block), residual, answer, 6);
    for (int m = 0; m < 6; ++m) change(at + std::size_t(m)) = keep == 0 ? step * answer[m] : keep * change(at + std::size_t(m)) + step * answer[m];
  }
};

/// x += R motion.
template <class Values>
struct AddRigidMotions {
  ConstArray<std::uint32_t> node_offset, node;
  ConstArray<float> node_place, motion;
  Values x;

  VOXODE_FUNCTION void operator()(Index body) const {
    float row[6];
    for (std::uint32_t n = node_offset(body); n < node_offset(body + 1); ++n)
      for (int d = 0; d < 3; ++d) {
        mesh::LooseBodies::motions(node_place.data() + 3 * std::size_t(n), d, row);
        for (int m = 0; m < 6; ++m) x(node(n), d) += row[m] * motion(6 * std::size_t(body) + std::size_t(m));
      }
  }
};

LooseMotions::LooseMotions(const mesh::LooseBodies& bodies) : n_(bodies.count()) {
  if (n_ == 0) return;
  node_offset_ = to_device("loose_node_offset", bodies.node_offset);
  node_ = to_device("loose_node", bodies.node);
  node_place_ = to_device("loose_node_place", bodies.node_place);
  facet_offset_ = to_device("loose_facet_offset", bodies.facet_offset);
  facet_other_ = to_device("loose_facet_other", bodies.facet_other);
  pair_offset_ = to_device("loose_pair_offset", bodies.pair_offset);
  pair_ = to_device("loose_pair", bodies.pair);
  pair_place_ = to_device("loose_pair_place", bodies.pair_place);
  wall_ = to_device("loose_wall", bodies.wall);
  stiffness_ = make_array<float>("loose_stiffness", 21 * n_);
  inverse_ = make_array<float>("loose_inverse", 21 * n_);
  coupling_ = make_array<float>("loose_coupling", 36 * Index(bodies.facet_other.size()));
  load_ = make_array<float>("loose_load", 6 * n_);
  motion_ = make_array<float>("loose_motion", 6 * n_);
  change_ = make_array<float>("loose_change", 6 * n_);
}

void LooseMotions::refresh(const Array<float>& pair_stiffness, float least) {
  if (n_ > 0)
    for_each("voxode::physics::rigid_stiffness", n_, RigidStiffness{facet_offset_, pair_offset_, pair_, facet_other_, pair_place_, wall_, pair_stiffness, stiffness_, inverse_, coupling_, least});
}

/// Springs between two bodies bound the spectrum of D^-1 R' A R by 2; that of n bodies in a cube starts near 1 / n^(2/3), and so many steps bring the error to a tenth.
template <class Values>
void LooseMotions::add(const Values& residual, const Values& x) {
  if (n_ == 0) return;
  for_each("voxode::physics::rigid_load", n_, RigidLoad<Values>{node_offset_, node_, node_place_, residual, load_});
  const double edge = std::cbrt(double(n_));
  kernels::ChebyshevFactors<double> factors(1.0 / (edge * edge + 1), 2.0);
  const int steps = int(std::ceil(2 * edge));
  kernels::fill(motion_, 0.0f);
  for (int i = 0; i < steps; ++i) {
    const auto [keep, step] = factors.next();
    for_each("voxode::physics::rigid_change", n_, RigidChange{facet_offset_, facet_other_, stiffness_, inverse_, coupling_, load_, motion_, change_, keep, step});
    const auto motion = motion_, change = change_;
    for_each("voxode::physics::rigid_step", 6 * n_, KOKKOS_LAMBDA(Index e) { motion(e) += change(e); });
  }
  for_each("voxode::physics::add_rigid_motions", n_, AddRigidMotions<Values>{node_offset_, node_, node_place_, motion_, x});
}
template void LooseMotions::add(const Field<float>&, const Field<float>&);
template void LooseMotions::add(const NodeField<float>&, const NodeField<float>&);

double LooseMotions::bytes() const { return 4.0 * double(4 * node_.extent(0) + 7 * pair_.extent(0) + 38 * facet_other_.extent(0) + 83 * std::size_t(n_)); }

}  // namespace voxode::physics
