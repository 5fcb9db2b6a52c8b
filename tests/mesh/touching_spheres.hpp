#pragma once
// Random spheres that touch and overlap in a periodic box, and how well cuts of their union find them again.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "mesh/counter_random.hpp"
#include "mesh/voxel_grid.hpp"

namespace voxode::tests {

struct TouchingSpheres {
  Index3 n{};
  std::vector<Vector3> centre;  // voxels
  std::vector<double> radius;
  std::vector<std::int32_t> owner;  // sphere whose surface lies farthest out, -1 outside of all

  static double offset(double a, double b, Index n) {
    const double d = a - b;
    return d - double(n) * std::round(d / double(n));
  }
  double distance(const Vector3& x, std::size_t s) const {
    double square = 0;
    for (std::size_t a = 0; a < 3; ++a) square += offset(x[a], centre[s][a], n[a]) * offset(x[a], centre[s][a], n[a]);
    return std::sqrt(square);
  }

  void paint() {
    owner.assign(std::size_t(product(n)), -1);
    std::vector<double> lead(owner.size(), 0);
    for (std::size_t s = 0; s < centre.size(); ++s) {
      Index3 low{}, high{};
      for (std::size_t a = 0; a < 3; ++a) {
        low[a] = Index(std::floor(centre[s][a] - radius[s]));
        high[a] = Index(std::ceil(centre[s][a] + radius[s]));
      }
      for (Index k = low[2]; k <= high[2]; ++k)
        for (Index j = low[1]; j <= high[1]; ++j)
          for (Index i = low[0]; i <= high[0]; ++i) {
            const auto v = std::size_t(linear_index(n, (i + n[0]) % n[0], (j + n[1]) % n[1], (k + n[2]) % n[2]));
            const double d = radius[s] - distance({double(i) + 0.5, double(j) + 0.5, double(k) + 0.5}, s);
            if (d > lead[v]) {
              lead[v] = d;
              owner[v] = std::int32_t(s);
            }
          }
    }
  }

  /// Each sphere touches an earlier one, and overlaps with it and any other by at most `overlap` of the smaller radius.
  static TouchingSpheres grow(Index edge, std::size_t count, double smallest, double largest, double overlap, std::uint64_t seed) {
    TouchingSpheres spheres;
    spheres.n = {edge, edge, edge};
    const mesh::CounterRandom random{seed};
    for (std::uint64_t t = 0; spheres.centre.size() < count && t < 200000; ++t) {
      const double r = smallest + (largest - smallest) * random.uniform(t, 0);
      Vector3 x{double(edge) * random.uniform(t, 1), double(edge) * random.uniform(t, 2), double(edge) * random.uniform(t, 3)};
      if (!spheres.centre.empty()) {
        const auto s = std::size_t(random.uniform(t, 4) * double(spheres.centre.size()));
        const double z = 2 * random.uniform(t, 5) - 1, turn = 6.283185307179586 * random.uniform(t, 6), across = std::sqrt(1 - z * z);
        const double d = r + spheres.radius[s] - overlap * std::min(r, spheres.radius[s]);
        x = {spheres.centre[s][0] + d * across * std::cos(turn), spheres.centre[s][1] + d * across * std::sin(turn), spheres.centre[s][2] + d * z};
        for (double& c : x) c -= double(edge) * std::floor(c / double(edge));
      }
      bool fits = true;
      for (std::size_t s = 0; s < spheres.centre.size() && fits; ++s)
        fits = spheres.distance(x, s) > r + spheres.radius[s] - (overlap + 1e-9) * std::min(r, spheres.radius[s]);
      if (!fits) continue;
      spheres.centre.push_back(x);
      spheres.radius.push_back(r);
    }
    spheres.paint();
    return spheres;
  }

  std::vector<std::uint8_t> mask() const {
    std::vector<std::uint8_t> inside(owner.size());
    for (std::size_t v = 0; v < owner.size(); ++v) inside[v] = owner[v] >= 0;
    return inside;
  }
};

/// How many of the true particles (label >= 0, with a voxel at each centre) are found one to one: a found particle holds this centre and no other, more than 60 % of
/// the true particle's voxels, and more than 60 % of its own voxels are this particle's.
inline std::size_t count_recovered(const std::vector<std::int32_t>& truth, const std::vector<Index>& centre, const std::vector<std::int32_t>& found) {
  std::map<std::pair<std::int32_t, std::int32_t>, Index> shared;
  std::map<std::int32_t, Index> size_true, size_found, centres_in;
  for (std::size_t v = 0; v < truth.size(); ++v) {
    if (truth[v] >= 0) ++size_true[truth[v]];
    if (found[v] >= 0) ++size_found[found[v]];
    if (truth[v] >= 0) ++shared[{truth[v], found[v]}];
  }
  for (const Index c : centre) ++centres_in[found[std::size_t(c)]];
  std::size_t recovered = 0;
  for (std::size_t p = 0; p < centre.size(); ++p) {
    const std::int32_t f = found[std::size_t(centre[p])];
    const double common = double(shared[{std::int32_t(p), f}]);
    recovered += f >= 0 && centres_in[f] == 1 && common > 0.6 * double(size_true[std::int32_t(p)]) && common > 0.6 * double(size_found[f]);
  }
  return recovered;
}

}  // namespace voxode::tests
