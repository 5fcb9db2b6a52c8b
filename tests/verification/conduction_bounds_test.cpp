// Random media lie between the bounds of Hashin and Shtrikman (1962, doi 10.1063/1.1728579) where they are isotropic, and any image between Wiener's.
#include <gtest/gtest.h>

#include "physics/transport.hpp"
#include "tests/random_spheres.hpp"
#include "verification/record.hpp"

using namespace voxode;
using namespace voxode::physics;
using test::agrees;

namespace {

// The bound that starts from phase `a`: coated spheres with a outside.
double coated_spheres(double k_a, double share_a, double k_b) { return k_a + (1 - share_a) / (1 / (k_b - k_a) + share_a / (3 * k_a)); }

double share_of_spheres(const std::vector<std::uint8_t>& phase) {
  Index count = 0;
  for (const std::uint8_t p : phase) count += p;
  return double(count) / double(phase.size());
}

TEST(EffectiveConductivity_RandomSpheres, BetweenHashinShtrikmanBounds) {
  const Index3 n{32, 32, 32};
  for (const double share : {0.2, 0.5}) {
    const std::vector<std::uint8_t> phase = tests::random_spheres(n, 3.6, share, 3);
    const double phi = share_of_spheres(phase);
    for (const double contrast : {0.05, 0.3, 4.0, 20.0}) {
      ConductionProblem problem;
      problem.n = n;
      problem.phase = phase;
      problem.conductivity = {1.0, contrast};
      problem.periodic = true;
      const Conduction got = effective_conduction(problem, true, {.tolerance = 1e-7});
      const std::array<double, 9>& k = *got.tensor;
      const double one = coated_spheres(1.0, 1 - phi, contrast), other = coated_spheres(contrast, phi, 1.0);
      const double lower = std::min(one, other), upper = std::max(one, other), mean = (k[0] + k[4] + k[8]) / 3;
      EXPECT_TRUE(agrees({"from the middle between the bounds, over their distance", ""}, mean, (lower + upper) / 2, 0.5, upper - lower))
          << phi << " " << contrast;
      const double series = 1 / (1 - phi + phi / contrast), parallel = 1 - phi + phi * contrast;
      for (const int d : {0, 4, 8}) {
        EXPECT_GT(k[std::size_t(d)], series);
        EXPECT_LT(k[std::size_t(d)], parallel);
      }
      for (const auto& [a, b] : {std::pair{1u, 3u}, std::pair{2u, 6u}, std::pair{5u, 7u}})
        EXPECT_TRUE(agrees({"symmetry of the tensor", ""}, k[a], k[b], 1e-6, mean));
    }
  }
}

}  // namespace
