#pragma once
// Time of the kernels with one label, wherever the library launches them.
#include <chrono>
#include <cstring>

#include "kernels/device.hpp"

namespace voxode::benchmarks {

/// Counts and times parallel_for with `label` while it lives, by Kokkos' profiling callbacks; one at a time.
class KernelTimer {
 public:
  explicit KernelTimer(const char* label) {
    now() = {label, 0, 0.0, {}};
    Kokkos::Tools::Experimental::set_begin_parallel_for_callback([](const char* name, std::uint32_t, std::uint64_t* number) {
      *number = std::strcmp(name, now().label) == 0 ? 1 : 0;
      if (*number == 0) return;
      if (!kernels::on_host) Kokkos::fence();
      now().begin = std::chrono::steady_clock::now();
    });
    Kokkos::Tools::Experimental::set_end_parallel_for_callback([](std::uint64_t number) {
      if (number == 0) return;
      if (!kernels::on_host) Kokkos::fence();
      now().seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - now().begin).count();
      ++now().count;
    });
  }
  ~KernelTimer() {
    Kokkos::Tools::Experimental::set_begin_parallel_for_callback(nullptr);
    Kokkos::Tools::Experimental::set_end_parallel_for_callback(nullptr);
  }
  KernelTimer(const KernelTimer&) = delete;
  KernelTimer& operator=(const KernelTimer&) = delete;
  /// Seconds a launch; 0 if there was none.
  double mean() const { return now().count > 0 ? now().seconds / double(now().count) : 0.0; }

 private:
  struct State {
    const char* label;
    long count;
    double seconds;
    std::chrono::steady_clock::time_point begin;
  };
  static State& now() {  // callbacks are plain functions
    static State state{};
    return state;
  }
};

}  // namespace voxode::benchmarks
