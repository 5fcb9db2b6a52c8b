#pragma once
// How much memory there is, and what to say when it is not enough.
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "kernels/types.hpp"

namespace voxode::io {

/// Memory that new allocations can have, bytes: the least of MemAvailable, what the limits of this process leave (ulimit -v, ulimit -d), what its
/// control groups leave (containers, batch systems), and $VOXODE_MEMORY_LIMIT_MB if that is set.
double available_memory();

/// Memory that a job's large arrays can have: where there is a GPU, the lesser of the host's and the GPU's, since either may hold them.
struct FreeMemory {
  double bytes = 0;
  bool of_gpu = false;
};
/// `gpu`: what kernels::free_device_memory() says.
FreeMemory lesser_memory(double host, std::optional<std::uint64_t> gpu);
/// Asks host and GPU; a Runtime must be there.
FreeMemory free_memory();

/// What the memory control groups of a process leave, the tightest of the group and those above it; empty: no limit. `membership` is
/// /proc/self/cgroup, `mount` /sys/fs/cgroup; version 1 and 2. Pages of files that the system would drop first count as free.
std::optional<double> control_group_room(const std::string& membership, const std::string& mount);

/// Memory of one conduction solve, bytes per voxel; an upper bound (93 were measured where every voxel conducts).
inline constexpr double conduction_bytes_per_voxel = 100;

/// "2.5 MB", "31 GB".
std::string memory_text(double bytes);
/// "31 GB", "31 GB of GPU memory".
std::string memory_text(const FreeMemory& free);

/// Largest box of the same proportions whose share of `needed` memory fits `available`; empty if that is less than four voxels along an edge.
std::optional<std::array<Index, 3>> box_that_fits(const std::array<Index, 3>& box, double needed, double available);
/// Least n that makes n^3 voxels to one and then fits.
int coarsening_that_fits(double needed, double available);

}  // namespace voxode::io
