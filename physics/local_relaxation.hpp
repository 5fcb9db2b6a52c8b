#pragma once
// Nonlinear relaxation near interfaces that change. Where a few faces snap open or touch again, the energy is curved the wrong way in their surroundings
// alone; one line search over the whole body then holds everything else up for them. Their surroundings are brought to rest first, with the rest held, as in
// nonlinear elimination (Lanzkron, Rose and Wilkes 1996, SIAM J. Sci. Comput. 17).
// A device header: only .cpp files that link Kokkos include it.
#include "physics/elastic_system.hpp"
#include "physics/interface_kernels.hpp"
#include "physics/vertex_blocks.hpp"

namespace voxode::physics {

class LocalRelaxation {
 public:
  struct Options {
    int memory = 2;           ///< calls of `follow` for which a pair counts as changing after it has changed
    int radius = 2;           ///< voxels around such pairs
    int iterations = 20;      ///< at most, in one call
    double enough = 1e-2;     ///< ends where the residual's square, in units of energy, has fallen to this share
    double most_of_all = 0.08;  ///< does nothing where more than this share of all vertices would take part
  };
  /// What it acts on.
  struct State {
    Interface interface;
    Field<double> u;      ///< displacement
    Field<float> change;  ///< of u in this step
    Field<double> force;  ///< residual at u, zero at walls
    Field<float> p, q;    ///< scratch
  };

  explicit LocalRelaxation(const ElasticSystem& system) : LocalRelaxation(system, Options()) {}
  LocalRelaxation(const ElasticSystem& system, const Options& options);

  /// From here on no pair has changed yet.
  void forget();
  /// `changed` (n_pairs): not zero for pairs that changed since the last call.
  void follow(const Array<std::uint8_t>& changed);
  /// Conjugate gradients with `blocks` (inverse, of the finest level) and exact line searches on the nodes near changing pairs; keeps u, change and force in
  /// step. `plate_residual` gets what the upper wall's nodes feel of it. Returns the number of iterations.
  int relax(const VertexBlocks& blocks, const State& state, double& plate_residual);

 private:
  bool find_region(const State& state);

  const ElasticSystem& system_;
  Options options_;
  Array<std::uint8_t> age_;    ///< of each interface vertex: calls of `follow` left
  Array<std::uint8_t> packs_;  ///< packs of cells that touch a moving vertex (ElasticSystem::n_packs)
  Array<std::uint8_t> spare_;
  // lists with room to spare, and how much of them counts
  Array<std::uint32_t> moving_, touched_, interface_vertex_;  ///< vertices that move, these and their neighbours, interface vertices (number in CohesivePoints) that move
  Index n_moving_ = 0, n_touched_ = 0, n_interface_ = 0;
};

}  // namespace voxode::physics
