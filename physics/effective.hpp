#pragma once
// Effective conduction of a microstructure with its interfaces as they are now (docs/manual/theory.md).
#include <utility>
#include <vector>

#include "physics/archive.hpp"
#include "physics/microstructure.hpp"
#include "physics/transport.hpp"

namespace voxode::physics {

enum class Carrier { ionic, electronic };

class EffectiveConduction {
 public:
  EffectiveConduction(const mesh::VoxelGrid& grid, const Microstructure& structure, const Job& job) : grid_(grid), structure_(structure), job_(job) {}

  /// `w`: conducting share of every face (Mechanics::face_conduction), empty: all intact. The last solution is the next start.
  Conduction solve(Carrier carrier, const std::vector<double>& w);
  /// True active-electrolyte area that is not open, over the undeformed volume, 1/m. `open`: Mechanics::open_share, may be empty.
  std::optional<double> active_surface_per_volume(const std::vector<double>& open) const;
  /// Share of active volume without an electron path to z = 0 or an ion path to the top; empty without active material.
  std::optional<double> isolated_active_fraction(const std::vector<double>& w) const;
  /// Gives back the last solutions' memory: the next solve starts from nothing.
  void forget() {
    for (std::vector<float>* const list : {&ionic_, &electronic_}) std::vector<float>().swap(*list);
  }
  /// The last solutions, if they are kept.
  void go_over(Archive& archive) {
    archive.list("conduction/ionic_potential", ionic_);
    archive.list("conduction/electronic_potential", electronic_);
  }
  /// Of the last solution; with `take` it is given away.
  std::vector<float> potential(Carrier carrier, bool take) {
    std::vector<float>& own = carrier == Carrier::ionic ? ionic_ : electronic_;
    if (!take) return own;
    return std::exchange(own, {});
  }
  /// Percolating share of the carrier's conducting volume, along z.
  double percolating_share(Carrier carrier, const std::vector<double>& w) const;

 private:
  ConductionProblem problem(Carrier carrier, const std::vector<double>& w, std::vector<double>& resistance) const;
  const mesh::VoxelGrid& grid_;
  const Microstructure& structure_;
  const Job& job_;
  std::vector<float> ionic_, electronic_;
};

}  // namespace voxode::physics
