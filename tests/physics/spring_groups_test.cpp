// Groups of interface springs in the cells of a coarse level: their forces by matrix, by pairs, and as a plain double sum say.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "physics/multigrid_kernels.hpp"

namespace voxode::physics {
namespace {

TEST(SpringGroups, ForcesByMatrixAndByPairsAgreeWithAPlainSum) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> number(0.0f, 1.0f);
  constexpr std::uint32_t n_pairs = 5;
  const std::vector<std::uint32_t> member_offset{0, n_pairs}, member{4, 0, 3, 1, 2};
  std::vector<float> weight, stiffness;
  for (std::uint32_t i = 0; i < 3 * n_pairs; ++i) weight.push_back(i == 7 ? 1.0f : number(random));
  for (std::uint32_t i = 0; i < n_pairs; ++i)
    for (int e = 0; e < 6; ++e) stiffness.push_back(number(random) + (e < 3 ? 2.0f : 0.0f));
  DeviceSprings springs;
  springs.member_offset = kernels::to_device("member_offset", member_offset);
  springs.member = kernels::to_device("member", member);
  const std::vector<std::uint8_t> place{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
  springs.place = kernels::to_device("place", place);
  springs.place_value = kernels::to_device("place_value", weight);
  if (!Kokkos::SpaceAccessibility<Kokkos::HostSpace, kernels::Memory>::accessible) GTEST_SKIP() << "runs parts of kernels on the host";
  const kernels::ConstArray<float> pair_stiffness = kernels::to_device("pair_stiffness", stiffness);

  NodeVector jump[8];
  double plain[3][8] = {};
  for (NodeVector& at : jump) at = NodeVector(number(random) - 0.5f, number(random) - 0.5f, number(random) - 0.5f);
  for (std::uint32_t m = 0; m < n_pairs; ++m) {
    double j[3] = {0, 0, 0};
    for (int c = 0; c < 8; ++c)
      for (int d = 0; d < 3; ++d) j[d] += double(corner_weight(&weight[3 * m], c)) * double(jump[c].get(d));
    const float* const k = &stiffness[6 * member[m]];
    for (int i = 0; i < 3; ++i) {
      double f = 0;
      for (int d = 0; d < 3; ++d) f += double(k[symmetric3(i, d)]) * j[d];
      for (int c = 0; c < 8; ++c) plain[i][c] += double(corner_weight(&weight[3 * m], c)) * f;
    }
  }

  NodeVector by_pairs[8], by_matrix[8];
  force_of_pairs(springs, pair_stiffness, 0, jump, by_pairs);
  std::vector<float> matrix(300);
  group_matrix(springs, pair_stiffness, 0, matrix.data());
  SpringForce::multiply(matrix.data(), jump, by_matrix);
  for (int d = 0; d < 3; ++d)
    for (int c = 0; c < 8; ++c) {
      EXPECT_NEAR(double(by_pairs[c].get(d)), plain[d][c], 2e-6) << d << " " << c;
      EXPECT_NEAR(double(by_matrix[c].get(d)), plain[d][c], 2e-6) << d << " " << c;
    }
}

}  // namespace
}  // namespace voxode::physics
