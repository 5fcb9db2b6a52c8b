#include "physics/archive.hpp"

#include <cmath>
#include <limits>

namespace voxode::physics {

void Archive::optional(const std::string& name, std::optional<double>& value) {
  double as_real = value.value_or(std::numeric_limits<double>::quiet_NaN());
  number(name, as_real);
  value = std::isnan(as_real) ? std::nullopt : std::optional(as_real);
}

}  // namespace voxode::physics
