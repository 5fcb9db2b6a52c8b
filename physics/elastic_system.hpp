#pragma once
// The linear elastic system of the finest mesh: elements, interface springs between the nodes of a vertex, walls and plate.
// A device header: only .cpp files that link Kokkos include it.
#include <vector>

#include "kernels/vector_operations.hpp"
#include "mesh/cohesive_points.hpp"
#include "mesh/hierarchy.hpp"
#include "physics/element_kernels.hpp"
#include "physics/settings.hpp"

namespace voxode::physics {

/// Moduli and stress-free strain that cells share: one class per phase, or per body where orientation matters.
struct MaterialClasses {
  bool isotropic = true;               ///< all of them
  std::vector<Stiffness> stiffness;    ///< sample frame, Pa
  std::vector<std::uint8_t> bbar;
  std::vector<std::uint32_t> of_cell;  ///< per voxel
  Index size() const { return Index(stiffness.size()); }
};

/// What holds the box: walls fix the displacement normal to them; the upper z wall may move with the plate.
struct Support {
  std::array<std::array<bool, 2>, 3> wall{};  ///< [axis][lower, upper]
  bool plate_moves = false;                   ///< the upper z wall follows the unknown plate displacement
  std::vector<mesh::Wall> walls() const;
};

class ElasticSystem {
 public:
  /// `nodes`, `points`, `classes` must outlive the system.
  ElasticSystem(const mesh::Nodes& nodes, const mesh::CohesivePoints& points, const MaterialClasses& classes, double voxel_edge, const Support& support);

  /// y = K_bulk x, plus forces of the offset strain (macroscopic minus stress-free, per class) if given. Walls are not masked.
  template <class T>
  void bulk_force(const Field<const T>& x, const Field<T>& y, const Array<T>& offset_strain = {}) const;
  /// y += K_bulk x of the packs of cells not zero in `packs`, shape `n_packs`: rows of cells along x, as many together as `kernels::pack_width`.
  void add_bulk_force(const Field<const float>& x, const Field<float>& y, const Array<std::uint8_t>& packs) const;
  Index3 n_packs() const;
  /// y += springs between the node pairs, shape of `stiffness`: (n_pairs, 6), xx yy zz yz xz xy, N/m.
  template <class T>
  void add_pair_forces(const Array<float>& stiffness, const Field<const T>& x, const Field<T>& y) const;
  /// Zero at all walls (the plate's too).
  template <class T>
  void mask(const Field<T>& y) const;
  /// Sets the normal displacement of the upper z wall.
  template <class T>
  void set_plate(const Field<T>& x, double displacement) const;
  /// Sum of the z forces on the upper z wall.
  template <class T>
  double plate_force(const Field<T>& y) const;
  /// Offset strains (n_classes x Voigt) on the device, in the kernels' units; `to` is made where it does not fit. Throws InternalError for another number of them.
  template <class T>
  void device_strain(const std::vector<Voigt>& strain, Array<T>& to) const;
  template <class T>
  Array<T> device_strain(const std::vector<Voigt>& strain) const {
    Array<T> to;
    device_strain(strain, to);
    return to;
  }

  const Array<double>& moduli() const { return moduli_double_; }
  const Array<float>& moduli_single() const { return moduli_single_; }
  Index n_nodes() const { return nodes.n_nodes(); }
  Index n_vertices() const { return nodes.vertex_count(); }

  const mesh::Nodes& nodes;
  const mesh::CohesivePoints& points;
  const MaterialClasses& classes;
  const double voxel_edge;
  const Support support;
  FineMesh mesh;
  ColouredBlocks blocks;
  std::vector<float> class_moduli;  ///< host, (n_classes, Moduli::size), times voxel edge
  int n_moduli = 0;
  ConstArray<std::uint32_t> interface_vertex, pair_offset, pair_node, point_offset;
  Array<std::uint32_t> fixed_node;      ///< walls but for the upper z wall
  Array<std::uint8_t> fixed_component;
  Array<std::uint32_t> plate_node;      ///< nodes of the upper z wall, if there is one

 private:
  Array<double> moduli_double_;
  Array<float> moduli_single_;
};

}  // namespace voxode::physics
