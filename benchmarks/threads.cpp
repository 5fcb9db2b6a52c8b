#include "benchmarks/threads.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "benchmarks/table.hpp"

extern char** environ;

namespace voxode::benchmarks {
namespace {

/// Exit status of this program, started anew.
int run_self(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "voxode_benchmarks");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, pointers.data(), environ) != 0 || waitpid(child, &status, 0) < 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

struct Measured {
  double triad = 0, peak = 0;  ///< GB/s, Gflop/s
  std::vector<std::string> order;
  std::map<std::string, double> seconds;
};

Measured read(const std::string& path) {
  const nlohmann::json json = nlohmann::json::parse(std::ifstream(path));
  Measured result;
  result.triad = std::stod(json.at("context").at("triad_GB_per_s").get<std::string>());
  result.peak = std::stod(json.at("context").at("fma_peak_Gflop_per_s").get<std::string>());
  const std::map<std::string, double> unit{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
  for (const auto& run : json.at("benchmarks")) {
    if (run.value("error_occurred", false) || run.at("run_type") != "iteration") continue;
    const std::string name =
        std::regex_replace(run.at("name").get<std::string>(), std::regex("(/iterations:[0-9]+)?(/min_time:[0-9.]+)?/(real|manual)_time$"), "");
    if (result.seconds.emplace(name, run.at("real_time").get<double>() * unit.at(run.at("time_unit"))).second) result.order.push_back(name);
  }
  return result;
}

}  // namespace

int compare_threads(const std::vector<int>& numbers, const std::vector<std::string>& arguments, const std::string& json) {
  std::vector<Measured> measured;
  int worst = 0;
  for (const int n : numbers) {
    const std::size_t dot = json.rfind('.');
    const std::string path = fmt::format("{}_{}_threads{}", json.substr(0, dot), n, dot == std::string::npos ? "" : json.substr(dot));
    std::vector<std::string> all = arguments;
    all.push_back(fmt::format("--threads={}", n));
    all.push_back("--benchmark_out=" + path);
    fmt::print("---- {} thread{}\n", n, n == 1 ? "" : "s");
    std::fflush(stdout);
    const int status = run_self(all);
    if (status > 1) return status;  // 1: some case failed, the others count
    worst = std::max(worst, status);
    measured.push_back(read(path));
    fmt::print("\n");
  }
  const Measured& first = measured.front();
  std::size_t width = 14;
  for (const std::string& name : first.order) width = std::max(width, name.size());
  fmt::print("{:<{}}  {:>9}", "threads", width, numbers.front());
  for (std::size_t i = 1; i < numbers.size(); ++i) fmt::print("  {:>9}  {:>6}  {:>16}", numbers[i], "gain", "of triad's gain");
  fmt::print("\n");
  const auto row = [&](const std::string& name, const auto& shown, const auto& gain) {
    fmt::print("{:<{}}  {:>9}", name, width, shown(first));
    for (std::size_t i = 1; i < measured.size(); ++i)
      fmt::print("  {:>9}  {:>6.2f}  {:>16.2f}", shown(measured[i]), gain(measured[i]), gain(measured[i]) * first.triad / measured[i].triad);
    fmt::print("\n");
  };
  row(
      "triad", [](const Measured& m) { return fmt::format("{:.1f} GB/s", m.triad); }, [&](const Measured& m) { return m.triad / first.triad; });
  row(
      "multiply-add", [](const Measured& m) { return fmt::format("{:.0f} Gflop", m.peak); }, [&](const Measured& m) { return m.peak / first.peak; });
  for (const std::string& name : first.order) {
    if (!std::all_of(measured.begin(), measured.end(), [&](const Measured& m) { return m.seconds.count(name) == 1; })) continue;
    row(
        name, [&](const Measured& m) { return format_seconds(m.seconds.at(name)); },
        [&](const Measured& m) { return first.seconds.at(name) / m.seconds.at(name); });
  }
  fmt::print("\nBar for the elastic operator from one thread to two: a gain of 1.7, or .9 of what triad gains.\n");
  return worst;
}

}  // namespace voxode::benchmarks
