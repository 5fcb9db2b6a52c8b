// Cells that their material fills in part, against the sum over the full cells that the material is made of.
#include "kernels/hexahedron.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace voxode;
using namespace voxode::kernels;

namespace {

struct Random {
  std::mt19937_64 engine{11};
  double operator()() { return double(engine() >> 11) / double(1ull << 53) * 2 - 1; }
};

/// A positive definite packed stiffness of the constant and of the other terms.
Anisotropic<double> random_anisotropic(Random& random) {
  Anisotropic<double> m;
  for (int term = 0; term < 2; ++term) {
    double factor[6][6];
    for (auto& row : factor)
      for (double& value : row) value = random();
    for (int i = 0; i < 6; ++i)
      for (int j = i; j < 6; ++j) {
        double sum = i == j ? 0.5 : 0.0;
        for (int k = 0; k < 6; ++k) sum += factor[i][k] * factor[j][k];
        m.p[21 * term + packed6(i, j)] = sum;
      }
  }
  for (int i = 0; i < 21; ++i) m.p[21 + i] = m.p[i];  // the same in all terms: full integration
  return m;
}
Isotropic<double> random_isotropic(Random&) { return {{1.3, 0.7, 1.3}}; }

/// Corners of a cell of n^3 voxels -> corners of one of its voxels: trilinear shape functions.
double shape(int corner, const int (&vertex)[3], int n) {
  double value = 1;
  for (int a = 0; a < 3; ++a) {
    const double x = double(vertex[a]) / n;
    value *= (corner >> a & 1) ? x : 1 - x;
  }
  return value;
}

/// Forces at the corners of a cell of n^3 unit voxels from the voxels of the box [lower, upper).
template <class M>
void sum_over_voxels(double (&u)[24], const M& m, const int (&lower)[3], const int (&upper)[3], int n) {
  double force[24] = {};
  for (int k = lower[2]; k < upper[2]; ++k)
    for (int j = lower[1]; j < upper[1]; ++j)
      for (int i = lower[0]; i < upper[0]; ++i) {
        double local[24] = {};
        for (int c = 0; c < 8; ++c) {
          const int vertex[3] = {i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)};
          for (int corner = 0; corner < 8; ++corner)
            for (int d = 0; d < 3; ++d) local[3 * c + d] += shape(corner, vertex, n) * u[3 * corner + d];
        }
        const double g[3] = {0.25, 0.25, 0.25};
        hexahedron_force<double>(local, m, g, 1.0);
        for (int c = 0; c < 8; ++c) {
          const int vertex[3] = {i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)};
          for (int corner = 0; corner < 8; ++corner)
            for (int d = 0; d < 3; ++d) force[3 * corner + d] += shape(corner, vertex, n) * local[3 * c + d];
        }
      }
  for (int i = 0; i < 24; ++i) u[i] = force[i];
}

/// Moduli times the volume of the box, and where it is in the cell.
template <class M>
M fill(M m, const int (&lower)[3], const int (&upper)[3], int n, Filling<double>& filling) {
  double volume = 1;
  for (int a = 0; a < 3; ++a) {
    volume *= upper[a] - lower[a];
    filling.centre[a] = double(lower[a] + upper[a]) / n - 1;
    const double share = double(upper[a] - lower[a]) / n;
    filling.spread[a] = share * share;
  }
  for (double& p : m.p) p *= volume;
  return m;
}

template <class M>
void check_boxes(const M& m, Random& random) {
  constexpr int n = 8;
  const int boxes[][6] = {{0, 8, 0, 8, 0, 8}, {0, 1, 0, 2, 3, 8}, {7, 8, 7, 8, 7, 8}, {2, 5, 0, 8, 6, 7}};
  for (const auto& box : boxes) {
    const int lower[3] = {box[0], box[2], box[4]}, upper[3] = {box[1], box[3], box[5]};
    double u[24], expected[24];
    for (int i = 0; i < 24; ++i) u[i] = expected[i] = random();
    sum_over_voxels(expected, m, lower, upper, n);
    Filling<double> filling;
    const M filled = fill(m, lower, upper, n, filling);
    const double g[3] = {0.25 / n, 0.25 / n, 0.25 / n};
    hexahedron_force<double>(u, filled, g, 1.0, filling);
    for (int i = 0; i < 24; ++i) EXPECT_NEAR(u[i], expected[i], 1e-12 * double(n));

    for (int corner = 0; corner < 8; ++corner) {
      double block[6];
      hexahedron_diagonal<double>(corner, filled, g, 1.0, block, filling);
      constexpr int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
      for (int e = 0; e < 6; ++e) {
        double unit[24] = {};
        unit[3 * corner + column[e]] = 1;
        sum_over_voxels(unit, m, lower, upper, n);
        EXPECT_NEAR(block[e], unit[3 * corner + row[e]], 1e-12 * double(n));
      }
    }
  }
}

}  // namespace

TEST(Hexahedron, FilledByABoxOfIsotropicVoxels_IsTheSumOverThem) {
  Random random;
  check_boxes(random_isotropic(random), random);
}
TEST(Hexahedron, FilledByABoxOfAnisotropicVoxels_IsTheSumOverThem) {
  Random random;
  check_boxes(random_anisotropic(random), random);
}
