#pragma once
// What one key alone cannot tell: agreement between the sections of a config.
#include "io/config.hpp"
#include "io/toml_node.hpp"

namespace voxode::io {

/// Throws ConfigError with the place in `root`; adds to `config.notes` what a user should know.
void check_config(const Node& root, Config& config);

}  // namespace voxode::io
