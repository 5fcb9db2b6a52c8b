#pragma once
// From a voxel grid to everything mechanics and transport stand on: bodies, faces with their interface entries, mechanical bodies.
#include <string>
#include <vector>

#include "mesh/bodies.hpp"
#include "mesh/faces.hpp"
#include "mesh/mechanical_bodies.hpp"
#include "physics/settings.hpp"

namespace voxode::physics {

struct Microstructure {
  mesh::Bodies bodies;
  mesh::Faces faces;
  mesh::MechanicalBodies mechanical;
  std::vector<std::string> notes;     ///< for the log
  std::vector<std::string> warnings;  ///< for the log and the summary
};

/// Cuts bodies, finds faces and what holds together. Throws ConfigError where an interface entry cannot act, InputError where
/// nothing leads from plate to plate (only if `needs_load_path`).
Microstructure make_microstructure(const mesh::VoxelGrid& grid, const Job& job, bool needs_load_path);

/// The first interface entry that holds for a pair of bodies; Faces::no_entry if they are bonded for good.
mesh::FaceRule face_rule(const Job& job, const mesh::Bodies& bodies, std::int32_t body_a, std::int32_t body_b);

}  // namespace voxode::physics
