#pragma once
// The smoother's diagonal: all nodes of a vertex together, so that stiff interfaces cost nothing.
// A device header: only .cpp files that link Kokkos include it.
#include <string>
#include <vector>

#include "kernels/device.hpp"

namespace voxode::physics {

/// Inverses of the vertex blocks of a level: all nodes of a vertex together.
struct VertexBlocks {
  kernels::ConstArray<std::uint32_t> node_offset;  ///< first node of each vertex
  kernels::Array<std::uint32_t> block_offset;      ///< first value of each vertex's packed block, in units of 3 values
  kernels::Array<float> value;
  Index n_vertices = 0;

  VertexBlocks() = default;
  VertexBlocks(const std::string& label, kernels::ConstArray<std::uint32_t> offset, const std::vector<std::uint32_t>& host_offset);
};

}  // namespace voxode::physics
