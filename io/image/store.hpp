#pragma once
// Where readers put what they find: checks each value, keeps the part that is asked for.
#include <optional>
#include <string>

#include "io/image/file.hpp"
#include "io/image/image.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

/// "251 x 301 x 301".
std::string shape_text(const std::array<Index, 3>& shape);
/// Throws InputError unless 0 <= from < to <= length along every axis.
void check_crop(const Crop& crop, const std::array<Index, 3>& shape, const std::string& source);

class LabelStore {
 public:
  LabelStore(std::string source, const std::optional<Crop>& crop) : crop_(crop) { image_.source = std::move(source); }

  /// Shape and element type of the file, before any row. Checks the crop, allocates.
  void begin(const std::array<Index, 3>& shape, const std::string& type);
  bool wants(int axis, Index i) const { return (*crop_)[axis][0] <= i && i < (*crop_)[axis][1]; }
  /// Labels (i, j, 0 ... shape[2] - 1), at values[k * stride]. InputError on a negative or too large one.
  template <class T>
  void put_row(Index i, Index j, const T* values, Index stride = 1);
  template <class T>
  void put(Index i, Index j, Index k, T value) {
    if (wants(0, i) && wants(1, j) && wants(2, k)) image_.label[position(i, j, k)] = checked(value, i, j, k);
  }
  LabelImage finish() { return std::move(image_); }
  LabelImage& image() { return image_; }

 private:
  std::size_t position(Index i, Index j, Index k) const {
    return std::size_t(((i - (*crop_)[0][0]) * image_.shape[1] + (j - (*crop_)[1][0])) * image_.shape[2] + (k - (*crop_)[2][0]));
  }
  template <class T>
  std::uint32_t checked(T value, Index i, Index j, Index k) const {
    if constexpr (std::is_signed_v<T>)
      if (value < 0) negative(std::int64_t(value), i, j, k);
    if constexpr (sizeof(T) > 4)
      if (std::uint64_t(value) > 0xffffffffu) too_large(std::uint64_t(value), i, j, k);
    return std::uint32_t(value);
  }
  [[noreturn]] void negative(std::int64_t value, Index i, Index j, Index k) const;
  [[noreturn]] void too_large(std::uint64_t value, Index i, Index j, Index k) const;

  LabelImage image_;
  std::optional<Crop> crop_;
};

template <class T>
void LabelStore::put_row(Index i, Index j, const T* values, Index stride) {
  if (!wants(0, i) || !wants(1, j)) return;
  const Index from = (*crop_)[2][0], to = (*crop_)[2][1];
  std::uint32_t* out = image_.label.data() + position(i, j, from);
  for (Index k = from; k < to; ++k) *out++ = checked(values[k * stride], i, j, k);
}

/// Element types of .npy and raw.
struct ElementType {
  char kind = 'u';  ///< u unsigned, i signed
  int bytes = 1;
};
/// Stored rows along the last axis, or with `fortran` along the first, from `offset` to the end of the array.
void read_elements(const InputFile& file, std::int64_t offset, const std::array<Index, 3>& shape, ElementType type, bool big_endian, bool fortran, LabelStore& store);
/// Bytes of the array; InputError if a length is below one or the product passes 2^62.
std::int64_t array_bytes(const std::array<Index, 3>& shape, int bytes, const std::string& source);

// One reader per format; each fills the store.
void read_tiff(const InputFile& file, LabelStore& store);
void read_tiff_folder(const std::string& path, LabelStore& store);
void read_npy(const InputFile& file, LabelStore& store);
void read_raw(const InputFile& file, const RawOptions& options, LabelStore& store);
void read_vti(const std::string& path, LabelStore& store);
void read_vdb(const std::string& path, LabelStore& store);

/// Spacing of formats that name no unit: metres if all are below 1 mm (no voxel is larger), else unknown.
std::optional<std::array<double, 3>> spacing_in_metres(const std::array<double, 3>& spacing);

}  // namespace voxode::io
