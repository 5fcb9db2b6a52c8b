#pragma once
// Peak resident memory of a piece of work on the host (Linux).
#include <malloc.h>

#include <fstream>
#include <string>

namespace voxode::benchmarks {

/// Starts at construction: gives back what the allocator keeps and resets the kernel's high-water mark.
class PeakMemory {
 public:
  PeakMemory() {
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
    start_ = kibibytes("VmRSS:");
  }
  /// Bytes beyond those held at the start, at the worst moment since.
  double bytes() const { return 1024.0 * (kibibytes("VmHWM:") - start_); }

 private:
  static double kibibytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    std::string word;
    double value = 0;
    while (status >> word)
      if (word == key && status >> value) return value;
    return 0;
  }
  double start_ = 0;
};

}  // namespace voxode::benchmarks
