// Conduction does not depend on how the axes are named or which way they run; a mirror image beside the box changes nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/faces.hpp"
#include "physics/transport.hpp"
#include "tests/random_spheres.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

// Two phases and pores of its own box, between plates or periodic, with a resistance on every face between the phases.
std::vector<double> conductivities(const Index3& n, const std::vector<std::uint8_t>& phase, bool periodic) {
  mesh::VoxelGrid grid;
  grid.n = n;
  grid.spacing = 5e-7;
  grid.phase = phase;
  mesh::Bodies bodies;
  for (const std::uint8_t p : phase) bodies.of_voxel.push_back(p == mesh::pore ? -1 : std::int32_t(p));
  bodies.table.resize(2);
  bodies.table[1].phase = 1;
  const mesh::Faces faces =
      make_faces(grid, bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::voxel}; }, {periodic, periodic, periodic});
  const std::vector<double> resistance(std::size_t(faces.size()), 1e-6);
  ConductionProblem problem;
  problem.n = n;
  problem.spacing = grid.spacing;
  problem.phase = phase;
  problem.conductivity = {0.21, 5.2};
  problem.faces = &faces;
  problem.face_resistance = resistance;
  problem.periodic = periodic;
  std::vector<double> result;
  for (int axis = 0; axis < 3; ++axis) result.push_back(solve_conduction(problem, axis, {.tolerance = 1e-8}).conductivity);
  return result;
}

// Two kinds of spheres: grains of phase 1, and pores.
std::vector<std::uint8_t> medium(const Index3& n) {
  std::vector<std::uint8_t> phase = tests::random_spheres(n, 3.4, 0.45, 5);
  const std::vector<std::uint8_t> pores = tests::random_spheres(n, 1.7, 0.06, 8);
  for (std::size_t v = 0; v < phase.size(); ++v)
    if (pores[v]) phase[v] = mesh::pore;
  return phase;
}

const Index3 box{13, 16, 11};

TEST(Conduction, AxesPermuted_SameConductivities) {
  const std::vector<std::uint8_t> phase = medium(box);
  for (const bool periodic : {false, true}) {
    const std::vector<double> want = conductivities(box, phase, periodic);
    EXPECT_GT(std::abs(want[0] / want[2] - 1), 1e-3) << "the axes of this medium do not differ: the test could not fail";
    for (const std::array<std::size_t, 3>& of : {std::array<std::size_t, 3>{1, 2, 0}, {2, 0, 1}, {1, 0, 2}}) {  // new axis d is old axis of[d]
      const Index3 n{box[of[0]], box[of[1]], box[of[2]]};
      std::vector<std::uint8_t> permuted(phase.size());
      for (Index v = 0; v < product(n); ++v) {
        const Index3 at{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
        Index3 old{};
        for (std::size_t d = 0; d < 3; ++d) old[of[d]] = at[d];
        permuted[std::size_t(v)] = phase[std::size_t(linear_index(box, old[0], old[1], old[2]))];
      }
      const std::vector<double> got = conductivities(n, permuted, periodic);
      for (std::size_t d = 0; d < 3; ++d) EXPECT_NEAR(got[d] / want[of[d]], 1.0, 1e-9) << periodic << " " << d;
    }
  }
}

TEST(Conduction, BoxMirrored_SameConductivities) {
  const std::vector<std::uint8_t> phase = medium(box);
  for (const bool periodic : {false, true}) {
    const std::vector<double> want = conductivities(box, phase, periodic);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::vector<std::uint8_t> mirrored(phase.size());
      for (Index v = 0; v < product(box); ++v) {
        Index3 at{v % box[0], v / box[0] % box[1], v / (box[0] * box[1])};
        at[axis] = box[axis] - 1 - at[axis];
        mirrored[std::size_t(v)] = phase[std::size_t(linear_index(box, at[0], at[1], at[2]))];
      }
      const std::vector<double> got = conductivities(box, mirrored, periodic);
      for (std::size_t d = 0; d < 3; ++d) EXPECT_NEAR(got[d] / want[d], 1.0, 1e-9) << periodic << " mirrored along " << axis << ", drop along " << d;
    }
  }
}

// Insulating sides and plates are mirrors: the box and its image side by side conduct like the box alone.
TEST(Conduction, MirrorImageBesideTheBox_SameConductivities) {
  const std::vector<std::uint8_t> phase = medium(box);
  const std::vector<double> want = conductivities(box, phase, false);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    Index3 n = box;
    n[axis] *= 2;
    std::vector<std::uint8_t> doubled(std::size_t(product(n)));
    for (Index v = 0; v < product(n); ++v) {
      Index3 at{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
      at[axis] = std::min(at[axis], n[axis] - 1 - at[axis]);
      doubled[std::size_t(v)] = phase[std::size_t(linear_index(box, at[0], at[1], at[2]))];
    }
    const std::vector<double> got = conductivities(n, doubled, false);
    for (std::size_t d = 0; d < 3; ++d) EXPECT_NEAR(got[d] / want[d], 1.0, 1e-9) << "doubled along " << axis << ", drop along " << d;
  }
}

}  // namespace
