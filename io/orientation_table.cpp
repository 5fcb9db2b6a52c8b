#include "io/orientation_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <set>
#include <string>

#include "kernels/error.hpp"

namespace voxode::io {
namespace {

constexpr const char* header = "body,qw,qx,qy,qz";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells(1);
  for (char c : line) {
    if (c == ',')
      cells.emplace_back();
    else if (c != ' ' && c != '\t' && c != '\r')
      cells.back() += c;
  }
  return cells;
}

bool to_number(const std::string& cell, double& value) {
  char* end = nullptr;
  value = std::strtod(cell.c_str(), &end);
  return !cell.empty() && *end == 0 && std::isfinite(value);
}

}  // namespace

std::vector<std::pair<std::uint32_t, Quaternion>> read_orientations(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file))
    throw InputError(fmt::format("{} cannot be read; it should be the orientation_file of a phase, with the columns {}.", file.string(), header));
  std::vector<std::pair<std::uint32_t, Quaternion>> table;
  std::set<std::uint32_t> seen;
  std::string line;
  bool has_header = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (number == 1 && line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);
    if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
    const auto fail = [&](const std::string& what) { throw InputError(fmt::format("{}:{}: {}", file.string(), number, what)); };
    const std::vector<std::string> cells = split(line);
    if (!has_header) {
      if (cells != split(header)) fail(fmt::format("the first line must be the header {}.", header));
      has_header = true;
      continue;
    }
    if (cells.size() != 5) fail(fmt::format("has {} columns instead of the five {}.", cells.size(), header));
    double label = 0;
    if (!to_number(cells[0], label) || label < 1 || label > std::numeric_limits<std::uint32_t>::max() || label != std::floor(label))
      fail(fmt::format("body = \"{}\" must be an instance label, an integer from 1.", cells[0]));
    Quaternion q{};
    double square = 0;
    for (std::size_t c = 0; c < 4; ++c) {
      if (!to_number(cells[c + 1], q[c])) fail(fmt::format("\"{}\" must be a number.", cells[c + 1]));
      square += q[c] * q[c];
    }
    const double length = std::sqrt(square);
    if (!(std::abs(length - 1) <= 1e-3)) fail(fmt::format("the quaternion of body {} has the length {:.6g}; it must be a unit one. Divide it by its length.", cells[0], length));
    for (double& part : q) part /= length;
    if (!seen.insert(std::uint32_t(label)).second) fail(fmt::format("body {} stands twice; keep one row.", cells[0]));
    table.emplace_back(std::uint32_t(label), q);
  }
  if (table.empty()) throw InputError(fmt::format("{} holds no orientations; it needs the header {} and a row per body.", file.string(), header));
  return table;
}

}  // namespace voxode::io
