#include "mesh/faces.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "mesh/mechanical_bodies.hpp"

using namespace voxode;
using namespace voxode::mesh;

namespace {

struct Faced {
  VoxelGrid grid;
  Bodies bodies;
};

/// Bodies by the number that a function of the cell's centre (in voxels) gives, each its own phase; -1: pore.
Faced make_faced(const Index3& n, const std::function<int(Vector3)>& body_at) {
  Faced c;
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

Faces smoothed_faces(const Faced& c, const Periodicity& periodic) {
  return make_faces(
      c.grid, c.bodies,
      [](std::int32_t, std::int32_t) {
        return FaceRule{0, NormalMode::smoothed};
      },
      periodic);
}

struct Errors {
  double area = 0;   // sum of shares
  double angle = 0;  // root mean square over the area, degrees
};

/// `normal_at`: exact normal from body 0 to body 1.
Errors errors_of(const Faced& c, const Faces& faces, const std::function<Vector3(Vector3)>& normal_at) {
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

constexpr Periodicity no_side{false, false, false};
constexpr double pi = 3.141592653589793;

Vector3 normalised(Vector3 v) {
  const double length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  return {v[0] / length, v[1] / length, v[2] / length};
}

Errors sphere(double r, Index margin, const Vector3& off = {0.21, -0.13, 0.07}) {
  const auto n = Index(2 * r) + 2 * margin;
  const Vector3 centre{double(n) / 2 + off[0], double(n) / 2 + off[1], double(n) / 2 + off[2]};
  const auto from_centre = [=](Vector3 x) { return Vector3{x[0] - centre[0], x[1] - centre[1], x[2] - centre[2]}; };
  const Faced c = make_faced({n, n, n}, [=](Vector3 x) {
    const Vector3 d = from_centre(x);
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < r * r ? 0 : 1;
  });
  return errors_of(c, smoothed_faces(c, no_side), [=](Vector3 x) { return normalised(from_centre(x)); });
}

}  // namespace

// The filter is as wide as nine voxels however fine they are, and so a smoothed stair keeps a ripple where the surface is nearly parallel to a layer of voxels.
// Its share of the area is a floor under the error: .06 % on a sphere, .25 % on a cylinder along an axis, .5 % on the worst plane. Down to it errors fall with
// h^1.5.
TEST(Faces, Sphere_AreaAndNormalsConverge) {
  const std::vector<Vector3> centres{{0.21, -0.13, 0.07}, {-0.42, 0.33, 0.18}, {0.05, 0.46, -0.27}};
  std::vector<double> error;
  double angle = 2.5;
  for (double r : {4.0, 8.0, 16.0, 32.0}) {
    double worst = 0, largest_angle = 0;
    for (const Vector3& off : centres) {
      const Errors e = sphere(r, 3, off);
      worst = std::max(worst, std::abs(e.area / (4 * pi * r * r) - 1));
      largest_angle = std::max(largest_angle, e.angle);
    }
    if (!error.empty()) {
      EXPECT_LT(worst, 0.65 * error.back()) << "radius " << r;
    }
    EXPECT_LT(largest_angle, angle) << "radius " << r;
    angle = largest_angle;
    error.push_back(worst);
    RecordProperty("radius" + std::to_string(int(r)), std::to_string(worst));
  }
  EXPECT_LT(error.back(), 1e-3);
  EXPECT_GT(std::log2(error.front() / error.back()) / 3, 1.2);  // observed order
}

// Centred on a vertex, so that the voxels themselves miss the volume by up to 1 %; the area is held against a sphere of their volume, too.
TEST(Faces, EighthOfASphereBetweenMirrors_AreaConverges) {
  double error = 0.02;
  for (double r : {8.0, 16.0, 32.0}) {
    const auto n = Index(1.25 * r);
    const Faced c = make_faced({n, n, n}, [=](Vector3 x) { return x[0] * x[0] + x[1] * x[1] + x[2] * x[2] < r * r ? 0 : 1; });
    double volume = 0;
    for (std::int32_t b : c.bodies.of_voxel) volume += b == 0;
    const double same_volume = std::cbrt(6 * volume / pi);
    const Errors e = errors_of(c, smoothed_faces(c, no_side), [](Vector3 x) { return normalised(x); });
    EXPECT_LT(std::abs(e.area / (pi * r * r / 2) - 1), 0.5 * error) << "radius " << r;
    EXPECT_NEAR(e.area / (pi * same_volume * same_volume / 2), 1, 1e-3) << "radius " << r;
    if (r > 10) {
      EXPECT_LT(e.angle, 1.0) << "radius " << r;
    }
    error = std::abs(e.area / (pi * r * r / 2) - 1);
  }
}

struct PlaneErrors {
  double area, angle;  // relative; the largest, degrees
};

/// The plane z = a x + b y + c in n^2 columns, away from the sides, where the mirror bends it.
PlaneErrors plane(double a, double b, Index n) {
  const Vector3 normal = normalised({-a, -b, 1});
  const Faced c =
      make_faced({n, n, Index(double(n) * (0.35 + a + b)) + 12}, [=](Vector3 x) { return x[2] - a * x[0] - b * x[1] < 0.3 * double(n) + 4.37 ? 0 : 1; });
  const Faces faces = smoothed_faces(c, no_side);
  const Index margin = 5;
  PlaneErrors e{0, 0};
  for (std::size_t f = 0; f < faces.cell.size(); ++f) {
    const Index i = faces.cell[f] % n, j = faces.cell[f] / n % n;
    if (i < margin || j < margin || i >= n - margin || j >= n - margin) continue;
    double cosine = 0;
    for (std::size_t d = 0; d < 3; ++d) cosine += normal[d] * double(faces.normal[3 * f + d]) * (c.bodies.of_voxel[std::size_t(faces.cell[f])] == 0 ? 1 : -1);
    e.angle = std::max(e.angle, std::acos(std::min(1.0, cosine)) * 57.29577951308232);
    e.area += double(faces.area_share[f]);
  }
  e.area = e.area * normal[2] / double((n - 2 * margin) * (n - 2 * margin)) - 1;
  return e;
}

TEST(Faces, TiltedPlane_AreaConverges) {
  for (Index n : {16, 32, 64}) {  // its stair repeats every four voxels: nothing is left to converge
    const PlaneErrors e = plane(0.5, 0.25, n);
    EXPECT_NEAR(e.area, 0, 5e-4);
    EXPECT_LT(e.angle, 0.25);
  }
  for (auto [a, b] : {std::pair{0.31, 0.17}, {0.41, 0.0}}) {
    std::vector<double> error;
    for (Index n : {16, 32, 64}) error.push_back(std::abs(plane(a, b, n).area));
    EXPECT_LT(error[1], 0.5 * error[0]);
    EXPECT_LT(error[2], 0.8 * error[1]);
    EXPECT_LT(error[2], 5e-4);
  }
  const PlaneErrors ripple = plane(0.05, 0.03, 64);  // twenty voxels from stair to stair
  EXPECT_NEAR(ripple.area, 0, 6e-3);
  EXPECT_LT(ripple.angle, 7.5);
}

TEST(Faces, CylinderThroughPeriodicBox_AreaConvergesToItsFloor) {
  std::vector<double> error;
  for (double r : {4.0, 8.0, 16.0, 32.0}) {
    double mean = 0;
    const std::vector<double> offsets{-0.41, -0.23, 0.05, 0.17, 0.31, 0.48};
    for (double off : offsets) {
      const auto n = Index(2 * r) + 8;
      const Index length = 6;
      const double centre = double(n) / 2 + off;
      const Faced c = make_faced({n, length, n}, [=](Vector3 x) { return std::hypot(x[0] - centre, x[2] - centre) < r ? 0 : 1; });
      const Errors e = errors_of(c, smoothed_faces(c, {false, true, false}), [=](Vector3 x) { return normalised({x[0] - centre, 0, x[2] - centre}); });
      mean += std::abs(e.area / (2 * pi * r * double(length)) - 1) / double(offsets.size());
      EXPECT_LT(e.angle, r < 6 ? 3.5 : 2.5);
    }
    error.push_back(mean);
    RecordProperty("radius" + std::to_string(int(r)), std::to_string(mean));
  }
  EXPECT_LT(error[1], 0.5 * error[0]);
  EXPECT_LT(error[2], 0.5 * error[1]);
  EXPECT_LT(error[2], 3e-3);
  EXPECT_LT(error[3], 3e-3);
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
    const Faced c = make_faced(n, [&](Vector3 x) { return shape({x[0] - shift[0], x[1] - shift[1], x[2] - shift[2]}); });
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
  const Faced c = make_faced({2, 2, 2}, [](Vector3 x) { return x[0] < 1 ? 1 : 0; });
  const Faces faces = make_faces(
      c.grid, c.bodies,
      [](std::int32_t, std::int32_t) {
        return FaceRule{Faces::no_entry, NormalMode::voxel};
      },
      no_side);
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
  const Faced c = make_faced({30, 18, 18}, [](Vector3 x) {
    const double y = x[1] - 9, z = x[2] - 9;
    if (std::hypot(x[0] - 8.2, y, z) < 7) return x[0] < 14.6 ? 0 : 1;
    if (std::hypot(x[0] - 21.2, y, z) < 7) return 1;
    return 2;
  });
  const Faces faces = smoothed_faces(c, no_side);
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
  const Faced c = make_faced({2, 1, 2}, [](Vector3 x) { return x[2] > 1 ? 1 : x[0] < 1 ? 0 : 2; });
  const auto rule = [](std::int32_t a, std::int32_t b) { return FaceRule{a == 0 && b == 2 ? std::uint8_t(3) : Faces::no_entry, NormalMode::voxel}; };
  const MechanicalBodies m = find_mechanical_bodies(c.grid, c.bodies, make_faces(c.grid, c.bodies, rule, no_side), no_side);
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
  const Faced c = make_faced({5, 1, 4}, [](Vector3 x) {
    if (x[0] < 1) return 0;
    if (x[0] > 2 && x[0] < 3) return x[2] < 1 ? 0 : x[2] > 2 && x[2] < 3 ? 1 : -1;
    return x[0] > 4 && x[2] > 3 ? 2 : -1;
  });
  const auto rule = [](std::int32_t, std::int32_t) { return FaceRule{0, NormalMode::voxel}; };
  const MechanicalBodies m = find_mechanical_bodies(c.grid, c.bodies, make_faces(c.grid, c.bodies, rule, no_side), no_side);
  EXPECT_EQ(m.size, (std::vector<Index>{4, 1, 1, 1}));
  EXPECT_EQ(m.floating, (std::vector<std::int32_t>{2}));
  EXPECT_EQ(m.n_floating_voxels, 1);
  EXPECT_EQ(m.joined_to_bottom, (std::vector<std::uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(m.joined_to_top, (std::vector<std::uint8_t>{1, 0, 0, 1}));
  EXPECT_TRUE(m.load_path);
  EXPECT_EQ(bodies_with_load_path(m)[12], -1);
}
