#pragma once
// What readers of a run's folder share.
#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

namespace voxode::io {

/// Throws InputError: "PATH: WHAT".
[[noreturn]] void fail_in(const std::filesystem::path& path, const std::string& what);

/// Fields of a row of a table that voxode wrote.
std::vector<std::string> split_row(const std::string& line);

/// " There is one in FOLDER/SUB.", the first folder in this one that holds any of the files; empty: none does.
std::string run_inside(const std::filesystem::path& folder, std::initializer_list<const char*> files);

}  // namespace voxode::io
