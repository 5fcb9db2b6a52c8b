// Prints, bit by bit, what a conduction solve gives: the program that thread_count_test.cpp starts with different thread counts.
#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "kernels/runtime.hpp"
#include "mesh/faces.hpp"
#include "physics/transport.hpp"
#include "tests/random_spheres.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

std::uint64_t hash_of(const std::vector<float>& values) {  // FNV-1a over the bits
  std::uint64_t hash = 14695981039346656037ull;
  for (const float value : values) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 1099511628211ull;
  return hash;
}

void print(const char* name, const ConductionProblem& problem, const ConductionOptions& options, int first_axis = 0) {
  for (int axis = first_axis; axis < 3; ++axis) {
    const ConductionSolution s = solve_conduction(problem, axis, options);
    std::printf("%s axis %d: %a %a %a %a, residual %a, %d iterations, share %a, potential %016" PRIx64 "\n", name, axis, s.conductivity, s.current[0], s.current[1],
                s.current[2], s.residual, s.iterations, s.percolating_share, hash_of(s.potential));
  }
}

}  // namespace

int main() {
  kernels::Runtime runtime({});
  std::printf("%s\n", kernels::device_description().c_str());
  mesh::VoxelGrid grid;
  grid.n = {33, 28, 37};
  grid.spacing = 5e-7;
  grid.phase = tests::random_spheres(grid.n, 5.3, 0.5, 11);
  grid.phase_names = {"electrolyte", "active"};
  mesh::Bodies bodies;
  bodies.of_voxel.assign(grid.phase.begin(), grid.phase.end());
  bodies.table.resize(2);
  bodies.table[1].phase = 1;
  ConductionProblem problem;
  problem.n = grid.n;
  problem.spacing = grid.spacing;
  problem.phase = grid.phase;
  problem.conductivity = {0.21, 5.2};
  print("plates", problem, {});
  print("plates, jacobi", problem, {.jacobi = true}, 2);
  problem.periodic = true;
  print("periodic", problem, {});
  const mesh::Faces faces = make_faces(grid, bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::smoothed}; }, {true, true, true});
  std::vector<double> resistance;
  for (const float share : faces.area_share) resistance.push_back(1e-6 / std::max(double(share), 0.02));
  problem.faces = &faces;
  problem.face_resistance = resistance;
  print("periodic, resistance", problem, {});
  problem.conductivity = {0.21, 0.0};
  problem.face_resistance = {};
  problem.faces = nullptr;
  problem.periodic = false;
  print("one phase", problem, {});
  return 0;
}
