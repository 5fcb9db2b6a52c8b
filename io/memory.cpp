#include "io/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "kernels/runtime.hpp"

namespace voxode::io {
namespace {

std::optional<double> number_in(const std::filesystem::path& file) {
  std::ifstream stream(file);
  double value = 0;
  if (stream >> value) return value;  // "max" is no number: no limit
  return std::nullopt;
}

/// The value that follows `key` in a file of lines "key value".
std::optional<double> entry_in(const std::filesystem::path& file, const std::string& key) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    std::istringstream words(line);
    std::string name;
    double value = 0;
    if (words >> name >> value && name == key) return value;
  }
  return std::nullopt;
}

struct GroupFiles {
  const char *limit, *usage, *droppable;
};

std::optional<double> room_of_group(const std::filesystem::path& folder, const GroupFiles& files) {
  constexpr double no_limit = 1e18;  // version 1 writes the largest number of pages
  const std::optional<double> limit = number_in(folder / files.limit), usage = number_in(folder / files.usage);
  if (!limit || !usage || *limit >= no_limit) return std::nullopt;
  return std::max(0.0, *limit - *usage + entry_in(folder / "memory.stat", files.droppable).value_or(0.0));
}

void lower(std::optional<double>& least, const std::optional<double>& value) {
  if (value) least = std::min(least.value_or(*value), *value);
}

/// What RLIMIT_AS and RLIMIT_DATA leave: malloc fails beyond, however much memory the machine has.
std::optional<double> room_of_process_limits() {
  std::ifstream stream("/proc/self/statm");
  double pages[6] = {};  // size, resident, shared, text, library, data and stack
  for (double& value : pages) stream >> value;
  if (!stream) return std::nullopt;
  const double page = double(sysconf(_SC_PAGESIZE));
  std::optional<double> least;
  const auto consider = [&](auto resource, double used) {
    rlimit limit{};
    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) lower(least, std::max(0.0, double(limit.rlim_cur) - used));
  };
  consider(RLIMIT_AS, pages[0] * page);
  consider(RLIMIT_DATA, pages[5] * page);
  return least;
}

}  // namespace

std::optional<double> control_group_room(const std::string& membership, const std::string& mount) {
  std::optional<double> least;
  std::ifstream stream(membership);
  std::string line;
  while (std::getline(stream, line)) {  // number:controllers:path
    const std::size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool unified = controllers == ",,";
    if (!unified && controllers.find(",memory,") == std::string::npos) continue;
    const GroupFiles files = unified ? GroupFiles{"memory.max", "memory.current", "inactive_file"} : GroupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
    const std::filesystem::path root = unified ? std::filesystem::path(mount) : std::filesystem::path(mount) / "memory";
    std::filesystem::path group = std::filesystem::path(line.substr(second + 1)).relative_path();
    lower(least, room_of_group(root, files));  // inside a container the group's own path may not exist, and the root is the group
    for (; !group.empty(); group = group.parent_path()) lower(least, room_of_group(root / group, files));
  }
  return least;
}

double available_memory() {
  std::optional<double> least;
  if (const auto kilobytes = entry_in("/proc/meminfo", "MemAvailable:")) least = *kilobytes * 1024;
  lower(least, room_of_process_limits());
  lower(least, control_group_room("/proc/self/cgroup", "/sys/fs/cgroup"));
  if (const char* limit = std::getenv("VOXODE_MEMORY_LIMIT_MB")) lower(least, std::atof(limit) * 1e6);
  return least.value_or(1e18);
}

FreeMemory lesser_memory(double host, std::optional<std::uint64_t> gpu) {
  if (gpu && double(*gpu) < host) return {double(*gpu), true};
  return {host, false};
}

FreeMemory free_memory() { return lesser_memory(available_memory(), kernels::free_device_memory()); }

std::string memory_text(const FreeMemory& free) { return memory_text(free.bytes) + (free.of_gpu ? " of GPU memory" : ""); }

std::string memory_text(double bytes) {
  const double megabytes = bytes / 1e6;
  if (megabytes < 10) return fmt::format("{:.1f} MB", megabytes);
  return megabytes < 9999.5 ? fmt::format("{:.0f} MB", megabytes) : fmt::format("{:.0f} GB", megabytes / 1e3);
}

std::optional<std::array<Index, 3>> box_that_fits(const std::array<Index, 3>& box, double needed, double available) {
  // a little less than exact, since a part of the box has more surface for its volume
  const double edge = std::min(1.0, 0.97 * std::cbrt(std::max(0.0, available) / needed));
  std::array<Index, 3> fits{};
  for (std::size_t a = 0; a < 3; ++a) {
    fits[a] = Index(edge * double(box[a]));
    if (fits[a] < std::min<Index>(4, box[a])) return std::nullopt;
  }
  return fits;
}

int coarsening_that_fits(double needed, double available) {
  // coarse voxels carry more nodes each, as more of them touch an interface
  return std::max(2, int(std::ceil(std::cbrt(1.3 * needed / std::max(1.0, available)))));
}

}  // namespace voxode::io
