#include "kernels/runtime.hpp"

#include <Kokkos_Core.hpp>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "kernels/error.hpp"

namespace voxode::kernels {

Runtime::Runtime(const RuntimeOptions& options) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 20);  // large arrays go back to the system when they are freed: else the threshold grows with each and the heap keeps them
#endif
  if (Kokkos::is_initialized()) throw InternalError("the runtime was started twice in one process");
#if KOKKOS_VERSION >= 30700
  Kokkos::InitializationSettings settings;
  if (options.threads > 0) settings.set_num_threads(options.threads);
  if (options.device >= 0) settings.set_device_id(options.device);
  settings.set_disable_warnings(true);
#else
  Kokkos::InitArguments settings;
  if (options.threads > 0) settings.num_threads = options.threads;
  if (options.device >= 0) settings.device_id = options.device;
  settings.disable_warnings = true;  // 3.4 prints them to standard output, which is for results
#endif
  constexpr bool on_host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, Kokkos::DefaultExecutionSpace::memory_space>::accessible;
  if (options.force_host && !on_host)
    throw ConfigError("--device cpu: this program was built for a GPU; build it again without CUDA to compute on the host");
  if (options.device >= 0 && on_host)
    throw ConfigError("--device " + std::to_string(options.device) + ": this program was built without a GPU backend; build it with ./setup.sh cuda, or use --device cpu");
  Kokkos::initialize(settings);
}

Runtime::~Runtime() { Kokkos::finalize(); }

std::string device_description() {
  Kokkos::DefaultExecutionSpace space;
  return std::string(Kokkos::DefaultExecutionSpace::name()) + ", " + std::to_string(space.concurrency()) + " threads";
}

std::string kokkos_description() {
  const int v = KOKKOS_VERSION;
  std::string text = std::to_string(v / 10000) + "." + std::to_string(v / 100 % 100) + "." + std::to_string(v % 100) + " (";
#ifdef KOKKOS_ENABLE_CUDA
  text += "CUDA, ";
#endif
#ifdef KOKKOS_ENABLE_OPENMP
  text += "OpenMP, ";
#endif
  return text + "Serial)";
}

}  // namespace voxode::kernels
