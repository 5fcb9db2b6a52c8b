#pragma once
// Counts what Kokkos is asked for, by the callbacks of its tools: on a GPU a kernel is a launch, and a reduction, a copy or a fence is a wait of the host too.
// Defines functions: include it from one .cpp file of a program that is linked with --wrap=_ZN6Kokkos5fenceEv.
#include <Kokkos_Core.hpp>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>

namespace voxode::tests {

/// How often, and of how many bytes in all, by name.
struct Tally {
  std::int64_t count = 0, bytes = 0;
};
class Tallies : public std::map<std::string, Tally> {
 public:
  void add(const std::string& name, std::int64_t bytes = 0) {
    Tally& t = (*this)[name];
    ++t.count;
    t.bytes += bytes;
  }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const auto& [name, t] : *this) sum += t.count;
    return sum;
  }
  std::int64_t total_bytes() const {
    std::int64_t sum = 0;
    for (const auto& [name, t] : *this) sum += t.bytes;
    return sum;
  }
  bool has(const std::string& name) const { return count(name) > 0; }
  Tally of(const std::string& name) const {
    const auto at = find(name);
    return at == end() ? Tally{} : at->second;
  }
  std::string text() const {
    std::string lines;
    for (const auto& [name, t] : *this) lines += "  " + std::to_string(t.count) + " x " + name + (t.bytes ? ", " + std::to_string(t.bytes) + " bytes" : "") + "\n";
    return lines;
  }
};

struct KokkosCounts {
  Tallies kernels;      ///< label of each parallel_for
  Tallies reductions;   ///< label of each parallel_reduce or parallel_scan
  Tallies fences;       ///< label of the kernel before; not those of copies and fills
  Tallies copies;       ///< array to array: "from -> to"
  Tallies fills;        ///< Kokkos::deep_copy of a value, which waits for all kernels on a GPU
  Tallies allocations;  ///< label
};

/// Counts while it lives; one at a time.
class KokkosCounter {
 public:
  KokkosCounter() {
    namespace tools = Kokkos::Tools::Experimental;
    current = this;
    tools::set_begin_parallel_for_callback([](const char* name, std::uint32_t, std::uint64_t*) { current->kernel(current->counts_.kernels, name); });
    tools::set_begin_parallel_reduce_callback([](const char* name, std::uint32_t, std::uint64_t*) { current->kernel(current->counts_.reductions, name); });
    tools::set_begin_parallel_scan_callback([](const char* name, std::uint32_t, std::uint64_t*) { current->kernel(current->counts_.reductions, name); });
    tools::set_begin_fence_callback([](const char*, std::uint32_t, std::uint64_t*) { current->fence(); });  // never called by Kokkos 3.4
    tools::set_begin_deep_copy_callback([](Kokkos::Tools::SpaceHandle, const char* to, const void*, Kokkos::Tools::SpaceHandle, const char* from, const void*, std::uint64_t bytes) {
      const bool fill = !std::strcmp(from, "Scalar") || !std::strcmp(from, "(none)");
      if (fill) current->counts_.fills.add(to, std::int64_t(bytes));
      else current->counts_.copies.add(std::string(from) + " -> " + to, std::int64_t(bytes));
      current->in_copy_ = true;
    });
    tools::set_end_deep_copy_callback([] { current->in_copy_ = false; });
    tools::set_allocate_data_callback([](Kokkos::Tools::SpaceHandle, const char* name, const void*, std::uint64_t bytes) {
      if (bytes) current->counts_.allocations.add(name, std::int64_t(bytes));
    });
  }
  ~KokkosCounter() {
    Kokkos::Tools::Experimental::pause_tools();
    current = nullptr;
  }
  KokkosCounter(const KokkosCounter&) = delete;
  KokkosCounter& operator=(const KokkosCounter&) = delete;

  /// What was counted since the last call.
  KokkosCounts take() {
    KokkosCounts counts;
    std::swap(counts, counts_);
    return counts;
  }
  void fence() {
    if (!in_copy_) counts_.fences.add(last_kernel_);
  }

  static inline KokkosCounter* current = nullptr;

 private:
  void kernel(Tallies& to, const char* name) {
    if (in_copy_) return;
    to.add(name);
    last_kernel_ = name;
  }
  KokkosCounts counts_;
  std::string last_kernel_;
  bool in_copy_ = false;
};

}  // namespace voxode::tests

// Kokkos 3.4 tells no tool of a fence: the linker sends them here.
extern "C" void __real__ZN6Kokkos5fenceEv();
extern "C" void __wrap__ZN6Kokkos5fenceEv() {
  if (voxode::tests::KokkosCounter::current) voxode::tests::KokkosCounter::current->fence();
  __real__ZN6Kokkos5fenceEv();
}
