#pragma once
// A config's voxel grid, bodies and faces, with a word on memory before the large allocations.
#include <string>
#include <vector>

#include "io/config.hpp"
#include "physics/microstructure.hpp"

namespace voxode::io {

struct PreparedJob {
  mesh::VoxelGrid grid;
  physics::Microstructure structure;
  std::vector<std::string> notes;
  double needed_bytes = 0, available_bytes = 0;  ///< of mechanics; estimate, and what the system has free
  Index n_nodes = 0, n_points = 0;
  double seconds = 0;
};

/// Reads or generates the image and cuts it. Throws MemoryError with the crop or coarsening that would fit if `enforce_memory`.
PreparedJob prepare_job(const Config& config, bool enforce_memory = true);

/// Memory that new allocations can have, bytes: MemAvailable, or the limit $VOXODE_MEMORY_LIMIT_MB if that is set and smaller.
double available_memory();

}  // namespace voxode::io
