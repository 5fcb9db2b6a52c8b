#include "mesh/face_surface.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

using namespace voxode;
using namespace voxode::mesh;

namespace {

struct Case {
  VoxelGrid grid;
  Bodies bodies;
  Faces faces;
};

/// Bodies 0 and 1; `inside` says where 0 is, of a cell's centre in voxels.
Case make_case(Index edge, const Periodicity& periodic, const std::function<bool(const Vector3&)>& inside, NormalMode normals = NormalMode::smoothed) {
  Case c;
  c.grid.n = {edge, edge, edge};
  c.grid.spacing = 1;
  for (Index v = 0; v < c.grid.n_voxels(); ++v) {
    const Index3 at = coordinates_of(v, c.grid.n);
    c.bodies.of_voxel.push_back(inside({double(at[0]) + 0.5, double(at[1]) + 0.5, double(at[2]) + 0.5}) ? 0 : 1);
    c.grid.phase.push_back(std::uint8_t(c.bodies.of_voxel.back()));
  }
  c.bodies.table.resize(2);
  c.bodies.table[1].phase = 1;
  c.faces = make_faces(c.grid, c.bodies, [=](std::int32_t, std::int32_t) { return FaceRule{0, normals}; }, periodic);
  return c;
}

/// A corner of a face, in voxels; across a periodic side it lies beyond the box.
Vector3 place(const Case& c, const FaceCorners& corners, std::size_t f, std::size_t q) {
  const Index3 cell = coordinates_of(c.faces.cell[f], c.grid.n);
  const std::size_t a = c.faces.axis[f], b = (a + 1) % 3, d = (a + 2) % 3;
  Vector3 x{double(cell[0]), double(cell[1]), double(cell[2])};
  x[a] += 1;
  x[b] += face_corner[q][0];
  x[d] += face_corner[q][1];
  for (std::size_t e = 0; e < 3; ++e) x[e] += double(corners.shift[3 * std::size_t(corners.corner[4 * f + q]) + e]);
  return x;
}

struct Surface {
  double area = 0, angle = 0;  ///< angle to the exact normal: root mean square over the area, degrees
};
Surface measure(const Case& c, const FaceCorners& corners, const std::function<Vector3(const Vector3&)>& normal_at) {
  Surface s;
  double squares = 0;
  for (std::size_t f = 0; f < c.faces.cell.size(); ++f)
    for (const std::size_t half : {1u, 2u}) {
      const Vector3 p = place(c, corners, f, 0), q = place(c, corners, f, half), r = place(c, corners, f, half + 1);
      Vector3 cross, middle;
      for (std::size_t d = 0; d < 3; ++d) {
        const std::size_t e = (d + 1) % 3, g = (d + 2) % 3;
        cross[d] = 0.5 * ((q[e] - p[e]) * (r[g] - p[g]) - (q[g] - p[g]) * (r[e] - p[e]));
        middle[d] = (p[d] + q[d] + r[d]) / 3;
      }
      const double area = std::hypot(cross[0], cross[1], cross[2]), sign = c.bodies.of_voxel[std::size_t(c.faces.cell[f])] == 0 ? 1 : -1;
      if (area == 0) continue;
      const Vector3 n = normal_at(middle);
      const double cosine = sign * (cross[0] * n[0] + cross[1] * n[1] + cross[2] * n[2]) / area, angle = std::acos(std::clamp(cosine, -1.0, 1.0)) * 180 / 3.14159265358979;
      s.area += area;
      squares += area * angle * angle;
    }
  s.angle = std::sqrt(squares / s.area);
  return s;
}

Vector3 unit(const Vector3& x) {
  const double length = std::hypot(x[0], x[1], x[2]);
  return {x[0] / length, x[1] / length, x[2] / length};
}

TEST(FaceSurface, Plane_StaysToTheLastBit) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Case c = make_case(12, {false, true, false}, [=](const Vector3& x) { return x[axis] < 5; });
    for (const float shift : smooth_corners(c.grid.n, c.bodies, c.faces).shift) EXPECT_EQ(shift, 0.0f);
  }
}

TEST(FaceSurface, TiltedPlane_LosesItsSteps) {
  const Vector3 n = unit({1, 2, 5});
  const double at = 12 * (n[0] + n[1] + n[2]);
  const auto height = [&](const Vector3& x) { return x[0] * n[0] + x[1] * n[1] + x[2] * n[2] - at; };
  const Case c = make_case(24, {}, [&](const Vector3& x) { return height(x) < 0; });
  const FaceCorners raw = smooth_corners(c.grid.n, c.bodies, c.faces, 0), smooth = smooth_corners(c.grid.n, c.bodies, c.faces);
  double steps = 0, left = 0;
  for (std::size_t f = 0; f < c.faces.cell.size(); ++f)
    for (std::size_t q = 0; q < 4; ++q) {
      const Vector3 x = place(c, raw, f, q);
      if (x[0] < 6 || x[0] > 18 || x[1] < 6 || x[1] > 18) continue;  // the mirror images at the sides bend the normals there
      steps = std::max(steps, std::abs(height(x)));
      left = std::max(left, std::abs(height(place(c, smooth, f, q))));
    }
  EXPECT_GT(steps, 0.6);
  EXPECT_LT(left, 0.15);
}

TEST(FaceSurface, Sphere_HasItsNormalsAndArea) {
  for (const double radius : {6.0, 12.0}) {
    const double middle = radius + 4.3;
    const Case c = make_case(Index(2 * middle), {}, [&](const Vector3& x) { return std::hypot(x[0] - middle, x[1] - middle, x[2] - middle) < radius; });
    const auto normal_at = [&](const Vector3& x) { return unit({x[0] - middle, x[1] - middle, x[2] - middle}); };
    const Surface raw = measure(c, smooth_corners(c.grid.n, c.bodies, c.faces, 0), normal_at), smooth = measure(c, smooth_corners(c.grid.n, c.bodies, c.faces), normal_at);
    const double area = 4 * 3.14159265358979 * radius * radius;
    EXPECT_NEAR(raw.area / area, 1.5, 0.01);
    EXPECT_NEAR(smooth.area / area, 1, 0.01);
    EXPECT_GT(raw.angle, 45);
    EXPECT_LT(smooth.angle, 3);
  }
}

TEST(FaceSurface, PeriodicSphere_IsTheSameAcrossTheSides) {
  const auto measured = [](double at) {
    const auto near = [=](double x) { return std::remainder(x - at, 20.0); };
    const Case c = make_case(20, {true, true, true}, [=](const Vector3& x) { return std::hypot(near(x[0]), near(x[1]), near(x[2])) < 6; });
    return measure(c, smooth_corners(c.grid.n, c.bodies, c.faces), [=](const Vector3& x) { return unit({near(x[0]), near(x[1]), near(x[2])}); });
  };
  const Surface inside = measured(10), across = measured(0);
  EXPECT_NEAR(across.area, inside.area, 1e-3 * inside.area);  // which face is raw where all would vanish goes by their order
  EXPECT_NEAR(across.angle, inside.angle, 0.05);
}

TEST(FaceSurface, CornersStayNearTheirVerticesAndOnTheSides) {
  const Case c = make_case(16, {}, [](const Vector3& x) { return std::hypot(x[0], x[1] - 8, x[2] - 8) < 6.5; });
  const FaceCorners corners = smooth_corners(c.grid.n, c.bodies, c.faces);
  int on_side = 0;
  for (std::size_t f = 0; f < c.faces.cell.size(); ++f)
    for (std::size_t q = 0; q < 4; ++q) {
      for (std::size_t d = 0; d < 3; ++d) EXPECT_LE(std::abs(corners.shift[3 * std::size_t(corners.corner[4 * f + q]) + d]), 0.5f);
      const bool side = c.faces.axis[f] != 0 && coordinates_of(c.faces.cell[f], c.grid.n)[0] == 0 && face_corner[q][c.faces.axis[f] == 1 ? 1 : 0] == 0;
      on_side += side;
      if (side) { EXPECT_EQ(place(c, corners, f, q)[0], 0); }
    }
  EXPECT_GT(on_side, 20);
}

TEST(FaceSurface, VoxelNormals_KeepTheStaircase) {
  const Case c = make_case(16, {}, [](const Vector3& x) { return std::hypot(x[0] - 8, x[1] - 8, x[2] - 8) < 5; }, NormalMode::voxel);
  for (const float shift : smooth_corners(c.grid.n, c.bodies, c.faces).shift) EXPECT_EQ(shift, 0.0f);
}

}  // namespace
