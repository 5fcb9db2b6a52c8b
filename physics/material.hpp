#pragma once
// A phase's material, in SI units and its crystal frame (c axis = crystal z).
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::physics {

enum class Integration { full, bbar };

struct Material {
  std::string name;
  Stiffness stiffness{};     ///< Pa, order xx yy zz yz xz xy, engineering shear
  bool isotropic = true;     ///< given by E and nu
  double youngs_modulus = 0;  ///< Pa, if isotropic
  double poisson_ratio = 0;
  Integration integration = Integration::full;
  /// Lattice strain over lithium content: rows (content, eps_a, eps_c), content increasing; empty: does not swell.
  std::vector<std::array<double, 3>> strain_table;
  double ionic_conductivity = 0;       ///< S/m, 0: does not conduct
  double electronic_conductivity = 0;  ///< S/m
  double density = 0;                  ///< kg/m3, 0: not given
};

/// Isotropic stiffness from Young's modulus (Pa) and Poisson's ratio.
Stiffness isotropic_stiffness(double youngs_modulus, double poisson_ratio);
/// C rotated from the crystal into the sample frame by a unit quaternion.
Stiffness rotate_stiffness(const Stiffness& c, const Quaternion& q);
/// The isotropic material nearest to a stiffness: Voigt's averages over all orientations.
struct IsotropicModuli {
  double bulk = 0, shear = 0;  ///< Pa
  double youngs_modulus() const { return 9 * bulk * shear / (3 * bulk + shear); }
};
IsotropicModuli voigt_average(const Stiffness& c);
/// True if the 6x6 matrix is symmetric (to 1e-9 of its largest entry) and positive definite.
bool is_positive_definite(const Stiffness& c);

}  // namespace voxode::physics
