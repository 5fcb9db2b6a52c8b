#!/usr/bin/env bash
# Makes the sources of Kokkos 3.4.01 (2021) build with CUDA 13 in C++20. Usage: tools/patch_kokkos_for_cuda13.sh KOKKOS_SOURCE
# Each edit says why, and fails if the place it changes is not there exactly once.
set -euo pipefail
cd "$1"

# edit FILE TEXT REPLACEMENT: TEXT must stand in FILE exactly once; both are literal, and \n in REPLACEMENT is a newline.
edit() {
  FROM=$2 TO=$3 perl -0777 -i -pe '
    BEGIN { $from = $ENV{FROM}; $to = $ENV{TO}; $to =~ s/\\n/\n/g; }
    $n = () = /\Q$from\E/g;
    s/\Q$from\E/$to/;
    END { if ($n != 1) { print STDERR "patch: $n places instead of one for: $from\n"; exit 1; } }' "$1"
}

# nvcc 13 no longer knows sm_35, the wrapper's default, which the compiler checks of CMake use.
edit bin/nvcc_wrapper 'default_arch="sm_35"' 'default_arch="sm_80"'
# nvcc takes -std=c++20 since CUDA 12; the wrapper would hand it to the host compiler only.
edit bin/nvcc_wrapper '--std=c++17|-std=c++17)' '--std=c++17|-std=c++17|--std=c++20|-std=c++20)'
edit cmake/kokkos_test_cxx_std.cmake 'SET(SUPPORTED_NVCC_FLAGS "-std=c++14;-std=c++17")' 'SET(SUPPORTED_NVCC_FLAGS "-std=c++14;-std=c++17;-std=c++20")'

# GPU architectures that are younger than this Kokkos.
edit cmake/KokkosCore_config.h.in '#cmakedefine KOKKOS_ARCH_AMPERE86' '#cmakedefine KOKKOS_ARCH_AMPERE86\n#cmakedefine KOKKOS_ARCH_ADA89\n#cmakedefine KOKKOS_ARCH_HOPPER90\n#cmakedefine KOKKOS_ARCH_BLACKWELL120'
edit cmake/kokkos_arch.cmake 'KOKKOS_ARCH_OPTION(AMPERE86        GPU  "NVIDIA Ampere generation CC 8.6")' \
  'KOKKOS_ARCH_OPTION(AMPERE86        GPU  "NVIDIA Ampere generation CC 8.6")\nKOKKOS_ARCH_OPTION(ADA89           GPU  "NVIDIA Ada generation CC 8.9")\nKOKKOS_ARCH_OPTION(HOPPER90        GPU  "NVIDIA Hopper generation CC 9.0")\nKOKKOS_ARCH_OPTION(BLACKWELL120    GPU  "NVIDIA Blackwell generation CC 12.0")'
edit cmake/kokkos_arch.cmake 'CHECK_CUDA_ARCH(AMPERE86  sm_86)' \
  'CHECK_CUDA_ARCH(AMPERE86  sm_86)\nCHECK_CUDA_ARCH(ADA89     sm_89)\nCHECK_CUDA_ARCH(HOPPER90  sm_90)\nCHECK_CUDA_ARCH(BLACKWELL120 sm_120)'

# A kernel that could not be launched is an error at once, not only in builds that check bounds; the fence stays theirs.
edit core/src/Cuda/Kokkos_Cuda_KernelLaunch.hpp $'#if defined(KOKKOS_ENABLE_DEBUG_BOUNDS_CHECK)\n      CUDA_SAFE_CALL(cudaGetLastError());' \
  '      CUDA_SAFE_CALL(cudaGetLastError());\n#if defined(KOKKOS_ENABLE_DEBUG_BOUNDS_CHECK)'

# CUDA 13 names the target of a prefetch by a struct.
edit core/src/Cuda/Kokkos_CudaSpace.cpp '#include <impl/Kokkos_MemorySpace.hpp>' \
  '#include <impl/Kokkos_MemorySpace.hpp>\n\n#if CUDART_VERSION >= 13000\n#define KOKKOS_PREFETCH_TARGET(device) cudaMemLocation{cudaMemLocationTypeDevice, device}, 0\n#else\n#define KOKKOS_PREFETCH_TARGET(device) device\n#endif'
edit core/src/Cuda/Kokkos_CudaSpace.cpp 'cudaMemPrefetchAsync(ptr, bytes, space.cuda_device(),' 'cudaMemPrefetchAsync(ptr, bytes, KOKKOS_PREFETCH_TARGET(space.cuda_device()),'
# CUDA 13's headers define the half operators that Kokkos defines here; voxode has no half precision.
edit core/src/Cuda/Kokkos_Cuda_Half.hpp '#if !(defined(KOKKOS_COMPILER_CLANG) && KOKKOS_COMPILER_CLANG < 900) &&' \
  '#if CUDART_VERSION < 13000 && \\n    !(defined(KOKKOS_COMPILER_CLANG) && KOKKOS_COMPILER_CLANG < 900) &&'
