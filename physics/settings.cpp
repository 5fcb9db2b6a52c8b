#include "physics/settings.hpp"

namespace voxode::physics {

double Boundary::pressure_of_cycle(int cycle) const {
  double value = pressure.empty() ? 0.0 : pressure.front().second;
  for (const auto& [from, p] : pressure)
    if (cycle >= from) value = p;
  return value;
}

mesh::Periodicity Job::periodicity() const {
  const bool p = boundary.in_plane == InPlane::periodic;
  return {p, p, p && kind == JobKind::properties};
}

}  // namespace voxode::physics
