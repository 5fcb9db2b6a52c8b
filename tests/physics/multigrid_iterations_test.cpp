// Iterations of the multigrid-preconditioned conjugate gradients on random spheres: the states of the design document.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/error.hpp"
#include "mesh/components.hpp"
#include "physics/linear_solver.hpp"
#include "tests/physics/sphere_pack.hpp"
#include "tests/raw_faces.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;
using voxode::tests::SpherePack;

enum class State { intact, upper_half_open, every_second_loose, all_loose, checkerboard, patches, moved_patches };

struct Interfaces {
  State state = State::intact;
  bool plate = false;
  bool periodic = false;
  bool rubber = false;          ///< the spheres are of nearly incompressible rubber
  bool locally = true;          ///< ElasticMultigrid::Options
  int max_iterations = 500;
  bool soft_layers = false;     ///< in the electrolyte, between stiff ones
  double strain = 0.02;         ///< of the spheres
  double shear = 0;             ///< of the electrolyte
  double springs = 100;         ///< in E / h of the electrolyte
  bool bounded = false;         ///< ElasticMultigrid::Options::stiffest is given
  std::optional<State> before = std::nullopt;  ///< whose springs the hierarchy has seen before
};

/// Vertices that hold where all others are open, between layers: those next to every second corner of the cells two voxels long, or to the corners between. Either way each
/// cell inside has as many.
bool is_in_patch(Index i, Index j, State state) {
  const auto along = [state](Index at) { return state == State::patches ? at % 4 == 3 || at % 4 == 0 : at % 4 == 1 || at % 4 == 2; };
  return along(i) && along(j);
}

/// Springs of the case on raw voxel faces: `springs` x 22 GPa / h, open ones 1e-6 of it.
struct Run {
  int iterations = 0;
  Index n_nodes = 0;
};

Run solve(const SpherePack& pack, const Interfaces& c) {
  const Index3 n = pack.n;
  mesh::Periodicity periodic{c.periodic, c.periodic, c.periodic};
  const auto components = pack.mechanical_bodies(periodic);
  const mesh::Nodes nodes = mesh::make_nodes(n, periodic, components);
  const mesh::Faces faces = tests::raw_faces(n, components, periodic);
  const mesh::CohesivePoints points = mesh::make_cohesive_points(nodes, faces, components);
  MaterialClasses classes;
  classes.stiffness = {isotropic_stiffness(22e9, 0.37), isotropic_stiffness(180e9, 0.30)};
  classes.bbar = {0, 0};
  if (c.rubber) classes.stiffness[1] = isotropic_stiffness(3e6, 0.499), classes.bbar[1] = 1;
  classes.of_cell.resize(pack.label.size());
  for (std::size_t i = 0; i < pack.label.size(); ++i) classes.of_cell[i] = pack.label[i] > 0;
  if (c.soft_layers) {
    classes.stiffness.push_back(isotropic_stiffness(3e6, 0.3));
    classes.bbar.push_back(0);
    for (std::size_t i = 0; i < pack.label.size(); ++i)
      if (pack.label[i] == 0 && Index(i) / (n[0] * n[1]) % 16 < 6) classes.of_cell[i] = 2;
  }
  Support support;
  if (!c.periodic)
    for (auto& axis : support.wall) axis = {true, true};
  support.plate_moves = c.plate;
  const double h = pack.voxel;
  const ElasticSystem system(nodes, points, classes, h, support);

  const double stiffness = c.springs * 22e9 / h * h * h / 4;
  const auto springs_of = [&](State state) {
    std::vector<float> pairs(std::size_t(points.n_pairs()) * 6, 0.0f);
    for (std::size_t v = 0; v < points.vertex.size(); ++v) {
      const Index3 at = coordinates_of(Index(points.vertex[v]), nodes.n_vertices);
      const bool patches = state == State::patches || state == State::moved_patches, in_patch = patches && is_in_patch(at[0], at[1], state);
      for (std::uint32_t p = points.pair_offset[v]; p < points.pair_offset[v + 1]; ++p)
        for (std::uint32_t point = points.point_offset[p]; point < points.point_offset[p + 1]; ++point) {
          const Index cell = faces.cell[points.face[point]];
          const int axis = faces.axis[points.face[point]];
          const Index3 ijk = coordinates_of(cell, n);
          const int which = state == State::upper_half_open ? 1 : state == State::every_second_loose ? 2 : state == State::intact ? 0 : 3;
          const bool open = patches ? !in_patch : pack.is_open(which, cell, axis);
          float* const to = pairs.data() + 6 * p;
          const Index other = mesh::upper_cell(n, cell, axis);
          const bool soft = classes.of_cell[std::size_t(cell)] == 2 || classes.of_cell[std::size_t(other)] == 2;  // springs as much stiffer than the voxel as elsewhere
          const double isotropic = (open ? 1e-6 : soft ? 3e6 / 22e9 : 1.0) * stiffness;
          for (int d = 0; d < 3; ++d) to[d] += float(isotropic);
          if (state == State::checkerboard && (ijk[0] + ijk[1] + ijk[2]) % 2 == 0) to[axis] += float((1 - 1e-6) * stiffness);
        }
    }
    return pairs;
  };
  const std::vector<float> pairs = springs_of(c.state);
  const auto device = kernels::upload("pairs", pairs);

  ElasticMultigrid::Options options;
  options.locally = c.locally;
  if (c.bounded)
    for (std::size_t p = 0; p < pairs.size(); p += 6) options.stiffest.push_back(std::max({pairs[p], pairs[p + 1], pairs[p + 2]}));
  ElasticMultigrid multigrid(system, components, options);
  Array<std::uint8_t> changed;
  if (c.before) {
    const std::vector<float> old = springs_of(*c.before);
    multigrid.refresh(kernels::upload("pairs_before", old));
    std::vector<std::uint8_t> flags;
    for (std::size_t p = 0; p < pairs.size(); p += 6) flags.push_back(std::equal(&pairs[p], &pairs[p] + 6, &old[p]) ? 0 : 1);
    changed = kernels::upload("changed", flags);
  }
  multigrid.refresh(device, changed);
  const auto u = kernels::make_field<double>("u", system.n_nodes()), load = kernels::make_field<double>("load", system.n_nodes());
  std::vector<Voigt> offset_strain(classes.stiffness.size(), Voigt{});
  offset_strain[1] = {c.strain, c.strain, c.strain, 0, 0, 0};  // minus the stress-free strain of -2 %
  offset_strain[0] = {0, 0, 0, c.shear, c.shear, c.shear};
  system.bulk_force<double>(u, load, system.device_strain<double>(offset_strain));
  const double area = double(n[0] * n[1]) * h * h;
  const double plate_load = c.plate ? -19e6 * area - system.plate_force(load) : 0.0;
  kernels::assign_scaled(load, -1.0, load);
  system.mask(load);
  Kokkos::deep_copy(u, 0.0);
  double plate = 0;
  LinearOptions linear;
  linear.max_iterations = c.max_iterations;
  const LinearResult result = solve_linear(system, multigrid, device, load, plate_load, u, plate, linear);
  std::printf("%s%d unknowns %lld over all levels %.2f\n", multigrid.description().c_str(), result.iterations, static_cast<long long>(3 * system.n_nodes()), double(multigrid.n_unknowns()) / double(3 * system.n_nodes()));
  return {result.iterations, system.n_nodes()};
}

/// One body of electrolyte where `solid(i, j, k)`, nothing elsewhere.
template <class Solid>
SpherePack body_where(const Index3& n, const Solid& solid) {
  SpherePack pack;
  pack.n = n;
  for (Index k = 0; k < n[2]; ++k)
    for (Index j = 0; j < n[1]; ++j)
      for (Index i = 0; i < n[0]; ++i) pack.label.push_back(solid(i, j, k) ? 0 : -1);
  return pack;
}

int at_most_thirty_percent_or_three(int n) { return std::max(n + 3, int(std::ceil(1.3 * n))); }

}  // namespace

TEST(MultigridIterations, Intact_AtMost10) { EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), {State::intact}).iterations, 10); }
TEST(MultigridIterations, UpperHalfOpen_AtMost20) { EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), {State::upper_half_open}).iterations, 20); }
TEST(MultigridIterations, EverySecondLoose_AtMost28) { EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), {State::every_second_loose}).iterations, 28); }
TEST(MultigridIterations, AllLoose_AtMost18) { EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), {State::all_loose}).iterations, 18); }
TEST(MultigridIterations, EverySecondFaceClosed_AtMost16) { EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), {State::checkerboard}).iterations, 16); }
TEST(MultigridIterations, EverySecondFaceClosedUnderPlate_AtMost18) { EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), {State::checkerboard, true}).iterations, 18); }

// G / K of the rubber is 1/500: what is soft there are motions at constant volume, which only more smoothing reaches.
TEST(MultigridIterations, RubberSpheresInElectrolyte_SmoothedFurther) {
  const SpherePack pack = SpherePack::read(64, {40, 40, 40});
  EXPECT_LE(solve(pack, {State::intact, false, false, true, true}).iterations, 32);
  EXPECT_THROW(solve(pack, {State::intact, false, false, true, false, 100}), ConvergenceError);
}

// Behind soft interfaces (.004 K h) the rubber's nodes are smoothed by themselves, behind stiff ones with those beyond: by themselves those take 229 iterations.
TEST(MultigridIterations, RubberSpheresBehindInterfacesOfKnownStiffness_SmoothedFurther) {
  const SpherePack pack = SpherePack::read(64, {40, 40, 40});
  Interfaces c;
  c.rubber = c.bounded = true;
  EXPECT_LE(solve(pack, c).iterations, 32);
  c.springs = 1e-4;
  EXPECT_LE(solve(pack, c).iterations, 32);
}

TEST(LinearSolver, LoadThatIsNotANumber_Throws) {
  Interfaces c;
  c.strain = std::nan("");
  EXPECT_THROW(solve(SpherePack::read(64, {16, 16, 16}), c), ConvergenceError);
}

// Layers 7000 times softer than the electrolyte they belong to. This bounds the count only; layers this plain need no BodyParts.
TEST(MultigridIterations, SoftLayersInElectrolyte_AtMost25) {
  Interfaces c;
  c.soft_layers = true;
  EXPECT_LE(solve(SpherePack::read(64, {64, 64, 64}), c).iterations, 25);
}

// Splinters one voxel thick, 6 to 20 high, each on its foot and along an edge of a toothed wall, about which it turns (see mesh/body_parts.hpp).
TEST(MultigridIterations, HingedSplinters_AtMost15) {
  SpherePack pack;
  pack.n = {32, 32, 32};
  pack.label.assign(std::size_t(product(pack.n)), -1);
  const auto fill = [&pack](const Index3& from, const Index3& to) {
    for (Index k = from[2]; k < to[2]; ++k)
      for (Index j = from[1]; j < to[1]; ++j)
        for (Index i = from[0]; i < to[0]; ++i) pack.label[std::size_t(linear_index(pack.n, i, j, k))] = 0;
  };
  fill({0, 0, 0}, {32, 32, 8});
  fill({0, 0, 8}, {16, 32, 32});
  for (Index tooth = 0; tooth < 4; ++tooth) {
    fill({16, 8 * tooth + 3, 8}, {18, 8 * tooth + 5, 32});
    for (Index side = 0; side < 2; ++side) fill({18, 8 * tooth + 2 + 3 * side, 8}, {19, 8 * tooth + 3 + 3 * side, 8 + 6 + 2 * (2 * tooth + side)});
  }
  Interfaces c;
  c.shear = 0.02;
  EXPECT_LE(solve(pack, c).iterations, 15);
}

// Flags one voxel thick, 5 long and 8 high, each on a pole of one voxel: they bend and twist far more easily than a coarse element does.
TEST(MultigridIterations, SplintersOnTheirFoot_SmoothedFurther) {
  const SpherePack pack = body_where({32, 32, 32}, [](Index i, Index j, Index k) {
    const bool pole = i % 8 == 3 && j % 8 == 1 && k == 8, flag = i % 8 == 3 && j % 8 >= 1 && j % 8 < 6 && k > 8 && k < 17;
    return k < 8 || pole || flag;
  });
  Interfaces c;
  c.shear = 0.02;
  const int with = solve(pack, c).iterations;
  c.locally = false;
  const int without = solve(pack, c).iterations;
  EXPECT_LE(with, 18);
  EXPECT_GT(without, with + 5);
}

// Pillars 40 high and 2 x 2 wide with gaps of two voxels between them: coarse cells hold several, which hang together in none but the lowest. With one
// element for all of a cell's pillars it takes more than 500.
TEST(MultigridIterations, SlenderPillars_AtMost150) {
  const SpherePack pack = body_where({32, 32, 64}, [](Index i, Index j, Index k) { return k < 48 && (k < 8 || (i % 4 < 2 && j % 4 < 2)); });
  Interfaces c;
  c.shear = 0.02;
  EXPECT_LE(solve(pack, c).iterations, 150);
}

// The springs of a coarse cell add up to what they were, but sit at another of its corners: a smoother that goes by the sum has blocks far too soft there, and diverges.
TEST(MultigridIterations, PatchesThatHoldMove_SmootherFollows) {
  SpherePack pack = body_where({32, 32, 32}, [](Index, Index, Index) { return true; });
  std::fill(pack.label.begin() + 32 * 32 * 16, pack.label.end(), 1);
  Interfaces c;
  c.state = State::moved_patches;
  const int anew = solve(pack, c).iterations;
  c.before = State::patches;
  EXPECT_LE(solve(pack, c).iterations, anew + 2);
}

TEST(MultigridOddGrid, MirrorFourStates_AtMostOneAndAHalfTimes) {
  const SpherePack pack = SpherePack::read(64, {47, 53, 61});
  EXPECT_LE(solve(pack, {State::intact}).iterations, 15);
  EXPECT_LE(solve(pack, {State::upper_half_open}).iterations, 30);
  EXPECT_LE(solve(pack, {State::every_second_loose}).iterations, 42);
  EXPECT_LE(solve(pack, {State::all_loose}).iterations, 27);
}
TEST(MultigridOddGrid, PeriodicFourStates_AtMostOneAndAHalfTimes) {
  const SpherePack pack = SpherePack::read(64, {47, 53, 61});
  EXPECT_LE(solve(pack, {State::intact, false, true}).iterations, 15);
  EXPECT_LE(solve(pack, {State::upper_half_open, false, true}).iterations, 30);
  EXPECT_LE(solve(pack, {State::every_second_loose, false, true}).iterations, 42);
  EXPECT_LE(solve(pack, {State::all_loose, false, true}).iterations, 27);
}

TEST(MultigridIterations, Doubled_AtMostThirtyPercentOrThreeMore_Long) {
  const SpherePack coarse = SpherePack::read(64, {64, 64, 64}), fine = SpherePack::read(128, {128, 128, 128});
  for (State state : {State::intact, State::upper_half_open, State::every_second_loose, State::all_loose})
    EXPECT_LE(solve(fine, {state}).iterations, at_most_thirty_percent_or_three(solve(coarse, {state}).iterations));
}
