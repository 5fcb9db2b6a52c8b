#pragma once
// A picture of a surface in space, drawn by the processor: parallel projection, hidden faces hidden, coloured by a value. Needs neither display nor graphics driver.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

struct DrawnTriangle {
  std::array<std::array<float, 3>, 3> corner{};  ///< in voxels
  float value = 0;                               ///< 0 to 1 over the colours
};

struct Picture {
  Index width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

/// The box of n voxels with its edges, seen from above a corner, on a transparent ground.
Picture draw_triangles(const Index3& n, const std::vector<DrawnTriangle>& triangles, Index width);

/// Colour of the pictures at a value from 0 to 1; io/report/slices.js has the same.
std::array<std::uint8_t, 3> sequential_colour(double value);

/// A PNG file; `deflate` gives a zlib stream.
std::string png_bytes(const Picture& picture, const std::function<std::string(const std::string&)>& deflate);

}  // namespace voxode::io
