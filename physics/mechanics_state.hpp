#pragma once
// The inside of `Mechanics`: mesh, solver, fields and history, shared by mechanics.cpp (iteration) and mechanics_results.cpp (what comes out).
// A device header: only .cpp files that link Kokkos include it.
#include <functional>
#include <optional>

#include "kernels/short_fields.hpp"
#include "mesh/runs.hpp"
#include "physics/interface_kernels.hpp"
#include "physics/linear_solver.hpp"
#include "physics/local_relaxation.hpp"
#include "physics/mechanics.hpp"
#include "physics/swelling.hpp"

namespace voxode::physics {

struct ClassSwelling {
  const Material* material = nullptr;  ///< null: does not swell
  Quaternion orientation{1, 0, 0, 0};
};

/// One class per phase, or per body where stiffness or swelling has directions.
MaterialClasses make_classes(const mesh::Bodies& bodies, const Job& job, std::vector<ClassSwelling>& swelling);
Support make_support(const Boundary& boundary);

struct PlateSpring {
  double stiffness, pressure, displacement;
};

/// Sums over cells: mean-stress and volume integrals.
struct CellSums {
  Voigt stress{};      ///< volume integral, N m
  double trace = 0;    ///< of the strain, m3
  double energy = 0;   ///< J
  double power = 0;    ///< minus the integral of stress . change of stress-free strain, J
};

struct Mechanics::Implementation {
  const mesh::VoxelGrid& grid;
  const mesh::Bodies& bodies;
  const mesh::Faces& faces;
  const Job& job;
  std::vector<std::int32_t> mechanical_body;  ///< of each voxel; empty but while a solver is made
  mesh::Runs body_runs;                       ///< the same
  std::vector<ClassSwelling> swelling;
  MaterialClasses classes;
  std::vector<std::optional<StrainTable>> tables;
  mesh::Nodes nodes;
  mesh::CohesivePoints points;
  std::unique_ptr<ElasticSystem> system;
  std::unique_ptr<ElasticMultigrid> multigrid;
  std::unique_ptr<LocalRelaxation> local;

  Field<double> u;
  Field<double> force;   ///< the multigrid's scratch: holds nothing across `apply` and `refresh`
  Field<float> change;   ///< of u since the last step; between steps that of the last one
  kernels::ScaledField<std::int16_t> direction;  ///< of the last iteration
  kernels::ScaledField<std::int8_t> b_old;       ///< its residual over the norm
  Interface interface;
  Array<cohesive::Law> laws, glued_laws;
  Array<float> springs;
  Array<std::uint8_t> changed;
  // tables and sums that every step wants again
  Array<double> class_stiffness;    ///< (n_classes, 36), Pa
  Array<double> contact_gap;        ///< of each interface entry, m
  Array<std::uint8_t> entry_kind;   ///< of each interface entry: bit 0 has damage, bit 1 active to electrolyte
  Array<double> strain_double;      ///< ElasticSystem::device_strain
  Array<float> strain_single;
  mutable Array<double> offset, offset_change;  ///< (n_classes, 6)
  mutable Array<double> row_sums, point_sums;

  MechanicalLoad load;
  double pressure = 0, plate = 0, plate_residual = 0, plate_change = 0, plate_b_old = 0, last_step = 0, plate_spring = 0;
  std::optional<PlateSpring> spring;
  std::optional<double> gap;      ///< displacement at which the plate is held (stack = gap); below it the plate has lifted off and bears nothing
  bool fresh = true;              ///< the multigrid has seen no springs yet
  bool anew = true;               ///< it takes all springs, whatever it has: every step begins so, and what has gone before shows in its numbers no more than in those of a run resumed here
  bool work_known = false, plate_changed = false;
  std::optional<CellSums> cells_now;  ///< of the state that the last step has reached
  double stored_energy = 0, dissipated_energy = 0, plate_work = 0, swelling_work = 0, snap_energy = 0;
  double line_tolerance = 0.02;
  const std::function<void(int, double)>* on_iteration = nullptr;

  Implementation(const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const mesh::Faces& faces, const Job& job, std::vector<std::int32_t> body);
  void build_solver(bool plate_moves);
  Array<cohesive::Law> make_laws(bool glued) const;
  void make_tables();
  std::vector<float> stiffest_pairs() const;
  void reset_history();
  /// The multigrid's finest fields, the last direction and residual, which make room while results are handed out.
  void release_scratch();
  void acquire_scratch();
  void release_bonds();
  /// Macroscopic minus stress-free strain of every class.
  std::vector<Voigt> offset_strain(double lithium) const;
  bool held_plate() const { return !system->support.plate_moves; }
  double area() const { return double(grid.n[0] * grid.n[1]) * grid.spacing * grid.spacing; }
  double pressure_at(double displacement) const;
  double reaction_pressure(const std::vector<Voigt>& strain);
  double residual(const Array<double>& strain);
  double residual_norm() const;
  double reference(const std::vector<Voigt>& strain);
  void refresh(StepReport& report);
  double line_search(const Field<float>& direction, double plate_direction, double at_zero, double curvature);
  bool iterate(const std::vector<Voigt>& strain, StepReport& report, std::vector<double>& history);
  StepReport advance(const MechanicalLoad& target);
  void go_over(Archive& archive);
  bool settle(const std::vector<Voigt>& strain, StepReport& report, std::vector<double>& history);
  bool step_to(const MechanicalLoad& now, StepReport& report, std::vector<double>& history);
  CellSums cell_sums(const std::vector<Voigt>& strain, const std::vector<Voigt>* change) const;
  double swelling_power(const std::vector<Voigt>& strain, const std::vector<Voigt>& change) const { return cell_sums(strain, &change).power; }
  double cohesive_energy() const;
  double energy(const std::vector<Voigt>& strain) const { return cell_sums(strain, nullptr).energy + cohesive_energy(); }
};

}  // namespace voxode::physics
