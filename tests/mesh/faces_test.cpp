#include "mesh/faces.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "mesh/mechanical_bodies.hpp"

using namespace voxode;
using namespace voxode::mesh;

namespace {

struct Case {
  VoxelGrid grid;
  Bodies bodies;
};

/// Bodies by the number that a function of the cell's centre (in voxels) gives, each its own phase; -1: pore.
Case make_case(const Index3& n, const std::function<int(Vector3)>& body_at) {
  Case c;
  c.grid.n = n;
  c.grid.spacing = 1.0;
  std::int32_t largest = -1;
  for (Index k = 0; k < n[2]; ++k)
    for (Index j = 0; j < n[1]; ++j)
      for (Index i = 0; i < n[0]; ++i) {
        const int b = body_at({double(i) + 0.5, double(j) + 0.5, double(k) + 0.5});
        c.bodies.of_voxel.push_back(b);
        c.grid.phase.push_back(b < 0 ? pore : std::uint8_t(b));
        largest = std::max(largest, b);
      }
  c.bodies.table.resize(std::size_t(largest + 1));
  for (std::size_t b = 0; b < c.bodies.table.size(); ++b) c.bodies.table[b].phase = std::uint8_t(b);
  return c;
}

Faces smoothed_faces(const Case& c, const Periodicity& periodic) {
  return make_faces(c.grid, c.bodies, [](std::int32_t, std::int32_t) { return FaceRule{0, NormalMode::smoothed}; }, periodic);
}

struct Errors {
  double area = 0;   // sum of shares
  double angle = 0;  // root mean square over the area, degrees
};

/// `normal_at`: exact normal from body 0 to body 1.
Errors errors_of(const Case& c, const Faces& faces, const std::function<Vector3(Vector3)>& normal_at) {
  Errors e;
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    const Index v = faces.cell[f];
    Vector3 x{double(v % c.grid.n[0]) + 0.5, double(v / c.grid.n[0] % c.grid.n[1]) + 0.5, double(v / (c.grid.n[0] * c.grid.n[1])) + 0.5};
    x[faces.axis[f]] += 0.5;
    const Vector3 exact = normal_at(x);
    const double sign = c.bodies.of_voxel[std::size_t(v)] == 0 ? 1 : -1;
    double cosine = 0;
    for (std::size_t a = 0; a < 3; ++a) cosine += sign * double(faces.normal[3 * f + a]) * exact[a];
    const double angle = std::acos(std::min(1.0, cosine)) * 57.29577951308232;
    e.area += double(faces.area_share[f]);
    e.angle += double(faces.area_share[f]) * angle * angle;
  }
  e.angle = std::sqrt(e.angle / e.area);
  return e;
}

constexpr Periodicity closed{false, false, false};
constexpr double pi = 3.141592653589793;

Vector3 unit(Vector3 v) {
  const double length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  return {v[0] / length, v[1] / length, v[2] / length};
}

Errors sphere(double r, Index margin) {
  const auto n = Index(2 * r) + 2 * margin;
  const Vector3 centre{double(n) / 2 + 0.21, double(n) / 2 - 0.13, double(n) / 2 + 0.07};
  const auto from_centre = [=](Vector3 x) { return Vector3{x[0] - centre[0], x[1] - centre[1], x[2] - centre[2]}; };
  const Case c = make_case({n, n, n}, [=](Vector3 x) {
    const Vector3 d = from_centre(x);
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < r * r ? 0 : 1;
  });
  return errors_of(c, smoothed_faces(c, closed), [=](Vector3 x) { return unit(from_centre(x)); });
}

}  // namespace

TEST(Faces, Sphere_AreaAndNormalsConverge) {
  double angle = 1.6;
  for (double r : {8.0, 16.0, 32.0}) {
    const Errors e = sphere(r, 3);
    EXPECT_NEAR(e.area / (4 * pi * r * r), 1, r < 10 ? 6e-3 : r < 20 ? 2e-3 : 1e-3);
    EXPECT_LT(e.angle, angle);
    angle = e.angle;
  }
}

TEST(Faces, EighthOfASphereBetweenMirrors_MatchesTheWhole) {
  const double r = 16;
  const Case c = make_case({20, 20, 20}, [=](Vector3 x) { return x[0] * x[0] + x[1] * x[1] + x[2] * x[2] < r * r ? 0 : 1; });
  const Errors e = errors_of(c, smoothed_faces(c, closed), [](Vector3 x) { return unit(x); });
  EXPECT_NEAR(e.area / (pi * r * r / 2), 1, 6e-3);  // centred on a vertex: the voxels themselves are off
  EXPECT_LT(e.angle, 1.6);
}

TEST(Faces, TiltedPlane_HasItsAreaAndNormal) {
  for (Index n : {16, 32, 64}) {
    const double m = double(n);
    const Vector3 normal = unit({-0.5, -0.25, 1});
    const Case c = make_case({n, n, 2 * n}, [=](Vector3 x) { return x[2] - 0.5 * x[0] - 0.25 * x[1] < 0.6 * m ? 0 : 1; });
    const Faces faces = smoothed_faces(c, closed);
    // Away from the sides, where the mirror bends the plane.
    double area = 0, angle = 0;
    const Index margin = 5;
    for (std::size_t f = 0; f < faces.cell.size(); ++f) {
      const Index i = faces.cell[f] % n, j = faces.cell[f] / n % n;
      if (i < margin || j < margin || i >= n - margin || j >= n - margin) continue;
      double cosine = 0;
      for (std::size_t a = 0; a < 3; ++a) cosine += normal[a] * double(faces.normal[3 * f + a]) * (c.bodies.of_voxel[std::size_t(faces.cell[f])] == 0 ? 1 : -1);
      angle = std::max(angle, std::acos(std::min(1.0, cosine)) * 57.3);
      if (faces.axis[f] == 2) area += 1 / normal[2] * double(faces.area_share[f]) / (normal[2]) * 1.0;
    }
    const double exact = double((n - 2 * margin) * (n - 2 * margin)) / normal[2];
    EXPECT_NEAR(area / exact, 1, 5e-3);
    EXPECT_LT(angle, 0.5);
  }
}

TEST(Faces, CylinderThroughPeriodicBox_HasItsAreaAndNormals) {
  for (double r : {8.0, 16.0, 32.0}) {
    const auto n = Index(2 * r) + 8;
    const Index length = 6;
    const double centre = double(n) / 2 + 0.17;
    const Case c = make_case({n, length, n}, [=](Vector3 x) { return std::hypot(x[0] - centre, x[2] - centre) < r ? 0 : 1; });
    const Errors e = errors_of(c, smoothed_faces(c, {false, true, false}), [=](Vector3 x) { return unit({x[0] - centre, 0, x[2] - centre}); });
    EXPECT_NEAR(e.area / (2 * pi * r * double(length)), 1, 4e-3);
    EXPECT_LT(e.angle, 2);
  }
}

TEST(Faces, PeriodicShift_MovesTheFacesAlong) {
  const Index3 n{13, 12, 11};
  const auto shape = [&](Vector3 x) {  // a sphere about the corner, through all sides
    double r2 = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const double d = std::remainder(x[a], double(n[a]));
      r2 += d * d;
    }
    return r2 < 16 ? 0 : 1;
  };
  const auto total = [&](const Vector3& shift) {
    const Case c = make_case(n, [&](Vector3 x) { return shape({x[0] - shift[0], x[1] - shift[1], x[2] - shift[2]}); });
    const Faces faces = smoothed_faces(c, {true, true, true});
    double sum = 0;
    for (float share : faces.area_share) sum += double(share);
    return std::make_pair(faces.size(), sum);
  };
  const auto at_corner = total({0, 0, 0}), inside = total({6, 5, 7});
  EXPECT_EQ(at_corner.first, inside.first);
  EXPECT_NEAR(at_corner.second / inside.second, 1, 4e-3);  // neighbouring images are seen only within the padding of five cells
}

TEST(Faces, VoxelNormals_AreRaw) {
  const Case c = make_case({2, 2, 2}, [](Vector3 x) { return x[0] < 1 ? 1 : 0; });
  const Faces faces = make_faces(c.grid, c.bodies, [](std::int32_t, std::int32_t) { return FaceRule{Faces::no_entry, NormalMode::voxel}; }, closed);
  ASSERT_EQ(faces.size(), 4);
  for (std::size_t f = 0; f < 4; ++f) {
    EXPECT_EQ(faces.cell[f], Index(2 * f));
    EXPECT_EQ(faces.axis[f], 0);
    EXPECT_EQ(faces.normal[3 * f], 1.f);
    EXPECT_EQ(faces.area_share[f], 1.f);
    EXPECT_EQ(faces.entry[f], Faces::no_entry);
  }
}

TEST(Faces, EveryVertexPairOfTouchingSpheresInAMatrix_KeepsAFaceWithArea) {
  const Case c = make_case({30, 18, 18}, [](Vector3 x) {
    const double y = x[1] - 9, z = x[2] - 9;
    if (std::hypot(x[0] - 8.2, y, z) < 7) return x[0] < 14.6 ? 0 : 1;
    if (std::hypot(x[0] - 21.2, y, z) < 7) return 1;
    return 2;
  });
  const Faces faces = smoothed_faces(c, closed);
  std::map<std::array<Index, 3>, float> best;  // vertex, two bodies
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    const Index v = faces.cell[f];
    const auto a = Index(c.bodies.of_voxel[std::size_t(v)]), b = Index(c.bodies.of_voxel[std::size_t(upper_cell(c.grid.n, v, faces.axis[f]))]);
    for (int corner = 0; corner < 4; ++corner) {
      Index3 at{v % 30, v / 30 % 18, v / (30 * 18)};
      ++at[faces.axis[f]];
      at[(faces.axis[f] + 1u) % 3] += corner & 1;
      at[(faces.axis[f] + 2u) % 3] += corner >> 1;
      float& share = best[{linear_index({31, 19, 19}, at[0], at[1], at[2]), std::min(a, b), std::max(a, b)}];
      share = std::max(share, faces.area_share[f]);
    }
  }
  EXPECT_GT(best.size(), 500u);
  for (const auto& [key, share] : best) EXPECT_GE(share, 1e-3f);
}

TEST(MechanicalBodies, BondIsTransitiveAndNamesTheIdleInterface) {
  // 0-1 bonded, 1-2 bonded, 0-2 has an entry: it cannot act.
  const Case c = make_case({2, 1, 2}, [](Vector3 x) { return x[2] > 1 ? 1 : x[0] < 1 ? 0 : 2; });
  const auto rule = [](std::int32_t a, std::int32_t b) { return FaceRule{a == 0 && b == 2 ? std::uint8_t(3) : Faces::no_entry, NormalMode::voxel}; };
  const MechanicalBodies m = find_mechanical_bodies(c.grid, c.bodies, make_faces(c.grid, c.bodies, rule, closed), closed);
  EXPECT_EQ(m.count(), 1);
  EXPECT_TRUE(m.load_path);
  ASSERT_EQ(m.idle_interfaces.size(), 1u);
  EXPECT_EQ(m.idle_interfaces[0].entry, 3);
  EXPECT_EQ(m.idle_interfaces[0].n_faces, 1);
  EXPECT_DOUBLE_EQ(m.idle_interfaces[0].area, 1.0);
  EXPECT_EQ(m.idle_interfaces[0].bonded_path, (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(MechanicalBodies, PiecesOfABodyAndFloatingOnes_AreApart) {
  // Column x = 0: body 0 from plate to plate; x = 2: body 0 at the bottom only, then pore, then a floating piece of body 1; x = 4: body 2 at the top.
  const Case c = make_case({5, 1, 4}, [](Vector3 x) {
    if (x[0] < 1) return 0;
    if (x[0] > 2 && x[0] < 3) return x[2] < 1 ? 0 : x[2] > 2 && x[2] < 3 ? 1 : -1;
    return x[0] > 4 && x[2] > 3 ? 2 : -1;
  });
  const auto rule = [](std::int32_t, std::int32_t) { return FaceRule{0, NormalMode::voxel}; };
  const MechanicalBodies m = find_mechanical_bodies(c.grid, c.bodies, make_faces(c.grid, c.bodies, rule, closed), closed);
  EXPECT_EQ(m.size, (std::vector<Index>{4, 1, 1, 1}));
  EXPECT_EQ(m.floating, (std::vector<std::int32_t>{2}));
  EXPECT_EQ(m.n_floating_voxels, 1);
  EXPECT_EQ(m.joined_to_bottom, (std::vector<std::uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(m.joined_to_top, (std::vector<std::uint8_t>{1, 0, 0, 1}));
  EXPECT_TRUE(m.load_path);
  EXPECT_EQ(bodies_with_load_path(m)[12], -1);
}
