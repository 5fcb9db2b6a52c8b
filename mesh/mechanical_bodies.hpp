#pragma once
// Mechanical bodies: face-connected voxels of bodies that are bonded for good (docs/manual/concepts.md).
#include <cstdint>
#include <vector>

#include "mesh/faces.hpp"

namespace voxode::mesh {

/// An interface entry that matches faces inside one mechanical body, where it cannot act.
struct IdleInterface {
  std::uint8_t entry = 0;
  std::uint8_t phase_a = 0, phase_b = 0;  ///< phase_a <= phase_b
  Index n_faces = 0;
  double area = 0;  ///< m2, true area of those faces
  /// Bodies from one side of the first such face to the other, each bonded for good to the next: one of these pairs needs an entry.
  std::vector<std::int32_t> bonded_path;
};

struct MechanicalBodies {
  /// Mechanical body of each voxel, -1 in pores; numbered by smallest voxel index. Floating ones still have their number here.
  std::vector<std::int32_t> of_voxel;
  std::vector<Index> size;  ///< voxels
  /// Whether a chain of faces, bonded or not, joins it to the plate at z = 0, and to the one at the top.
  std::vector<std::uint8_t> joined_to_bottom, joined_to_top;
  std::vector<std::int32_t> floating;  ///< those joined to no plate (if z is periodic: all but the largest joined set), increasing
  Index n_floating_voxels = 0;
  bool load_path = false;  ///< some chain of faces leads from plate to plate (always, if z is periodic and there is a solid)
  std::vector<IdleInterface> idle_interfaces;  ///< by entry and phases; empty when all is well
  Index count() const { return Index(size.size()); }
};

MechanicalBodies find_mechanical_bodies(const VoxelGrid& grid, const Bodies& bodies, const Faces& faces, const Periodicity& periodic);

/// `of_voxel` with the floating ones at -1: what takes part in mechanics, as make_nodes wants it (numbers as before).
std::vector<std::int32_t> bodies_with_load_path(const MechanicalBodies& bodies);

}  // namespace voxode::mesh
