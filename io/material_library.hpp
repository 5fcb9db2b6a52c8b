#pragma once
// Material files: shipped ones by name, a user's by path. Each value may carry source, mark and range.
#include <filesystem>
#include <string>
#include <vector>

#include "physics/material.hpp"

namespace voxode::io {

/// A shipped material by name, or a .toml file by path (relative to `folder`). Throws ConfigError: no such material (with the nearest name), or a
/// wrong key or value in its file, with line and column.
physics::Material load_material(const std::string& name_or_path, const std::filesystem::path& folder = {});

/// Names of the shipped materials, sorted.
std::vector<std::string> shipped_materials();

/// Folder of the shipped material files: $VOXODE_MATERIALS, else the source tree's, else the installed one. Throws InputError if none is there.
std::filesystem::path materials_folder();

/// All values of a material (shipped name or path) with unit, range, mark and source, as text for a terminal.
std::string describe_material(const std::string& name_or_path);

}  // namespace voxode::io
