#pragma once
// Index type, small vectors and the Voigt order, without Kokkos.
#include <array>
#include <cstdint>

// Marks functions that also run on the device; empty where Kokkos is not linked.
#ifdef VOXODE_WITH_KOKKOS
#include <Kokkos_Macros.hpp>
#define VOXODE_FUNCTION KOKKOS_INLINE_FUNCTION
#define VOXODE_INLINE_FUNCTION KOKKOS_FORCEINLINE_FUNCTION  // in the innermost loops of a kernel
#else
#define VOXODE_FUNCTION inline
#define VOXODE_INLINE_FUNCTION inline
#endif

// Before a loop of a few rounds whose number is known: all of them in a row, so that small arrays stay in registers.
#if defined(__clang__) || defined(__CUDA_ARCH__)
#define VOXODE_UNROLL _Pragma("unroll")
#else
#define VOXODE_UNROLL _Pragma("GCC unroll 32")
#endif

namespace voxode {

/// Linear index of voxels, vertices, nodes and unknowns (1291^3 voxels overflow 32 bits).
using Index = std::int64_t;
/// Voxel (i, j, k) or a size (n_x, n_y, n_z).
using Index3 = std::array<Index, 3>;
using Vector3 = std::array<double, 3>;
/// Symmetric tensor, order xx yy zz yz xz xy. Strains hold engineering shear (2 eps_yz ...), stresses plain shear.
using Voigt = std::array<double, 6>;
/// Stiffness in that order, row by row, Pa.
using Stiffness = std::array<double, 36>;
/// Unit quaternion (w, x, y, z) that turns crystal into sample axes, v_sample = R v_crystal.
using Quaternion = std::array<double, 4>;

/// Linear index of (i, j, k), x fastest.
VOXODE_FUNCTION Index linear_index(const Index3& n, Index i, Index j, Index k) { return i + n[0] * (j + n[1] * k); }
/// (i, j, k) of a linear index.
inline Index3 coordinates_of(Index linear, const Index3& n) { return {linear % n[0], linear / n[0] % n[1], linear / (n[0] * n[1])}; }
inline Index product(const Index3& n) { return n[0] * n[1] * n[2]; }

}  // namespace voxode
