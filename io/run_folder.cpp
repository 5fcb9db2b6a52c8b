#include "io/run_folder.hpp"

#include <fmt/format.h>

#include "kernels/error.hpp"

namespace voxode::io {

namespace fs = std::filesystem;

void fail_in(const fs::path& path, const std::string& what) { throw InputError(fmt::format("{}: {}", path.string(), what)); }

std::vector<std::string> split_row(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == ',') fields.emplace_back();
    else if (c != '\r') fields.back() += c;
  return fields;
}

std::string run_inside(const fs::path& folder, std::initializer_list<const char*> files) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    for (const char* file : files)
      if (fs::exists(entry.path() / file, ignored)) return fmt::format(" There is one in {}.", entry.path().string());
  return {};
}

}  // namespace voxode::io
