// Two-phase laminates reach the Wiener bounds exactly (series across the layers, parallel along them), along every axis, between plates and periodic.
#include <gtest/gtest.h>

#include "physics/transport.hpp"
#include "verification/record.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

TEST(EffectiveConductivity_Laminate, WienerBoundsAlongEveryAxis) {
  for (int normal = 0; normal < 3; ++normal) {
    const Index3 n{6, 6, 6};
    std::vector<std::uint8_t> phase;
    for (Index v = 0; v < product(n); ++v) {
      const Index3 at{v % 6, v / 6 % 6, v / 36};
      phase.push_back(at[normal] < 2 ? 1 : 0);
    }
    for (const bool periodic : {false, true}) {
      ConductionProblem p;
      p.n = n;
      p.phase = phase;
      p.conductivity = {1.0, 10.0};
      p.periodic = periodic;
      for (int axis = 0; axis < 3; ++axis) {
        const double exact = axis == normal ? 1 / (2.0 / 3 + 1.0 / 30) : 2.0 / 3 + 10.0 / 3;
        EXPECT_TRUE(test::agrees({"conductivity", ""}, solve_conduction(p, axis, {.tolerance = 1e-10}).conductivity, exact, 1e-9, 1))
            << normal << " " << axis << " " << periodic;
      }
    }
  }
}

}  // namespace
