#pragma once
// Cases that take minutes or many gigabytes: they exist only with --large.
#include <vector>

namespace voxode::benchmarks {

/// Functions that register such cases.
inline std::vector<void (*)()>& on_request() {
  static std::vector<void (*)()> list;
  return list;
}

/// For a global constant of a benchmark's file.
inline bool register_on_request(void (*registration)()) {
  on_request().push_back(registration);
  return true;
}

}  // namespace voxode::benchmarks
