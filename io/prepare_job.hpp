#pragma once
// A config's voxel grid, bodies and faces, with a word on memory before the large allocations.
#include <string>
#include <vector>

#include "io/config.hpp"
#include "io/memory.hpp"
#include "physics/microstructure.hpp"

namespace voxode::io {

struct PreparedJob {
  mesh::VoxelGrid grid;
  physics::Microstructure structure;
  std::vector<std::string> notes;
  double needed_bytes = 0;  ///< of the large arrays, an estimate
  FreeMemory free;
  Index n_nodes = 0, n_points = 0;
  double seconds = 0;
};

/// Reads or generates the image and cuts it. Throws MemoryError with the crop or coarsening that would fit if `enforce_memory`.
PreparedJob prepare_job(const Config& config, bool enforce_memory = true);

}  // namespace voxode::io
