// Preconditioned conjugate gradients in double precision.
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "kernels/error.hpp"
#include "physics/transport_multigrid_kokkos.hpp"
#include "physics/transport_reduce_kokkos.hpp"
#include "physics/transport_system_kokkos.hpp"

namespace voxode::physics::transport {
namespace {

// r = b - A x with its square, the load's square, and the square of the largest load that the faces could give.
template <class Graph>
struct Residual {
  Graph graph;
  const double* x;
  double* r;
  Index n_ground_codes;
  int axis;
  double step;  // periodic: drop of the mean potential from cell to cell, else 0
  KOKKOS_INLINE_FUNCTION void operator()(Index i, double* sums) const {
    const double to_one = graph.ground_table[n_ground_codes + graph.ground_code[i]];
    const double above = graph.face(0.0, axis, i);
    const Index lower = graph.neighbour(2 * axis, i);
    // A cell without lower neighbour refers to itself (or, along x, to a cell whose upper face carries nothing).
    const double below = lower == i && graph.neighbour(2 * axis + 1, i) != i ? 0.0 : graph.face(0.0, axis, lower);
    const double load = to_one + step * (below - above);  // nothing where the faces are alike: contracted to FMA, a difference of products leaves rounding
    const double value = load - graph.row(i, x);
    r[i] = value;
    sums[0] += value * value;
    sums[1] += load * load;
    const double possible = to_one + step * (below + above);
    sums[2] += possible * possible;
  }
};

struct DotZ {  // (r, z), (z, q)
  const double* r;
  const float* z;
  const double* q;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, double* sums) const {
    sums[0] += r[i] * z[i];
    sums[1] += q[i] * z[i];
  }
};

struct Direction {
  const float* z;
  double* p;
  double beta;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const { p[i] = beta != 0 ? z[i] + beta * p[i] : double(z[i]); }
};

template <class Graph>
struct Apply {
  Graph graph;
  const double* p;
  double* q;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, double* sums) const {
    const double value = graph.row(i, p);
    q[i] = value;
    sums[0] += value * p[i];
  }
};

struct Update {
  double alpha;
  const double* p;
  const double* q;
  double* x;
  double* r;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, double* sums) const {
    x[i] += alpha * p[i];
    const double value = r[i] - alpha * q[i];
    r[i] = value;
    sums[0] += value * value;
  }
};

struct Scale {
  const float* diagonal;
  const double* r;
  float* z;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const { z[i] = diagonal[i] * float(r[i]); }
};

[[noreturn]] void fail(const std::vector<double>& history, double tolerance) {
  std::string text = "conduction: the residual over the boundary load did not fall to " + std::to_string(tolerance) + " in " +
                     std::to_string(history.size() - 1) + " iterations. Its history:";
  const std::size_t stride = history.size() / 20 + 1;
  char number[32];
  for (std::size_t i = 0; i < history.size(); i += (i + stride < history.size() || i + 1 == history.size() ? stride : history.size() - 1 - i)) {
    std::snprintf(number, sizeof number, " %zu: %.2e", i, history[i]);
    text += number;
  }
  throw ConvergenceError(text + ". Raise solver.tolerance, or use the multigrid preconditioner if jacobi was chosen; face resistances and "
                         "conductivities that differ by more than ten decades can be too much for the arithmetic.");
}

struct Solver {
  System& system;
  const ConductionOptions& options;
  View<double> x, r, p, q, partial;
  Multigrid multigrid;
  View<float> diagonal, scaled;

  void prepare() {
    const Index n = system.stencil.n;
    if (options.jacobi) {
      diagonal = inverse_diagonal(system.stencil);
      scaled = allocate<float>("voxode::physics::transport::scaled", n);
    } else {
      multigrid = make_multigrid(system.stencil, system.n, system.first, MultigridSettings{});
    }
    system.first = {};
    r = allocate<double>("voxode::physics::transport::r", n);
    p = allocate<double>("voxode::physics::transport::p", n);
    q = allocate<double>("voxode::physics::transport::q", n);
  }
  const float* precondition() {
    if (!options.jacobi) return apply_multigrid(multigrid, r.data());
    for_all("voxode::physics::transport::jacobi", system.stencil.n, Scale{diagonal.data(), r.data(), scaled.data()});
    return scaled.data();
  }
  std::array<double, 3> residual() {
    std::array<double, 3> sums{};
    const double step = system.periodic() ? 1.0 / double(system.n[system.axis]) : 0.0;
    with_stencil(system.stencil, [&](const auto& graph) {
      using Graph = std::decay_t<decltype(graph)>;
      sums = sum_all<3>("voxode::physics::transport::residual", system.stencil.n,
                        Residual<Graph>{graph, x.data(), r.data(), system.stencil.n_ground_codes, system.axis, step}, partial);
    });
    return sums;
  }
  double apply() {
    double pq = 0;
    with_stencil(system.stencil, [&](const auto& graph) {
      using Graph = std::decay_t<decltype(graph)>;
      pq = sum_all<1>("voxode::physics::transport::apply", system.stencil.n, Apply<Graph>{graph, p.data(), q.data()}, partial)[0];
    });
    return pq;
  }
  IterationResult run();
};

IterationResult Solver::run() {
  const Index n = system.stencil.n;
  const auto norms = residual();
  const double load = norms[1], possible = norms[2];
  double squared = norms[0];  // no structured binding: clang 14 captures none
  // A load that cancels to rounding (a homogeneous periodic box) leaves nothing to solve for.
  const double reference = std::max(std::sqrt(load), 1e-12 * std::sqrt(possible));
  const auto relative = [&] { return reference > 0 ? std::sqrt(squared) / reference : 0.0; };
  IterationResult result{0, relative()};
  std::vector<double> history{result.residual};
  double rz_old = 0, alpha = 0;
  bool fresh = true;
  while (!(result.residual <= options.tolerance)) {
    if (result.iterations >= options.max_iterations || !std::isfinite(result.residual)) fail(history, options.tolerance);
    const float* z = precondition();
    const auto [rz, zq] = sum_all<2>("voxode::physics::transport::dot", n, DotZ{r.data(), z, fresh ? r.data() : q.data()}, partial);
    const double beta = fresh ? 0.0 : -alpha * zq / rz_old;  // flexible: (z, r - r_old) / (z_old, r_old)
    for_all("voxode::physics::transport::direction", n, Direction{z, p.data(), beta});
    const double pq = apply();
    alpha = rz / pq;
    squared = sum_all<1>("voxode::physics::transport::update", n, Update{alpha, p.data(), q.data(), x.data(), r.data()}, partial)[0];
    rz_old = rz;
    fresh = false;
    ++result.iterations;
    result.residual = relative();
    if (result.residual <= options.tolerance) {  // by the recursion: now the true one
      squared = residual()[0];
      result.residual = relative();
      fresh = true;
    }
    history.push_back(result.residual);
  }
  return result;
}

}  // namespace

IterationResult solve_system(System& system, const View<double>& x, const ConductionOptions& options) {
  Solver solver{system, options, x, {}, {}, {}, {}, {}, {}, {}};
  solver.prepare();
  return solver.run();
}

}  // namespace voxode::physics::transport
