#pragma once
// The rows of a material, and materials that build on others.
#include <filesystem>
#include <string>

#include "io/config_section.hpp"
#include "physics/material.hpp"

namespace voxode::io {

/// The table of a material given by shipped name, path (relative to `folder`) or inline table, with every `base` laid under it.
/// `path` is the key it stands at, for messages. Throws ConfigError.
Node resolve_material(const Node& value, const std::string& path, const std::filesystem::path& folder);

/// Reads all values. A material may be left without stiffness (E_GPa and poisson_ratio, or C_GPa): all zero then.
void material_rows(Section& section, physics::Material& material);

}  // namespace voxode::io
