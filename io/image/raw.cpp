// Plain arrays, described by the config.
#include <fmt/format.h>

#include <map>

#include "io/image/store.hpp"

namespace voxode::io {

void read_raw(const InputFile& file, const RawOptions& options, LabelStore& store) {
  static const std::map<std::string, ElementType> types{{"uint8", {'u', 1}}, {"uint16", {'u', 2}}, {"uint32", {'u', 4}}, {"uint64", {'u', 8}},
                                                        {"int8", {'i', 1}},  {"int16", {'i', 2}},  {"int32", {'i', 4}},  {"int64", {'i', 8}}};
  if (!options.shape)
    throw InputError(fmt::format("{}: a raw file does not say its shape. Give it, with type and byte order, e.g. shape = [251, 301, 301], type = \"uint8\", "
                                 "byte_order = \"little\".",
                                 file.path()));
  const auto type = types.find(options.type);
  if (type == types.end())
    throw InputError(fmt::format("{}: type = \"{}\" of a raw file is not one of uint8, uint16, uint32, uint64, int8, int16, int32, int64. Labels are whole numbers; correct it.",
                                 file.path(), options.type));
  if (options.byte_order != "little" && options.byte_order != "big")
    throw InputError(fmt::format("{}: byte_order = \"{}\" of a raw file must be \"little\" or \"big\". Correct it.", file.path(), options.byte_order));
  if (options.header_bytes < 0) throw InputError(fmt::format("{}: header_bytes = {} of a raw file must not be negative. Correct it.", file.path(), options.header_bytes));
  const std::int64_t expected = array_bytes(*options.shape, type->second.bytes, file.path());
  const std::int64_t found = file.size() - options.header_bytes;
  if (found != expected)
    throw InputError(fmt::format("{}: {}: a raw array of {} {} after {} header bytes needs {} bytes, {} are there. Check shape, type and header_bytes, or copy the file again.",
                                 file.path(), found < expected ? "the file is truncated or described wrongly" : "the file is longer than described", shape_text(*options.shape),
                                 options.type, options.header_bytes, expected, found));
  store.begin(*options.shape, options.type);
  read_elements(file, options.header_bytes, *options.shape, type->second, options.byte_order == "big", false, store);
}

}  // namespace voxode::io
