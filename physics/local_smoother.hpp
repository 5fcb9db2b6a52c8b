#pragma once
// Extra smoothing of the few nodes whose motions neither some smoothing steps on all vertices nor coarse levels reach:
// - a material that is nearly incompressible (binder, rubber): motions at constant volume are hundreds of times softer than the vertex blocks;
// - a splinter of a body, one voxel thick, on its foot: it bends and twists thousands of times more easily than a voxel strains, while coarse elements clamp it to what it stands on.
// A device header: only .cpp files that link Kokkos include it.
#include "physics/elastic_system.hpp"
#include "physics/node_gather.hpp"

namespace voxode::physics {

struct VertexBlocks;

/// Chebyshev iteration on some nodes alone, all others held: symmetric as a part of a cycle if used on both its ways.
/// Nodes beyond an interface are held too where it is soft; beyond a stiff one they come along, for there the two sides move as one.
class LocalSmoother {
 public:
  /// What it smooths, and how much.
  struct Region {
    std::vector<std::uint8_t> node;  ///< of each node of the finest mesh: not zero if it belongs to it; empty: none does
    double stiff_pair = 0;           ///< N/m: pairs that may be stiffer take the nodes beyond along
    int degree = 1;
    double range = 1;                ///< smoothed part of the spectrum: [largest / range, largest]
  };
  /// Nodes that touch nearly incompressible cells alone: one that a stiffer cell shares moves with that one.
  static Region nearly_incompressible(const ElasticSystem& system);
  /// Nodes of splinters (mesh::find_thin_sets) of 6 voxels or more, but for those of nearly incompressible cells.
  static Region splinters(const ElasticSystem& system, const std::vector<std::int32_t>& mechanical_body);

  LocalSmoother() = default;
  /// `blocks`: of the finest level; their values may change later. `stiffest` (n_pairs): the largest stiffness that a pair may take, N/m; empty: all are taken for stiff.
  LocalSmoother(const ElasticSystem& system, const VertexBlocks& blocks, const std::vector<float>& stiffest, const Region& region);

  bool empty() const { return n_nodes() == 0; }
  Index n_nodes() const { return n_own_; }
  int degree() const { return degree_; }
  double bytes() const;

  /// Takes new values of the vertex blocks: those of vertices with a pair in `changed` (n_pairs), or if that is empty all.
  void refresh(const ElasticSystem& system, const VertexBlocks& blocks, const Array<std::uint8_t>& changed) const;
  /// Improves x where A x = b. `largest`: bound of the eigenvalues of D^-1 A, with D the vertex blocks. `scratch`: 6 numbers for each node of the finest mesh, overwritten.
  void smooth(const ElasticSystem& system, const Array<float>& pair_stiffness, double largest, const Field<float>& b, const Field<float>& x, float* scratch) const;

  /// The vertex block that a block here is a part of. Not private: nvcc takes no kernels of types that are.
  struct Source {
    std::uint32_t block, to;  ///< VertexBlocks::block_offset; place in `value_`, in units of 3 values
    std::int16_t n_nodes;     ///< of the vertex
    std::int16_t node;        ///< which of them it is for, -1: for all
    std::uint32_t at_interface;  ///< number of the vertex in mesh::CohesivePoints
    static constexpr std::uint32_t nowhere = 0xffffffffu;
  };

 private:
  // The nodes lie scattered: they are numbered on their own, and after them those that their cells and pairs share with them.
  Array<std::uint32_t> node_;          ///< number in the finest mesh
  Array<std::uint32_t> node_offset_;   ///< first node of each group: one node, or all of a vertex
  Array<std::uint32_t> block_offset_;  ///< of each group's block in `value_`, in units of 3 values
  Array<float> value_;                 ///< inverses of the blocks; groups without pairs may share one
  Array<Source> source_;               ///< of each block
  Array<std::uint32_t> cell_offset_;   ///< first cell of each block of the system's partition
  Array<std::uint32_t> cell_class_, cell_node_;  ///< of the cells that touch one of the nodes: class; nodes, shape (8, n_cells)
  Array<std::uint32_t> pair_offset_, pair_, pair_node_;  ///< pairs of each interface vertex: number in mesh::CohesivePoints; nodes, shape (n, 2)
  Array<std::uint32_t> fixed_node_;    ///< at walls
  Array<std::uint8_t> fixed_component_;
  Index n_own_ = 0;
  int degree_ = 0;
  double range_ = 0;
  Array<float> own_scratch_;           ///< where there are too many nodes for the caller's
  // on a GPU only:
  NodeGather cells_;
  Array<float> cell_force_;  ///< (24, n_cells)
};

}  // namespace voxode::physics
