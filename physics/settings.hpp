#pragma once
// What a user asks for, in SI units; io/config fills these structs, physics reads them.
#include <cstdint>
#include <string>
#include <vector>

#include "mesh/bodies.hpp"
#include "mesh/faces.hpp"
#include "physics/material.hpp"

namespace voxode::physics {

enum class Role { active, electrolyte, binder, conductor, other };

struct Phase {
  std::string name;
  Role role = Role::other;
  Material material;
  mesh::BodyRule bodies;
};

enum class InterfaceLawKind { bilinear, bonded, spring, contact };
enum class Where { any, within_particle, between_particles };

/// One [[interface]] entry.
struct InterfaceEntry {
  std::uint8_t phase_a = 0, phase_b = 0;  ///< the unordered pair of phases
  Where where = Where::any;
  InterfaceLawKind law = InterfaceLawKind::bilinear;
  double normal_stiffness = 1e17, shear_stiffness = 1e17;  ///< Pa/m
  double normal_strength = 20e6, shear_strength = 20e6;    ///< Pa
  double toughness_I = 1.0, toughness_II = 1.0;            ///< J/m2
  double mode_mixing_exponent = 1.5;
  double friction_coefficient = 0;
  double viscosity = 0;  ///< s
  mesh::NormalMode normals = mesh::NormalMode::smoothed;
  double ionic_resistance = 0, electronic_resistance = 0;  ///< Ohm m2 of true area, of the intact face
  double recontact = 1.0;
  double contact_gap = 1e-9;  ///< m
};

enum class InPlane { mirror, periodic, free };
enum class Stack { pressure, gap, spring };

struct Boundary {
  InPlane in_plane = InPlane::mirror;
  Stack stack = Stack::pressure;
  std::vector<std::pair<int, double>> pressure{{0, 0.0}};  ///< (from cycle, Pa), increasing cycle
  double spring_stiffness = 0;  ///< Pa/m
  double pressure_of_cycle(int cycle) const;
};

struct Lithium { double discharged = 1.0, charged = 0.0; };

struct Cycling {
  int cycles = 1;
  int steps_per_half_cycle = 10;
  double press = 0;                ///< Pa
  double half_cycle_time = 36000;  ///< s
};

enum class Every { step, half_cycle, cycle };
struct Effective {
  Every every = Every::half_cycle;
  bool ionic = true, electronic = true, tensor = false, stiffness = false, swelling = false;
};

enum class Preconditioner { multigrid, jacobi };
enum class Precision { mixed, double_precision };
struct Solver {
  double tolerance = 1e-6;
  Precision precision = Precision::mixed;
  Preconditioner preconditioner = Preconditioner::multigrid;
};

enum class JobKind { cycle, properties };

/// A whole job short of files.
struct Job {
  std::string title;
  JobKind kind = JobKind::cycle;
  std::vector<Phase> phases;  ///< index: phase number of the VoxelGrid
  std::vector<InterfaceEntry> interfaces;
  Boundary boundary;
  Lithium lithium;
  Cycling cycling;
  Effective effective;
  Solver solver;
  std::uint64_t seed = 1;

  /// The periodic axes: in-plane if asked; with `properties` and periodic, z too.
  mesh::Periodicity periodicity() const;
};

}  // namespace voxode::physics
