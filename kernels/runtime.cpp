#include "kernels/runtime.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <new>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "kernels/error.hpp"

namespace voxode::kernels {
namespace {

#ifdef KOKKOS_ENABLE_CUDA
/// Kokkos says these things in words for its developers, or aborts. device -1: the first stands for all.
void check_gpu(int device) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  cudaGetLastError();  // or the next kernel launch would find it
  if (error != cudaSuccess || count == 0)
    throw ConfigError(std::string("no GPU can be used: ") + (error == cudaSuccess ? "there is none" : cudaGetErrorString(error)) +
                      ". See whether nvidia-smi lists one, whether its driver is new enough and whether CUDA_VISIBLE_DEVICES hides it; or compute with the CPU build (./setup.sh build).");
  if (device >= count)
    throw ConfigError("--device " + std::to_string(device) + ": " + (count == 1 ? "there is one GPU, number 0" : "there are " + std::to_string(count) + " GPUs, numbers 0 to " + std::to_string(count - 1)) +
                      " (CUDA_VISIBLE_DEVICES may hide others)");
#ifdef __CUDA_ARCH_LIST__
  int major = 0, minor = 0;
  cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, std::max(device, 0));
  cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, std::max(device, 0));
  std::string built_for;
  for (const int architecture : {__CUDA_ARCH_LIST__}) {
    if (architecture / 100 == major && architecture % 100 / 10 <= minor) return;
    built_for += (built_for.empty() ? "" : ", ") + std::to_string(architecture / 10);
  }
  const std::string capability = std::to_string(10 * major + minor);
  throw ConfigError("this program was built for GPUs of compute capability " + built_for + ", and this one has " + capability + ": build it again with VOXODE_CUDA_ARCH=" + capability + " ./setup.sh cuda");
#endif
}
#endif

}  // namespace

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
#ifdef KOKKOS_ENABLE_CUDA
  check_gpu(options.device);
#endif
  try {
    Kokkos::initialize(settings);
  } catch (const std::exception& error) {
    if (on_host || !exhausted_memory(error).empty()) throw;
    const std::string text = error.what();
    throw ConfigError("the GPU could not be started: " + text.substr(0, text.find('\n')) + ". See with nvidia-smi whether it works and whether another program has it for itself, or give another --device.");
  }
}

Runtime::~Runtime() { Kokkos::finalize(); }

std::string device_description() {
  Kokkos::DefaultExecutionSpace space;
  return std::string(Kokkos::DefaultExecutionSpace::name()) + ", " + std::to_string(space.concurrency()) + " threads";
}

int host_threads() { return Kokkos::is_initialized() ? Kokkos::DefaultHostExecutionSpace().concurrency() : 1; }

std::optional<std::uint64_t> free_device_memory() {
#ifdef KOKKOS_ENABLE_CUDA
  std::size_t available = 0, total = 0;
  if (cudaMemGetInfo(&available, &total) == cudaSuccess) return available;
  cudaGetLastError();
#endif
  return std::nullopt;
}

std::string exhausted_memory(const std::exception& error) {
  const std::string text = error.what();
  const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
  const bool exhausted = dynamic_cast<const std::bad_alloc*>(&error) || says("Kokkos failed to allocate") || says("Kokkos encountered an allocation failure") || says("cudaErrorMemoryAllocation");
  if (!exhausted) return "";
  return says("Cuda") || says("cudaErrorMemoryAllocation") ? "GPU memory" : "memory";
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
