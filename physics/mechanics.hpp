#pragma once
// Mechanical equilibrium of a microstructure over load steps: elements, cohesive interfaces with history, plate. Owns the state.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mesh/bodies.hpp"
#include "mesh/faces.hpp"
#include "physics/archive.hpp"
#include "physics/results.hpp"
#include "physics/settings.hpp"

namespace voxode::physics {

/// The load at the end of a step.
struct MechanicalLoad {
  double lithium_content = 0;
  double pressure = 0;            ///< Pa on the plate, where the plate moves
  double macroscopic_strain_zz = 0;  ///< not used with a plate
  double time_step = 0;           ///< s
};

struct StepReport {
  int iterations = 0;       ///< of the nonlinear iteration
  int multigrid_cycles = 0;
  int coarse_refreshes = 0;
  int substeps = 1;
  double residual = 0;      ///< relative, reached
};

/// Sums over the box and its interfaces in the state now (docs/manual/theory.md, Volumes).
struct MechanicalMeasures {
  double plate_displacement = 0;  ///< m
  double pressure = 0;            ///< Pa on the plate now
  Voigt mean_stress{};            ///< Pa, pores counted as zero
  double solid_volume = 0;        ///< m3 now
  double opened_volume = 0, gap_volume = 0, overlap_volume = 0;  ///< m3; of points that part by their damage, of all that part, of those that are pressed together
  double cohesive_area = 0, open_area = 0, broken_area = 0;  ///< m2, true area
  double contact_area = 0, contact_area_open = 0;            ///< m2, active to electrolyte with an entry
  double mean_separation = 0, mean_damage = 0;               ///< area-weighted over laws with damage
  double damage_area = 0;                                     ///< m2, of laws with damage
  double elastic_energy = 0, dissipated_energy = 0, plate_work = 0, swelling_work = 0, snap_energy = 0;  ///< J; the last four since the reference state
  double strain_xx = 0, strain_yy = 0;  ///< mean in-plane strain of the box (free sides)
};

class Mechanics {
 public:
  /// `mechanical_body` per voxel, -1 what takes no part. All arguments must outlive the object. Throws MemoryError, ConfigError.
  Mechanics(const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const mesh::Faces& faces, const Job& job, std::vector<std::int32_t> mechanical_body);
  ~Mechanics();

  /// While pressing and releasing all faces are glued; `release_bonds` starts the law from jump zero.
  void glue();
  void release_bonds();
  /// The plate's displacement is held from now on (stack = gap) unless it had to pull: then it lifts off. Or it is free again.
  void hold_plate(bool held);
  /// P = max(0, P_0 + k (U - U_0)) from now on (stack = spring), instead of the load's pressure.
  void attach_spring(double stiffness, double pressure, double displacement);
  /// Energies count from here.
  void reset_work();

  /// Finds equilibrium at the load, halving the step where it must. Throws ConvergenceError with the residual history; the state is then the last converged one.
  StepReport advance(const MechanicalLoad& load);

  /// Gives back the memory that only solving needs, while results are made and written; the next `advance` takes it again.
  void make_room();

  /// All that the next `advance` builds on, between two of them: with what a run has saved, another one goes on in the same numbers. To load, into an object that
  /// is new and made from the same arguments. The energies of `measure` are those of the last `advance`, and wait for the next.
  void go_over(Archive& archive);

  MechanicalMeasures measure() const;
  void fill(FieldSnapshot& fields) const;   ///< displacement and stress
  void fill(CrackSnapshot& cracks) const;
  /// Share of contact by which the law of conduction weighs every face of mesh::Faces (1 where it has no entry).
  std::vector<double> face_conduction() const;
  /// Share of each face's four points that is open beyond the contact gap.
  std::vector<double> open_share() const;

  std::string description() const;  ///< mesh and hierarchy in a few lines
  double bytes() const;             ///< of fields, hierarchy and history
  Index n_unknowns() const;
  Index n_cohesive_points() const;

  /// Called once an iteration with (iteration, relative residual); may throw Interrupted.
  std::function<void(int, double)> on_iteration;

 struct Implementation;  ///< mechanics_state.hpp

 private:
  std::unique_ptr<Implementation> implementation_;
};

/// Estimate of the host memory of `Mechanics`, bytes, before anything is allocated.
double estimate_mechanics_bytes(Index n_voxels, Index n_nodes, Index n_points);

}  // namespace voxode::physics
