// The elastic operator of the finest mesh against the sum over its cells one by one: rows shorter and longer than a pack, packs across bodies, pores and periodic sides.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "physics/elastic_system.hpp"

namespace {

using namespace voxode;
using namespace voxode::physics;

struct Case {
  Index3 n;
  mesh::Periodicity periodic;
  bool isotropic;
  Index block;         ///< edge of what takes one body and class at random, voxels
  int pores_in_ten;
  int n_classes;
};

struct Solid {
  std::vector<std::int32_t> body;
  MaterialClasses classes;
  mesh::Nodes nodes;
  mesh::CohesivePoints points;

  explicit Solid(const Case& c) {
    std::mt19937 random(5);
    const Index3 blocks{(c.n[0] - 1) / c.block + 1, (c.n[1] - 1) / c.block + 1, (c.n[2] - 1) / c.block + 1};
    std::vector<std::int32_t> block_body;
    std::vector<std::uint32_t> block_class;
    for (Index b = 0; b < product(blocks); ++b) {
      block_body.push_back(int(random() % 10) < c.pores_in_ten ? -1 : std::int32_t(random() % 3));
      block_class.push_back(std::uint32_t(random() % std::uint32_t(c.n_classes)));
    }
    for (Index k = 0; k < c.n[2]; ++k)
      for (Index j = 0; j < c.n[1]; ++j)
        for (Index i = 0; i < c.n[0]; ++i) {
          const auto b = std::size_t(linear_index(blocks, i / c.block, j / c.block, k / c.block));
          body.push_back(block_body[b]);
          classes.of_cell.push_back(block_class[b]);
        }
    classes.isotropic = c.isotropic;
    for (int number = 0; number < c.n_classes; ++number) {
      classes.stiffness.push_back(isotropic_stiffness(1e9 * (1 + number), 0.1 + 0.01 * number));
      if (!c.isotropic) classes.stiffness.back()[6 * 3 + 3] *= 1.3;
      classes.bbar.push_back(std::uint8_t(number % 2));
    }
    nodes = mesh::make_nodes(c.n, c.periodic, body);
    points = mesh::make_cohesive_points(nodes, {}, body);
  }
};

template <class T, class Moduli>
void compare(const ElasticSystem& system, const kernels::Array<T>& moduli, bool with_strain, double tolerance) {
  const Index n = system.n_nodes();
  const auto x = kernels::make_field<T>("x", n), y = kernels::make_field<T>("y", n), expected = kernels::make_field<T>("expected", n);
  std::mt19937 random(3);
  for (Index i = 0; i < 3 * n; ++i) {
    x.data()[i] = T(random() % 2001) / T(1000) - T(1);
    y.data()[i] = T(7);  // must not count
  }
  kernels::Array<T> strain;
  if (with_strain) {
    std::vector<Voigt> of_class;
    for (Index c = 0; c < system.classes.size(); ++c) of_class.push_back({1e6 * double(c), -2e6, 3e5, 1e6, 0.0, 5e5});
    system.device_strain(of_class, strain);
  }
  system.bulk_force<T>(kernels::Field<const T>(x), y, strain);
  FineForce<T, Moduli> one;
  one.mesh = system.mesh;
  one.moduli = moduli;
  one.offset_strain = strain;
  one.x = x;
  one.y = expected;
  for (Index cell = 0; cell < product(system.nodes.n_cells); ++cell) one.add_cell(cell);
  double difference = 0, largest = 0;
  for (Index i = 0; i < 3 * n; ++i) {
    ASSERT_TRUE(std::isfinite(double(y.data()[i]))) << i;
    difference = std::max(difference, std::abs(double(y.data()[i]) - double(expected.data()[i])));
    largest = std::max(largest, std::abs(double(expected.data()[i])));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LE(difference, tolerance * largest);
}

TEST(FineOperator, RowsOfPacks_MatchCellsOneByOne) {
  if (!kernels::on_host) GTEST_SKIP() << "a GPU goes cell by cell anyway";
  const Case cases[] = {{{5, 4, 3}, {false, false, false}, true, 2, 2, 3},   {{7, 1, 2}, {true, true, true}, true, 3, 0, 1},    {{16, 9, 5}, {true, false, true}, true, 8, 0, 2},
                        {{37, 10, 9}, {false, true, false}, true, 1, 1, 3},  {{40, 11, 17}, {true, true, true}, true, 20, 0, 2}, {{64, 24, 8}, {true, true, true}, true, 5, 2, 20},
                        {{50, 9, 10}, {false, false, false}, false, 4, 1, 2}, {{33, 8, 33}, {true, false, false}, false, 6, 2, 18}, {{150, 9, 3}, {true, true, false}, true, 3, 1, 4}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.n[0] << " x " << c.n[1] << " x " << c.n[2]);
    const Solid solid(c);
    const ElasticSystem system(solid.nodes, solid.points, solid.classes, 1e-6, {});
    for (const bool with_strain : {false, true}) {
      if (c.isotropic) {
        compare<float, kernels::Isotropic<float>>(system, system.moduli_single(), with_strain, 1e-6);
        compare<double, kernels::Isotropic<double>>(system, system.moduli(), with_strain, 1e-14);
      } else {
        compare<float, kernels::Anisotropic<float>>(system, system.moduli_single(), with_strain, 1e-6);
        compare<double, kernels::Anisotropic<double>>(system, system.moduli(), with_strain, 1e-14);
      }
    }
  }
}

}  // namespace
