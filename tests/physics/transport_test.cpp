// The finite-volume solver against a dense serial reference that shares no code with it, on tiny odd boxes.
#include "physics/transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kernels/error.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Conductor {
  Index3 n{};
  std::vector<std::uint8_t> phase;
  std::vector<double> conductivity;
  mesh::Faces faces;
  std::vector<double> resistance;
  std::array<bool, 3> wrap{};
  double spacing = 1;
  ConductionProblem problem() const {
    ConductionProblem p;
    p.n = n;
    p.spacing = spacing;
    p.phase = phase;
    p.conductivity = conductivity;
    p.wrap = wrap;
    if (faces.size() > 0) {
      p.faces = &faces;
      p.face_resistance = resistance;
    }
    return p;
  }
};

// All pairs of neighbouring cells of different phase become faces with a resistance drawn from `choices`.
void add_faces(Conductor& c, const std::vector<double>& choices, unsigned seed) {
  std::mt19937 random(seed);
  for (int axis = 0; axis < 3; ++axis)
    for (Index v = 0; v < product(c.n); ++v) {
      Index3 at{v % c.n[0], v / c.n[0] % c.n[1], v / (c.n[0] * c.n[1])};
      at[axis] = (at[axis] + 1) % c.n[axis];
      const Index w = linear_index(c.n, at[0], at[1], at[2]);
      if (c.phase[v] == c.phase[w]) continue;
      c.faces.cell.push_back(v);
      c.faces.axis.push_back(std::uint8_t(axis));
      c.resistance.push_back(choices.empty() ? std::uniform_real_distribution<double>(0.01, 2.0)(random) : choices[random() % choices.size()]);
    }
}

Conductor random_case(const Index3& n, std::vector<double> conductivity, double pores, unsigned seed) {
  std::mt19937 random(seed);
  Conductor c;
  c.n = n;
  c.conductivity = std::move(conductivity);
  for (Index v = 0; v < product(n); ++v)
    c.phase.push_back(std::uniform_real_distribution<double>(0, 1)(random) < pores ? mesh::pore : std::uint8_t(random() % c.conductivity.size()));
  return c;
}

struct Reference {
  double conductivity = 0;
  std::array<double, 3> current{};
};

// Gaussian elimination with full pivoting on all cells; cells without anything to hold them are set to zero.
std::vector<double> solve_dense(std::vector<std::vector<double>> a, std::vector<double> b) {
  const int n = int(b.size());
  std::vector<int> order(n);
  for (int i = 0; i < n; ++i) order[i] = i;
  int rank = n;
  for (int s = 0; s < n; ++s) {
    int pr = s, pc = s;
    for (int i = s; i < n; ++i)
      for (int j = s; j < n; ++j)
        if (std::abs(a[i][j]) > std::abs(a[pr][pc])) pr = i, pc = j;
    if (std::abs(a[pr][pc]) < 1e-11) {
      rank = s;
      break;
    }
    std::swap(a[s], a[pr]);
    std::swap(b[s], b[pr]);
    for (auto& row : a) std::swap(row[s], row[pc]);
    std::swap(order[s], order[pc]);
    for (int i = s + 1; i < n; ++i) {
      const double factor = a[i][s] / a[s][s];
      if (factor == 0) continue;
      for (int j = s; j < n; ++j) a[i][j] -= factor * a[s][j];
      b[i] -= factor * b[s];
    }
  }
  std::vector<double> x(n, 0.0);
  for (int i = rank - 1; i >= 0; --i) {
    double sum = b[i];
    for (int j = i + 1; j < rank; ++j) sum -= a[i][j] * x[order[j]];
    x[order[i]] = sum / a[i][i];
  }
  return x;
}

// Mean current for a unit drop from the textbook formula, all cells unknowns.
Reference dense_reference(const Conductor& c, int axis) {
  const Index n = product(c.n);
  const auto k = [&](Index v) { return c.phase[v] == mesh::pore ? 0.0 : c.conductivity[c.phase[v]]; };
  std::vector<std::vector<double>> a(n, std::vector<double>(n, 0.0));
  std::vector<double> b(n, 0.0);
  struct Link { Index lower, upper; int axis; double g, drop; };
  std::vector<Link> links;
  const double h = c.spacing, length = double(c.n[axis]) * h;
  for (int d = 0; d < 3; ++d)
    for (Index v = 0; v < n; ++v) {
      Index3 at{v % c.n[0], v / c.n[0] % c.n[1], v / (c.n[0] * c.n[1])};
      if (d == axis && !c.wrap[d]) {
        if (at[d] == 0) a[v][v] += 2 * k(v) * h, b[v] += 2 * k(v) * h;
        if (at[d] == c.n[d] - 1) a[v][v] += 2 * k(v) * h;
      }
      if (at[d] == c.n[d] - 1 && !c.wrap[d]) continue;
      at[d] = (at[d] + 1) % c.n[d];
      const Index w = linear_index(c.n, at[0], at[1], at[2]);
      if (k(v) == 0 || k(w) == 0) continue;
      double r = 0;
      for (Index f = 0; f < c.faces.size(); ++f)
        if (c.faces.cell[f] == v && c.faces.axis[f] == d) r = c.resistance[f];
      const double g = h * h / (h / (2 * k(v)) + h / (2 * k(w)) + r), drop = d == axis && c.wrap[d] ? h / length : 0.0;
      links.push_back({v, w, d, g, drop});
      a[v][v] += g, a[w][w] += g, a[v][w] -= g, a[w][v] -= g;
      b[v] -= g * drop, b[w] += g * drop;
    }
  const std::vector<double> x = solve_dense(a, b);
  Reference result;
  for (const Link& l : links) result.current[l.axis] += l.g * (x[l.lower] - x[l.upper] + l.drop) * h;
  if (!c.wrap[axis]) {
    double in = 0;
    for (Index v = 0; v < n; ++v)
      if (const Index3 at{v % c.n[0], v / c.n[0] % c.n[1], v / (c.n[0] * c.n[1])}; at[axis] == 0) in += 2 * k(v) * h * (1 - x[v]);
    result.current[axis] = in * length;
  }
  const double volume = double(n) * h * h * h;
  for (int d = 0; d < 3; ++d) result.current[d] *= d == axis || c.wrap[d] ? length / volume : 0.0;
  result.conductivity = result.current[axis];
  return result;
}

void expect_reference(const Conductor& c, double tolerance, bool jacobi = false) {
  double largest = 0;
  for (const double k : c.conductivity) largest = std::max(largest, k);
  for (int axis = 0; axis < 3; ++axis) {
    SCOPED_TRACE(testing::Message() << "axis " << axis << " n " << c.n[0] << " " << c.n[1] << " " << c.n[2]);
    ConductionOptions options;
    options.tolerance = 1e-12;
    options.jacobi = jacobi;
    const ConductionSolution got = solve_conduction(c.problem(), axis, options);
    const Reference want = dense_reference(c, axis);
    EXPECT_NEAR(got.conductivity, want.conductivity, tolerance * largest);
    for (int d = 0; d < 3; ++d) EXPECT_NEAR(got.current[d], want.current[d], tolerance * largest);
  }
}

const std::vector<std::array<bool, 3>> all_wraps{{false, false, false}, {true, true, false}, {false, true, true}, {true, false, false}, {true, true, true}};

TEST(Transport, RandomBoxes_MatchDenseReference) {
  unsigned seed = 1;
  for (const auto& wrap : all_wraps)
    for (const Index3& n : {Index3{5, 4, 3}, Index3{3, 5, 7}, Index3{1, 3, 5}, Index3{2, 2, 5}, Index3{1, 1, 1}}) {
      Conductor c = random_case(n, {1.0, 7.0, 0.02}, 0.15, seed++);
      c.wrap = wrap;
      c.spacing = 0.25;
      expect_reference(c, 1e-10);
    }
}

TEST(Transport, FaceResistancesAndBlockedFaces_MatchDenseReference) {
  unsigned seed = 50;
  for (const auto& wrap : all_wraps) {
    Conductor c = random_case({5, 3, 4}, {1.0, 3.0}, 0.05, seed++);
    c.wrap = wrap;
    c.spacing = 0.5;
    add_faces(c, {0.0, 0.3, 5.0, infinity}, seed);
    expect_reference(c, 1e-10);
    expect_reference(c, 1e-10, true);
  }
}

TEST(Transport, ManyDifferentResistances_MatchDenseReferenceToSinglePrecision) {
  for (const auto& wrap : all_wraps) {  // more values than a byte can number: conductances are then kept in single precision
    Conductor c = random_case({7, 5, 5}, {1.0, 3.0, 0.5, 10.0}, 0.05, 99);
    c.wrap = wrap;
    add_faces(c, {}, 7);
    ASSERT_GT(c.faces.size(), 256);
    expect_reference(c, 1e-7);
  }
}

TEST(Transport, ContrastOfTenDecades_MatchesDenseReference) {
  Conductor c = random_case({6, 5, 5}, {1e-4, 1e6}, 0.1, 5);
  for (int axis = 0; axis < 3; ++axis) {
    ConductionOptions options;
    options.tolerance = 1e-12;
    const double want = dense_reference(c, axis).conductivity;
    EXPECT_NEAR(solve_conduction(c.problem(), axis, options).conductivity / want, 1.0, 1e-5) << axis;
  }
}

TEST(Transport, NothingPercolates_ZeroWithoutIteration) {
  Conductor c;
  c.n = {4, 3, 5};
  c.conductivity = {2.0, 0.0};
  for (Index v = 0; v < product(c.n); ++v) c.phase.push_back(v / 12 == 2 ? 1 : 0);  // an insulating layer across z
  const ConductionSolution s = solve_conduction(c.problem(), 2, {});
  EXPECT_EQ(s.conductivity, 0.0);
  EXPECT_EQ(s.iterations, 0);
  EXPECT_EQ(s.percolating_share, 0.0);
  ASSERT_EQ(s.potential.size(), c.phase.size());
  for (const float v : s.potential) EXPECT_TRUE(std::isnan(v));
  const Conduction e = effective_conduction(c.problem(), false, {});
  EXPECT_EQ(e.conductivity.value(), 0.0);
  EXPECT_EQ(e.relative.value(), 0.0);
  EXPECT_FALSE(e.tortuosity_factor.has_value());
  EXPECT_GT(solve_conduction(c.problem(), 0, {}).conductivity, 0.0);
}

TEST(Transport, BlockedLayerOfFaces_ZeroWithoutIteration) {
  Conductor c;
  c.n = {3, 3, 4};
  c.conductivity = {2.0, 5.0};
  for (Index v = 0; v < product(c.n); ++v) c.phase.push_back(v / 9 >= 2 ? 1 : 0);
  add_faces(c, {infinity}, 1);
  const ConductionSolution s = solve_conduction(c.problem(), 2, {});
  EXPECT_EQ(s.conductivity, 0.0);
  EXPECT_EQ(s.iterations, 0);
}

TEST(Transport, HomogeneousBox_ExactAndLinearPotential) {
  Conductor c;
  c.n = {3, 4, 6};
  c.conductivity = {0.21};
  c.phase.assign(product(c.n), 0);
  for (const bool periodic : {false, true}) {
    ConductionProblem p = c.problem();
    p.periodic = periodic;
    const ConductionSolution s = solve_conduction(p, 2, {});
    EXPECT_NEAR(s.conductivity, 0.21, 1e-14);
    EXPECT_NEAR(s.potential[0] - s.potential[12], 1.0 / 6, 1e-6);
    EXPECT_EQ(s.iterations, 0);
  }
}

TEST(Transport, DeadEndsAndIslands_DoNotCarryCurrent) {
  Conductor c;
  c.n = {5, 5, 9};
  c.conductivity = {1.0};
  c.phase.assign(product(c.n), mesh::pore);
  for (Index k = 0; k < 9; ++k) c.phase[linear_index(c.n, 1, 1, k)] = 0;      // one straight channel
  for (Index i = 2; i < 5; ++i) c.phase[linear_index(c.n, i, 1, 4)] = 0;      // a dead end
  c.phase[linear_index(c.n, 4, 4, 4)] = 0;                                    // an island
  const ConductionSolution s = solve_conduction(c.problem(), 2, {});
  EXPECT_NEAR(s.conductivity, 1.0 / 25, 1e-7);
  EXPECT_NEAR(s.percolating_share, 12.0 / 13, 1e-12);
  EXPECT_TRUE(std::isnan(s.potential[linear_index(c.n, 4, 4, 4)]));
  EXPECT_NEAR(s.potential[linear_index(c.n, 4, 1, 4)], 0.5, 1e-5);
  EXPECT_NEAR(s.potential[linear_index(c.n, 1, 1, 0)], 1 - 0.5 / 9, 1e-5);
}

TEST(Transport, StartFromTheSolution_NeedsNoIteration) {
  const Conductor c = random_case({9, 8, 7}, {1.0, 4.0}, 0.1, 3);
  ConductionOptions options;
  options.tolerance = 1e-5;
  ConductionOptions tight;
  tight.tolerance = 1e-7;
  const ConductionSolution first = solve_conduction(c.problem(), 2, tight);
  EXPECT_GT(first.iterations, 2);
  const ConductionSolution again = solve_conduction(c.problem(), 2, options, first.potential);
  EXPECT_EQ(again.iterations, 0);
  EXPECT_NEAR(again.conductivity, first.conductivity, 1e-8);
}

TEST(Transport, EffectiveConduction_TortuosityCountsEveryConductingPhase) {
  Conductor c;
  c.n = {2, 2, 6};
  c.conductivity = {2.0, 1.0};
  c.phase = {0, 0, 1, mesh::pore, 0, 0, 1, mesh::pore, 0, 0, mesh::pore, mesh::pore, 0, 0, 1, mesh::pore, 0, 0, 1, mesh::pore, 0, 0, 1, mesh::pore};
  const Conduction e = effective_conduction(c.problem(), false, {.tolerance = 1e-10});
  const double mean = (12 * 2.0 + 5 * 1.0) / 24;
  EXPECT_NEAR(e.tortuosity_factor.value(), mean / e.conductivity.value(), 1e-12);
  EXPECT_NEAR(e.relative.value(), e.conductivity.value() / 2, 1e-12);
  EXPECT_FALSE(e.tensor.has_value());
}

TEST(Transport, PeriodicTensor_IsSymmetric) {
  Conductor c = random_case({7, 6, 5}, {1.0, 20.0}, 0.1, 12);
  c.wrap = {true, true, true};
  const auto t = effective_conduction(c.problem(), true, {.tolerance = 1e-11}).tensor.value();
  for (const auto& [a, b] : {std::pair{1, 3}, {2, 6}, {5, 7}}) EXPECT_NEAR(t[a], t[b], 1e-9);
  EXPECT_GT(std::abs(t[1]) + std::abs(t[2]) + std::abs(t[5]), 1e-6);
}

TEST(Transport, TooFewIterations_ThrowsWithHistory) {
  const Conductor c = random_case({9, 9, 9}, {1.0, 100.0}, 0.1, 8);
  try {
    solve_conduction(c.problem(), 2, {.tolerance = 1e-10, .jacobi = true, .max_iterations = 3});
    FAIL() << "no exception";
  } catch (const ConvergenceError& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("history"));
    EXPECT_EQ(e.exit_code, 4);
  }
}

TEST(Transport, ArraysThatDoNotFit_AreInputErrors) {
  Conductor c = random_case({3, 3, 3}, {1.0}, 0.0, 1);
  c.phase.pop_back();
  EXPECT_THROW(solve_conduction(c.problem(), 2, {}), InputError);
  c.phase.push_back(4);
  EXPECT_THROW(solve_conduction(c.problem(), 2, {}), InputError);
  c.phase.back() = 0;
  c.conductivity[0] = -1;
  EXPECT_THROW(solve_conduction(c.problem(), 2, {}), InputError);
}

TEST(Transport, Multigrid_IterationsNearlyIndependentOfTheGrid) {
  std::vector<int> iterations;
  for (const Index n : {24, 48}) {
    Conductor c;
    c.n = {n, n, n};
    c.conductivity = {1.0};
    for (Index v = 0; v < n * n * n; ++v) {  // a gyroid of two cells: connected, curved, half of the volume
      const double s = 4 * M_PI / double(n), x = s * double(v % n), y = s * double(v / n % n), z = s * double(v / (n * n));
      c.phase.push_back(std::sin(x) * std::cos(y) + std::sin(y) * std::cos(z) + std::sin(z) * std::cos(x) > 0 ? 0 : mesh::pore);
    }
    iterations.push_back(solve_conduction(c.problem(), 2, {}).iterations);
    EXPECT_GT(solve_conduction(c.problem(), 2, {.jacobi = true}).iterations, 3 * iterations.back());
  }
  EXPECT_LE(iterations[1], iterations[0] + 3);
  EXPECT_LE(iterations[1], 12);
}

TEST(Tortuosity, StraightChannelAndLabels) {
  std::vector<std::uint8_t> labels{0, 2, 1, 3, 0, 2, 1, 3, 0, 2, 3, 3};
  const std::vector<std::uint8_t> both{0, 2}, dead{1};
  const TortuosityResult r = tortuosity_of_labels({2, 2, 3}, labels, both, 2);
  EXPECT_NEAR(r.tortuosity_factor.value(), 1.0, 1e-7);
  EXPECT_NEAR(r.relative, 0.5, 1e-7);
  EXPECT_EQ(r.percolating_share, 1.0);
  const TortuosityResult none = tortuosity_of_labels({2, 2, 3}, labels, dead, 2);
  EXPECT_FALSE(none.tortuosity_factor.has_value());
  EXPECT_EQ(none.relative, 0.0);
  EXPECT_NEAR(none.volume_share, 2.0 / 12, 1e-12);
}

}  // namespace
