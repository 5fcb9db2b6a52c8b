// Which reader a path gets.
#include <fmt/format.h>

#include <cctype>
#include <cstring>
#include <filesystem>

#include "io/image/store.hpp"

namespace voxode::io {
namespace {

std::string extension_of(const std::string& path) {
  std::string e = std::filesystem::path(path).extension().string();
  for (char& c : e) c = char(std::tolower(static_cast<unsigned char>(c)));
  return e;
}

enum class Format { tiff, npy, vti, vdb, raw, unknown };

Format format_of(const InputFile& file, const RawOptions& raw) {
  const std::string extension = extension_of(file.path());
  const bool named = extension == ".tif" || extension == ".tiff" || extension == ".npy" || extension == ".vti" || extension == ".vdb";
  // A raw file may begin with anything, also with another format's mark.
  if (extension == ".raw" || (raw.shape && !named)) return Format::raw;
  char start[512] = {};
  const std::size_t n = file.read_some(0, start, sizeof(start));
  const std::string_view text(start, n);
  const auto begins = [&](std::string_view mark) { return text.substr(0, mark.size()) == mark; };
  using namespace std::literals;
  for (const auto mark : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (begins(mark)) return Format::tiff;
  if (begins("\x93NUMPY"sv)) return Format::npy;
  if (begins(" BDV"sv)) return Format::vdb;
  if (text.find("<VTKFile") != text.npos) return Format::vti;
  if (n == 0) throw InputError(fmt::format("{}: the file is empty. Copy or export the image again.", file.path()));
  return Format::unknown;
}

[[noreturn]] void not_known(const std::string& path) {
  const std::string extension = extension_of(path);
  const std::string name = extension == ".tif" || extension == ".tiff" ? "a TIFF"
                           : extension == ".npy"                       ? "a .npy"
                           : extension == ".vti"                       ? "a .vti"
                           : extension == ".vdb"                       ? "a .vdb"
                                                                       : "";
  if (!name.empty()) throw InputError(fmt::format("{}: the file is not {} file: its first bytes say otherwise. Check what it is, and export the labels again.", path, name));
  throw InputError(fmt::format("{}: the format is not known. Images are multi-page TIFF, a folder of TIFF slices, .vti, .vdb, .npy, or .raw with shape and type.", path));
}

}  // namespace

LabelImage read_image(const std::string& path, const RawOptions& raw, const std::optional<Crop>& crop) {
  LabelStore store(path, crop);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    read_tiff_folder(path, store);
    return store.finish();
  }
  const InputFile file(path);
  switch (format_of(file, raw)) {
    case Format::tiff: read_tiff(file, store); break;
    case Format::npy: read_npy(file, store); break;
    case Format::vti: read_vti(path, store); break;
    case Format::vdb: read_vdb(path, store); break;
    case Format::raw: read_raw(file, raw, store); break;
    case Format::unknown: not_known(path);
  }
  return store.finish();
}

}  // namespace voxode::io
