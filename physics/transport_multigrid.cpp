#include "physics/transport_multigrid_kokkos.hpp"

#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/chebyshev.hpp"
#include "kernels/sparse_cholesky.hpp"
#include "physics/transport_coarsen_kokkos.hpp"
#include "physics/transport_reduce_kokkos.hpp"

namespace voxode::physics::transport {
namespace {

template <class Graph>
struct InverseDiagonal {
  Graph graph;
  float* inverse;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    float sum = graph.template ground<float>(i);
    graph.for_edges(i, [&](Index, float w) { sum += w; });
    inverse[i] = sum > 0 ? 1 / sum : 0;
  }
};

// First Chebyshev step from zero: z = d = D^-1 r / theta.
template <class Residual>
struct FirstStep {
  const Residual* residual;
  const float* inverse_diagonal;
  float* direction;
  float* z;
  float factor;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    const float d = factor * inverse_diagonal[i] * float(residual[i]);
    direction[i] = d;
    z[i] = d;
  }
};

// d = a d + b D^-1 (r - A z), z' = z + d.
template <class Graph, class Residual>
struct NextStep {
  Graph graph;
  const Residual* residual;
  const float* inverse_diagonal;
  const float* z;
  float* direction;
  float* z_next;
  float a, b;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    const float r = float(residual[i]) - graph.row(i, z);
    const float d = (a != 0 ? a * direction[i] : 0) + b * inverse_diagonal[i] * r;
    direction[i] = d;
    z_next[i] = z[i] + d;
  }
};

// Residuals of the children of a coarse node, summed.
template <class Graph, class Residual>
struct Restrict {
  Graph graph;
  const Residual* residual;
  const float* z;
  const Id* child_start;
  const Id* child;
  float* coarse;
  KOKKOS_INLINE_FUNCTION void operator()(Index node) const {
    float sum = 0;
    for (Id c = child_start[node]; c < child_start[node + 1]; ++c) sum += float(residual[child[c]]) - graph.row(Index(child[c]), z);
    coarse[node] = sum;
  }
};

struct Prolong {
  const float* coarse;
  const Id* child_start;
  const Id* child;
  float* z;
  float factor;
  KOKKOS_INLINE_FUNCTION void operator()(Index node) const {
    const float e = factor * coarse[node];
    for (Id c = child_start[node]; c < child_start[node + 1]; ++c) z[child[c]] += e;
  }
};

struct DenseProduct {
  Index n;
  const float* matrix;
  const float* x;
  float* y;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    float sum = 0;
    for (Index j = 0; j < n; ++j) sum += matrix[j * n + i] * x[j];  // symmetric
    y[i] = sum;
  }
};

// Smooths `degree` Chebyshev steps; from zero if `from_zero`. The result is in level.correction.
template <class Graph, class Residual>
void smooth(const Graph& graph, Level& level, const Residual* residual, const MultigridSettings& s, bool from_zero) {
  kernels::ChebyshevFactors<float> factors(s.lower, s.upper);
  for (int step = 0; step < s.degree; ++step) {
    const auto [keep, length] = factors.next();
    if (step == 0 && from_zero) {
      for_all("voxode::physics::transport::first_step", level.n,
              FirstStep<Residual>{residual, level.inverse_diagonal.data(), level.direction.data(), level.correction.data(), length});
      continue;
    }
    for_all("voxode::physics::transport::next_step", level.n,
            NextStep<Graph, Residual>{graph, residual, level.inverse_diagonal.data(), level.correction.data(), level.direction.data(),
                                      level.correction_next.data(), keep, length});
    std::swap(level.correction, level.correction_next);
  }
}

void solve_level(Multigrid& mg, std::size_t l, int depth);

// One cycle on level l; the right-hand side is given, the result is in levels[l].correction.
template <class Graph, class Residual>
void cycle(Multigrid& mg, std::size_t l, const Graph& graph, const Residual* residual) {
  Level& level = mg.levels[l];
  if (l + 1 == mg.levels.size()) {
    if constexpr (std::is_same_v<Residual, float>)
      for_all("voxode::physics::transport::bottom", level.n, DenseProduct{level.n, mg.bottom_inverse.data(), residual, level.correction.data()});
    else
      smooth(graph, level, residual, mg.settings, true);  // a single level: only where there is next to nothing to solve
    return;
  }
  Level& coarse = mg.levels[l + 1];
  smooth(graph, level, residual, mg.settings, true);
  for_all("voxode::physics::transport::restrict", coarse.n,
          Restrict<Graph, Residual>{graph, residual, level.correction.data(), level.child_start.data(), level.child.data(), coarse.residual.data()});
  solve_level(mg, l + 1, int(l) + 1);
  for_all("voxode::physics::transport::prolong", coarse.n,
          Prolong{coarse.correction.data(), level.child_start.data(), level.child.data(), level.correction.data(), mg.settings.overcorrection});
  smooth(graph, level, residual, mg.settings, false);
}

struct ApplyRows {
  Rows rows;
  const float* x;
  float* y;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const { y[i] = rows.row(i, x); }
};

struct Dot3 {  // (a, b), (a, c), (a, d)
  const float *a, *b, *c, *d;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, double* sums) const {
    sums[0] += double(a[i]) * b[i];
    sums[1] += double(a[i]) * c[i];
    sums[2] += double(a[i]) * d[i];
  }
};

struct Combine {  // y = s a + t b; y may be a or b
  const float *a, *b;
  float* y;
  float s, t;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const { y[i] = s * a[i] + t * b[i]; }
};

// Two steps of flexible CG on a coarse level (Notay's K-cycle), or one cycle.
void solve_level(Multigrid& mg, std::size_t l, int depth) {
  Level& level = mg.levels[l];
  const float* rhs = level.residual.data();
  cycle(mg, l, level.rows, rhs);
  if (depth > mg.settings.krylov_levels || l + 1 == mg.levels.size()) return;
  const char* label = "voxode::physics::transport::krylov";
  const float* c = level.correction.data();
  float* v = level.krylov[1].data();
  float* w = level.krylov[2].data();
  for_all(label, level.n, ApplyRows{level.rows, c, v});
  const auto first = sum_all<3>(label, level.n, Dot3{c, v, rhs, rhs}, mg.partial);
  const double rho1 = first[0], alpha1 = first[1];
  if (!(rho1 > 0)) return;
  for_all(label, level.n, Combine{rhs, v, level.krylov[3].data(), 1.f, float(-alpha1 / rho1)});
  std::swap(level.krylov[0], level.correction);  // the first correction is kept, and so is the right-hand side
  std::swap(level.krylov[3], level.residual);
  const float* rest = level.residual.data();
  cycle(mg, l, level.rows, rest);
  const float* c2 = level.correction.data();
  for_all(label, level.n, ApplyRows{level.rows, c2, w});
  const auto second = sum_all<3>(label, level.n, Dot3{c2, v, w, rest}, mg.partial);
  const double gamma = second[0], beta = second[1], alpha2 = second[2], rho2 = beta - gamma * gamma / rho1;
  const bool usable = rho2 > 0;
  const double s = usable ? alpha1 / rho1 - gamma * alpha2 / (rho1 * rho2) : alpha1 / rho1, t = usable ? alpha2 / rho2 : 0;
  for_all(label, level.n, Combine{c, c2, level.correction.data(), float(s), float(t)});
  std::swap(level.krylov[3], level.residual);
}

struct HostRows {
  std::vector<Id> start, column;
  std::vector<float> weight, to_ground;
  explicit HostRows(const Level& level)
      : start(kernels::to_host(level.start)), column(kernels::to_host(level.column)), weight(kernels::to_host(level.weight)),
        to_ground(kernels::to_host(level.to_ground)) {}
};

// The first node of every connected piece that nothing joins to ground.
std::vector<Index> floating_pieces(const HostRows& rows) {
  const Index n = Index(rows.to_ground.size());
  std::vector<char> seen(n, 0);
  std::vector<Index> result, stack;
  for (Index seed = 0; seed < n; ++seed) {
    if (seen[seed]) continue;
    bool grounded = false;
    stack.assign(1, seed);
    seen[seed] = 1;
    while (!stack.empty()) {
      const Index i = stack.back();
      stack.pop_back();
      grounded |= rows.to_ground[i] > 0;
      for (Id e = rows.start[i]; e < rows.start[i + 1]; ++e)
        if (!std::exchange(seen[rows.column[e]], 1)) stack.push_back(rows.column[e]);
    }
    if (!grounded) result.push_back(seed);
  }
  return result;
}

// Inverse of the last level's matrix. Floating pieces are held at one node: their right-hand sides sum to zero.
void invert_bottom(Multigrid& mg) {
  const HostRows rows(mg.levels.back());
  const Index n = mg.levels.back().n;
  std::vector<double> diagonal(rows.to_ground.begin(), rows.to_ground.end());
  kernels::SymmetricBlocks matrix;
  for (Index i = 0; i < n; ++i)
    for (Id e = rows.start[i]; e < rows.start[i + 1]; ++e) {
      const Index j = rows.column[e];
      if (j > i) continue;  // one weight for both triangles: the sums of the two can differ in the last bit
      matrix.add(int(i), int(j), -double(rows.weight[e]));
      diagonal[i] += rows.weight[e];
      diagonal[j] += rows.weight[e];
    }
  for (const Index i : floating_pieces(rows)) diagonal[i] += diagonal[i] > 0 ? diagonal[i] : 1.0;
  for (Index i = 0; i < n; ++i) matrix.add(int(i), int(i), diagonal[i]);
  std::vector<float> inverse(n * n);
  if (n > 0) {
    kernels::SparseCholesky factor;
    factor.factor(int(n), std::move(matrix), 1e-12);
    std::vector<double> unit(n), column(n);
    for (Index j = 0; j < n; ++j) {
      unit.assign(n, 0.0);
      unit[j] = 1;
      factor.solve(unit, column);
      for (Index i = j; i < n; ++i) inverse[j * n + i] = inverse[i * n + j] = float(column[i]);
    }
  }
  mg.bottom_inverse = allocate<float>("voxode::physics::transport::bottom_inverse", n * n);
  Kokkos::deep_copy(mg.bottom_inverse, Kokkos::View<const float*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(inverse.data(), inverse.size()));
}

void allocate_work(Level& level, bool coarse, bool krylov) {
  const Index n = level.n;
  level.correction = allocate<float>("voxode::physics::transport::correction", n);
  level.correction_next = allocate<float>("voxode::physics::transport::correction_next", n);
  level.direction = allocate<float>("voxode::physics::transport::direction", n);
  if (!coarse) return;
  level.residual = allocate<float>("voxode::physics::transport::residual", n);
  level.inverse_diagonal = allocate<float>("voxode::physics::transport::inverse_diagonal", n);
  for_all("voxode::physics::transport::inverse_diagonal", n, InverseDiagonal<Rows>{level.rows, level.inverse_diagonal.data()});
  if (krylov)
    for (auto& v : level.krylov) v = allocate<float>("voxode::physics::transport::krylov", n);
}

}  // namespace

View<float> inverse_diagonal(const StencilData& stencil) {
  View<float> result = allocate<float>("voxode::physics::transport::inverse_diagonal", stencil.n);
  with_stencil(stencil, [&](const auto& graph) {
    for_all("voxode::physics::transport::inverse_diagonal", stencil.n, InverseDiagonal<std::decay_t<decltype(graph)>>{graph, result.data()});
  });
  return result;
}

Multigrid make_multigrid(const StencilData& stencil, const Index3& n_cells, View<Id> first, const MultigridSettings& settings) {
  Multigrid mg;
  mg.settings = settings;
  mg.stencil = stencil;
  Level finest;
  finest.n = stencil.n;
  mg.levels.push_back(finest);
  CellMap cells{n_cells, first};
  for (;;) {
    const std::size_t l = mg.levels.size() - 1;
    const auto next = [&](float strength) { return l == 0 ? coarsen(stencil, cells, strength) : coarsen(mg.levels[l], cells, strength); };
    if (l > 0 && (mg.levels[l].n <= settings.bottom || product(cells.n) == 1)) break;
    Coarsening c = next(settings.strength);
    // What hardly shrinks is joined whatever the strength: otherwise the bottom grows without bound.
    const bool stalls = 10 * c.level.n > 7 * mg.levels[l].n || product(c.cells.n) == 1;
    if (stalls && c.level.n > settings.bottom) c = next(0.f);
    mg.levels[l].child_start = c.child_start;
    mg.levels[l].child = c.child;
    cells = c.cells;
    mg.levels.push_back(c.level);
    if (c.level.n == 0) break;
  }
  mg.levels[0].inverse_diagonal = inverse_diagonal(stencil);
  for (std::size_t l = 0; l < mg.levels.size(); ++l) allocate_work(mg.levels[l], l > 0, int(l) <= settings.krylov_levels);
  invert_bottom(mg);
  return mg;
}

const float* apply_multigrid(Multigrid& multigrid, const double* residual) {
  with_stencil(multigrid.stencil, [&](const auto& graph) { cycle(multigrid, 0, graph, residual); });
  return multigrid.levels[0].correction.data();
}

}  // namespace voxode::physics::transport
