// TIFF by libtiff: stacks of pages, folders of slices, ImageJ's stacks with one directory.
#include <fmt/format.h>

#include "io/image/store.hpp"

#ifndef VOXODE_WITH_TIFF
namespace voxode::io {
void read_tiff(const InputFile& file, LabelStore&) {
  throw InputError(fmt::format("{}: this build cannot read TIFF. Configure with -DVOXODE_WITH_TIFF=ON (needs libtiff), or convert the image to .npy.", file.path()));
}
void read_tiff_folder(const std::string& path, LabelStore&) {
  throw InputError(fmt::format("{}: this build cannot read TIFF slices. Configure with -DVOXODE_WITH_TIFF=ON (needs libtiff), or convert the image to .npy.", path));
}
}  // namespace voxode::io
#else

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>

#include "io/image/tiff.hpp"
#include "io/image/tiff_tags.hpp"

namespace voxode::io {
namespace {

struct Page {
  std::uint32_t width = 0, height = 0;
  std::uint16_t bits = 1;
  bool operator==(const Page&) const = default;
  std::string type() const { return fmt::format("uint{}", bits); }
  std::size_t bytes() const { return std::size_t(width) * height * (bits / 8u); }
};

/// Positions of the pages, found by following the directories ourselves: libtiff does not tell where a chain breaks.
struct Chain {
  std::vector<std::int64_t> offsets;
  bool big_endian = false;
};

std::uint64_t number(const unsigned char* bytes, int n, bool big_endian) {
  std::uint64_t value = 0;
  for (int i = 0; i < n; ++i) value |= std::uint64_t(bytes[big_endian ? n - 1 - i : i]) << (8 * i);
  return value;
}

[[noreturn]] void truncated(const InputFile& file, std::size_t page, const std::string& n_pages, std::uint64_t expected) {
  throw InputError(fmt::format("{}: the file is truncated: page {}{} needs {} bytes of the file, {} are there. Copy or export the file again.", file.path(), page + 1, n_pages,
                               expected, file.size()));
}

Chain follow_directories(const InputFile& file) {
  Chain chain;
  unsigned char b[20] = {};
  file.read(0, b, 8, "the TIFF header");
  chain.big_endian = b[0] == 'M';
  const bool big_tiff = number(b + 2, 2, chain.big_endian) == 43;
  if (big_tiff) file.read(0, b, 16, "the BigTIFF header");
  const int offset_bytes = big_tiff ? 8 : 4, count_bytes = big_tiff ? 8 : 2, entry_bytes = big_tiff ? 20 : 12;
  std::uint64_t offset = number(b + (big_tiff ? 8 : 4), offset_bytes, chain.big_endian);
  std::set<std::uint64_t> seen;
  while (offset != 0) {
    const std::size_t page = chain.offsets.size();
    if (!seen.insert(offset).second)
      throw InputError(fmt::format("{}: the file is damaged: the page after page {} is an earlier page again. Export the image again.", file.path(), page));
    const auto size = std::uint64_t(file.size());
    if (offset > size || size - offset < std::uint64_t(count_bytes)) truncated(file, page, "", offset + std::uint64_t(count_bytes));
    file.read(std::int64_t(offset), b, std::size_t(count_bytes), fmt::format("the directory of page {}", page + 1));
    const std::uint64_t n_entries = number(b, count_bytes, chain.big_endian);
    if (n_entries > 65535) throw InputError(fmt::format("{}: the file is damaged: the directory of page {} has {} entries. Export the image again.", file.path(), page + 1, n_entries));
    const std::uint64_t next = offset + std::uint64_t(count_bytes) + n_entries * std::uint64_t(entry_bytes);
    if (next + std::uint64_t(offset_bytes) > size) truncated(file, page, "", next + std::uint64_t(offset_bytes));
    file.read(std::int64_t(next), b, std::size_t(offset_bytes), fmt::format("the directory of page {}", page + 1));
    chain.offsets.push_back(std::int64_t(offset));
    offset = number(b, offset_bytes, chain.big_endian);
  }
  return chain;
}

class TiffReader {
 public:
  explicit TiffReader(const InputFile& file) : file_(file), chain_(follow_directories(file)), stream_{&file} {
    if (chain_.offsets.empty()) throw InputError(fmt::format("{}: the TIFF holds zero pages. Export the image again.", file.path()));
    tiff_.reset(stream_.open(file.path(), "rm"));
    stream_.rethrow();
    if (!tiff_) throw InputError(fmt::format("{}: the TIFF cannot be opened{}. Export the image again.", file_.path(), messages_.take()));
    skip_previews();
    go_to(0);
  }

  std::size_t n_pages() const { return chain_.offsets.size(); }
  bool big_endian() const { return chain_.big_endian; }
  TIFF* tiff() const { return tiff_.get(); }

  /// Makes a page the current one.
  void go_to(std::size_t page) {
    if (current_ == page) return;
    messages_.take();
    if (!TIFFSetSubDirectory(tiff_.get(), toff_t(chain_.offsets[page]))) fail(page, "the directory cannot be read");
    current_ = page;
  }

  /// Size and type of the current page; InputError if it does not hold labels.
  Page describe() const;
  /// The current page's rows, in the byte order of this machine.
  void read_rows(const Page& page, std::vector<unsigned char>& rows);

  std::string where(std::size_t page) const { return fmt::format("{}: page {} of {}", file_.path(), page + 1, n_pages()); }

 private:
  struct Close {
    void operator()(TIFF* t) const { TIFFClose(t); }
  };
  [[noreturn]] void fail(std::size_t page, const std::string& what) {
    stream_.rethrow();
    throw InputError(fmt::format("{}: {}{}. Export or copy the image again.", where(page), what, messages_.take()));
  }
  void skip_previews();
  void check_extent(const Page& page);
  void read_strips(const Page& page, std::vector<unsigned char>& rows);
  void read_tiles(const Page& page, std::vector<unsigned char>& rows);

  const InputFile& file_;
  Chain chain_;
  TiffMessages messages_;
  TiffStream<const InputFile> stream_;
  std::unique_ptr<TIFF, Close> tiff_;
  std::size_t current_ = std::size_t(-1);
};

/// Previews that some microscopes put between the pages say so in their directory.
void TiffReader::skip_previews() {
  std::vector<std::int64_t> kept;
  for (std::size_t p = 0; p < n_pages(); ++p) {
    go_to(p);
    std::uint32_t kind = 0;
    TIFFGetFieldDefaulted(tiff(), TIFFTAG_SUBFILETYPE, &kind);
    if (!(kind & FILETYPE_REDUCEDIMAGE)) kept.push_back(chain_.offsets[p]);
  }
  if (kept.empty()) throw InputError(fmt::format("{}: the TIFF holds zero pages beside previews. Export the image again.", file_.path()));
  chain_.offsets = kept;
  current_ = std::size_t(-1);
}

Page TiffReader::describe() const {
  Page page;
  std::uint16_t samples = 1, format = SAMPLEFORMAT_UINT, photometric = PHOTOMETRIC_MINISBLACK, compression = COMPRESSION_NONE;
  const bool sized = TIFFGetField(tiff(), TIFFTAG_IMAGEWIDTH, &page.width) && TIFFGetField(tiff(), TIFFTAG_IMAGELENGTH, &page.height);
  TIFFGetFieldDefaulted(tiff(), TIFFTAG_BITSPERSAMPLE, &page.bits);
  TIFFGetFieldDefaulted(tiff(), TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff(), TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetField(tiff(), TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFGetFieldDefaulted(tiff(), TIFFTAG_COMPRESSION, &compression);
  const auto refuse = [&](const std::string& why) { throw InputError(fmt::format("{}: {}", where(current_), why)); };
  if (!sized || page.width == 0 || page.height == 0) refuse("has no width or height. Export the image again.");
  if (photometric == PHOTOMETRIC_PALETTE) refuse("has a colour palette; labels must be plain numbers. Save the stack as 8-bit greyscale with the label values.");
  if (samples != 1 || photometric == PHOTOMETRIC_RGB)
    refuse(fmt::format("has {} samples per pixel (an RGB or multi-channel image); a label image has one. Save the segmentation as a single-channel 8- or 16-bit image.", samples));
  if (format == SAMPLEFORMAT_IEEEFP)
    refuse(fmt::format("holds {}-bit floating-point numbers; labels are unsigned whole numbers. Convert the stack to 8 or 16 bits without scaling.", page.bits));
  if (format == SAMPLEFORMAT_INT) refuse(fmt::format("holds signed {}-bit numbers; labels are unsigned. Convert the stack to unsigned 8, 16 or 32 bits.", page.bits));
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
    refuse(fmt::format("holds samples of format {}; labels are unsigned whole numbers. Convert the stack to 8 or 16 bits without scaling.", format));
  if (page.bits != 8 && page.bits != 16 && page.bits != 32)
    refuse(fmt::format("has {} bits per pixel; 8, 16 and 32 can be read. Convert the stack to 8 or 16 bits without scaling.", page.bits));
  if (!TIFFIsCODECConfigured(compression))
    refuse(fmt::format("has compression {}, which this build of libtiff cannot read. Save the stack uncompressed, or with deflate or LZW.", compression));
  return page;
}

/// A page whose data reach beyond the end of the file is named before libtiff stumbles over it.
void TiffReader::check_extent(const Page& page) {
  const bool tiled = TIFFIsTiled(tiff());
  const std::uint32_t n = tiled ? TIFFNumberOfTiles(tiff()) : TIFFNumberOfStrips(tiff());
  std::uint64_t end = 0;
  for (std::uint32_t s = 0; s < n; ++s) end = std::max<std::uint64_t>(end, TIFFGetStrileOffset(tiff(), s) + TIFFGetStrileByteCount(tiff(), s));
  std::uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff(), TIFFTAG_COMPRESSION, &compression);
  // Writers that leave out the byte counts: libtiff then reckons them from the end of the file.
  if (!tiled && n == 1 && compression == COMPRESSION_NONE) end = std::max<std::uint64_t>(end, TIFFGetStrileOffset(tiff(), 0) + page.bytes());
  if (end > std::uint64_t(file_.size())) truncated(file_, current_, fmt::format(" of {}", n_pages()), end);
}

void TiffReader::read_strips(const Page& page, std::vector<unsigned char>& rows) {
  std::uint32_t rows_per_strip = page.height;
  TIFFGetFieldDefaulted(tiff(), TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
  rows_per_strip = std::clamp(rows_per_strip, 1u, page.height);
  const std::size_t row_bytes = page.bytes() / page.height;
  std::size_t done = 0;
  for (std::uint32_t strip = 0; done < rows.size(); ++strip) {
    const std::size_t size = std::min(rows_per_strip * row_bytes, rows.size() - done);
    const tmsize_t n = TIFFReadEncodedStrip(tiff(), strip, rows.data() + done, tmsize_t(size));
    if (n < 0 || std::size_t(n) != size) fail(current_, fmt::format("strip {} cannot be decoded: {} bytes expected, {} found", strip + 1, size, std::max<tmsize_t>(n, 0)));
    done += size;
  }
}

void TiffReader::read_tiles(const Page& page, std::vector<unsigned char>& rows) {
  std::uint32_t width = 0, height = 0;
  TIFFGetField(tiff(), TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(tiff(), TIFFTAG_TILELENGTH, &height);
  if (width == 0 || height == 0) fail(current_, "the size of the tiles is missing");
  const std::size_t bytes = page.bits / 8u;
  std::vector<unsigned char> tile(static_cast<std::size_t>(TIFFTileSize(tiff())));
  if (tile.size() < std::size_t(width) * height * bytes) fail(current_, "the size of the tiles is wrong");
  for (std::uint64_t y = 0; y < page.height; y += height)
    for (std::uint64_t x = 0; x < page.width; x += width) {
      const std::uint32_t number = TIFFComputeTile(tiff(), std::uint32_t(x), std::uint32_t(y), 0, 0);
      const tmsize_t n = TIFFReadEncodedTile(tiff(), number, tile.data(), tmsize_t(tile.size()));
      if (n < 0 || std::size_t(n) != tile.size())
        fail(current_, fmt::format("tile {} cannot be decoded: {} bytes expected, {} found", number + 1, tile.size(), std::max<tmsize_t>(n, 0)));
      const std::size_t n_columns = std::min<std::size_t>(width, page.width - x), n_rows = std::min<std::size_t>(height, page.height - y);
      for (std::size_t r = 0; r < n_rows; ++r) std::memcpy(rows.data() + ((y + r) * page.width + x) * bytes, tile.data() + r * width * bytes, n_columns * bytes);
    }
}

void TiffReader::read_rows(const Page& page, std::vector<unsigned char>& rows) {
  messages_.take();
  check_extent(page);
  rows.resize(page.bytes());
  TIFFIsTiled(tiff()) ? read_tiles(page, rows) : read_strips(page, rows);
  stream_.rethrow();
}

void put_page(Index i, const Page& page, const std::vector<unsigned char>& rows, LabelStore& store) {
  for (Index j = 0; j < Index(page.height); ++j) {
    const unsigned char* row = rows.data() + std::size_t(j) * page.width * (page.bits / 8u);
    if (page.bits == 8) store.put_row(i, j, row);
    if (page.bits == 16) store.put_row(i, j, reinterpret_cast<const std::uint16_t*>(row));
    if (page.bits == 32) store.put_row(i, j, reinterpret_cast<const std::uint32_t*>(row));
  }
}

/// ImageJ writes large stacks as one directory with all pages behind each other, uncompressed, and their number in the description.
void read_imagej_stack(const InputFile& file, const TiffReader& reader, const Page& page, Index n_images, LabelStore& store) {
  std::uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(reader.tiff(), TIFFTAG_COMPRESSION, &compression);
  if (compression != COMPRESSION_NONE || TIFFIsTiled(reader.tiff()))
    throw InputError(fmt::format("{}: the description says images={}, but the file has one page, and it is compressed or tiled. Save the stack again as TIFF.", file.path(), n_images));
  const std::array<Index, 3> shape{n_images, Index(page.height), Index(page.width)};
  const auto offset = std::int64_t(TIFFGetStrileOffset(reader.tiff(), 0));
  const std::int64_t expected = offset + array_bytes(shape, page.bits / 8, file.path());
  if (file.size() < expected) {
    const std::int64_t whole = std::max<std::int64_t>(0, file.size() - offset) / std::int64_t(page.bytes());
    truncated(file, std::size_t(whole), fmt::format(" of {}", n_images), std::uint64_t(offset) + std::uint64_t(whole + 1) * page.bytes());
  }
  store.begin(shape, page.type());
  read_elements(file, offset, shape, {'u', page.bits / 8}, reader.big_endian(), false, store);
}

}  // namespace

void read_tiff(const InputFile& file, LabelStore& store) {
  TiffReader reader(file);
  const Page page = reader.describe();
  const TiffTags tags = read_tiff_tags(reader.tiff(), file.path());
  store.image().voxel_size = tags.voxel_size;
  if (reader.n_pages() == 1 && tags.n_images > 1) return read_imagej_stack(file, reader, page, tags.n_images, store);
  if (tags.n_images > Index(reader.n_pages()))
    throw InputError(fmt::format("{}: the file is truncated: its description says images={}, it holds {} pages. Copy or export the file again.", file.path(), tags.n_images,
                                 reader.n_pages()));
  store.begin({Index(reader.n_pages()), Index(page.height), Index(page.width)}, page.type());
  std::vector<unsigned char> rows;
  for (std::size_t p = 0; p < reader.n_pages(); ++p) {
    reader.go_to(p);
    const Page here = reader.describe();
    if (!(here == page))
      throw InputError(fmt::format("{} has {} x {} pixels of {}, page 1 has {} x {} of {} (rows x columns); all pages of a stack must be alike. Export the stack again.",
                                   reader.where(p), here.height, here.width, here.type(), page.height, page.width, page.type()));
    if (!store.wants(0, Index(p))) continue;
    reader.read_rows(page, rows);
    put_page(Index(p), page, rows, store);
  }
}

namespace {

/// slice2 before slice10: runs of digits compare as numbers.
bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  const auto digit = [](const std::string& s, std::size_t at) { return at < s.size() && s[at] >= '0' && s[at] <= '9'; };
  while (i < a.size() && j < b.size()) {
    if (digit(a, i) && digit(b, j)) {
      while (digit(a, i) && a[i] == '0') ++i;
      while (digit(b, j) && b[j] == '0') ++j;
      std::size_t m = i, n = j;
      while (digit(a, m)) ++m;
      while (digit(b, n)) ++n;
      if (m - i != n - j) return m - i < n - j;
      const int order = a.compare(i, m - i, b, j, n - j);
      if (order != 0) return order < 0;
      i = m;
      j = n;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  if ((i < a.size()) != (j < b.size())) return j < b.size();
  return a < b;
}

std::vector<std::string> slice_names(const std::string& path) {
  std::vector<std::string> names;
  std::error_code failure;
  std::filesystem::directory_iterator it(path, failure);
  for (; !failure && it != std::filesystem::directory_iterator(); it.increment(failure)) {
    const std::string name = it->path().filename().string();
    std::string extension = it->path().extension().string();
    for (char& c : extension) c = char(std::tolower(static_cast<unsigned char>(c)));
    if (name[0] != '.' && (extension == ".tif" || extension == ".tiff")) names.push_back(name);
  }
  if (failure) throw InputError(fmt::format("{}: the folder cannot be read: {}. Check its permissions.", path, failure.message()));
  if (names.empty()) throw InputError(fmt::format("{}: the folder holds no .tif or .tiff slices. Put the slices there, one page each, or name the image file itself.", path));
  std::sort(names.begin(), names.end(), natural_less);
  return names;
}

}  // namespace

void read_tiff_folder(const std::string& path, LabelStore& store) {
  const std::vector<std::string> names = slice_names(path);
  Page first;
  std::vector<unsigned char> rows;
  for (std::size_t s = 0; s < names.size(); ++s) {
    const InputFile file((std::filesystem::path(path) / names[s]).string());
    TiffReader reader(file);
    const Page page = reader.describe();
    if (reader.n_pages() != 1)
      throw InputError(fmt::format("{}: a slice of a folder must be a single page, this file has {}. Name that file itself as the image, or remove it from the folder.", file.path(),
                                   reader.n_pages()));
    if (s == 0) {
      first = page;
      const TiffTags tags = read_tiff_tags(reader.tiff(), file.path());
      store.image().voxel_size = tags.voxel_size;
      store.begin({Index(names.size()), Index(page.height), Index(page.width)}, page.type());
    }
    if (!(page == first))
      throw InputError(fmt::format("{}: the slice has {} x {} pixels of {}, {} has {} x {} of {} (rows x columns); all slices must be alike. Remove or correct it.", file.path(),
                                   page.height, page.width, page.type(), names[0], first.height, first.width, first.type()));
    if (!store.wants(0, Index(s))) continue;
    reader.read_rows(page, rows);
    put_page(Index(s), page, rows, store);
  }
}

}  // namespace voxode::io
#endif
