#include "io/vtk_file.hpp"

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
void write_blocks(std::ofstream& out, const DataArray& array, Index n_cells) {
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

/// The file's XML as it grows, with places for the offsets of the arrays that follow it.
struct Document {
  std::string text;
  std::vector<std::pair<DataArray, Index>> arrays;  ///< and their numbers of tuples

  Document(const char* kind, const std::string& attributes, const StateLabel& label) {
    text = fmt::format("<?xml version=\"1.0\"?>\n<VTKFile type=\"{0}\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\" compressor=\"vtkZLibDataCompressor\">\n<{0}{1}>\n<FieldData>\n", kind, attributes);
    add_lines("state", {label.state});
    text += fmt::format("<DataArray type=\"Float64\" Name=\"TimeValue\" NumberOfTuples=\"1\" format=\"ascii\">{}</DataArray>\n", label.time);
    if (!label.interfaces.empty()) add_lines("interfaces", label.interfaces);
    text += "</FieldData>\n";
  }
  void add_lines(const char* name, const std::vector<std::string>& lines) {
    std::string bytes;
    for (const std::string& line : lines) bytes.append(line.c_str(), line.size() + 1);  // with its final zero
    const auto n = Index(bytes.size());
    text += fmt::format("<Array type=\"String\" Name=\"{}\" NumberOfTuples=\"{}\" format=\"appended\" offset=\"{}\"/>\n", name, lines.size(), no_offset);
    arrays.emplace_back(DataArray{name, "String", 1, {}, false, [bytes = std::move(bytes)](Index begin, Index end, void* to) { std::memcpy(to, bytes.data() + begin, std::size_t(end - begin)); }}, n);
  }
  void add(const DataArray& array, Index n_tuples) {
    text += fmt::format("<DataArray type=\"{}\" Name=\"{}\" NumberOfComponents=\"{}\"", array.type, array.name, array.n_components);
    for (std::size_t c = 0; c < array.component_names.size(); ++c) text += fmt::format(" ComponentName{}=\"{}\"", c, array.component_names[c]);
    text += fmt::format(" format=\"appended\" offset=\"{}\"/>\n", no_offset);
    arrays.emplace_back(array, n_tuples);
  }
  void add_cell_data(const std::vector<DataArray>& cell_data, Index n_cells) {
    text += "<CellData>\n";
    for (const DataArray& array : cell_data) add(array, n_cells);
    text += "</CellData>\n";
  }
};

void write(Document document, const std::string& path, const std::string& final_path) {
  std::string& head = document.text;
  head += "<AppendedData encoding=\"raw\">\n_";
  try {
    std::ofstream out;
    out.exceptions(std::ios::failbit | std::ios::badbit);
    errno = 0;
    out.open(path, std::ios::binary);
    out << head;
    const std::streamoff begin = std::streamoff(out.tellp());
    std::size_t place = 0;
    for (const auto& [array, n_tuples] : document.arrays) {
      place = head.find(no_offset, place);
      head.replace(place, std::strlen(no_offset), fmt::format("{:015}", std::streamoff(out.tellp()) - begin));
      place += std::strlen(no_offset);
      write_blocks(out, array, n_tuples);
    }
    out << "\n</AppendedData>\n</VTKFile>\n";
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

}  // namespace

void write_image(const ImageFile& image, const std::string& path, const std::string& final_path) {
  const std::string extent = fmt::format("0 {} 0 {} 0 {}", image.n[0], image.n[1], image.n[2]);
  Document document("ImageData", fmt::format(" WholeExtent=\"{0}\" Origin=\"0 0 0\" Spacing=\"{1} {1} {1}\" Direction=\"1 0 0 0 1 0 0 0 1\"", extent, image.spacing), image.label);
  document.text += fmt::format("<Piece Extent=\"{}\">\n<PointData/>\n", extent);
  document.add_cell_data(image.cell_data, product(image.n));
  document.text += "</Piece>\n</ImageData>\n";
  write(std::move(document), path, final_path);
}

void write_surface(const SurfaceFile& surface, const std::string& path, const std::string& final_path) {
  const auto n_points = Index(surface.points.size() / 3), n_triangles = Index(surface.triangles.size() / 3);
  const auto copy_points = [&](Index begin, Index end, void* to) { std::memcpy(to, surface.points.data() + 3 * begin, 12 * std::size_t(end - begin)); };
  const auto copy_corners = [&](Index begin, Index end, void* to) { std::memcpy(to, surface.triangles.data() + begin, 4 * std::size_t(end - begin)); };
  const auto ends = [](Index begin, Index end, void* to) {
    for (auto* value = static_cast<std::int32_t*>(to); begin < end; ++begin) *value++ = std::int32_t(3 * (begin + 1));
  };
  Document document("PolyData", "", surface.label);
  document.text += fmt::format("<Piece NumberOfPoints=\"{}\" NumberOfVerts=\"0\" NumberOfLines=\"0\" NumberOfStrips=\"0\" NumberOfPolys=\"{}\">\n<PointData/>\n", n_points, n_triangles);
  document.add_cell_data(surface.cell_data, n_triangles);
  document.text += "<Points>\n";
  document.add({"Points", "Float32", 3, {}, true, copy_points}, n_points);
  document.text += "</Points>\n<Polys>\n";
  document.add({"connectivity", "Int32", 1, {}, false, copy_corners}, 3 * n_triangles);
  document.add({"offsets", "Int32", 1, {}, false, ends}, n_triangles);
  document.text += "</Polys>\n</Piece>\n</PolyData>\n";
  write(std::move(document), path, final_path);
}

#else

void write_image(const ImageFile&, const std::string&, const std::string&) { throw InternalError("a VTK file without VTK"); }
void write_surface(const SurfaceFile&, const std::string&, const std::string&) { throw InternalError("a VTK file without VTK"); }

#endif

}  // namespace voxode::io
