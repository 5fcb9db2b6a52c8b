#pragma once
// Multigrid that knows bodies, as a preconditioner in single precision: Chebyshev over vertex blocks, coarse elements by
// what hangs together, interface springs carried exactly, walls as ground springs, the plate's displacement as one unknown of every level.
// A device header: only .cpp files that link Kokkos include it.
#include <memory>
#include <vector>

#include "physics/archive.hpp"
#include "physics/local_smoother.hpp"
#include "physics/vertex_blocks.hpp"

namespace voxode::physics {

class ElasticMultigrid {
 public:
  struct Options {
    int degree = 3;           ///< of the Chebyshev smoother
    int extra_coarse_steps = 1;  ///< coarse levels are cheap, and hold the motions of loose bodies
    double range = 6.0;       ///< smoothed part of the spectrum: [largest / range, largest]
    Index bottom_nodes = 1000;
    std::vector<float> stiffest;  ///< (n_pairs) N/m: the largest stiffness that a pair of interface nodes may take; empty: unknown
    bool locally = true;      ///< nearly incompressible material and splinters are smoothed further (LocalSmoother)
    bool symmetric = true;    ///< the finest level is smoothed before the coarse ones too; without, only after (one step more): for iterations that bear it
    bool jacobi = false;      ///< no hierarchy: the vertex blocks alone
  };

  ElasticMultigrid(const ElasticSystem& system, const std::vector<std::int32_t>& mechanical_body, const Options& options);
  ~ElasticMultigrid();

  /// An array for interface springs, all zero. Where none can be softer on coarse levels than it is, these read it there: it must not outlive the multigrid then.
  Array<float> pair_springs() const;
  /// Takes new interface springs (n_pairs, 6) on all levels. `changed` (n_pairs): not zero where they differ from the last call's; empty: anywhere.
  void refresh(const Array<float>& pair_stiffness, const Array<std::uint8_t>& changed = {});
  /// Stiffness (N/m) of what pushes the plate; counts from the next refresh on.
  void set_plate_spring(double stiffness);

  /// The right-hand side field of the finest level: put the (masked) residual here before `apply`.
  const Field<float>& right_hand_side() const;
  /// z = preconditioner x right-hand side; returned by reference to the level's own field. The plate's entry of the residual
  /// goes in as `plate`, its correction comes out there.
  const Field<float>& apply(double& plate);
  /// The field that `apply` returns.
  const Field<float>& solution() const;
  /// The smoother's diagonal on the finest level.
  const VertexBlocks& fine_blocks() const;
  /// Two fields of the finest level that hold nothing between calls of `apply` and of `refresh`.
  const Field<float>& scratch(int number) const;
  /// The memory of both as one field in double precision.
  Field<double> wide_scratch() const;
  /// Gives the fields of the finest level back to the system, for as long as others need the memory more; `acquire` (and nothing else before) takes them again.
  void release();
  void acquire();

  /// What outlasts a refresh of all springs: which bodies have merged, and estimates of spectra.
  void go_over(Archive& archive);

  int n_levels() const;
  Index n_unknowns() const;          ///< over all levels
  Index n_bottom_unknowns() const;
  std::string description() const;   ///< a line per level: cells, nodes, elements, springs, memory
  double bytes() const;

  struct Level;           // not private: nvcc takes no kernels inside a class that is
  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace voxode::physics
