#pragma once
// Prefix sums with a functor that says what to add and what to do with each sum. Include only from .cpp files and other device headers.
#include <limits>

#include "kernels/device.hpp"
#include "kernels/error.hpp"

namespace voxode::kernels {

/// Kokkos 3.4 counts the entries of a CUDA scan in an int, rounded up to equal shares for its blocks (of 2^17 entries at most).
inline constexpr Index longest_scan = on_host ? std::numeric_limits<Index>::max() : (Index(1) << 31) - (Index(1) << 18);

/// parallel_scan over [0, n) on the device; the sum of all goes to `total` if there is one. Throws MemoryError where a GPU cannot count so far;
/// `what`: what the entries are, for its message.
template <class Functor, class... Total>
void scan(const std::string& label, const std::string& what, Index n, const Functor& functor, Total&... total) {
  if (n > longest_scan)
    throw MemoryError(std::to_string(n) + " " + what + " are more than the GPU build can number (" + std::to_string(longest_scan) +
                      "); crop or coarsen the image, or compute with the CPU build (./setup.sh build)");
  ((total = Total(0)), ...);  // which Kokkos leaves as it is where there is nothing to sum
  if (n > 0) Kokkos::parallel_scan(label, Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(0, n), functor, total...);
}

}  // namespace voxode::kernels
