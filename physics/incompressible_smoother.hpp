#pragma once
// Extra smoothing where a material is nearly incompressible (binder, rubber): there the motions at constant volume are hundreds of times softer than the
// vertex blocks, and neither a few smoothing steps on all vertices nor coarse levels reach them.
// A device header: only .cpp files that link Kokkos include it.
#include "physics/elastic_system.hpp"
#include "physics/node_gather.hpp"

namespace voxode::physics {

struct VertexBlocks;

/// Chebyshev iteration on the vertices of nearly incompressible cells alone, all others held: symmetric as a part of a cycle if used on both its ways.
class IncompressibleSmoother {
 public:
  /// K / G from which a class counts as nearly incompressible (Poisson ratio .475).
  static constexpr double least_bulk_to_shear = 20;

  IncompressibleSmoother() = default;
  /// `blocks`: of the finest level; their values may change later.
  IncompressibleSmoother(const ElasticSystem& system, const VertexBlocks& blocks);

  bool empty() const { return n_vertices() == 0; }
  Index n_vertices() const { return Index(block_offset_.extent(0)); }
  double bytes() const;

  /// Improves x where A x = b. `largest`: bound of the eigenvalues of D^-1 A, with D the vertex blocks; d and t are overwritten.
  void smooth(const ElasticSystem& system, const VertexBlocks& blocks, const Array<float>& pair_stiffness, double largest, const Field<float>& b, const Field<float>& x, const Field<float>& d, const Field<float>& t) const;

 private:
  // The vertices lie scattered: their nodes are numbered on their own, and after them those that their cells share with other vertices.
  Array<std::uint32_t> node_;          ///< number in the finest mesh
  Array<std::uint32_t> node_offset_;   ///< first node of each vertex
  Array<std::uint32_t> block_offset_;  ///< of each vertex, VertexBlocks::block_offset
  Array<std::uint32_t> cell_offset_;   ///< first cell of each block of the system's partition
  Array<std::uint32_t> cell_class_, cell_node_;  ///< of the cells that touch one of the vertices: class; nodes, shape (8, n_cells)
  Array<std::uint32_t> pair_offset_, pair_, pair_node_;  ///< pairs of each interface vertex: number in mesh::CohesivePoints; nodes, shape (n, 2)
  Array<std::uint32_t> fixed_node_;    ///< at walls
  Array<std::uint8_t> fixed_component_;
  Field<float> b_, x_;
  // on a GPU only:
  NodeGather cells_;         ///< of the vertices' own nodes
  Array<float> cell_force_;  ///< (24, n_cells)
};

}  // namespace voxode::physics
