#pragma once
// TIFF files put together byte by byte, so that readers meet more than what libtiff itself would write.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace voxode::test {

struct TiffPage {
  std::uint32_t width = 4, height = 3;
  std::string data{};             ///< the samples as the file holds them
  std::uint16_t bits = 8, samples = 1, format = 1, photometric = 1, compression = 1;
  std::uint32_t rows_per_strip = 0;      ///< 0: one strip
  std::uint32_t tile_width = 0, tile_height = 0;  ///< > 0: `data` is a sequence of whole tiles
  std::string description{};
  std::uint32_t subfile = 0;
  double pixels_per_unit = 0;     ///< 0: no resolution tags
  std::uint16_t resolution_unit = 2;
};

class TiffBytes {
 public:
  explicit TiffBytes(bool big_endian = false, bool big_tiff = false) : big_endian_(big_endian), big_tiff_(big_tiff), bytes_(2, big_endian ? 'M' : 'I') {
    put(big_tiff ? 43 : 42, 2);
    if (big_tiff) {
      put(8, 2);
      put(0, 2);
    }
    link_ = bytes_.size();
    put(0, offset_size());
  }

  TiffBytes& add(const TiffPage& page) {
    const std::size_t data = append(page.data);
    std::vector<Entry> entries;
    const auto one = [&](std::uint16_t tag, std::uint16_t type, std::uint64_t value) { entries.push_back({tag, type, 1, number(value, type == 3 ? 2 : 4)}); };
    if (page.subfile) one(254, 4, page.subfile);
    one(256, 4, page.width);
    one(257, 4, page.height);
    entries.push_back({258, 3, page.samples, repeated(number(page.bits, 2), page.samples)});
    one(259, 3, page.compression);
    one(262, 3, page.photometric);
    if (!page.description.empty()) entries.push_back({270, 2, page.description.size() + 1, page.description + '\0'});
    const bool tiled = page.tile_width > 0;
    const std::size_t row = page.width * page.bits / 8u * page.samples, strip_rows = page.rows_per_strip ? page.rows_per_strip : page.height;
    const std::size_t piece = tiled ? page.tile_width * page.tile_height * page.bits / 8u : page.compression == 1 ? strip_rows * row : page.data.size();
    if (!tiled) entries.push_back(pieces(273, data, piece, page.data.size(), true));
    one(277, 3, page.samples);
    if (!tiled) one(278, 4, strip_rows);
    if (!tiled) entries.push_back(pieces(279, data, piece, page.data.size(), false));
    if (page.pixels_per_unit > 0) {
      const std::string ratio = number(std::uint64_t(page.pixels_per_unit * 1000 + 0.5), 4) + number(1000, 4);
      entries.push_back({282, 5, 1, ratio});
      entries.push_back({283, 5, 1, ratio});
      one(296, 3, page.resolution_unit);
    }
    if (page.photometric == 3) entries.push_back({320, 3, std::uint64_t(3) << page.bits, std::string(std::size_t(6) << page.bits, '\0')});
    if (tiled) {
      one(322, 4, page.tile_width);
      one(323, 4, page.tile_height);
      entries.push_back(pieces(324, data, piece, page.data.size(), true));
      entries.push_back(pieces(325, data, piece, page.data.size(), false));
    }
    entries.push_back({339, 3, page.samples, repeated(number(page.format, 2), page.samples)});
    add_directory(entries);
    return *this;
  }

  /// Makes the last directory's successor an earlier position, or one outside the file.
  TiffBytes& link_last_to(std::uint64_t offset) {
    bytes_.replace(link_, std::size_t(offset_size()), number(offset, offset_size()));
    return *this;
  }
  std::uint64_t first_directory() const { return first_; }
  const std::string& bytes() const { return bytes_; }

  std::string number(std::uint64_t value, int n) const {
    std::string out;
    for (int i = 0; i < n; ++i) out += char(value >> (8 * (big_endian_ ? n - 1 - i : i)));
    return out;
  }

 private:
  struct Entry {
    std::uint16_t tag, type;
    std::uint64_t count;
    std::string value;
  };
  int offset_size() const { return big_tiff_ ? 8 : 4; }
  void put(std::uint64_t value, int n) { bytes_ += number(value, n); }
  std::size_t append(const std::string& data) {
    if (bytes_.size() % 2) bytes_ += '\0';
    const std::size_t at = bytes_.size();
    bytes_ += data;
    return at;
  }
  static std::string repeated(const std::string& text, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += text;
    return out;
  }
  /// Offsets or byte counts of strips or tiles.
  Entry pieces(std::uint16_t tag, std::size_t from, std::size_t piece, std::size_t size, bool offsets) const {
    Entry entry{tag, 4, 0, ""};
    for (std::size_t done = 0; done < size; done += piece, ++entry.count) entry.value += number(offsets ? from + done : std::min(piece, size - done), 4);
    return entry;
  }
  void add_directory(const std::vector<Entry>& entries) {
    std::vector<std::pair<Entry, std::string>> fields;
    for (const Entry& entry : entries) {
      std::string field = entry.value;
      if (field.size() > std::size_t(offset_size())) field = number(append(entry.value), offset_size());
      field.resize(std::size_t(offset_size()), '\0');
      fields.emplace_back(entry, field);
    }
    const std::size_t at = append("");
    if (first_ == 0) first_ = at;
    link_last_to(at);
    put(entries.size(), big_tiff_ ? 8 : 2);
    for (const auto& [entry, field] : fields) {
      put(entry.tag, 2);
      put(entry.type, 2);
      put(entry.count, offset_size());
      bytes_ += field;
    }
    link_ = bytes_.size();
    put(0, offset_size());
  }

  bool big_endian_, big_tiff_;
  std::string bytes_;
  std::size_t link_ = 0;
  std::uint64_t first_ = 0;
};

/// Samples from ... from + n - 1 of `bytes` bytes.
inline std::string counting(const TiffBytes& file, int from, int n, int bytes) {
  std::string out;
  for (int i = 0; i < n; ++i) out += file.number(std::uint64_t(from + i), bytes);
  return out;
}

}  // namespace voxode::test
