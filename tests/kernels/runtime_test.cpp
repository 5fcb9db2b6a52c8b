// What the runtime says of the device and of failures.
#include "kernels/runtime.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

using namespace voxode::kernels;

namespace {

TEST(Runtime, FreeDeviceMemory_IsKnownOfAGpuOnly) {
  const auto available = free_device_memory();
  ASSERT_EQ(available.has_value(), kokkos_description().find("CUDA") != std::string::npos);
  if (available) {
    EXPECT_GT(*available, 1u << 20);
  }
}

/// Texts of Kokkos 3.4.01 (Kokkos_MemorySpace.cpp, Kokkos_Cuda_Instance.cpp) and of Thrust in CUDA 13.
TEST(Runtime, ExhaustedMemory_IsToldFromOtherFailures) {
  EXPECT_EQ(exhausted_memory(std::bad_alloc()), "memory");
  const auto of = [](const char* text) { return exhausted_memory(std::runtime_error(text)); };
  EXPECT_EQ(of("Kokkos failed to allocate memory for label \"u\".  Allocation using MemorySpace named \"Host\" failed with the following error:  Allocation of size 8 G failed"), "memory");
  EXPECT_EQ(of("Kokkos failed to allocate memory for label \"u\".  Allocation using MemorySpace named \"Cuda\" failed with the following error:  Allocation of size 90 G failed"), "GPU memory");
  EXPECT_EQ(of("cudaGetLastError() error( cudaErrorMemoryAllocation): out of memory Kokkos_Cuda_KernelLaunch.hpp:639"), "GPU memory");
  EXPECT_EQ(of("radix_sort: failed on 1st step: cudaErrorMemoryAllocation: out of memory"), "GPU memory");
  EXPECT_EQ(of("cudaDeviceSynchronize() error( cudaErrorIllegalAddress): an illegal memory access was encountered Kokkos_Cuda_Instance.cpp:144"), "");
}

}  // namespace
