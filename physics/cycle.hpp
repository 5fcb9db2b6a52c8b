#pragma once
// The driver: press, charge and discharge in steps, effective properties in between. Hands out rows and snapshots, touches no file.
#include <functional>
#include <map>
#include <string>

#include "physics/effective.hpp"
#include "physics/mechanics.hpp"

namespace voxode::physics {

/// Where time went, s, and how often.
struct Timings {
  std::map<std::string, double> seconds;
  std::map<std::string, Index> count;
  void go_over(Archive& archive);  ///< what was saved is added
};

struct CycleObserver {
  /// After each converged load step (the pristine state too). The second argument is null unless conduction was solved for this row.
  std::function<void(const StepRow&, const ConductionRow*)> on_step;
  /// After each half cycle (and the pristine state).
  std::function<void(const StepRow&, const ConductionRow&)> on_half_cycle;
  /// Called with the row of a state whose fields the caller wants (`wants_fields`).
  std::function<bool(const StepRow&)> wants_fields;
  std::function<void(const StepRow&, FieldSnapshot&, const CrackSnapshot&)> on_fields;  ///< may take the fields away
  /// After all of the above: the state is one that `CycleDriver::go_over` may save.
  std::function<void(const StepRow&)> on_state;
  std::function<void(int iteration, double residual)> on_iteration;  ///< may throw Interrupted
  std::function<void(const std::string&)> on_note;
};

class CycleDriver {
 public:
  /// All must outlive it, but for structure.mechanical.
  CycleDriver(const mesh::VoxelGrid& grid, const Microstructure& structure, const Job& job);
  ~CycleDriver();
  /// Mechanics::make_room.
  void make_room() const;
  /// Saves a state between two steps (CycleObserver::on_state), or puts it back into a driver that is new and made for the same job, but for more cycles.
  void go_over(Archive& archive);
  /// Runs all cycles, or `most_steps` load steps (negative: all); goes on where a state was put back. Throws ConvergenceError after the last converged state was handed out.
  void run(const CycleObserver& observer, int most_steps = -1);
  /// Fields of the state now, e.g. after a failure.
  void snapshot(FieldSnapshot& fields, CrackSnapshot& cracks) const;
  const Mechanics& mechanics() const;
  const Timings& timings() const;
  static int n_steps(const Job& job);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace voxode::physics
