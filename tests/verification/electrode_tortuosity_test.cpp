// Tortuosity factors of a real electrode (X-ray CT, calendered NMC; ../shared/data/README.md) against an independent 7-point solver that is good to 0.5 %.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "physics/transport.hpp"
#include "verification/record.hpp"
#include "verification/tiff_labels.hpp"

using namespace voxode;
using namespace voxode::physics;
using test::agrees;

namespace {

const char* const image_name = "nmc-1-cal_generatedCBD_bridge.tif";

struct Reference {
  double tortuosity_factor;
  double relative;
};

// `reference`: along the array axes 0, 1, 2 (through-plane first); array axis d is grid axis 2 - d.
void expect_factors(const std::vector<std::uint8_t>& labels, double share, const std::array<Reference, 3>& reference) {
  const std::string path = tests::data_file(image_name);
  if (path.empty()) GTEST_SKIP() << "NOT TESTED: " << image_name << " is neither in $VOXODE_DATA nor in ../shared/data";
  const tests::LabelImage image = tests::read_label_image(path);
  ASSERT_EQ(image.n, (Index3{301, 301, 251}));
  for (int d = 0; d < 3; ++d) {
    const TortuosityResult got = tortuosity_of_labels(image.n, image.label, labels, 2 - d, {.tolerance = 1e-6});
    EXPECT_TRUE(agrees({"volume share", ""}, got.volume_share, share, 5e-6, 1));
    ASSERT_TRUE(got.tortuosity_factor.has_value());
    EXPECT_TRUE(agrees({"tortuosity factor", ""}, *got.tortuosity_factor, reference[std::size_t(d)].tortuosity_factor, 5e-3)) << "array axis " << d;
    if (reference[std::size_t(d)].relative > 0) {
      EXPECT_TRUE(agrees({"relative conductivity", ""}, got.relative, reference[std::size_t(d)].relative, 5e-3)) << "array axis " << d;
    }
    EXPECT_LE(got.residual, 1e-6);
  }
}

TEST(Tortuosity_RealElectrode, ActiveMaterial_MatchesIndependentSolver_Long) { expect_factors({1}, 0.49945, {{{3.603, .1386}, {2.534, .1971}, {2.531, .1974}}}); }

// The share of everything else is .40055 + .10000; its relative conductivities are not in the reference.
TEST(Tortuosity_RealElectrode, EverythingElse_MatchesIndependentSolver_Long) { expect_factors({0, 2}, 0.50055, {{{1.858, 0}, {1.545, 0}, {1.529, 0}}}); }

}  // namespace
