// NumPy's .npy, versions 1 to 3 (numpy.lib.format).
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <regex>

#include "io/image/store.hpp"

namespace voxode::io {
namespace {

struct Header {
  std::array<Index, 3> shape{};
  ElementType type;
  std::string type_name;
  bool big_endian = false;
  bool fortran = false;
  std::int64_t data_offset = 0;
};

[[noreturn]] void damaged(const std::string& path, const std::string& header) {
  throw InputError(fmt::format("{}: the header of the .npy file is damaged: \"{}\". Save the array again with numpy.save.", path, header.substr(0, 120)));
}

void parse_type(const std::string& path, const std::string& text, Header& header) {
  std::smatch match;
  if (!std::regex_match(text, match, std::regex(R"(([<>|=])([a-zA-Z])(\d*).*)"))) damaged(path, text);
  const char kind = match[2].str()[0];
  const int bytes = match[3].length() ? std::stoi(match[3].str().substr(0, 6)) : 0;
  const bool known = (kind == 'b' && bytes == 1) || ((kind == 'u' || kind == 'i') && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8));
  if (!known)
    throw InputError(fmt::format("{}: the array holds elements of type '{}'{}, labels must be whole numbers of 1, 2, 4 or 8 bytes. Convert it, e.g. "
                                 "numpy.save(file, a.astype('uint8')).",
                                 path, text, kind == 'f' ? " (floating point)" : ""));
  header.type = {kind == 'i' ? 'i' : 'u', bytes};
  header.type_name = kind == 'b' ? "bool" : fmt::format("{}int{}", kind == 'u' ? "u" : "", 8 * bytes);
  header.big_endian = match[1].str() == ">" || (match[1].str() == "=" && std::endian::native == std::endian::big);
}

void parse_shape(const std::string& path, const std::string& text, Header& header) {
  std::vector<Index> lengths;
  const std::regex number(R"(\d+)");
  for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it) {
    if (it->length() > 15) damaged(path, text);
    lengths.push_back(std::stoll(it->str()));
  }
  if (lengths.size() != 3)
    throw InputError(fmt::format("{}: the array has the shape ({}), that is {} axes; an image needs three. Reshape or stack it, e.g. a[None] for a single slice.", path, text,
                                 lengths.size()));
  header.shape = {lengths[0], lengths[1], lengths[2]};
}

Header read_header(const InputFile& file) {
  unsigned char start[12] = {};
  file.read(0, start, 10, "the header of the .npy file");
  const int version = start[6];
  if (version < 1 || version > 3)
    throw InputError(fmt::format("{}: version {}.{} of the .npy format is not known (1 to 3 are). Save the array again with numpy.save.", file.path(), version, int(start[7])));
  std::int64_t length = start[8] | (start[9] << 8);
  std::int64_t offset = 10;
  if (version >= 2) {
    file.read(0, start, 12, "the header of the .npy file");
    length |= (std::int64_t(start[10]) << 16) | (std::int64_t(start[11]) << 24);
    offset = 12;
  }
  if (length > 4096) damaged(file.path(), fmt::format("{} bytes long", length));
  std::string text(std::size_t(length), ' ');
  file.read(offset, text.data(), text.size(), "the header of the .npy file");
  std::smatch type, order, shape;
  if (!std::regex_search(text, type, std::regex(R"('descr'\s*:\s*'([^']*)')"))) {
    if (std::regex_search(text, std::regex(R"('descr'\s*:\s*\[)")))
      throw InputError(fmt::format("{}: the array holds records, labels must be plain whole numbers. Save one field of it.", file.path()));
    damaged(file.path(), text);
  }
  if (!std::regex_search(text, order, std::regex(R"('fortran_order'\s*:\s*(True|False))"))) damaged(file.path(), text);
  if (!std::regex_search(text, shape, std::regex(R"('shape'\s*:\s*\(([^)]*)\))"))) damaged(file.path(), text);
  Header header;
  parse_type(file.path(), type[1].str(), header);
  parse_shape(file.path(), shape[1].str(), header);
  header.fortran = order[1].str() == "True";
  header.data_offset = offset + length;
  return header;
}

}  // namespace

void read_npy(const InputFile& file, LabelStore& store) {
  const Header header = read_header(file);
  const std::int64_t expected = array_bytes(header.shape, header.type.bytes, file.path());
  if (file.size() - header.data_offset < expected)
    throw InputError(fmt::format("{}: the file is truncated: an array of {} {} needs {} bytes, {} are there. Copy or save the file again.", file.path(), shape_text(header.shape),
                                 header.type_name, expected, file.size() - header.data_offset));
  store.begin(header.shape, header.type_name);
  read_elements(file, header.data_offset, header.shape, header.type, header.big_endian, header.fortran, store);
}

}  // namespace voxode::io
