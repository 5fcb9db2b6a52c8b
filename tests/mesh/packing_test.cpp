#include "mesh/packing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"

namespace voxode::mesh {
namespace {

SyntheticRecipe small_recipe() {
  SyntheticRecipe recipe;
  recipe.n = {48, 48, 48};
  recipe.active_fraction = 0.5;
  recipe.diameter_median = 5e-6;
  recipe.diameter_sigma = 0.25;
  recipe.diameter_maximum = 9e-6;
  return recipe;
}

/// Depth of overlap over the smaller diameter by comparing every pair, independent of the neighbour search.
double overlap_by_all_pairs(const SyntheticRecipe& recipe, const std::vector<Sphere>& spheres) {
  double overlap = 0;
  for (std::size_t p = 0; p < spheres.size(); ++p)
    for (std::size_t q = 0; q < p; ++q) {
      double distance2 = 0;
      for (int a = 0; a < 3; ++a) {
        const double length = double(recipe.n[a]) * recipe.spacing;
        double d = spheres[p].centre[a] - spheres[q].centre[a];
        if (recipe.periodic[a]) d -= length * std::round(d / length);
        distance2 += d * d;
      }
      const double depth = spheres[p].radius + spheres[q].radius - std::sqrt(distance2);
      overlap = std::max(overlap, depth / (2 * std::min(spheres[p].radius, spheres[q].radius)));
    }
  return overlap;
}

TEST(Packing, AllShares_AreReached) {
  SyntheticRecipe recipe = small_recipe();
  recipe.binder_fraction = 0.04;
  recipe.binder_blob_share = 0.25;
  recipe.pore_fraction = 0.03;
  const SyntheticCathode cathode = generate_cathode(recipe);
  EXPECT_NEAR(cathode.statistics.active_fraction, 0.5, 2e-3);
  EXPECT_NEAR(cathode.statistics.binder_fraction, 0.04, 2e-5);
  EXPECT_NEAR(cathode.statistics.pore_fraction, 0.03, 2e-5);
  EXPECT_NEAR(cathode.statistics.electrolyte_fraction, 0.43, 2e-3);
  for (std::size_t v = 0; v < cathode.grid.phase.size(); ++v) ASSERT_EQ(cathode.grid.instance[v] != 0, cathode.grid.phase[v] == 1);
}

TEST(Packing, FiftyFivePercent_KeepsOverlapTolerance) {
  for (const bool walled : {false, true}) {
    SyntheticRecipe recipe = small_recipe();
    recipe.n = {56, 56, 56};
    recipe.diameter_median = 4e-6;
    recipe.active_fraction = 0.55;
    recipe.periodic = {!walled, !walled, !walled};
    recipe.overlap_tolerance = 0.02;
    const SyntheticCathode cathode = generate_cathode(recipe);
    EXPECT_NEAR(cathode.statistics.active_fraction, 0.55, 2e-3);
    const double overlap = overlap_by_all_pairs(recipe, cathode.spheres);
    EXPECT_LE(overlap, recipe.overlap_tolerance * (1 + 1e-9));
    EXPECT_GE(cathode.statistics.maximal_overlap, overlap - 1e-12);
    EXPECT_GT(cathode.statistics.coordination_number, 3);
  }
}

TEST(Packing, Diameters_FollowTheCutLogNormal) {
  SyntheticRecipe recipe = small_recipe();
  recipe.n = {80, 80, 80};
  recipe.active_fraction = 0.4;
  recipe.diameter_median = 3e-6;
  recipe.diameter_sigma = 0.3;
  recipe.diameter_minimum = 1e-6;
  recipe.diameter_maximum = 12e-6;  // cuts less than 2e-4 of the number at either end
  const SyntheticStatistics s = generate_cathode(recipe).statistics;
  EXPECT_GT(s.n_spheres, 500);
  EXPECT_NEAR(s.diameter_quantiles[1], 3e-6 * std::exp(-0.3 * 1.2815515655), 0.03e-6 * 2);
  EXPECT_NEAR(s.diameter_quantiles[2], 3e-6, 0.03e-6 * 2);
  EXPECT_NEAR(s.diameter_quantiles[3], 3e-6 * std::exp(0.3 * 1.2815515655), 0.04e-6 * 2);
  // Hatch and Choate: median of volume = median of number x exp(3 sigma^2)
  EXPECT_NEAR(s.volume_median_diameter, 3e-6 * std::exp(3 * 0.09), 0.05 * 3.93e-6);
  EXPECT_NEAR(s.diameter_scale, 1, 0.02);
}

TEST(Packing, PeriodicSides_ContinueParticles) {
  SyntheticRecipe recipe = small_recipe();
  recipe.periodic = {true, true, true};
  const SyntheticCathode cathode = generate_cathode(recipe);
  const Index n = recipe.n[0];
  Index cut = 0, joined = 0;
  for (Index k = 0; k < n; ++k)
    for (Index j = 0; j < n; ++j) {
      const std::uint32_t low = cathode.grid.instance[linear_index(recipe.n, 0, j, k)], high = cathode.grid.instance[linear_index(recipe.n, n - 1, j, k)];
      cut += low != 0;
      joined += low != 0 && low == high;
    }
  EXPECT_GT(cut, n * n / 4);
  EXPECT_GT(joined, cut / 2);
}

TEST(Packing, Walls_KeepParticlesInside) {
  SyntheticRecipe recipe = small_recipe();
  recipe.periodic = {false, false, false};
  recipe.overlap_tolerance = 0;
  recipe.active_fraction = 0.45;
  const SyntheticCathode cathode = generate_cathode(recipe);
  EXPECT_EQ(cathode.statistics.maximal_overlap, 0);
  for (const Sphere& s : cathode.spheres)
    for (int a = 0; a < 3; ++a) {
      EXPECT_GE(s.centre[a], s.radius);
      EXPECT_LE(s.centre[a], 48 * recipe.spacing - s.radius);
    }
}

TEST(Packing, LooseSpheres_SurfaceIsTheSumOfTheirs) {
  SyntheticRecipe recipe = small_recipe();
  recipe.active_fraction = 0.2;
  recipe.overlap_tolerance = 0;
  const SyntheticCathode cathode = generate_cathode(recipe);
  double area = 0;
  for (const Sphere& s : cathode.spheres) area += 4 * 3.14159265358979323846 * s.radius * s.radius;
  EXPECT_NEAR(cathode.statistics.active_surface_per_volume, area / cathode.grid.volume(), 1e-9 * area / cathode.grid.volume());
}

/// Mean over binder voxels of the distance to the second nearest particle, m.
double mean_second_distance(const SyntheticRecipe& recipe, const SyntheticCathode& cathode) {
  double sum = 0;
  Index count = 0;
  for (Index k = 0; k < recipe.n[2]; ++k)
    for (Index j = 0; j < recipe.n[1]; ++j)
      for (Index i = 0; i < recipe.n[0]; ++i) {
        if (cathode.grid.phase[linear_index(recipe.n, i, j, k)] != 2) continue;
        const Index cell[3] = {i, j, k};
        double nearest = 1, second = 1;
        for (const Sphere& s : cathode.spheres) {
          double d2 = 0;
          for (int a = 0; a < 3; ++a) {
            const double length = double(recipe.n[a]) * recipe.spacing;
            double d = (double(cell[a]) + 0.5) * recipe.spacing - s.centre[a];
            if (recipe.periodic[a]) d -= length * std::round(d / length);
            d2 += d * d;
          }
          const double surface = std::sqrt(d2) - s.radius;
          second = std::min(second, std::max(nearest, surface));
          nearest = std::min(nearest, surface);
        }
        sum += second;
        ++count;
      }
  return sum / double(count);
}

TEST(Binder, Morphology_MovesItFromNecksToFilm) {
  SyntheticRecipe recipe = small_recipe();
  recipe.binder_fraction = 0.03;
  double before = 0;
  for (const double morphology : {0.0, 0.5, 1.0}) {
    recipe.binder_morphology = morphology;
    const double mean = mean_second_distance(recipe, generate_cathode(recipe));
    EXPECT_GT(mean, 1.05 * before) << "morphology " << morphology;
    before = mean;
  }
  EXPECT_GT(before, recipe.spacing);
}

TEST(Packing, SameSeed_GivesTheSameVoxels) {
  SyntheticRecipe recipe = small_recipe();
  recipe.binder_fraction = 0.03;
  recipe.binder_morphology = 0.4;
  recipe.pore_fraction = 0.02;
  const SyntheticCathode first = generate_cathode(recipe);
  const SyntheticCathode second = generate_cathode(recipe);
  EXPECT_EQ(first.grid.phase, second.grid.phase);
  EXPECT_EQ(first.grid.instance, second.grid.instance);
  recipe.seed = 2;
  EXPECT_NE(first.grid.phase, generate_cathode(recipe).grid.phase);
}

TEST(Packing, TooDense_SaysWhatIsReached) {
  SyntheticRecipe recipe = small_recipe();
  recipe.n = {32, 32, 32};
  recipe.diameter_maximum = 7e-6;
  recipe.active_fraction = 0.8;
  recipe.overlap_tolerance = 0.01;
  try {
    generate_cathode(recipe);
    FAIL() << "80 % were packed";
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    const std::size_t at = message.find("it reaches ");
    ASSERT_NE(at, std::string::npos) << message;
    const double reached = std::stod(message.substr(at + 11));
    EXPECT_GT(reached, 0.45);
    EXPECT_LT(reached, 0.72);
  }
}

TEST(Packing, ContradictoryRecipes_AreConfigErrors) {
  SyntheticRecipe recipe = small_recipe();
  recipe.binder_fraction = 0.4;
  recipe.pore_fraction = 0.2;
  EXPECT_THROW(generate_cathode(recipe), ConfigError);
  recipe = small_recipe();
  recipe.diameter_minimum = 0.4e-6;
  EXPECT_THROW(generate_cathode(recipe), ConfigError);
  recipe = small_recipe();
  recipe.n = {16, 48, 48};
  EXPECT_THROW(generate_cathode(recipe), ConfigError);
}

}  // namespace
}  // namespace voxode::mesh
