#pragma once
// Reads a multi-page label image (TIFF, uint8) without the project's own readers, so that a test of the physics does not rest on them.
#include <tiffio.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::tests {

/// Labels, shape (pages, rows, columns), columns fastest; n = {columns, rows, pages}.
struct LabelImage {
  Index3 n{};
  std::vector<std::uint8_t> label;
};

inline LabelImage read_label_image(const std::string& path) {
  TIFF* const tiff = TIFFOpen(path.c_str(), "r");
  if (!tiff) throw std::runtime_error("cannot read " + path);
  LabelImage image;
  do {
    std::uint32_t columns = 0, rows = 0;
    std::uint16_t bits = 0;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &columns);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &rows);
    TIFFGetField(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    if (bits != 8 || TIFFIsTiled(tiff) || (image.n[2] > 0 && (image.n[0] != Index(columns) || image.n[1] != Index(rows)))) {
      TIFFClose(tiff);
      throw std::runtime_error(path + ": pages of one size, 8 bits, in strips are expected");
    }
    image.n = {Index(columns), Index(rows), image.n[2] + 1};
    image.label.resize(std::size_t(product(image.n)));
    for (std::uint32_t row = 0; row < rows; ++row)
      if (TIFFReadScanline(tiff, &image.label[std::size_t(linear_index(image.n, 0, Index(row), image.n[2] - 1))], row) != 1) {
        TIFFClose(tiff);
        throw std::runtime_error(path + ": a row cannot be read");
      }
  } while (TIFFReadDirectory(tiff));
  TIFFClose(tiff);
  return image;
}

/// Path of a file of the data that is not part of the repository ($VOXODE_DATA, else ../shared/data next to the source), empty if absent.
inline std::string data_file(const std::string& name) {
  const char* const variable = std::getenv("VOXODE_DATA");
  const std::filesystem::path path = (variable ? std::filesystem::path(variable) : std::filesystem::path(VOXODE_SOURCE_DIR) / "../shared/data") / name;
  return std::filesystem::exists(path) ? path.string() : std::string();
}

}  // namespace voxode::tests
