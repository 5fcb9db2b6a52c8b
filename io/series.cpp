#include "io/series.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "io/result_file.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

namespace {

std::vector<std::string> listed_lines(const std::string& path, Index keep) {
  std::vector<std::string> lines;
  if (keep == 0) return lines;
  std::ifstream file(path);
  for (std::string line; Index(lines.size()) < keep && std::getline(file, line);)
    if (line.find("<DataSet ") != std::string::npos) lines.push_back(line);
  if (Index(lines.size()) < keep)
    throw InputError(fmt::format("cannot go on with {}: the checkpoint counts {} states and it lists {}. Run without --resume, or put back the files that belong to the "
                                 "checkpoint.", path, keep, lines.size()));
  return lines;
}

}  // namespace

std::string numbered_path(const std::string& folder, const std::string& stem, const std::string& extension, Index number) {
  return (std::filesystem::path(folder) / fmt::format("{}_{:04}.{}", stem, number, extension)).string();
}

void remove_numbered(const std::string& folder, const std::string& stem, const std::string& extension, Index first) {
  for (Index number = first;; ++number) {
    std::error_code error;
    if (!std::filesystem::remove(numbered_path(folder, stem, extension, number), error)) break;
  }
}

Series::Series(const std::string& folder, const std::string& stem, const std::string& extension, Index keep) : folder_(folder), stem_(stem), extension_(extension) {
  lines_ = listed_lines((std::filesystem::path(folder) / (stem + ".pvd")).string(), keep);
  make_folder(folder);
  write_list();  // before stale files go: the list never names what is missing
  remove_numbered(folder, stem, extension, keep);
}

std::string Series::path_of(Index number) const { return numbered_path(folder_, stem_, extension_, number); }

std::string Series::next_path() const { return name_beside(path_of(size())); }

void Series::add(double time) {
  const std::string path = path_of(size());
  put_in_place(next_path(), path);
  lines_.push_back(fmt::format("    <DataSet timestep=\"{:.12g}\" group=\"\" part=\"0\" file=\"{}\"/>", time, std::filesystem::path(path).filename().string()));
  try {
    write_list();
  } catch (...) {
    lines_.pop_back();
    throw;
  }
}

void Series::write_list() const {
  const std::string path = (std::filesystem::path(folder_) / (stem_ + ".pvd")).string();
  std::string text = "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n  <Collection>\n";
  for (const std::string& line : lines_) text += line + "\n";
  write_result_file(path, text + "  </Collection>\n</VTKFile>\n");
}

}  // namespace voxode::io
