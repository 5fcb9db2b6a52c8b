#pragma once
// Particles of NCM that shrink and come off the electrolyte they are bonded to.
#include "physics/settings.hpp"

namespace voxode::tests {

/// Phases 0 electrolyte and 1 active, a bond of 1e16 Pa/m between them, 19 MPa; what is not set here is as in a configuration that leaves it out.
inline physics::Job two_phase_job() {
  using namespace physics;
  Job job;
  Phase electrolyte, active;
  electrolyte.name = "electrolyte";
  electrolyte.role = Role::electrolyte;
  electrolyte.material.stiffness = isotropic_stiffness(22.1e9, 0.37);
  electrolyte.material.ionic_conductivity = 0.2;
  active.name = "active";
  active.role = Role::active;
  active.material.stiffness = isotropic_stiffness(140e9, 0.30);
  active.material.electronic_conductivity = 1;
  active.material.strain_table = {{0.0, -0.0173, -0.0173}, {1.0, 0.0, 0.0}};
  active.bodies.orientation = mesh::OrientationMode::aligned;
  job.phases = {electrolyte, active};
  InterfaceEntry bond;
  bond.phase_a = 0, bond.phase_b = 1;
  bond.normal_stiffness = bond.shear_stiffness = 1e16;
  job.interfaces = {bond};
  job.boundary.pressure = {{0, 19e6}};
  return job;
}

}  // namespace voxode::tests
