// TIFF as others write it: byte orders, BigTIFF, strips, tiles, compressions, ImageJ's stacks, folders, tags.
#ifdef VOXODE_WITH_TIFF
#include <fmt/format.h>
#include <tiffio.h>

#include <cmath>

#include "image_support.hpp"
#include "tiff_bytes.hpp"

namespace voxode {
namespace {

using io::read_image;
using test::counting;
using test::TiffBytes;
using test::TiffPage;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class ImageTiff : public test::ImageTest {
 protected:
  /// Labels 1 ... 24 in two pages.
  void expect_small(const io::LabelImage& image, const char* type) {
    EXPECT_EQ(image.shape, test::small_shape);
    EXPECT_EQ(image.file_shape, test::small_shape);
    EXPECT_EQ(image.type, type);
    EXPECT_THAT(image.label, ElementsAreArray(test::small_labels<std::uint32_t>()));
  }
  std::string two_pages(TiffBytes file, int bits, const TiffPage& like = {}) {
    for (int p = 0; p < 2; ++p) {
      TiffPage page = like;
      page.bits = std::uint16_t(bits);
      page.data = counting(file, 12 * p + 1, 12, bits / 8);
      file.add(page);
    }
    return bytes_file("image.tif", file.bytes());
  }
  std::string one_page(TiffPage page) {
    TiffBytes file;
    page.data = std::string(page.width * page.height * page.samples * std::max(1u, page.bits / 8u), '\1');
    return bytes_file("image.tif", file.add(page).bytes());
  }
};

TEST_F(ImageTiff, EveryByteOrderAndWidth_ReadsTheSame) {
  for (const bool big_endian : {false, true})
    for (const bool big_tiff : {false, true})
      for (const int bits : {8, 16, 32}) {
        SCOPED_TRACE(fmt::format("big_endian {} big_tiff {} bits {}", big_endian, big_tiff, bits));
        expect_small(read_image(two_pages(TiffBytes(big_endian, big_tiff), bits)), fmt::format("uint{}", bits).c_str());
      }
}

TEST_F(ImageTiff, BigEndian_KeepsHighBytes) {
  TiffBytes file(true);
  TiffPage page{.width = 2, .height = 1, .data = std::string("\x01\x02\xff\xfe", 4), .bits = 16};
  EXPECT_THAT(read_image(bytes_file("image.tif", file.add(page).bytes())).label, ElementsAre(0x0102, 0xfffe));
}

TEST_F(ImageTiff, SeveralStripsAndUnknownSampleFormat_Read) {
  expect_small(read_image(two_pages(TiffBytes(), 8, {.rows_per_strip = 2})), "uint8");
  expect_small(read_image(two_pages(TiffBytes(), 8, {.format = 4})), "uint8");
  expect_small(read_image(two_pages(TiffBytes(), 8, {.photometric = 0})), "uint8");  // white is zero: the numbers stay
}

TEST_F(ImageTiff, Tiles_AreCutAtTheBorder) {
  // 18 x 20 pixels in tiles of 16 x 16: four tiles, three of them cut off.
  for (const bool big_endian : {false, true}) {
    TiffBytes file(big_endian);
    TiffPage page{.width = 20, .height = 18, .bits = 16, .tile_width = 16, .tile_height = 16};
    for (int t = 0; t < 4; ++t)
      for (int r = 0; r < 16; ++r)
        for (int c = 0; c < 16; ++c) {
          const int y = t / 2 * 16 + r, x = t % 2 * 16 + c;
          page.data += file.number(std::uint64_t(y < 18 && x < 20 ? 20 * y + x : 9999), 2);
        }
    const auto image = read_image(bytes_file("image.tif", file.add(page).bytes()));
    ASSERT_EQ(image.shape, (std::array<Index, 3>{1, 18, 20}));
    for (std::uint32_t v = 0; v < 360; ++v) ASSERT_EQ(image.label[v], v);
  }
}

/// Two pages by libtiff itself with labels that differ from voxel to voxel.
void write_by_libtiff(const std::string& path, int compression, bool tiled, int predictor) {
  TIFFSetWarningHandler(nullptr);  // it would advise against the old deflate
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  ASSERT_NE(tiff, nullptr);
  constexpr std::uint32_t width = 37, height = 29;
  for (std::uint32_t page = 0; page < 2; ++page) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    if (predictor) TIFFSetField(tiff, TIFFTAG_PREDICTOR, predictor);
    const std::uint32_t w = tiled ? 16 : width, h = tiled ? 16 : 5;
    tiled ? TIFFSetField(tiff, TIFFTAG_TILEWIDTH, w) && TIFFSetField(tiff, TIFFTAG_TILELENGTH, h) : TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, h);
    std::vector<std::uint16_t> piece(w * h);
    std::uint32_t number = 0;
    for (std::uint32_t y = 0; y < height; y += h)
      for (std::uint32_t x = 0; x < width; x += w, ++number) {
        for (std::uint32_t v = 0; v < w * h; ++v) piece[v] = std::uint16_t((page * height + y + v / w) * width + x + v % w);
        const std::uint32_t rows = tiled ? h : std::min(h, height - y);
        tiled ? TIFFWriteEncodedTile(tiff, number, piece.data(), tmsize_t(2 * w * h)) : TIFFWriteEncodedStrip(tiff, number, piece.data(), tmsize_t(2 * w * rows));
      }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
}

TEST_F(ImageTiff, Compressions_ReadTheSame) {
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE, COMPRESSION_PACKBITS})
    for (const bool tiled : {false, true})
      for (const int predictor : {0, 2}) {
        if (predictor && (compression == COMPRESSION_NONE || compression == COMPRESSION_PACKBITS)) continue;
        SCOPED_TRACE(fmt::format("compression {} tiled {} predictor {}", compression, tiled, predictor));
        write_by_libtiff(path("image.tif"), compression, tiled, predictor);
        const auto image = read_image(path("image.tif"));
        ASSERT_EQ(image.shape, (std::array<Index, 3>{2, 29, 37}));
        for (std::uint32_t v = 0; v < image.label.size(); ++v) ASSERT_EQ(image.label[v], v);
      }
}

TEST_F(ImageTiff, Crop_IsThatPartOfTheWhole) {
  write_by_libtiff(path("image.tif"), COMPRESSION_LZW, true, 2);
  const auto part = read_image(path("image.tif"), {}, io::Crop{{{1, 2}, {14, 18}, {30, 37}}});
  ASSERT_EQ(part.shape, (std::array<Index, 3>{1, 4, 7}));
  EXPECT_EQ(part.file_shape, (std::array<Index, 3>{2, 29, 37}));
  for (std::uint32_t j = 0; j < 4; ++j)
    for (std::uint32_t k = 0; k < 7; ++k) EXPECT_EQ(part.label[7 * j + k], (29 + 14 + j) * 37 + 30 + k);
}

TEST_F(ImageTiff, WrittenInEveryWidth_ReadsBackWithVoxelSize) {
  const std::array<double, 3> size{0.5e-6, 0.398e-6, 0.2e-6};
  const auto check = [&](auto zero) {
    using T = decltype(zero);
    auto labels = test::small_labels<T>();
    labels.back() = T(~T(0));
    io::write_tiff<T>(path("out.tif"), test::small_shape, labels, size);
    const auto image = read_image(path("out.tif"));
    EXPECT_EQ(image.shape, test::small_shape);
    EXPECT_EQ(image.type, fmt::format("uint{}", 8 * sizeof(T)));
    EXPECT_THAT(image.label, ElementsAreArray(labels.begin(), labels.end()));
    ASSERT_TRUE(image.voxel_size);
    for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR((*image.voxel_size)[a] / size[a], 1, 1e-6);
  };
  check(std::uint8_t());
  check(std::uint16_t());
  check(std::uint32_t());
}

TEST_F(ImageTiff, WrittenStripsOfLargePages_ReadBack) {
  const std::array<Index, 3> shape{2, 700, 900};  // three strips a page
  std::vector<std::uint8_t> labels(std::size_t(shape[0] * shape[1] * shape[2]));
  for (std::size_t v = 0; v < labels.size(); ++v) labels[v] = std::uint8_t(v * 2654435761u >> 13);
  io::write_tiff<std::uint8_t>(path("out.tif"), shape, labels);
  const auto image = read_image(path("out.tif"));
  EXPECT_TRUE(std::equal(labels.begin(), labels.end(), image.label.begin(), image.label.end()));
  EXPECT_FALSE(image.voxel_size);
}

TEST_F(ImageTiff, ImageJStackWithOneDirectory_HasAllPages) {
  for (const bool big_endian : {false, true}) {
    TiffBytes file(big_endian);
    TiffPage page{.bits = 16, .description = "ImageJ=1.53t\nimages=2\nslices=2\nunit=nm\nspacing=300\n", .pixels_per_unit = 0.005};
    page.data = counting(file, 1, 12, 2);
    std::string bytes = file.add(page).bytes();
    // The second page lies behind the first: move the pixels to the end of the file.
    const std::string both = counting(file, 1, 24, 2);
    const std::string old = file.number(8, 4), moved = file.number(bytes.size(), 4);
    const std::size_t at = bytes.find(old, std::size_t(file.first_directory()));
    ASSERT_NE(at, bytes.npos);
    bytes.replace(at, 4, moved);
    bytes += both;
    const auto image = read_image(bytes_file("image.tif", bytes));
    expect_small(image, "uint16");
    ASSERT_TRUE(image.voxel_size);
    EXPECT_NEAR((*image.voxel_size)[0], 300e-9, 1e-15);
    EXPECT_NEAR((*image.voxel_size)[2], 200e-9, 1e-13);
    EXPECT_THAT(test::read_error(bytes_file("short.tif", bytes.substr(0, bytes.size() - 5))),
                ::testing::AllOf(::testing::HasSubstr("truncated: page 2 of 2"), ::testing::HasSubstr("short.tif")));
  }
}

TEST_F(ImageTiff, PreviewsBetweenPages_AreNoSlices) {
  TiffBytes file;
  file.add({.data = counting(file, 1, 12, 1)});
  file.add({.width = 2, .height = 1, .data = "\x09\x09", .subfile = 1});
  file.add({.data = counting(file, 13, 12, 1)});
  expect_small(read_image(bytes_file("image.tif", file.bytes())), "uint8");
}

TEST_F(ImageTiff, VoxelSize_ComesFromResolutionAndDescription) {
  const auto size = [&](double pixels, std::uint16_t unit, const std::string& description) {
    return read_image(one_page({.description = description, .pixels_per_unit = pixels, .resolution_unit = unit})).voxel_size;
  };
  const auto cm = size(25000, 3, "");
  ASSERT_TRUE(cm);
  EXPECT_NEAR((*cm)[2], 0.4e-6, 1e-15);
  EXPECT_TRUE(std::isnan((*cm)[0]));
  const auto micron = size(2.5, 1, "ImageJ=1.53\nunit=\\u00B5m\nspacing=0.8\n");
  ASSERT_TRUE(micron);
  EXPECT_NEAR((*micron)[0], 0.8e-6, 1e-15);
  EXPECT_NEAR((*micron)[1], 0.4e-6, 1e-15);
  EXPECT_FALSE(size(72, 2, ""));                        // for printing
  EXPECT_FALSE(size(300, 2, ""));
  EXPECT_FALSE(size(1, 1, ""));                         // no unit
  EXPECT_FALSE(size(1, 2, ""));                         // a voxel of an inch
  EXPECT_FALSE(size(2.5, 1, "ImageJ=1.53\nunit=pixel\n"));
  EXPECT_FALSE(size(0, 1, ""));
}

TEST_F(ImageTiff, FolderOfSlices_GoesByNumbersInNames) {
  std::filesystem::create_directories(folder_ / "slices");
  const auto slice = [&](const std::string& name, int value) {
    TiffBytes file;
    bytes_file("slices/" + name, file.add({.width = 2, .height = 1, .data = std::string(2, char(value))}).bytes());
  };
  slice("slice10.tif", 3);
  slice("slice2.TIFF", 2);
  slice("slice001.tif", 1);
  slice(".hidden.tif", 9);
  bytes_file("slices/notes.txt", "not a slice");
  const auto image = read_image(path("slices"));
  EXPECT_EQ(image.shape, (std::array<Index, 3>{3, 1, 2}));
  EXPECT_THAT(image.label, ElementsAre(1, 1, 2, 2, 3, 3));
  EXPECT_THAT(read_image(path("slices"), {}, io::Crop{{{1, 3}, {0, 1}, {1, 2}}}).label, ElementsAre(2, 3));
}

TEST_F(ImageTiff, OtherExtension_IsKnownByContent) {
  const std::string tif = two_pages(TiffBytes(), 8);
  std::filesystem::rename(tif, path("image.dat"));
  expect_small(read_image(path("image.dat")), "uint8");
}

}  // namespace
}  // namespace voxode
#endif
