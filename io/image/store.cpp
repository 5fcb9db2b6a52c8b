#include "io/image/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <new>
#include <stdexcept>

#include "io/memory.hpp"

namespace voxode::io {
namespace {

template <class T>
T swapped(T value) {
  auto* bytes = reinterpret_cast<unsigned char*>(&value);
  std::reverse(bytes, bytes + sizeof(T));
  return value;
}

template <class T>
void read_as(const InputFile& file, std::int64_t offset, const std::array<Index, 3>& shape, bool swap, bool fortran, LabelStore& store) {
  // One plane of the slowest stored axis at a time: (j, k) of page i, or with Fortran order (j, i) of the last index k.
  const Index n_planes = fortran ? shape[2] : shape[0];
  const Index plane = fortran ? shape[0] * shape[1] : shape[1] * shape[2];
  std::vector<T> buffer(static_cast<std::size_t>(plane));
  for (Index p = 0; p < n_planes; ++p) {
    if (!store.wants(fortran ? 2 : 0, p)) continue;
    file.read(offset + p * plane * Index(sizeof(T)), buffer.data(), buffer.size() * sizeof(T), fmt::format("plane {} of {}", p + 1, n_planes));
    if (swap) std::transform(buffer.begin(), buffer.end(), buffer.begin(), swapped<T>);
    if (fortran) {
      for (Index j = 0; j < shape[1]; ++j)
        for (Index i = 0; i < shape[0]; ++i) store.put(i, j, p, buffer[std::size_t(i + shape[0] * j)]);
    } else {
      for (Index j = 0; j < shape[1]; ++j) store.put_row(p, j, buffer.data() + j * shape[2]);
    }
  }
}

}  // namespace

std::string shape_text(const std::array<Index, 3>& shape) { return fmt::format("{} x {} x {}", shape[0], shape[1], shape[2]); }

void check_crop(const Crop& crop, const std::array<Index, 3>& shape, const std::string& source) {
  for (int a = 0; a < 3; ++a)
    if (crop[a][0] < 0 || crop[a][0] >= crop[a][1] || crop[a][1] > shape[a])
      throw InputError(fmt::format("{}: crop = [{}, {}] along array axis {} does not fit the image, whose shape is {} voxels. Choose 0 <= from < to <= {} there (the end is left out).",
                                   source, crop[a][0], crop[a][1], a, shape_text(shape), shape[a]));
}

std::int64_t array_bytes(const std::array<Index, 3>& shape, int bytes, const std::string& source) {
  std::int64_t size = bytes;
  for (const Index n : shape) {
    if (n < 1) throw InputError(fmt::format("{}: the shape {} holds no voxel. Give every array axis a length of at least one.", source, shape_text(shape)));
    if (__builtin_mul_overflow(size, n, &size) || size > (std::int64_t(1) << 62))
      throw InputError(fmt::format("{}: a shape of {} voxels cannot be meant. Check the header or the shape in the config.", source, shape_text(shape)));
  }
  return size;
}

void LabelStore::begin(const std::array<Index, 3>& shape, const std::string& type) {
  array_bytes(shape, 4, image_.source);
  if (crop_)
    check_crop(*crop_, shape, image_.source);
  else
    crop_ = Crop{{{0, shape[0]}, {0, shape[1]}, {0, shape[2]}}};
  image_.type = type;
  image_.file_shape = shape;
  for (int a = 0; a < 3; ++a) image_.shape[a] = (*crop_)[a][1] - (*crop_)[a][0];
  const double needed = 4.0 * double(image_.n_voxels()), available = available_memory();
  const auto too_much = [&] {
    const std::optional<std::array<Index, 3>> box = box_that_fits(image_.shape, needed, available);
    return MemoryError(fmt::format("{}: {} voxels need {} of memory to read, and {} are free. {}", image_.source, shape_text(image_.shape), memory_text(needed), memory_text(available),
                                   box ? fmt::format("A crop (image.crop) of {} voxels would fit to be read, or use a machine with more memory.", shape_text(*box)) : "Give the job more memory."));
  };
  if (needed > available) throw too_much();
  try {
    image_.label.resize(static_cast<std::size_t>(image_.n_voxels()));
  } catch (const std::bad_alloc&) {
    throw too_much();
  } catch (const std::length_error&) {
    throw too_much();
  }
}

void LabelStore::negative(std::int64_t value, Index i, Index j, Index k) const {
  throw InputError(fmt::format("{}: the label at [{}, {}, {}] is {}; labels must not be negative. Renumber the labels from 0 on.", image_.source, i, j, k, value));
}

void LabelStore::too_large(std::uint64_t value, Index i, Index j, Index k) const {
  throw InputError(
      fmt::format("{}: the label at [{}, {}, {}] is {}, the largest possible one is 4294967295. Renumber the labels from 0 on.", image_.source, i, j, k, value));
}

void read_elements(const InputFile& file, std::int64_t offset, const std::array<Index, 3>& shape, ElementType type, bool big_endian, bool fortran, LabelStore& store) {
  const bool swap = big_endian != (std::endian::native == std::endian::big);
  const bool is_signed = type.kind == 'i';
  switch (type.bytes) {
    case 1: return is_signed ? read_as<std::int8_t>(file, offset, shape, swap, fortran, store) : read_as<std::uint8_t>(file, offset, shape, swap, fortran, store);
    case 2: return is_signed ? read_as<std::int16_t>(file, offset, shape, swap, fortran, store) : read_as<std::uint16_t>(file, offset, shape, swap, fortran, store);
    case 4: return is_signed ? read_as<std::int32_t>(file, offset, shape, swap, fortran, store) : read_as<std::uint32_t>(file, offset, shape, swap, fortran, store);
    case 8: return is_signed ? read_as<std::int64_t>(file, offset, shape, swap, fortran, store) : read_as<std::uint64_t>(file, offset, shape, swap, fortran, store);
    default: throw InternalError(fmt::format("{}: elements of {} bytes", file.path(), type.bytes));
  }
}

std::optional<std::array<double, 3>> spacing_in_metres(const std::array<double, 3>& spacing) {
  for (const double s : spacing)
    if (!(s > 0) || !(s < 1e-3)) return std::nullopt;
  return spacing;
}

}  // namespace voxode::io
