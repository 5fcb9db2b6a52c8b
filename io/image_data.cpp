#include "io/image_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include "io/result_file.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"

#ifdef VOXODE_WITH_VTK
#include <vtk_zlib.h>
#endif

namespace voxode::io {

float rounded(float value, int bits) {
  const auto pattern = std::bit_cast<std::uint32_t>(value);
  constexpr std::uint32_t exponent = 0x7f800000u;
  if ((pattern & exponent) == exponent) return value;
  const std::uint32_t half = 1u << (22 - bits);
  return std::bit_cast<float>((pattern + half) & ~(2 * half - 1));
}

#ifdef VOXODE_WITH_VTK

namespace {

constexpr std::size_t block_bytes = std::size_t(1) << 18;
using Bytes = std::vector<unsigned char>;

std::size_t bytes_of(const std::string& type) { return type == "UInt8" || type == "String" ? 1 : 4; }

void compress(const Bytes& values, bool noisy, Bytes& packed) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15, 9, noisy ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  packed.resize(deflateBound(&stream, uLong(values.size())));
  stream.next_in = const_cast<unsigned char*>(values.data());
  stream.avail_in = uInt(values.size());
  stream.next_out = packed.data();
  stream.avail_out = uInt(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
}

/// Calls work(i) for i < n, from all threads.
template <class Work>
void on_all_threads(std::size_t n, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
  const auto take = [&] {
    try {
      for (std::size_t i; !failed && (i = next++) < n;) work(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  };
  std::vector<std::jthread> helpers;
  for (std::size_t t = 1; t < std::min(n, std::size_t(kernels::host_threads())); ++t) helpers.emplace_back(take);
  take();
  helpers.clear();
  if (failure) std::rethrow_exception(failure);
}

/// Compressed blocks one after another, before them their number, the size of a block and of the last one, and the sizes when compressed.
void write_blocks(std::ofstream& out, const CellArray& array, Index n_cells) {
  const std::size_t cell = bytes_of(array.type) * std::size_t(array.n_components), cells_at_once = std::max<std::size_t>(1, block_bytes / cell);
  const std::size_t n_blocks = (std::size_t(n_cells) + cells_at_once - 1) / cells_at_once, rest = std::size_t(n_cells) % cells_at_once;
  std::vector<std::uint64_t> head(3 + n_blocks);
  head[0] = n_blocks;
  head[1] = cells_at_once * cell;
  head[2] = rest * cell;
  const auto write_head = [&] { out.write(reinterpret_cast<const char*>(head.data()), std::streamsize(8 * head.size())); };
  const std::streampos begin = out.tellp();
  write_head();
  std::vector<Bytes> packed(std::min<std::size_t>(n_blocks, 8 * std::size_t(kernels::host_threads())));
  for (std::size_t first = 0; first < n_blocks; first += packed.size()) {
    const std::size_t n = std::min(packed.size(), n_blocks - first);
    on_all_threads(n, [&](std::size_t i) {
      const Index from = Index((first + i) * cells_at_once), to = std::min(n_cells, from + Index(cells_at_once));
      thread_local Bytes values;
      values.resize(std::size_t(to - from) * cell);
      array.fill(from, to, values.data());
      compress(values, array.noisy, packed[i]);
    });
    for (std::size_t i = 0; i < n; ++i) {
      head[3 + first + i] = packed[i].size();
      out.write(reinterpret_cast<const char*>(packed[i].data()), std::streamsize(packed[i].size()));
    }
  }
  const std::streampos end = out.tellp();
  out.seekp(begin);
  write_head();
  out.seekp(end);
}

constexpr const char* no_offset = "000000000000000";

std::string description(const ImageData& image) {
  const std::string extent = fmt::format("0 {} 0 {} 0 {}", image.n[0], image.n[1], image.n[2]);
  std::string text = fmt::format("<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\" compressor=\"vtkZLibDataCompressor\">\n"
                                 "  <ImageData WholeExtent=\"{}\" Origin=\"0 0 0\" Spacing=\"{} {} {}\" Direction=\"1 0 0 0 1 0 0 0 1\">\n    <FieldData>\n"
                                 "      <Array type=\"String\" Name=\"state\" NumberOfTuples=\"1\" format=\"appended\" offset=\"{}\"/>\n"
                                 "      <DataArray type=\"Float64\" Name=\"TimeValue\" NumberOfTuples=\"1\" format=\"ascii\">{}</DataArray>\n"
                                 "    </FieldData>\n    <Piece Extent=\"{}\">\n      <PointData/>\n      <CellData>\n",
                                 extent, image.spacing, image.spacing, image.spacing, no_offset, image.time, extent);
  for (const CellArray& array : image.arrays) {
    text += fmt::format("        <DataArray type=\"{}\" Name=\"{}\" NumberOfComponents=\"{}\"", array.type, array.name, array.n_components);
    for (std::size_t c = 0; c < array.component_names.size(); ++c) text += fmt::format(" ComponentName{}=\"{}\"", c, array.component_names[c]);
    text += fmt::format(" format=\"appended\" offset=\"{}\"/>\n", no_offset);
  }
  return text + "      </CellData>\n    </Piece>\n  </ImageData>\n  <AppendedData encoding=\"raw\">\n   _";
}

}  // namespace

void write_image_data(const ImageData& image, const std::string& path, const std::string& final_path) {
  CellArray state;
  state.type = "String";
  state.fill = [&](Index begin, Index end, void* to) { std::memcpy(to, image.state.c_str() + begin, std::size_t(end - begin)); };  // with its final zero
  try {
    std::ofstream out;
    out.exceptions(std::ios::failbit | std::ios::badbit);
    errno = 0;
    out.open(path, std::ios::binary);
    std::string head = description(image);
    out << head;
    const std::streamoff begin = std::streamoff(out.tellp());
    std::size_t place = 0;
    const auto append = [&](const CellArray& array, Index n) {
      place = head.find(no_offset, place);
      head.replace(place, std::strlen(no_offset), fmt::format("{:015}", std::streamoff(out.tellp()) - begin));
      place += std::strlen(no_offset);
      write_blocks(out, array, n);
    };
    append(state, Index(image.state.size()) + 1);
    for (const CellArray& array : image.arrays) append(array, product(image.n));
    out << "\n  </AppendedData>\n</VTKFile>\n";
    out.seekp(0);
    out << head;
    out.close();
  } catch (const std::ios_base::failure&) {
    const int reason = errno;
    std::remove(path.c_str());
    fail_to_write("the state", final_path, reason);
  } catch (...) {
    std::remove(path.c_str());
    throw;
  }
}

#else

void write_image_data(const ImageData&, const std::string&, const std::string&) { throw InternalError("image data without VTK"); }

#endif

}  // namespace voxode::io
