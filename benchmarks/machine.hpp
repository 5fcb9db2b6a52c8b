#pragma once
// What the machine can do, measured in the same run as the rest.

namespace voxode::benchmarks {

struct Machine {
  double triad = 0;     ///< B/s of a = b + s c in double precision, 24 bytes an entry, arrays far larger than caches
  double fma_peak = 0;  ///< single precision flop/s of independent multiply-adds
};

/// Measured once a run, best of several.
const Machine& machine();

}  // namespace voxode::benchmarks
