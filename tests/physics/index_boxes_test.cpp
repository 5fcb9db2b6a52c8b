// The elastic operator on a box divided among ranks, all of them in this process: each sees its own part and one layer of its neighbours'.
#include "mesh/index_boxes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>

#include "kernels/exchange.hpp"
#include "mesh/components.hpp"
#include "physics/linear_solver.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;
using mesh::Faces;
using mesh::Periodicity;
using mesh::SubBox;

constexpr double voxel_edge = 5e-7;

/// Three materials in bodies that touch at random, with pores: blocks of voxels, so that most cells lie inside of a body and some vertices have many nodes.
struct DividedSolid {
  Index3 n;
  Periodicity periodic;
  std::vector<std::int32_t> body;
  MaterialClasses classes;
  Faces faces;

  DividedSolid(const Index3& size, const Periodicity& sides, bool isotropic) : n(size), periodic(sides) {
    std::vector<std::int32_t> kind;
    std::mt19937 random(7);
    const Index3 blocks{(n[0] + 3) / 4, (n[1] + 2) / 3, (n[2] + 3) / 4};
    std::vector<std::int32_t> of_block(static_cast<std::size_t>(product(blocks)));
    for (auto& k : of_block) k = std::int32_t(random() % 4) - (random() % 5 == 0);
    mesh::VoxelGrid grid;
    grid.n = n;
    grid.spacing = voxel_edge;
    for (Index k = 0; k < n[2]; ++k)
      for (Index j = 0; j < n[1]; ++j)
        for (Index i = 0; i < n[0]; ++i) kind.push_back(of_block[std::size_t(linear_index(blocks, i / 4, j / 3, k / 4))]);
    body = mesh::find_components(n, kind, periodic).of_voxel;
    classes.isotropic = isotropic;
    for (int c = 0; c < 4; ++c) {
      classes.stiffness.push_back(isotropic_stiffness(20e9 + 50e9 * c, 0.2 + 0.05 * c));
      if (!isotropic) classes.stiffness.back()[6 * 3 + 3] *= 1.3;
    }
    classes.bbar = {0, 1, 0, 0};
    for (const std::int32_t k : kind) classes.of_cell.push_back(k < 0 ? 0u : std::uint32_t(k));
    mesh::Bodies bodies;
    bodies.of_voxel = body;
    bodies.table.resize(std::size_t(*std::max_element(body.begin(), body.end())) + 1);
    faces = mesh::make_faces(grid, bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::smoothed}; }, periodic);
  }
};

/// Springs of all pairs, stiff along the normals.
std::vector<float> pair_springs(const mesh::CohesivePoints& points, const Faces& faces) {
  std::vector<float> springs(std::size_t(6 * points.n_pairs()), 0.0f);
  for (std::size_t pair = 0; pair < std::size_t(points.n_pairs()); ++pair)
    for (std::uint32_t p = points.point_offset[pair]; p < points.point_offset[pair + 1]; ++p) {
      const std::size_t f = points.face[p];
      const double area = 0.25 * voxel_edge * voxel_edge * double(faces.area_share[f]), normal = 1e17, shear = 4e16;
      const double n[3] = {double(faces.normal[3 * f]), double(faces.normal[3 * f + 1]), double(faces.normal[3 * f + 2])};
      const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
      for (std::size_t e = 0; e < 6; ++e) springs[6 * pair + e] += float(area * ((normal - shear) * n[row[e]] * n[column[e]] + (e < 3 ? shear : 0.0)));
    }
  return springs;
}

/// A box of voxels with what the elastic operator needs: the whole one, or that of one rank.
struct Part {
  SubBox box;
  std::vector<std::int32_t> body;
  MaterialClasses classes;
  Faces faces;
  mesh::Nodes nodes;
  mesh::CohesivePoints points;
  mesh::NodeExchange exchange;
  std::unique_ptr<ElasticSystem> system;
  std::unique_ptr<ElasticMultigrid> jacobi;
  kernels::Array<float> springs;
  kernels::Array<std::uint32_t> own;
  std::vector<kernels::Array<std::uint32_t>> send, receive;
  std::vector<kernels::Field<double>> outbox, inbox;

  Part(const DividedSolid& solid, const mesh::Division& division, int rank) : box(mesh::make_sub_box(division, rank)), body(box.take(solid.body)), classes(solid.classes) {
    classes.of_cell = box.take(solid.classes.of_cell);
    nodes = mesh::make_nodes(box.ghost.size(), box.periodic, body);
    take_faces(solid);
    points = mesh::make_cohesive_points(nodes, faces, body);
    exchange = mesh::make_node_exchange(box, nodes, body);
    Support support;
    for (std::size_t a = 0; a < 3; ++a) support.wall[a] = {box.at_side(a, false), box.at_side(a, true)};
    system = std::make_unique<ElasticSystem>(nodes, points, classes, voxel_edge, support);
    springs = kernels::upload("springs", pair_springs(points, faces));
    ElasticMultigrid::Options options;
    options.jacobi = true;
    jacobi = std::make_unique<ElasticMultigrid>(*system, body, options);
    jacobi->refresh(springs);
    own = kernels::upload("own", exchange.own);
    for (const mesh::NodeMessage& m : exchange.messages) {
      send.push_back(kernels::upload("send", m.send));
      receive.push_back(kernels::upload("receive", m.receive));
      outbox.push_back(kernels::make_field<double>("outbox", Index(m.send.size())));
      inbox.push_back(kernels::make_field<double>("inbox", Index(m.receive.size())));
    }
  }
  /// Those with both voxels in the ghost box, in their order.
  void take_faces(const DividedSolid& solid) {
    const Index3& n = solid.n;
    const auto place = [&](Index cell) { return box.to_local({cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1])}); };
    const Index3 size = box.ghost.size();
    for (std::size_t f = 0; f < solid.faces.cell.size(); ++f) {
      const auto lower = place(solid.faces.cell[f]);
      const std::size_t axis = solid.faces.axis[f];
      if (!lower || !place(mesh::upper_cell(n, solid.faces.cell[f], int(axis)))) continue;
      if ((*lower)[axis] + 1 == size[axis] && !box.periodic[axis]) continue;  // the other one is seen on the other side
      faces.cell.push_back(linear_index(size, (*lower)[0], (*lower)[1], (*lower)[2]));
      faces.axis.push_back(solid.faces.axis[f]);
      faces.entry.push_back(solid.faces.entry[f]);
      faces.area_share.push_back(solid.faces.area_share[f]);
      for (std::size_t d = 0; d < 3; ++d) faces.normal.push_back(solid.faces.normal[3 * f + d]);
    }
  }
  kernels::Field<double> field(const char* label) const { return kernels::make_field<double>(label, nodes.n_nodes()); }
  void apply(const kernels::Field<double>& x, const kernels::Field<double>& y) const {
    system->bulk_force<double>(x, y);
    system->add_pair_forces<double>(springs, x, y);
    system->mask(y);
  }
  /// Key of a node that is the same on all ranks.
  Index3 global_vertex(Index v) const {
    const Index3& m = nodes.n_vertices;
    Index3 at{v % m[0], v / m[0] % m[1], v / (m[0] * m[1])};
    for (std::size_t a = 0; a < 3; ++a) {
      at[a] += box.ghost.begin[a];
      if (box.division.periodic[a]) at[a] = (at[a] + box.division.n[a]) % box.division.n[a];
    }
    return at;
  }
};

double dot_of(const kernels::Field<double>& a, const kernels::Field<double>& b, const kernels::Array<std::uint32_t>& nodes) {
  return kernels::deterministic_sum("own_dot", Index(nodes.extent(0)), KOKKOS_LAMBDA(Index i) {
    const std::uint32_t n = nodes(i);
    return a(n, 0) * b(n, 0) + a(n, 1) * b(n, 1) + a(n, 2) * b(n, 2);
  });
}

using Fields = std::vector<kernels::Field<double>>;

/// All ranks of a division, each with its part, in turn.
struct Ranks {
  std::vector<std::unique_ptr<Part>> part;

  Ranks(const DividedSolid& solid, const mesh::Division& division) {
    for (int r = 0; r < division.rank_count(); ++r) part.push_back(std::make_unique<Part>(solid, division, r));
  }
  Fields fields(const char* label) const {
    Fields list;
    for (const auto& p : part) list.push_back(p->field(label));
    return list;
  }
  /// What an MPI exchange would do: pack, send, receive, unpack.
  void exchange(const Fields& x) const {
    for (std::size_t r = 0; r < part.size(); ++r)
      for (std::size_t m = 0; m < part[r]->send.size(); ++m) kernels::pack_nodes<double>(x[r], part[r]->send[m], part[r]->outbox[m]);
    for (std::size_t r = 0; r < part.size(); ++r)
      for (std::size_t m = 0; m < part[r]->receive.size(); ++m) {
        const Part& other = *part[std::size_t(part[r]->exchange.messages[m].rank)];
        for (std::size_t k = 0; k < other.exchange.messages.size(); ++k)
          if (other.exchange.messages[k].rank == int(r)) Kokkos::deep_copy(part[r]->inbox[m], other.outbox[k]);
        kernels::unpack_nodes<double>(part[r]->inbox[m], part[r]->receive[m], x[r]);
      }
  }
  void apply(const Fields& x, const Fields& y) const {
    exchange(x);
    for (std::size_t r = 0; r < part.size(); ++r) part[r]->apply(x[r], y[r]);
  }
  double dot(const Fields& a, const Fields& b) const {
    double sum = 0;
    for (std::size_t r = 0; r < part.size(); ++r) sum += dot_of(a[r], b[r], part[r]->own);
    return sum;
  }
  /// z = D^-1 r, vertex by vertex: no word of the neighbours needed.
  void precondition(const Fields& r, double norm, const Fields& z) const {
    for (std::size_t i = 0; i < part.size(); ++i) {
      kernels::assign_scaled(part[i]->jacobi->right_hand_side(), 1.0 / norm, r[i]);
      double plate = 0;
      kernels::assign_scaled(z[i], 1.0, part[i]->jacobi->apply(plate));
    }
  }
};

/// Conjugate gradients over all ranks, as solve_linear goes. Returns the iterations.
int solve(const Ranks& ranks, const Fields& load, double tolerance, const Fields& u) {
  const Fields r = ranks.fields("r"), p = ranks.fields("p"), q = ranks.fields("q"), z = ranks.fields("z");
  const std::size_t m = ranks.part.size();
  for (std::size_t i = 0; i < m; ++i) {
    kernels::assign_scaled(r[i], 1.0, load[i]);
    ranks.part[i]->system->mask(r[i]);
  }
  double norm = std::sqrt(ranks.dot(r, r)), curvature = 1;
  const double reference = norm;
  for (int iteration = 0;; ++iteration) {
    if (!(norm > tolerance * reference)) return iteration;
    if (iteration == 3000) return -1;
    ranks.precondition(r, norm, z);
    const double beta = iteration ? -ranks.dot(q, z) / curvature : 0.0;
    for (std::size_t i = 0; i < m; ++i) kernels::scale_and_add(p[i], beta, z[i]);
    ranks.apply(p, q);
    curvature = ranks.dot(p, q);
    const double alpha = ranks.dot(p, r) / curvature;
    for (std::size_t i = 0; i < m; ++i) {
      kernels::add_scaled(u[i], alpha, p[i]);
      kernels::add_scaled(r[i], -alpha, q[i]);
    }
    norm = std::sqrt(ranks.dot(r, r));
  }
}

/// Sets a field to f(vertex, body, component), the same on all ranks; not on nodes that others own if `only_own`.
void set(const Part& part, const kernels::Field<double>& x, bool only_own, const std::function<double(const Index3&, std::int32_t, int)>& f) {
  const auto host = Kokkos::create_mirror_view(x);
  std::vector<std::uint8_t> own(std::size_t(part.nodes.n_nodes()), 0);
  for (const std::uint32_t n : part.exchange.own) own[n] = 1;
  for (Index v = 0; v < part.nodes.vertex_count(); ++v)
    for (std::uint32_t n = part.nodes.offset[std::size_t(v)]; n < part.nodes.offset[std::size_t(v) + 1]; ++n)
      for (int d = 0; d < 3; ++d) host(n, d) = only_own && !own[n] ? 0.0 : f(part.global_vertex(v), part.nodes.body[n], d);
  Kokkos::deep_copy(x, host);
}

/// Values of the whole box, put together from what each rank owns: shape (n_nodes, 3), with NaN where none does.
std::vector<double> collect(const Ranks& ranks, const Fields& x, const mesh::Nodes& whole) {
  std::vector<double> all(std::size_t(3 * whole.n_nodes()), std::nan(""));
  for (std::size_t r = 0; r < ranks.part.size(); ++r) {
    const Part& part = *ranks.part[r];
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x[r]);
    std::size_t at = 0;
    for (Index v = 0; v < part.nodes.vertex_count(); ++v)
      for (std::uint32_t n = part.nodes.offset[std::size_t(v)]; n < part.nodes.offset[std::size_t(v) + 1]; ++n) {
        if (at == part.exchange.own.size() || part.exchange.own[at] != n) continue;
        ++at;
        const Index3 vertex = part.global_vertex(v);
        const auto w = std::size_t(whole.vertex(vertex[0], vertex[1], vertex[2]));
        for (std::uint32_t to = whole.offset[w]; to < whole.offset[w + 1]; ++to)
          if (whole.body[to] == part.nodes.body[n])
            for (std::size_t d = 0; d < 3; ++d) all[3 * to + d] = host(n, d);
      }
  }
  return all;
}

struct Difference {
  double largest = 0;       ///< over the largest value
  std::size_t n_differ = 0;  ///< numbers that are not the same
};
Difference compare(const std::vector<double>& got, const std::vector<double>& want) {
  double scale = 0;
  Difference result;
  for (const double w : want) scale = std::max(scale, std::abs(w));
  for (std::size_t i = 0; i < want.size(); ++i) {
    result.n_differ += !(got[i] == want[i]);
    const double error = std::abs(got[i] - want[i]) / scale;
    if (!(error <= result.largest)) result.largest = error;  // NaN stays
  }
  return result;
}

struct DividedGrid {
  Index3 n_ranks;
  Periodicity periodic;
  bool isotropic = true;
};
struct DividedBox : ::testing::TestWithParam<DividedGrid> {
  const Index3 n{21, 12, 14};
};

/// Some smooth field with jumps between bodies.
double displacement(const Index3& v, std::int32_t body, int d) { return 1e-9 * (std::sin(0.7 * double(v[0]) + d) + std::cos(0.9 * double(v[1]) - 0.4 * double(v[2]) * (d + 1)) + 0.3 * std::sin(double(3 * body + d))); }

TEST_P(DividedBox, Operator_IsThatOfTheWholeBox) {
  const DividedSolid solid(n, GetParam().periodic, GetParam().isotropic);
  const Ranks one(solid, {n, solid.periodic, {1, 1, 1}}), many(solid, {n, solid.periodic, GetParam().n_ranks});
  const Fields x = one.fields("x"), y = one.fields("y"), xs = many.fields("x"), ys = many.fields("y");
  set(*one.part[0], x[0], false, displacement);
  one.apply(x, y);
  for (std::size_t r = 0; r < xs.size(); ++r) set(*many.part[r], xs[r], true, displacement);
  many.apply(xs, ys);
  const mesh::Nodes& whole = one.part[0]->nodes;
  ASSERT_GT(one.part[0]->points.n_pairs(), 500);
  const Difference d = compare(collect(many, ys, whole), collect(one, y, whole));
  // not the same bits everywhere: the blocks of cells whose forces are added in turn lie otherwise (a tenth of the numbers, by 2.4e-16 of the largest at most)
  EXPECT_LT(d.largest, 1e-15);
  EXPECT_LT(d.n_differ, std::size_t(whole.n_nodes()));
}

TEST_P(DividedBox, Solution_IsThatOfTheWholeBox) {
  const DividedSolid solid(n, GetParam().periodic, GetParam().isotropic);
  const Ranks one(solid, {n, solid.periodic, {1, 1, 1}}), many(solid, {n, solid.periodic, GetParam().n_ranks});
  std::vector<Voigt> strain(solid.classes.stiffness.size(), Voigt{});
  strain[1] = {0.02, 0.01, 0.015, 0, 0, 0};
  const auto load_of = [&](const Ranks& ranks) {
    Fields load = ranks.fields("load");
    const Fields zero = ranks.fields("zero");
    for (std::size_t r = 0; r < load.size(); ++r) {
      ranks.part[r]->system->bulk_force<double>(zero[r], load[r], ranks.part[r]->system->device_strain<double>(strain));
      kernels::assign_scaled(load[r], -1.0, load[r]);
    }
    return load;
  };
  const Fields load = load_of(one), u = one.fields("u"), loads = load_of(many), us = many.fields("u");
  LinearOptions options;
  options.tolerance = 1e-10;
  options.max_iterations = 3000;
  double plate = 0;
  const int iterations = solve_linear(*one.part[0]->system, *one.part[0]->jacobi, one.part[0]->springs, load[0], 0.0, u[0], plate, options).iterations;
  const int divided = solve(many, loads, options.tolerance, us);
  const mesh::Nodes& whole = one.part[0]->nodes;
  const Difference d = compare(collect(many, us, whole), collect(one, u, whole));
  EXPECT_GT(iterations, 50);
  EXPECT_NEAR(divided, iterations, 2);
  EXPECT_LT(d.largest, 1e-8);
}

constexpr Periodicity walls{false, false, false}, in_plane{true, true, false}, all{true, true, true};
INSTANTIATE_TEST_SUITE_P(Divisions, DividedBox,
                         ::testing::Values(DividedGrid{{2, 1, 1}, walls}, DividedGrid{{1, 2, 1}, walls}, DividedGrid{{1, 1, 2}, walls}, DividedGrid{{2, 1, 1}, in_plane}, DividedGrid{{1, 2, 1}, in_plane}, DividedGrid{{1, 1, 2}, in_plane},
                                           DividedGrid{{1, 1, 2}, all}, DividedGrid{{1, 1, 2}, walls, false}, DividedGrid{{2, 2, 2}, in_plane}, DividedGrid{{3, 1, 2}, in_plane, false}),
                         [](const auto& info) {
                           std::string name;
                           for (std::size_t a = 0; a < 3; ++a) name += std::to_string(info.param.n_ranks[a]) + (info.param.periodic[a] ? "p" : "w");
                           return name + (info.param.isotropic ? "" : "_anisotropic");
                         });

}  // namespace
