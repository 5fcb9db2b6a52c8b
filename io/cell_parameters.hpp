#pragma once
// What a porous-electrode model takes from a microstructure (BPX, PyBaMM). These models have one area per volume, a = 3 x active share / particle radius: a smaller area
// is less capacity to them. So active material that is cut off lowers the area, and lost contact lowers the rate constant.
#include <string>
#include <vector>

#include "io/finished_run.hpp"

namespace voxode::io {

/// The positive electrode in one state; SI.
struct CellParameters {
  int cycle = 0;
  std::string state;
  double thickness = 0;
  double porosity = 0;               ///< volume share of electrolyte
  double transport_efficiency = 0;   ///< effective over bulk ionic conductivity
  double ionic_conductivity = 0, bulk_ionic_conductivity = 0, electronic_conductivity = 0;  ///< S/m
  double active_share = 0;           ///< of the volume, with and
  double accessible_share = 0;       ///< without what is cut off
  double isolated_fraction = 0;      ///< of active material
  double particle_radius = 0;
  double contact_area = 0;           ///< of active material and electrolyte, 1/m
  double contact_share = 0;          ///< over the pristine one
  double void_fraction = 0, stack_pressure = 0, lithium_content = 0;

  double surface_per_volume() const { return 3 * accessible_share / particle_radius; }
  double bruggeman() const;          ///< ln(transport efficiency) / ln(porosity)
};

/// `particle_radius`: m. Throws InputError that names the quantity, its value and its range, or the path that is missing.
CellParameters cell_parameters(const FinishedRun& run, const HalfCycle& at, double particle_radius);

/// The run's particle radius if it has one that a particle of the electrode can have, else empty.
std::optional<double> usable_radius(const FinishedRun& run);

}  // namespace voxode::io
