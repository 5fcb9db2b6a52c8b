// Starts the runtime, notes what the numbers were measured on, prints one table and writes JSON.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/machine.hpp"
#include "benchmarks/on_request.hpp"
#include "benchmarks/table.hpp"
#include "benchmarks/threads.hpp"
#include "commit.hpp"
#include "kernels/runtime.hpp"

using namespace voxode;

namespace {

constexpr const char* usage = R"(voxode_benchmarks: prints one table of times and shares of what the machine can do, and writes the same as JSON.
  --threads=N        host threads (default: all)
  --threads=1,2      the chosen cases with each number, and what more threads gain
  --large            cases that take minutes or many gigabytes too
  --benchmark_filter='composite/.*/64'   and the other options of Google Benchmark; with --benchmark_format its output replaces the table
  --benchmark_out=FILE                   of the JSON (default: benchmarks.json)
)";

struct Arguments {
  std::vector<int> threads;
  bool large = false, table = true, list = false;
  std::string json = "benchmarks.json";
  std::vector<std::string> others;  ///< for Google Benchmark
};

std::optional<std::vector<int>> numbers(const char* text) {
  std::vector<int> list;
  for (const char* const end = text + std::strlen(text); text < end;) {
    int n = 0;
    const auto read = std::from_chars(text, end, n);
    if (read.ec != std::errc() || n < 1 || (read.ptr < end && *read.ptr != ',')) return std::nullopt;
    list.push_back(n);
    text = read.ptr + 1;
  }
  if (list.empty()) return std::nullopt;
  return list;
}

/// Empty if an argument cannot be read.
std::optional<Arguments> parse(int argc, char** argv) {
  Arguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--help") return std::nullopt;
    const auto value = [&](const char* option) { return argument.rfind(option, 0) == 0 ? argv[i] + std::strlen(option) : nullptr; };
    if (const char* const list = value("--threads=")) {
      const auto threads = numbers(list);
      if (!threads) return std::nullopt;
      result.threads = *threads;
    } else if (argument == "--large") {
      result.large = true;
    } else if (const char* const path = value("--benchmark_out=")) {
      result.json = path;
    } else {
      result.table = result.table && !value("--benchmark_format=");
      result.list = result.list || value("--benchmark_list_tests");
      result.others.push_back(argument);
    }
  }
  return result;
}

std::string note_machine() {
  const benchmarks::Machine& machine = benchmarks::machine();
  const std::string triad = fmt::format("{:.1f}", 1e-9 * machine.triad), peak = fmt::format("{:.0f}", 1e-9 * machine.fma_peak);
  benchmark::AddCustomContext("device", kernels::device_description());
  benchmark::AddCustomContext("kokkos", kernels::kokkos_description());
  benchmark::AddCustomContext("compiler", VOXODE_COMPILER);
  benchmark::AddCustomContext("commit", VOXODE_COMMIT);
  benchmark::AddCustomContext("triad_GB_per_s", triad);
  benchmark::AddCustomContext("fma_peak_Gflop_per_s", peak);  // single precision
  return fmt::format("{}; Kokkos {}; {}; commit {}; triad {} GB/s, multiply-add peak {} Gflop/s in single precision", kernels::device_description(), kernels::kokkos_description(),
                     VOXODE_COMPILER, VOXODE_COMMIT, triad, peak);
}

int run(Arguments& arguments) {
  if (!arguments.list) arguments.others.push_back("--benchmark_out=" + arguments.json);
  arguments.others.insert(arguments.others.begin(), "voxode_benchmarks");
  std::vector<char*> pointers;
  for (std::string& argument : arguments.others) pointers.push_back(argument.data());
  int count = int(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  kernels::RuntimeOptions options;
  if (!arguments.threads.empty()) options.threads = arguments.threads.front();
  const kernels::Runtime runtime(options);
  if (arguments.large)
    for (const auto registration : benchmarks::on_request()) registration();
  if (arguments.list) {
    benchmark::RunSpecifiedBenchmarks();
    return 0;
  }
  const std::string heading = note_machine();
  benchmarks::Table table(heading);
  const std::size_t n_run = arguments.table ? benchmark::RunSpecifiedBenchmarks(&table) : benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return n_run == 0 ? 2 : table.failed() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<Arguments> arguments = parse(argc, argv);
  if (!arguments) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  try {
    if (arguments->threads.size() < 2) return run(*arguments);
    if (arguments->large) arguments->others.push_back("--large");
    return benchmarks::compare_threads(arguments->threads, arguments->others, arguments->json);
  } catch (const std::exception& error) {
    fmt::print(stderr, "voxode_benchmarks: {}\n", error.what());
    return 1;
  }
}
