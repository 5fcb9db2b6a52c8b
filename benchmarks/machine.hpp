#pragma once
// What the machine can do, measured in the same run as the rest.
#include <benchmark/benchmark.h>

namespace voxode::benchmarks {

struct Machine {
  double triad = 0;     ///< B/s of a = b + s c in double precision, 24 bytes an entry, arrays far larger than caches
  double fma_peak = 0;  ///< single precision flop/s of independent multiply-adds
};

/// Measured once a run, best of several.
const Machine& machine();

/// What one run of a kernel over the box takes at the least.
struct Work {
  double voxels = 0;       ///< of the box
  double bytes = 0;        ///< that memory must deliver or take, each array once
  double flops = 0;        ///< additions and multiplications
  bool in_double = false;  ///< precision of the arithmetic
};

/// Counters of a kernel: voxels_per_second, bytes_per_voxel, flops_per_voxel, gigabytes_per_second, and of_bound: the bound's time over the one measured.
/// Bound: min(triad x flops / bytes, half of the measured multiply-add peak), of double precision half of that in single.
void count_work(benchmark::State& state, const Work& work);

}  // namespace voxode::benchmarks
