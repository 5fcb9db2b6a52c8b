#include "io/report_picture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace voxode::io {

namespace {

using Point = std::array<double, 3>;  // across and down the picture in pixels, depth growing away from the eye

constexpr Index fine = 2;  // samples a pixel and direction

/// From voxel corners to samples of the picture.
class View {
 public:
  View(const Index3& n, Index width) {
    constexpr double turn = 35 * std::numbers::pi / 180, tilt = 25 * std::numbers::pi / 180;
    right_ = {std::cos(turn), -std::sin(turn), 0};
    up_ = {std::sin(turn) * std::sin(tilt), std::cos(turn) * std::sin(tilt), std::cos(tilt)};
    away_ = {std::sin(turn) * std::cos(tilt), std::cos(turn) * std::cos(tilt), -std::sin(tilt)};
    double low[2] = {1e300, 1e300}, high[2] = {-1e300, -1e300};
    for (int corner = 0; corner < 8; ++corner) {
      const Point p = project(corner & 1 ? double(n[0]) : 0, corner & 2 ? double(n[1]) : 0, corner & 4 ? double(n[2]) : 0);
      for (int c : {0, 1}) low[c] = std::min(low[c], p[std::size_t(c)]), high[c] = std::max(high[c], p[std::size_t(c)]);
    }
    const double margin = 4.0 * double(fine);
    scale_ = (double(width * fine) - 2 * margin) / (high[0] - low[0]);
    shift_ = {margin - scale_ * low[0], margin - scale_ * low[1], 0};
    height = Index(std::ceil((scale_ * (high[1] - low[1]) + 2 * margin) / double(fine)));
  }
  Point project(double x, double y, double z) const {
    const auto along = [&](const Point& d) { return x * d[0] + y * d[1] + z * d[2]; };
    return {scale_ * along(right_) + shift_[0], -scale_ * along(up_) + shift_[1], scale_ * along(away_)};
  }
  Index height = 0;

 private:
  Point right_{}, up_{}, away_{}, shift_{};
  double scale_ = 1;
};

struct Canvas {
  Index width, height;
  std::vector<float> depth;
  std::vector<std::array<std::uint8_t, 4>> colour;

  Canvas(Index w, Index h) : width(w), height(h), depth(std::size_t(w * h), std::numeric_limits<float>::infinity()), colour(std::size_t(w * h), {0, 0, 0, 0}) {}
  void put(Index x, Index y, double z, const std::array<std::uint8_t, 4>& c) {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const auto at = std::size_t(y * width + x);
    if (float(z) >= depth[at]) return;
    depth[at] = float(z);
    colour[at] = c;
  }
};

/// All samples whose middle lies in the triangle with the corner o and the edges a and b from there.
void fill(Canvas& canvas, const Point& o, const Point& a, const Point& b, const std::array<std::uint8_t, 4>& colour) {
  const double det = a[0] * b[1] - a[1] * b[0];
  if (std::abs(det) < 1e-9) return;
  const double s[2] = {b[1] / det, -b[0] / det}, t[2] = {-a[1] / det, a[0] / det};  // slopes, across and down, of the shares of both edges
  const double inside[3][3] = {{s[0], s[1], 0}, {t[0], t[1], 0}, {-s[0] - t[0], -s[1] - t[1], 1}};  // slopes and offset of what is not negative there
  const double top = o[1] + std::min({a[1], b[1], 0.0}), bottom = o[1] + std::max({a[1], b[1], 0.0});
  for (auto y = Index(std::floor(top)); double(y) <= bottom; ++y) {
    const double down = double(y) + 0.5 - o[1];
    double first = o[0] + std::min({a[0], b[0], 0.0}), end = o[0] + std::max({a[0], b[0], 0.0});
    for (const auto& line : inside) {
      const double at_origin = line[1] * down + line[2];
      if (std::abs(line[0]) < 1e-12) {
        if (at_origin < 0) end = first;
      } else if (line[0] > 0) {
        first = std::max(first, o[0] - at_origin / line[0]);
      } else {
        end = std::min(end, o[0] - at_origin / line[0]);
      }
    }
    for (auto x = Index(std::ceil(first - 0.5)); double(x) + 0.5 <= end; ++x) {
      const double along = double(x) + 0.5 - o[0];
      canvas.put(x, y, o[2] + (s[0] * along + s[1] * down) * a[2] + (t[0] * along + t[1] * down) * b[2], colour);
    }
  }
}

Point minus(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

void draw_box(Canvas& canvas, const View& view, const Index3& n) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (int side = 0; side < 4; ++side) {
      Point from{}, to{};
      from[(axis + 1) % 3] = side & 1 ? double(n[(axis + 1) % 3]) : 0;
      from[(axis + 2) % 3] = side & 2 ? double(n[(axis + 2) % 3]) : 0;
      to = from;
      to[axis] = double(n[axis]);
      const Point p = view.project(from[0], from[1], from[2]), d = minus(view.project(to[0], to[1], to[2]), p);
      const double length = std::hypot(d[0], d[1]);
      for (double s = 0; s <= length; s += 0.5)
        for (Index thick = 0; thick < fine; ++thick)
          canvas.put(Index(p[0] + d[0] * s / length) + thick, Index(p[1] + d[1] * s / length), p[2] + d[2] * s / length - 0.5, {128, 128, 128, 255});
    }
}

/// Means of fine x fine samples.
Picture smoothed(const Canvas& canvas) {
  Picture picture{canvas.width / fine, canvas.height / fine, {}};
  picture.rgba.reserve(std::size_t(4 * picture.width * picture.height));
  for (Index y = 0; y < picture.height; ++y)
    for (Index x = 0; x < picture.width; ++x) {
      int sum[4] = {0, 0, 0, 0};
      for (Index s = 0; s < fine * fine; ++s) {
        const auto& c = canvas.colour[std::size_t((y * fine + s / fine) * canvas.width + x * fine + s % fine)];
        for (std::size_t k = 0; k < 3; ++k) sum[k] += c[k] * (c[3] > 0);
        sum[3] += c[3];
      }
      const int covered = sum[3] / 255;
      for (int k = 0; k < 3; ++k) picture.rgba.push_back(std::uint8_t(covered > 0 ? sum[k] / covered : 0));
      picture.rgba.push_back(std::uint8_t(sum[3] / int(fine * fine)));
    }
  return picture;
}

std::uint32_t crc(const std::string& bytes) {
  std::uint32_t c = 0xffffffffu;
  for (const char byte : bytes) {
    c ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
  }
  return ~c;
}

std::string big_endian(std::uint32_t value) { return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)}; }

std::string chunk(const std::string& type, const std::string& data) { return big_endian(std::uint32_t(data.size())) + type + data + big_endian(crc(type + data)); }

}  // namespace

std::array<std::uint8_t, 3> sequential_colour(double value) {
  static constexpr int anchors[][3] = {{84, 58, 148}, {58, 94, 158}, {38, 136, 142}, {68, 178, 108}, {160, 208, 60}, {250, 226, 70}};
  constexpr int last = int(std::size(anchors)) - 1;
  const double at = std::clamp(value, 0.0, 1.0) * last;
  const int lower = std::min(int(at), last - 1);
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) colour[c] = std::uint8_t(std::lround(anchors[lower][c] + (at - lower) * (anchors[lower + 1][c] - anchors[lower][c])));
  return colour;
}

Picture draw_triangles(const Index3& n, const std::vector<DrawnTriangle>& triangles, Index width) {
  const View view(n, width);
  Canvas canvas(width * fine, view.height * fine);
  for (const DrawnTriangle& triangle : triangles) {
    Point corner[3], edge[2];
    for (std::size_t c = 0; c < 3; ++c) corner[c] = view.project(double(triangle.corner[c][0]), double(triangle.corner[c][1]), double(triangle.corner[c][2]));
    Point side[2];
    for (std::size_t e = 0; e < 2; ++e) {
      edge[e] = minus(corner[e + 1], corner[0]);
      for (std::size_t d = 0; d < 3; ++d) side[e][d] = double(triangle.corner[e + 1][d]) - double(triangle.corner[0][d]);
    }
    const Point normal{side[0][1] * side[1][2] - side[0][2] * side[1][1], side[0][2] * side[1][0] - side[0][0] * side[1][2], side[0][0] * side[1][1] - side[0][1] * side[1][0]};
    const double size = std::hypot(normal[0], normal[1], normal[2]);
    // lit from above and a little from the side; both sides of a face alike
    const double light = size > 0 ? std::min(1.0, 0.72 + 0.28 * std::abs(0.1 * normal[0] + 0.4 * normal[1] + normal[2]) / size) : 1.0;
    const auto colour = sequential_colour(double(triangle.value));
    std::array<std::uint8_t, 4> shaded{0, 0, 0, 255};
    for (std::size_t k = 0; k < 3; ++k) shaded[k] = std::uint8_t(colour[k] * light);
    fill(canvas, corner[0], edge[0], edge[1], shaded);
  }
  draw_box(canvas, view, n);
  return smoothed(canvas);
}

std::string png_bytes(const Picture& picture, const std::function<std::string(const std::string&)>& deflate) {
  std::string rows;
  rows.reserve(picture.rgba.size() + std::size_t(picture.height));
  for (Index y = 0; y < picture.height; ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(picture.rgba.data()) + 4 * y * picture.width, std::size_t(4 * picture.width));
  }
  const std::string header = big_endian(std::uint32_t(picture.width)) + big_endian(std::uint32_t(picture.height)) + std::string("\x08\x06\x00\x00\x00", 5);  // 8 bits, RGBA
  return std::string("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", header) + chunk("IDAT", deflate(rows)) + chunk("IEND", "");
}

}  // namespace voxode::io
