#pragma once
// The smoother's diagonal: all nodes of a vertex together, so that stiff interfaces cost nothing.
// A device header: only .cpp files that link Kokkos include it.
#include <string>
#include <vector>

#include "physics/elastic_system.hpp"

namespace voxode::physics {

/// Inverses of the vertex blocks of a level: all nodes of a vertex together.
struct VertexBlocks {
  ConstArray<std::uint32_t> node_offset;  ///< first node of each vertex
  Array<std::uint32_t> block_offset;      ///< first value of each vertex's packed block, in units of 3 values
  Array<float> value;                     ///< finest level only
  Array<std::uint16_t> short_value;       ///< coarse levels: kernels::upper_half of each
  Array<std::uint32_t> plain_vertex;      ///< finest level: vertices that stand for all those without pairs
  Index n_vertices = 0;

  VertexBlocks() = default;
  VertexBlocks(const std::string& label, ConstArray<std::uint32_t> offset, const std::vector<std::uint32_t>& host_offset);
};

/// Room for the finest level's blocks. Vertices without pairs whose voxels and walls are alike share one.
VertexBlocks make_fine_blocks(const ElasticSystem& system);

/// Diagonal 3x3 blocks of every class at every corner of a voxel, shape (n_classes, 8, 6).
Array<float> class_diagonals(const ElasticSystem& system);

/// Inverts vertex blocks of the finest level from elements and walls: those without pairs, or (`interfaces`) those with pairs, which count there.
/// `changed` (n_pairs): interface vertices without a pair marked stay too; empty: all are made anew.
void assemble_fine_blocks(const ElasticSystem& system, const Array<float>& class_diagonal, const Array<float>& pair_stiffness, bool interfaces, const Array<std::uint8_t>& changed, const VertexBlocks& blocks);

}  // namespace voxode::physics
