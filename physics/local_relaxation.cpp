#include "physics/local_relaxation.hpp"

#include <algorithm>

#include "kernels/packed_matrix.hpp"
#include "kernels/scan.hpp"
#include "physics/line_search.hpp"

namespace voxode::physics {

using kernels::deterministic_sum;
using kernels::deterministic_sums;
using kernels::for_each;
using kernels::make_array;

namespace {

constexpr Index chunk = 256;  // of sums over the lists, which are short

/// Counts down, starts anew where a pair changed, and flags the vertices that count.
struct AgeVertices {
  ConstArray<std::uint32_t> pair_offset;
  ConstArray<std::uint8_t> changed;
  Array<std::uint8_t> age;
  std::uint8_t memory;
  VOXODE_FUNCTION void operator()(Index q) const {
    bool any = false;
    for (std::uint32_t p = pair_offset(q); p < pair_offset(q + 1); ++p) any = any || changed(p);
    if (any) age(q) = memory;
    else if (age(q)) --age(q);
  }
};

struct FlagSeeds {
  ConstArray<std::uint32_t> vertex;
  ConstArray<std::uint8_t> age;
  std::uint8_t* flag;
  VOXODE_FUNCTION void operator()(Index q) const {
    if (age(q)) flag[vertex(q)] = 1;
  }
};

/// to = whether any of `from` within the radius along one axis is flagged; one row of vertices along x, on a GPU one vertex.
struct Dilate {
  const std::uint8_t* from;
  std::uint8_t* to;
  Index n[3];
  int axis;
  Index radius;
  bool periodic;
  Index size() const { return (kernels::on_host ? 1 : n[0]) * n[1] * n[2]; }
  VOXODE_FUNCTION void operator()(Index index) const {
    if constexpr (kernels::on_host) row(index);
    else vertex(index);
  }
  VOXODE_FUNCTION void vertex(Index v) const {
    const Index stride = axis == 0 ? 1 : axis == 1 ? n[0] : n[0] * n[1], at = v / stride % n[axis];
    std::uint8_t any = 0;
    for (Index s = -radius; s <= radius; ++s) {
      Index other = at + s;
      if (periodic) other = (other % n[axis] + n[axis]) % n[axis];
      if (other >= 0 && other < n[axis]) any |= from[v + (other - at) * stride];
    }
    to[v] = any;
  }
  VOXODE_FUNCTION void row(Index row) const {
    const Index first = row * n[0];
    for (Index i = 0; i < n[0]; ++i) to[first + i] = 0;
    for (Index s = -radius; s <= radius; ++s) {
      if (axis == 0) {
        const Index begin = s < 0 ? -s : 0, end = s < 0 ? n[0] : n[0] - s;
        for (Index i = begin; i < end; ++i) to[first + i] |= from[first + i + s];
        if (!periodic) continue;
        for (Index i = 0; i < n[0]; ++i)
          if (i + s < 0 || i + s >= n[0]) to[first + i] |= from[first + ((i + s) % n[0] + n[0]) % n[0]];
      } else {
        const Index at = axis == 1 ? row % n[1] : row / n[1], stride = axis == 1 ? n[0] : n[0] * n[1];
        Index other = at + s;
        if (periodic) other = (other % n[axis] + n[axis]) % n[axis];
        if (other < 0 || other >= n[axis]) continue;
        const std::uint8_t* const beside = from + first + (other - at) * stride;
        for (Index i = 0; i < n[0]; ++i) to[first + i] |= beside[i];
      }
    }
  }
};

/// Whether packs of cells have a vertex that moves; one row of packs, on a GPU one pack.
struct FlagPacks {
  const std::uint8_t* moves;
  FineMesh mesh;
  Index width, n_packs;
  Array<std::uint8_t> packs;
  Index size() const { return (kernels::on_host ? 1 : n_packs) * mesh.n[1] * mesh.n[2]; }
  VOXODE_FUNCTION void operator()(Index index) const {
    if constexpr (kernels::on_host) flag(0, n_packs, index);
    else flag(index % n_packs, index % n_packs + 1, index / n_packs);
  }
  VOXODE_FUNCTION void flag(Index first_pack, Index last_pack, Index row) const {
    const Index j = row % mesh.n[1], k = row / mesh.n[1];
    const Index j1 = j + 1 == mesh.n_vertices[1] ? 0 : j + 1, k1 = k + 1 == mesh.n_vertices[2] ? 0 : k + 1, nx = mesh.n_vertices[0];
    const Index start[4] = {nx * (j + mesh.n_vertices[1] * k), nx * (j1 + mesh.n_vertices[1] * k), nx * (j + mesh.n_vertices[1] * k1), nx * (j1 + mesh.n_vertices[1] * k1)};
    for (Index pack = first_pack; pack < last_pack; ++pack) {
      const Index end = pack * width + width < mesh.n[0] ? pack * width + width : mesh.n[0];
      std::uint8_t any = 0;
      for (const Index first : start)
        for (Index i = pack * width; i <= end; ++i) any |= moves[first + (i == nx ? 0 : i)];
      packs(pack + n_packs * row) = any;
    }
  }
};

struct Flagged {
  const std::uint8_t* flag;
  VOXODE_FUNCTION bool operator()(Index i) const { return flag[i] != 0; }
};
struct FlaggedVertex {
  const std::uint8_t* flag;
  ConstArray<std::uint32_t> vertex;
  VOXODE_FUNCTION bool operator()(Index q) const { return flag[vertex(q)] != 0; }
};

template <class Flag>
struct CountFlags {
  Flag flag;
  VOXODE_FUNCTION void operator()(Index i, Index& sum) const { sum += flag(i) ? 1 : 0; }
};
template <class Flag>
struct ListFlags {
  Flag flag;
  Array<std::uint32_t> list;
  VOXODE_FUNCTION void operator()(Index i, Index& sum, bool final) const {
    if (!flag(i)) return;
    if (final) list(sum) = std::uint32_t(i);
    ++sum;
  }
};

template <class Flag>
Index count_flagged(Index n, const Flag& flag) {
  Index count = 0;
  Kokkos::parallel_reduce("voxode::physics::count_flagged", Kokkos::RangePolicy<kernels::Space, Kokkos::IndexType<Index>>(0, n), CountFlags<Flag>{flag}, count);
  return count;
}

/// Lists the `count` numbers below n that are flagged, in order; a list that is too short grows.
template <class Flag>
void list_flagged(Index n, const Flag& flag, Index count, Array<std::uint32_t>& list) {
  if (Index(list.extent(0)) < count) {
    list = {};
    list = make_array<std::uint32_t>("local_list", count + count / 4);
  }
  kernels::scan("voxode::physics::list_flagged", "vertices", n, ListFlags<Flag>{flag, list});
}

/// z = D^-1 r in place of w; sums z . w.
struct Precondition {
  ConstArray<std::uint32_t> list, node_offset, block_offset;
  ConstArray<float> inverse;
  Field<const double> r;
  Field<float> w;
  VOXODE_FUNCTION double operator()(Index i) const {
    const std::uint32_t v = list(i), begin = node_offset(v);
    const int n = 3 * int(node_offset(v + 1) - begin);
    const float* const a = inverse.data() + 3 * std::size_t(block_offset(v));
    double sum = 0;
    for (int row = 0; row < n; ++row) {
      double z = 0;
      for (int column = 0; column < n; ++column) z += double(a[kernels::packed(row, column)]) * r(begin + std::uint32_t(column / 3), column % 3);
      float& entry = w(begin + std::uint32_t(row / 3), row % 3);
      sum += z * double(entry);
      entry = float(z);
    }
    return sum;
  }
};

/// Sum of a . b over the nodes of listed vertices.
template <class A, class B>
struct ListedDot {
  ConstArray<std::uint32_t> list, node_offset;
  Field<const A> a;
  Field<const B> b;
  VOXODE_FUNCTION double operator()(Index i) const {
    double sum = 0;
    for (std::uint32_t n = node_offset(list(i)); n < node_offset(list(i) + 1); ++n)
      for (int d = 0; d < 3; ++d) sum += double(a(n, d)) * double(b(n, d));
    return sum;
  }
};

/// Runs the body for each node of the first n listed vertices.
template <class Body>
struct EachNode {
  ConstArray<std::uint32_t> list, node_offset;
  Body body;
  VOXODE_FUNCTION void operator()(Index i) const {
    for (std::uint32_t n = node_offset(list(i)); n < node_offset(list(i) + 1); ++n) body(n);
  }
};
template <class Body>
void for_each_node(const char* label, Index n, const ConstArray<std::uint32_t>& list, const ConstArray<std::uint32_t>& node_offset, const Body& body) {
  for_each(label, n, EachNode<Body>{list, node_offset, body});
}

struct ListedSlope {
  ConstArray<std::uint32_t> list;
  LineSlope slope;
  VOXODE_FUNCTION double operator()(Index i) const { return slope(list(i)); }
};

/// r -= what the cohesive forces change from u to u + alpha p; w += the same.
struct TakeCohesive {
  ConstArray<std::uint32_t> list;
  Interface interface;
  Field<const double> u;
  Field<const float> p;
  Field<float> w;
  Field<double> r;
  double alpha;
  VOXODE_FUNCTION void operator()(Index i) const {
    const std::uint32_t q = list(i);
    for (std::uint32_t pair = interface.pair_offset(q); pair < interface.pair_offset(q + 1); ++pair) {
      double jump[3], moved[3], f[3] = {0, 0, 0};
      interface.jump_of(pair, u, jump);
      interface.jump_of(pair, p, moved);
      for (int d = 0; d < 3; ++d) moved[d] = jump[d] + alpha * moved[d];
      for (std::uint32_t point = interface.point_offset(pair); point < interface.point_offset(pair + 1); ++point) {
        double n[3], before[3], after[3];
        interface.point_normal(point, n);
        const cohesive::CohesivePoint old = interface.old(point);
        interface.law(point).traction(jump, n, old, interface.time_step, before);
        interface.law(point).traction(moved, n, old, interface.time_step, after);
        for (int d = 0; d < 3; ++d) f[d] += interface.area(point) * (after[d] - before[d]);
      }
      const std::uint32_t a = interface.pair_node(2 * std::size_t(pair)), b = interface.pair_node(2 * std::size_t(pair) + 1);
      for (int d = 0; d < 3; ++d) {
        w(b, d) += float(f[d]);
        w(a, d) -= float(f[d]);
        r(b, d) -= f[d];
        r(a, d) += f[d];
      }
    }
  }
};

}  // namespace

LocalRelaxation::LocalRelaxation(const ElasticSystem& system, const Options& options) : system_(system), options_(options) {
  age_ = make_array<std::uint8_t>("local_age", system.points.n_vertices());
  forget();
}

void LocalRelaxation::forget() { kernels::fill(age_, std::uint8_t(0)); }

void LocalRelaxation::follow(const Array<std::uint8_t>& changed) {
  for_each("voxode::physics::age_vertices", Index(age_.extent(0)), AgeVertices{system_.pair_offset, changed, age_, std::uint8_t(options_.memory)});
}

bool LocalRelaxation::find_region(const State& state) {
  // two flags of each vertex, in p's memory until the direction needs it; where most of the box is void p may be too short
  const Index n = system_.n_vertices();
  const bool fits = 2 * n <= Index(state.p.extent(0)) * 3 * Index(sizeof(float));
  if (!fits && !spare_.extent(0)) spare_ = make_array<std::uint8_t>("local_flags", 2 * n);
  std::uint8_t* const flag = fits ? reinterpret_cast<std::uint8_t*>(state.p.data()) : spare_.data();
  std::uint8_t* const other = flag + n;
  const Array<std::uint8_t> both(flag, std::size_t(2 * n));
  kernels::fill(both, std::uint8_t(0));
  for_each("voxode::physics::flag_seeds", Index(age_.extent(0)), FlagSeeds{system_.interface_vertex, age_, flag});
  const FineMesh& mesh = system_.mesh;
  const auto dilate = [&](std::uint8_t* from, std::uint8_t* to, Index radius) {  // the result is in `to`
    for (int axis = 0; axis < 3; ++axis) {
      const Dilate along{from, to, {mesh.n_vertices[0], mesh.n_vertices[1], mesh.n_vertices[2]}, axis, radius, mesh.periodic[axis]};
      for_each("voxode::physics::dilate", along.size(), along);
      std::swap(from, to);
    }
  };
  dilate(flag, other, options_.radius);
  n_moving_ = count_flagged(n, Flagged{other});
  if (n_moving_ == 0 || double(n_moving_) > options_.most_of_all * double(n)) return false;
  list_flagged(n, Flagged{other}, n_moving_, moving_);
  const Index n_all_interface = Index(age_.extent(0));
  const FlaggedVertex at_interface{other, system_.interface_vertex};
  n_interface_ = count_flagged(n_all_interface, at_interface);
  list_flagged(n_all_interface, at_interface, n_interface_, interface_vertex_);
  const Index3 n_packs = system_.n_packs();
  if (!packs_.extent(0)) packs_ = make_array<std::uint8_t>("local_packs", product(n_packs));
  const FlagPacks flags{other, mesh, kernels::pack_width<float>, n_packs[0], packs_};
  for_each("voxode::physics::flag_packs", flags.size(), flags);
  dilate(other, flag, 1);
  n_touched_ = count_flagged(n, Flagged{flag});
  list_flagged(n, Flagged{flag}, n_touched_, touched_);
  return true;
}

int LocalRelaxation::relax(const VertexBlocks& blocks, const State& s, double& plate_residual) {
  if (!find_region(s)) return 0;
  const auto node_offset = blocks.node_offset;
  const ConstArray<std::uint32_t> moving = moving_, touched = touched_, interfaces = interface_vertex_;
  const auto u = s.u, r = s.force;
  const auto change = s.change, p = s.p, q = s.q;
  const auto clear_q = [&] {
    for_each_node("voxode::physics::local_clear", n_touched_, touched, node_offset, KOKKOS_LAMBDA(std::uint32_t n) {
      for (int d = 0; d < 3; ++d) q(n, d) = 0.0f;
    });
  };
  const auto turn = [&](double by) {  // p = z + beta p, with z in q; returns p . r
    const float beta = float(by);
    for_each_node("voxode::physics::local_direction", n_moving_, moving, node_offset, KOKKOS_LAMBDA(std::uint32_t n) {
      for (int d = 0; d < 3; ++d) p(n, d) = q(n, d) + beta * p(n, d);
    });
    return deterministic_sum("voxode::physics::local_dot", n_moving_, ListedDot<float, double>{moving, node_offset, p, r}, chunk);
  };
  const auto cohesive_at = [&](double alpha) { return ListedSlope{interfaces, LineSlope{s.interface, u, p, alpha}}; };
  kernels::fill(p, 0.0f);  // everywhere: packs read past the vertices that move
  clear_q();
  double slope_old = 0, slope_first = 0;
  for (int i = 0; i < options_.iterations; ++i) {
    // q holds what the last step took from r, then z
    const auto [fallen, slope] = deterministic_sums("voxode::physics::local_precondition", n_moving_, Precondition{moving, node_offset, blocks.block_offset, blocks.value, r, q},
                                                    ListedDot<float, double>{moving, node_offset, q, r}, chunk);
    if (i == 0) slope_first = slope;
    if (!(slope > options_.enough * slope_first)) return i;
    // Polak-Ribiere held between zero and Fletcher-Reeves
    double downhill = turn(i == 0 ? 0.0 : std::max(0.0, std::min(-fallen, slope)) / slope_old);
    if (!(downhill > 0)) downhill = turn(0.0);
    slope_old = slope;
    clear_q();
    system_.add_bulk_force(p, q, packs_);
    const double curvature = deterministic_sum("voxode::physics::local_dot", n_moving_, ListedDot<float, float>{moving, node_offset, p, q}, chunk);
    const auto [rest, at_one] = deterministic_sums("voxode::physics::local_slope", n_interface_, cohesive_at(0.0), cohesive_at(1.0), chunk);
    const auto slope_with = [&, before = rest](double a, double of_cohesive) { return a * curvature - downhill + (of_cohesive - before); };
    const auto slope_at = [&](double a) { return slope_with(a, deterministic_sum("voxode::physics::local_slope", n_interface_, cohesive_at(a), chunk)); };
    const double alpha = search_line(slope_at, -downhill, slope_with(1.0, at_one), 0.1);
    for_each_node("voxode::physics::local_bulk", n_touched_, touched, node_offset, KOKKOS_LAMBDA(std::uint32_t n) {
      for (int d = 0; d < 3; ++d) {
        const double taken = alpha * double(q(n, d));
        q(n, d) = float(taken);
        r(n, d) -= taken;
      }
    });
    for_each("voxode::physics::local_cohesive", n_interface_, TakeCohesive{interfaces, s.interface, u, p, q, r, alpha});
    for_each_node("voxode::physics::local_move", n_moving_, moving, node_offset, KOKKOS_LAMBDA(std::uint32_t n) {
      for (int d = 0; d < 3; ++d) {
        u(n, d) += alpha * double(p(n, d));
        change(n, d) = float(double(change(n, d)) + alpha * double(p(n, d)));
      }
    });
    plate_residual += system_.plate_force(r);
    system_.mask(r);
  }
  return options_.iterations;
}

}  // namespace voxode::physics
