#pragma once
// Ranges over voxels, faces and nodes for loops on the host's threads: with equal shares, and by turns where the work is uneven.
#include <Kokkos_Core.hpp>

#include "kernels/types.hpp"

namespace voxode::mesh {

using HostPolicy = Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace, Kokkos::IndexType<Index>>;
using DynamicHostPolicy = Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace, Kokkos::IndexType<Index>, Kokkos::Schedule<Kokkos::Dynamic>>;

}  // namespace voxode::mesh
