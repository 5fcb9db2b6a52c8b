#include <gtest/gtest.h>

#include "mesh/touching_spheres.hpp"
#include "mesh/watershed.hpp"
#include "sphere_pack.hpp"

using namespace voxode;

// 30 of these 45 spheres have another's centre within 1.2 radii, where the union has no clear neck; the rest are all found.
TEST(Watershed, RandomSpheresWithoutACentreNear_AreFound) {
  const auto pack = tests::SpherePack::read(64, {64, 64, 64});
  std::vector<std::uint8_t> mask;
  for (const std::int32_t label : pack.label) mask.push_back(label > 0);
  const auto found = mesh::separate_particles(pack.n, mask, {true, true, true});
  const double radius = 0.16;
  std::size_t apart = 0, recovered = 0;
  for (std::size_t s = 0; s < pack.centre.size(); ++s) {
    double nearest = 1;
    for (std::size_t t = 0; t < pack.centre.size(); ++t) {
      double square = 0;
      for (std::size_t a = 0; a < 3; ++a) square += std::pow(tests::TouchingSpheres::offset(pack.centre[s][a], pack.centre[t][a], 1), 2);
      if (t != s) nearest = std::min(nearest, std::sqrt(square));
    }
    if (nearest < 1.2 * radius) continue;
    ++apart;
    std::vector<std::int32_t> alone(pack.label.size(), -1);
    for (std::size_t v = 0; v < alone.size(); ++v)
      if (pack.label[v] == std::int32_t(s) + 1) alone[v] = 0;
    const auto& c = pack.centre[s];
    recovered += tests::count_recovered(alone, {linear_index(pack.n, Index(64 * c[0]), Index(64 * c[1]), Index(64 * c[2]))}, found.of_voxel);
  }
  EXPECT_EQ(apart, 15u);
  EXPECT_GE(double(recovered), 0.95 * double(apart));
}
