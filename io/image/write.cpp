// .npy, raw, and the choice by extension.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <filesystem>

#include "io/image/file.hpp"
#include "io/image/image.hpp"
#include "kernels/error.hpp"

namespace voxode::io {
namespace {

template <class T>
void check_size(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels) {
  if (Index(labels.size()) != shape[0] * shape[1] * shape[2])
    throw InternalError(fmt::format("{}: {} labels for an image of {} x {} x {}", path, labels.size(), shape[0], shape[1], shape[2]));
}

template <class T>
void write_narrow(const std::string& path, const LabelImage& image) {
  std::string extension = std::filesystem::path(path).extension().string();
  for (char& c : extension) c = char(std::tolower(static_cast<unsigned char>(c)));
  const bool tiff = extension == ".tif" || extension == ".tiff";
  if (!tiff && extension != ".npy" && extension != ".raw")
    throw OutputError(fmt::format("{}: images are written as .tif, .tiff, .npy or .raw. Give the file one of these extensions.", path));
  const auto write = [&](std::span<const T> labels) {
    if (tiff) return write_tiff<T>(path, image.shape, labels, image.voxel_size);
    extension == ".npy" ? write_npy<T>(path, image.shape, labels) : write_raw<T>(path, image.shape, labels);
  };
  if constexpr (std::is_same_v<T, std::uint32_t>) {
    write(std::span<const T>(image.label));
  } else {
    const std::vector<T> labels(image.label.begin(), image.label.end());
    write(std::span<const T>(labels));
  }
}

}  // namespace

template <class T>
void write_npy(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels) {
  check_size(path, shape, labels);
  const char order = sizeof(T) == 1 ? '|' : std::endian::native == std::endian::little ? '<' : '>';
  std::string header = fmt::format("{{'descr': '{}u{}', 'fortran_order': False, 'shape': ({}, {}, {}), }}", order, sizeof(T), shape[0], shape[1], shape[2]);
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');  // data begin at a multiple of 64 bytes
  header += '\n';
  std::string start = "\x93NUMPY";
  start += {'\x01', '\0', char(header.size() & 0xff), char(header.size() >> 8)};
  start += header;
  OutputFile file(path);
  file.write(0, start.data(), start.size());
  file.write(std::int64_t(start.size()), labels.data(), labels.size_bytes());
  file.close();
}

template <class T>
void write_raw(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels) {
  check_size(path, shape, labels);
  OutputFile file(path);
  file.write(0, labels.data(), labels.size_bytes());
  file.close();
}

void write_image(const std::string& path, const LabelImage& image) {
  const std::uint32_t largest = image.label.empty() ? 0 : *std::max_element(image.label.begin(), image.label.end());
  if (largest <= 0xff) return write_narrow<std::uint8_t>(path, image);
  if (largest <= 0xffff) return write_narrow<std::uint16_t>(path, image);
  write_narrow<std::uint32_t>(path, image);
}

template void write_npy(const std::string&, const std::array<Index, 3>&, std::span<const std::uint8_t>);
template void write_npy(const std::string&, const std::array<Index, 3>&, std::span<const std::uint16_t>);
template void write_npy(const std::string&, const std::array<Index, 3>&, std::span<const std::uint32_t>);
template void write_raw(const std::string&, const std::array<Index, 3>&, std::span<const std::uint8_t>);
template void write_raw(const std::string&, const std::array<Index, 3>&, std::span<const std::uint16_t>);
template void write_raw(const std::string&, const std::array<Index, 3>&, std::span<const std::uint32_t>);

}  // namespace voxode::io
