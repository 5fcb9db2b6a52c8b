#pragma once
// A label image as a file holds it: any label values, array axes in file order. Readers and writers of every format.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

struct LabelImage {
  std::array<Index, 3> shape{};  ///< array axes 0, 1, 2; the last is fastest (a multi-page TIFF: page, row, column)
  std::vector<std::uint32_t> label;
  std::string type;              ///< the file's element type: "uint8", "uint16", "uint32"; .npy, .raw, .vti, .vdb also "int8" ... "uint64", "bool"
  /// m, per array axis, from the file's own tags; NaN along an axis that they leave out (a TIFF without ImageJ's `spacing`: axis 0); .npy, raw and .vdb have none.
  std::optional<std::array<double, 3>> voxel_size;
  std::string source;            ///< the path, for messages
  std::array<Index, 3> file_shape{};  ///< what the file holds; `shape` unless cropped while reading
  Index n_voxels() const { return shape[0] * shape[1] * shape[2]; }
};

/// What a .raw file does not say about itself.
struct RawOptions {
  std::optional<std::array<Index, 3>> shape;  ///< array axes 0, 1, 2, the last is fastest
  std::string type = "uint8";                 ///< uint8 | uint16 | uint32 | uint64 | int8 | int16 | int32 | int64
  std::string byte_order = "little";          ///< little | big
  Index header_bytes = 0;                     ///< skipped at the start of the file
};

/// Half-open range per array axis.
using Crop = std::array<std::array<Index, 2>, 3>;

/// Reads multi-page TIFF, a folder of TIFF slices (natural order of names), .vti, .vdb (the box of the active voxels), .npy or raw; the content decides, raw is taken
/// from `raw.shape` or the extension. Array axes of .vti and .vdb are (z, y, x). `crop` keeps only that part in memory. Throws InputError (missing, damaged,
/// not labels, crop outside the image) and MemoryError; each message says what, where and what to do.
LabelImage read_image(const std::string& path, const RawOptions& raw = {}, const std::optional<Crop>& crop = {});

/// Writes labels, shape (axis 0, 1, 2), last axis fastest, T one of uint8_t, uint16_t, uint32_t. TIFF: one page per index of axis 0, deflate, BigTIFF where the
/// data exceed 4 GB, voxel size (m, per array axis) as resolution tags and ImageJ's description. Throw OutputError (disk full, no such folder) and leave no part behind.
template <class T>
void write_tiff(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels, const std::optional<std::array<double, 3>>& voxel_size = {});
template <class T>
void write_npy(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels);
template <class T>
void write_raw(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels);

/// By extension (.tif, .tiff, .npy, .raw), in the narrowest unsigned type that holds the labels.
void write_image(const std::string& path, const LabelImage& image);

}  // namespace voxode::io
