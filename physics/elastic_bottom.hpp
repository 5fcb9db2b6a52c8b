#pragma once
// The last level of the elastic hierarchy, solved directly on the host.
// A device header: only .cpp files that link Kokkos include it.
#include <vector>

#include "kernels/sparse_cholesky.hpp"
#include "mesh/hierarchy.hpp"
#include "physics/elastic_system.hpp"

namespace voxode::physics {

/// Elements, springs, walls and the plate's row of the last level; rigid motions that nothing holds are left out. Bodies far smaller than its cells have six unknowns,
/// translation and rotation, for the 24 of each of their elements: what strains them, finer levels have smoothed.
class ElasticBottom {
 public:
  /// Both must outlive it.
  ElasticBottom(const ElasticSystem& system, const mesh::CoarseLevel& level);

  /// Takes over the spring matrices, shape (n_groups, 300), packed 24 x 24, the same array every time, and the plate's spring (N/m). Factors only where they have
  /// changed enough.
  void refresh(const Array<float>& spring_matrix, double plate_spring);
  /// The next refresh factors, whatever the last one has.
  void forget() { factored_stiffness_.clear(); }
  /// Solution of A x = right, which may be overwritten. Returns the plate's displacement, 0 if it does not move.
  double solve(const NodeField<float>& right, const NodeField<float>& solution, double plate_residual);
  Index n_unknowns() const { return n_unknowns_; }

 private:
  /// A node's displacement: unknowns [3 block, 3 block + 3) themselves, or of a small body t + w x arm (LooseBodies::motions), w the three after them.
  struct Node {
    int block = 0;
    bool small = false;
    float arm[3] = {0, 0, 0};  ///< from the body's middle, in cell edges
  };
  void find_small_bodies();
  void add(kernels::SymmetricBlocks& a, int i, int j, const kernels::SymmetricBlocks::Block& block) const;
  void find_rigid_motions();
  bool has_changed(const float* matrix, double plate_spring);
  void factor(const float* matrix, double plate_spring);

  const ElasticSystem* system_;
  const mesh::CoarseLevel* level_;
  kernels::SparseCholesky factor_;
  NodeField<float>::HostMirror mirror_;                 ///< the right-hand side, then the solution
  Array<float>::HostMirror matrix_mirror_;
  std::vector<Node> node_;
  std::vector<float> floor_;                            ///< N/m of the blocks of small bodies (0: another's), far less than any spring: what holds them where nothing does
  std::vector<std::vector<double>> rigid_motions_;  ///< orthonormal
  int n_blocks_ = 0;
  Index n_unknowns_ = 0;
  std::vector<double> factored_stiffness_;          ///< of the plate's spring and of each group of springs
};

}  // namespace voxode::physics
