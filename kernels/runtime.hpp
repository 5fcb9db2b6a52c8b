#pragma once
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace voxode::kernels {

struct RuntimeOptions {
  int threads = 0;  ///< host threads; 0: OMP_NUM_THREADS or all cores
  int device = -1;  ///< GPU number; -1: the default (GPU 0 in a CUDA build, else the host)
  bool force_host = false;  ///< `--device cpu`: an error in a build whose default execution space is a GPU
};

/// Starts Kokkos for the life of the object; once per process. Throws ConfigError where the device that is asked for cannot be had.
class Runtime {
 public:
  explicit Runtime(const RuntimeOptions& options);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
};

/// Name of the default execution space with its concurrency, e.g. "OpenMP, 2 threads".
std::string device_description();
/// Threads of the host's execution space; 1 where Kokkos does not run.
int host_threads();
/// Memory of the GPU that nothing holds, bytes; empty where the device is the host. Asks the GPU of the running Runtime.
std::optional<std::uint64_t> free_device_memory();
/// "memory" or "GPU memory" if an exception of the standard library, Kokkos, CUDA or Thrust says that it ran out, else empty. Most are plain runtime
/// errors, told by their text.
std::string exhausted_memory(const std::exception& error);
/// Version of Kokkos and its enabled backends, e.g. "3.4.1 (OpenMP, Serial)".
std::string kokkos_description();

}  // namespace voxode::kernels
