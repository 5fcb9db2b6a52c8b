#pragma once
// Extra smoothing where a material is nearly incompressible (binder, rubber): there the motions at constant volume are hundreds of times softer than the
// vertex blocks, and neither a few smoothing steps on all vertices nor coarse levels reach them.
// A device header: only .cpp files that link Kokkos include it.
#include "physics/elastic_system.hpp"

namespace voxode::physics {

struct VertexBlocks;

/// Chebyshev iteration on the vertices of nearly incompressible cells alone, all others held: symmetric as a part of a cycle if used on both its ways.
class IncompressibleSmoother {
 public:
  /// K / G from which a class counts as nearly incompressible (Poisson ratio .475).
  static constexpr double least_bulk_to_shear = 20;

  IncompressibleSmoother() = default;
  explicit IncompressibleSmoother(const ElasticSystem& system);

  bool empty() const { return vertex_.extent(0) == 0; }
  Index n_vertices() const { return Index(vertex_.extent(0)); }
  double bytes() const { return 4.0 * double(vertex_.extent(0) + interface_.extent(0) + cell_.extent(0) + cell_offset_.extent(0)); }

  /// Improves x where A x = b. `largest`: bound of the eigenvalues of D^-1 A, with D the vertex blocks; d and t are overwritten.
  void smooth(const ElasticSystem& system, const VertexBlocks& blocks, const Array<float>& pair_stiffness, double largest, const Field<float>& b, const Field<float>& x, const Field<float>& d, const Field<float>& t) const;

 private:
  Array<std::uint32_t> vertex_;       ///< vertices of nearly incompressible cells
  Array<std::uint32_t> interface_;    ///< those among the interface vertices, as numbers in mesh::CohesivePoints
  Array<std::uint32_t> cell_offset_;  ///< first entry of `cell_` of each block of the system's partition
  Array<std::uint32_t> cell_;         ///< cells that touch one of the vertices
};

}  // namespace voxode::physics
