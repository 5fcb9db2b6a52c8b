#pragma once
// Effective stiffness and swelling of a fully periodic box, interfaces undamaged (docs/manual/theory.md).
#include "physics/microstructure.hpp"

namespace voxode::physics {

struct Homogenised {
  Stiffness stiffness{};  ///< Pa, order xx yy zz yz xz xy, engineering shear
  Voigt swelling{};       ///< stress-free strain at `charged` relative to `discharged`, engineering shear
  int iterations = 0;     ///< of all loads
  double residual = 0;    ///< the largest reached
};

/// Six mean strains, and one stress-free strain if `swelling`. A `contact` interface carries what its law carries at zero jump.
/// Throws ConvergenceError, MemoryError; InputError where nothing is solid.
Homogenised homogenise(const mesh::VoxelGrid& grid, const Microstructure& structure, const Job& job, bool swelling);

}  // namespace voxode::physics
