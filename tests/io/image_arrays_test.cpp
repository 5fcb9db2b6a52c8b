// .npy and raw arrays: orders, types, headers, and what is said of those that cannot be used.
#include <fmt/format.h>

#include "image_support.hpp"

namespace voxode {
namespace {

using io::RawOptions;
using io::read_image;
using test::read_error;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::string number(std::uint64_t value, int bytes, bool big_endian) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += char(value >> (8 * (big_endian ? bytes - 1 - i : i)));
  return out;
}

/// Labels 1 ... 24 of the shape 2 x 3 x 4 as C or Fortran order stores them.
std::string small_data(int bytes, bool big_endian, bool fortran) {
  std::string data;
  for (int v = 0; v < 24; ++v) data += number(std::uint64_t(fortran ? 12 * (v % 2) + 4 * (v / 2 % 3) + v / 6 : v) + 1, bytes, big_endian);
  return data;
}

class ImageArrays : public test::ImageTest {
 protected:
  std::string npy(const std::string& header, const std::string& data, int version = 1) {
    std::string bytes = "\x93NUMPY";
    bytes += char(version);
    bytes += '\0';
    bytes += number(header.size(), version == 1 ? 2 : 4, false);
    return bytes_file("image.npy", bytes + header + data);
  }
  std::string array(const std::string& type, bool fortran, const std::string& data, const std::string& shape = "2, 3, 4") {
    return npy(fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}), }}   \n", type, fortran ? "True" : "False", shape), data);
  }
  void expect_small(const io::LabelImage& image, const std::string& type) {
    EXPECT_EQ(image.shape, test::small_shape);
    EXPECT_EQ(image.type, type);
    EXPECT_FALSE(image.voxel_size);
    EXPECT_THAT(image.label, ElementsAreArray(test::small_labels<std::uint32_t>()));
  }
};

TEST_F(ImageArrays, NpyOfEveryTypeAndOrder_ReadsTheSame) {
  for (const char kind : {'u', 'i'})
    for (const int bytes : {1, 2, 4, 8})
      for (const bool big_endian : {false, true})
        for (const bool fortran : {false, true}) {
          const std::string type = fmt::format("{}{}{}", bytes == 1 ? '|' : big_endian ? '>' : '<', kind, bytes);
          SCOPED_TRACE(type + (fortran ? " Fortran" : " C"));
          expect_small(read_image(array(type, fortran, small_data(bytes, big_endian, fortran))), fmt::format("{}int{}", kind == 'u' ? "u" : "", 8 * bytes));
        }
}

TEST_F(ImageArrays, NpyVersions2And3_Read) {
  for (const int version : {2, 3}) expect_small(read_image(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4), }\n", small_data(1, false, false), version)), "uint8");
  EXPECT_THAT(read_error(npy("{}\n", "", 4)), HasSubstr("version 4.0"));
}

TEST_F(ImageArrays, NpyOfBool_IsZeroAndOne) {
  const auto image = read_image(array("|b1", false, std::string("\0\1\1\0", 4), "1, 2, 2"));
  EXPECT_EQ(image.type, "bool");
  EXPECT_THAT(image.label, ElementsAre(0, 1, 1, 0));
}

TEST_F(ImageArrays, NpyCropped_IsThatPart) {
  for (const bool fortran : {false, true}) {
    const auto image = read_image(array(">u2", fortran, small_data(2, true, fortran)), {}, io::Crop{{{1, 2}, {1, 3}, {2, 4}}});
    EXPECT_THAT(image.label, ElementsAre(19, 20, 23, 24));
    EXPECT_EQ(image.file_shape, test::small_shape);
  }
}

TEST_F(ImageArrays, NpyThatHoldsNoLabels_SaysWhatItHolds) {
  EXPECT_THAT(read_error(array("<f4", false, std::string(96, '\0'))), AllOf(HasSubstr("'<f4' (floating point)"), HasSubstr("astype")));
  EXPECT_THAT(read_error(array("<c8", false, std::string(192, '\0'))), HasSubstr("'<c8'"));
  EXPECT_THAT(read_error(array("|u1", false, std::string(24, '\0'), "6, 4")), AllOf(HasSubstr("(6, 4)"), HasSubstr("an image needs three")));
  EXPECT_THAT(read_error(array("|u1", false, "", "0, 3, 4")), HasSubstr("holds no voxel"));
  EXPECT_THAT(read_error(array("<u8", false, "", "900000000000, 900000000000, 4")), HasSubstr("cannot be meant"));
  EXPECT_THAT(read_error(npy("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (2, 3, 4), }\n", "")), HasSubstr("records"));
  EXPECT_THAT(read_error(npy("{'descr': '|u1', 'shape': (2, 3, 4), }\n", "")), HasSubstr("header of the .npy file is damaged"));
}

TEST_F(ImageArrays, LabelsOutOfRange_NameThePlace) {
  std::string data = small_data(2, false, false);
  data.replace(2 * 17, 2, number(std::uint64_t(-3), 2, false));
  EXPECT_THAT(read_error(array("<i2", false, data)), AllOf(HasSubstr("[1, 1, 1] is -3"), HasSubstr("must not be negative")));
  data = small_data(8, false, false);
  data.replace(0, 8, number(std::uint64_t(1) << 32, 8, false));
  EXPECT_THAT(read_error(array("<u8", false, data)), AllOf(HasSubstr("[0, 0, 0] is 4294967296"), HasSubstr("4294967295")));
}

TEST_F(ImageArrays, TruncatedNpy_IsSaidAtEveryLength) {
  const std::string bytes = bytes_of(array("<u2", false, small_data(2, false, false)));
  for (std::size_t n = 6; n < bytes.size(); ++n) {
    SCOPED_TRACE(n);
    EXPECT_THAT(read_error(bytes_file("cut.npy", bytes.substr(0, n))), AllOf(HasSubstr("cut.npy"), HasSubstr("truncated"), HasSubstr("again")));
  }
  EXPECT_THAT(read_error(bytes_file("cut.npy", bytes.substr(0, 5))), HasSubstr("not a .npy file"));
}

TEST_F(ImageArrays, RawOfEveryType_ReadsTheSame) {
  const std::pair<const char*, int> types[] = {{"uint8", 1}, {"uint16", 2}, {"uint32", 4}, {"uint64", 8}, {"int8", 1}, {"int16", 2}, {"int32", 4}, {"int64", 8}};
  for (const auto& [type, bytes] : types)
    for (const bool big_endian : {false, true}) {
      SCOPED_TRACE(type);
      const std::string file = bytes_file("image.raw", "header!" + small_data(bytes, big_endian, false));
      expect_small(read_image(file, {test::small_shape, type, big_endian ? "big" : "little", 7}), type);
    }
}

TEST_F(ImageArrays, RawThatLooksLikeTiff_IsRaw) {
  const std::string file = bytes_file("image.raw", std::string("II*\0", 4));
  EXPECT_THAT(read_image(file, {.shape = {{1, 1, 4}}}).label, ElementsAre('I', 'I', '*', 0));
}

TEST_F(ImageArrays, RawDescribedWrongly_SaysBytes) {
  const std::string file = bytes_file("image.raw", small_data(1, false, false));
  EXPECT_THAT(read_error(file), AllOf(HasSubstr("does not say its shape"), HasSubstr("shape = ")));
  EXPECT_THAT(read_error(file, {{{2, 3, 5}}, "uint8"}), AllOf(HasSubstr("truncated"), HasSubstr("needs 30 bytes, 24 are there")));
  EXPECT_THAT(read_error(file, {{{2, 3, 3}}, "uint8"}), AllOf(HasSubstr("longer than described"), HasSubstr("needs 18 bytes, 24 are there")));
  EXPECT_THAT(read_error(file, {test::small_shape, "float32"}), HasSubstr("type = \"float32\""));
  EXPECT_THAT(read_error(file, {test::small_shape, "uint8", "middle"}), HasSubstr("byte_order = \"middle\""));
  EXPECT_THAT(read_error(file, {test::small_shape, "uint8", "little", -1}), HasSubstr("header_bytes = -1"));
}

TEST_F(ImageArrays, Written_ReadBackInTheNarrowestType) {
  io::LabelImage image;
  image.shape = test::small_shape;
  image.label = test::small_labels<std::uint32_t>();
  const std::pair<std::uint32_t, const char*> largest[] = {{255, "uint8"}, {256, "uint16"}, {65535, "uint16"}, {65536, "uint32"}, {4294967295u, "uint32"}};
  for (const auto& [label, type] : largest)
    for (const char* name : {"out.npy", "OUT.RAW", "out.tif"}) {
#ifndef VOXODE_WITH_TIFF
      if (std::string(name) == "out.tif") continue;
#endif
      SCOPED_TRACE(fmt::format("{} {}", name, label));
      image.label.back() = label;
      io::write_image(path(name), image);
      const auto back = read_image(path(name), {test::small_shape, type});
      EXPECT_EQ(back.type, type);
      EXPECT_EQ(back.shape, image.shape);
      EXPECT_EQ(back.label, image.label);
    }
}

TEST_F(ImageArrays, WrittenNpy_StartsDataAtAMultipleOf64) {
  io::write_npy<std::uint16_t>(path("out.npy"), test::small_shape, test::small_labels<std::uint16_t>());
  const std::string bytes = bytes_of(path("out.npy"));
  EXPECT_EQ((bytes.size() - 48) % 64, 0u);
  EXPECT_EQ(bytes[bytes.size() - 49], '\n');
  EXPECT_THAT(bytes, HasSubstr("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3, 4), }"));
}

}  // namespace
}  // namespace voxode
