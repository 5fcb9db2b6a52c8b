#pragma once
// Random overlapping spheres (Boolean model), periodic: a medium that is isotropic but for its finite size. For tests and benchmarks.
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::tests {

/// Phase of each voxel, shape n, x fastest: 1 in spheres of `radius` voxels, thrown until they fill at least `share` of the box, else 0. The same on every machine.
inline std::vector<std::uint8_t> random_spheres(const Index3& n, double radius, double share, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> phase(std::size_t(product(n)), 0);
  const Index reach = Index(std::ceil(radius));
  Index filled = 0;
  while (double(filled) < share * double(product(n))) {
    std::array<double, 3> centre{};
    for (int d = 0; d < 3; ++d) centre[std::size_t(d)] = double(random()) / 4294967296.0 * double(n[std::size_t(d)]);
    const auto first = [&](int d) { return Index(std::floor(centre[std::size_t(d)])) - reach; };
    const auto wrapped = [&](Index at, int d) { return ((at % n[std::size_t(d)]) + n[std::size_t(d)]) % n[std::size_t(d)]; };
    const auto squared = [&](Index at, int d) { return std::pow(double(at) + 0.5 - centre[std::size_t(d)], 2); };
    for (Index k = first(2); k <= first(2) + 2 * reach; ++k)
      for (Index j = first(1); j <= first(1) + 2 * reach; ++j)
        for (Index i = first(0); i <= first(0) + 2 * reach; ++i) {
          if (squared(i, 0) + squared(j, 1) + squared(k, 2) > radius * radius) continue;
          std::uint8_t& voxel = phase[std::size_t(linear_index(n, wrapped(i, 0), wrapped(j, 1), wrapped(k, 2)))];
          filled += voxel == 0;
          voxel = 1;
        }
  }
  return phase;
}

}  // namespace voxode::tests
