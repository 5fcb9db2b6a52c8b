#include "io/cell_parameters.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"

namespace voxode::io {

namespace {

struct Limits {
  double above = 0, limit = INFINITY;
  bool with_limit = false;
  bool holds(double value) const { return std::isfinite(value) && value > above && (value < limit || (with_limit && value == limit)); }
  std::string text() const { return std::isinf(limit) ? "be positive and finite" : fmt::format("lie in ({}, {}{}", above, limit, with_limit ? "]" : ")"); }
};

class Checks {
 public:
  Checks(const FinishedRun& run, const HalfCycle& at) : run_(run), at_(at) {}

  [[noreturn]] void fail(const std::string& what) const { throw InputError(fmt::format("{}: {}: {}", run_.folder.string(), state_text(at_.cycle, at_.state), what)); }

  double given(const std::optional<double>& value, const char* column, const char* remedy) const {
    if (value) return *value;
    fail(fmt::format("{} is empty in cycles.csv. {}", column, remedy));
  }
  /// A conductivity, which must lead from plate to plate.
  double path(const std::optional<double> HalfCycle::* conductivity, const char* carrier, const char* column, const char* key) const {
    const double value = given(at_.*conductivity, column, fmt::format("Run the job with effective.{} = true, and with effective.every = \"half-cycle\" for charged states.", key).c_str());
    if (value > 0) return value;
    std::vector<int> others;
    for (const HalfCycle& row : run_.half_cycles)
      if ((row.state == at_.state || row.state == "pristine") && row.ionic_conductivity.value_or(0) > 0 && row.electronic_conductivity.value_or(0) > 0) others.push_back(row.cycle);
    const std::string other = at_.state == "charged" ? "--state discharged" : "--state charged";
    fail(fmt::format("no {} path from plate to plate ({} = 0), and a cell model cannot compute without. {}, or look with `voxode check` at the phases that conduct.", carrier, column,
                     others.empty() ? fmt::format("No state of this kind has both paths: try {}", other) : fmt::format("Export a cycle that has both paths ({}), {}", ranges_text(others), other)));
  }
  double in(const Limits& range, const char* name, double value, const char* remedy) const {
    if (range.holds(value)) return value;
    fail(fmt::format("{} = {:.6g} must {}. {}", name, value, range.text(), remedy));
  }

 private:
  const FinishedRun& run_;
  const HalfCycle& at_;
};

}  // namespace

double CellParameters::bruggeman() const { return std::log(transport_efficiency) / std::log(porosity); }

std::optional<double> usable_radius(const FinishedRun& run) {
  if (!run.particle_radius || 2 * *run.particle_radius > run.half_cycles.front().thickness) return {};
  return run.particle_radius;
}

CellParameters cell_parameters(const FinishedRun& run, const HalfCycle& at, double particle_radius) {
  const Checks check(run, at);
  const Limits positive, share{0, 1}, efficiency{0, 1, true};
  const char* const again = "Look at this row of cycles.csv and run the job again.";
  const char* const no_surface = "Active material and electrolyte must touch: check the image's labels and the phases' roles.";
  CellParameters p;
  p.cycle = at.cycle;
  p.state = at.state;
  p.lithium_content = at.lithium_content;
  p.stack_pressure = at.stack_pressure;
  p.void_fraction = at.void_fraction;
  p.thickness = check.in(positive, "thickness in m", at.thickness, again);
  p.porosity = check.in(share, "the volume share of electrolyte (porosity)", run.electrolyte_share, "Check the phases' roles.");
  p.active_share = check.in(share, "the volume share of active material", run.active_share, "Check the phases' roles.");
  p.bulk_ionic_conductivity = run.bulk_ionic_conductivity;
  p.ionic_conductivity = check.path(&HalfCycle::ionic_conductivity, "ionic", "ionic_conductivity_S_per_m", "ionic");
  p.electronic_conductivity = check.in(positive, "the electronic conductivity", check.path(&HalfCycle::electronic_conductivity, "electronic", "electronic_conductivity_S_per_m", "electronic"), again);
  p.transport_efficiency = check.in(efficiency, "the transport efficiency", p.ionic_conductivity / run.bulk_ionic_conductivity, "Is another phase than the electrolyte the best ionic conductor?");
  p.isolated_fraction = check.given(at.isolated_active_fraction, "isolated_active_fraction", again);
  if (p.isolated_fraction >= 1) check.fail("all active material is cut off (isolated_active_fraction = 1), so that the cell has no capacity. Export another cycle (--cycle) or state (--state).");
  p.accessible_share = check.in(share, "the accessible share of active material", run.active_share * (1 - p.isolated_fraction), again);
  p.particle_radius = check.in(positive, "the particle radius in m", particle_radius, again);
  p.contact_area = check.given(at.active_surface_per_volume, "active_surface_per_volume_per_m", no_surface);
  if (p.contact_area <= 0) check.fail(fmt::format("active material and electrolyte have no area in contact (active_surface_per_volume_per_m = 0). {}", no_surface));
  const double pristine = check.in(positive, "the contact area of the pristine state", run.half_cycles.front().active_surface_per_volume.value_or(0), no_surface);
  p.contact_share = check.in(positive, "the share of area in contact", p.contact_area / pristine, again);
  return p;
}

}  // namespace voxode::io
