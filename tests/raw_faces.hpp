#pragma once
// Interface faces as the voxels have them: between all neighbours of different bodies (-1: none), with the normal of the axis.
#include <cstdint>
#include <vector>

#include "mesh/faces.hpp"

namespace voxode::tests {

inline mesh::Faces raw_faces(const Index3& n, const std::vector<std::int32_t>& body, const mesh::Periodicity& periodic) {
  mesh::Faces faces;
  for (int axis = 0; axis < 3; ++axis)
    for (Index cell = 0; cell < product(n); ++cell) {
      const Index other = mesh::upper_cell(n, cell, axis);
      if (other < cell && !periodic[std::size_t(axis)]) continue;
      const std::int32_t a = body[std::size_t(cell)], b = body[std::size_t(other)];
      if (a == b || a < 0 || b < 0) continue;
      faces.cell.push_back(cell);
      faces.axis.push_back(std::uint8_t(axis));
      faces.entry.push_back(0);
      for (int d = 0; d < 3; ++d) faces.normal.push_back(d == axis ? 1.0f : 0.0f);
      faces.area_share.push_back(1.0f);
    }
  return faces;
}

}  // namespace voxode::tests
