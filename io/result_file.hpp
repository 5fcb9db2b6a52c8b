#pragma once
// Result files that are either the old one or the new one, whole, whatever happens in between.
#include <string>

namespace voxode::io {

/// Makes a folder and its parents where they are missing. Throws OutputError, whose advice names the `option` that chooses the place.
void make_folder(const std::string& path, const char* option = "--out");

/// Writes `text` beside `path`, syncs it and renames it over `path`; the folder is made where it is missing. Throws OutputError; the file
/// that stood there before then stands unchanged.
void write_result_file(const std::string& path, const std::string& text, const char* option = "--out");

/// Syncs the finished file `beside` and renames it to `path`. Throws OutputError and removes `beside`.
void put_in_place(const std::string& beside, const std::string& path, const char* option = "--out");

/// The name under which a file that will be `path` is written: in the same folder, with the same extension.
std::string name_beside(const std::string& path);

/// Throws OutputError: `what` could not be written to `path` for `reason` (an errno; 0: not known), and what to do about it.
[[noreturn]] void fail_to_write(const std::string& what, const std::string& path, int reason, const char* option = "--out");

}  // namespace voxode::io
