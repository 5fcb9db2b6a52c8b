// Multi-page TIFF by libtiff.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/image/file.hpp"
#include "io/image/image.hpp"
#include "kernels/error.hpp"
#ifdef VOXODE_WITH_TIFF
#include <memory>

#include "io/image/tiff.hpp"
#endif

namespace voxode::io {

#ifdef VOXODE_WITH_TIFF
namespace {

constexpr double bytes_of_classic_tiff = 4.0e9;  // offsets have 32 bits; deflate may lengthen what it cannot shorten
constexpr std::size_t strip_bytes = 1 << 18;

using VoxelSize = std::optional<std::array<double, 3>>;

/// ImageJ's way: pixels per unit as resolution, unit and depth in the description.
std::string description_of(const std::array<Index, 3>& shape, const VoxelSize& size) {
  std::string text = fmt::format("ImageJ=1.53\nimages={0}\nslices={0}\nloop=false\n", shape[0]);
  if (size && std::isfinite((*size)[2])) {
    text += "unit=micron\n";
    if (std::isfinite((*size)[0])) text += fmt::format("spacing={:.12g}\n", (*size)[0] * 1e6);
  }
  return text;
}

void set_tags(TIFF* tiff, const std::array<Index, 3>& shape, int bits, const VoxelSize& size) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, std::uint32_t(shape[2]));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, std::uint32_t(shape[1]));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, TIFFIsCODECConfigured(COMPRESSION_ADOBE_DEFLATE) ? COMPRESSION_ADOBE_DEFLATE : COMPRESSION_NONE);
  const std::size_t row = std::size_t(shape[2]) * std::size_t(bits / 8);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, std::uint32_t(std::clamp<std::size_t>(strip_bytes / row, 1, std::size_t(shape[1]))));
  if (size && std::isfinite((*size)[2]) && std::isfinite((*size)[1])) {
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 1e-6 / (*size)[2]);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 1e-6 / (*size)[1]);
  }
}

}  // namespace

template <class T>
void write_tiff(const std::string& path, const std::array<Index, 3>& shape, std::span<const T> labels, const VoxelSize& voxel_size) {
  if (Index(labels.size()) != shape[0] * shape[1] * shape[2] || labels.empty())
    throw InternalError(fmt::format("{}: {} labels for an image of {} x {} x {}", path, labels.size(), shape[0], shape[1], shape[2]));
  TiffMessages messages;
  OutputFile file(path);
  TiffStream<OutputFile> stream{&file};
  const auto fail = [&] {
    stream.rethrow();
    throw OutputError(fmt::format("{}: cannot write the TIFF{}. Check the space and the permissions of the folder.", path, messages.take()));
  };
  std::unique_ptr<TIFF, void (*)(TIFF*)> tiff(stream.open(path, double(labels.size_bytes()) > bytes_of_classic_tiff ? "w8" : "w"), TIFFClose);
  if (!tiff) fail();
  const std::size_t row = std::size_t(shape[2]), plane = row * std::size_t(shape[1]);
  std::vector<T> strip;
  for (Index page = 0; page < shape[0]; ++page) {
    set_tags(tiff.get(), shape, int(8 * sizeof(T)), voxel_size);
    if (page == 0) TIFFSetField(tiff.get(), TIFFTAG_IMAGEDESCRIPTION, description_of(shape, voxel_size).c_str());
    std::uint32_t rows_per_strip = 1;
    TIFFGetField(tiff.get(), TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
    const T* from = labels.data() + std::size_t(page) * plane;
    for (std::size_t done = 0, number = 0; done < plane; ++number) {
      const std::size_t n = std::min(rows_per_strip * row, plane - done);
      strip.assign(from + done, from + done + n);  // libtiff may turn the bytes round in place
      if (TIFFWriteEncodedStrip(tiff.get(), std::uint32_t(number), strip.data(), tmsize_t(n * sizeof(T))) < 0) fail();
      done += n;
    }
    if (!TIFFWriteDirectory(tiff.get())) fail();
  }
  tiff.reset();
  stream.rethrow();
  file.close();
}
#else
template <class T>
void write_tiff(const std::string& path, const std::array<Index, 3>&, std::span<const T>, const std::optional<std::array<double, 3>>&) {
  throw OutputError(fmt::format("{}: this build cannot write TIFF. Configure with -DVOXODE_WITH_TIFF=ON (needs libtiff), or write .npy.", path));
}
#endif

template void write_tiff(const std::string&, const std::array<Index, 3>&, std::span<const std::uint8_t>, const std::optional<std::array<double, 3>>&);
template void write_tiff(const std::string&, const std::array<Index, 3>&, std::span<const std::uint16_t>, const std::optional<std::array<double, 3>>&);
template void write_tiff(const std::string&, const std::array<Index, 3>&, std::span<const std::uint32_t>, const std::optional<std::array<double, 3>>&);

}  // namespace voxode::io
