#pragma once
// The rows of every section of a config, one function a struct. Called with a reading section or a documenting one.
#include <filesystem>
#include <string>
#include <vector>

#include "io/config.hpp"
#include "io/config_section.hpp"

namespace voxode::io {

void image_rows(Section& section, ImageSettings& image, const std::filesystem::path& folder);
void synthetic_rows(Section& section, mesh::SyntheticRecipe& recipe);
/// All of a phase but its material. `name` is set; the role's default follows from it.
void phase_rows(Section& section, physics::Phase& phase, const std::filesystem::path& folder);
/// `entry` comes with the defaults: the first entry's values.
void interface_rows(Section& section, physics::InterfaceEntry& entry, const std::vector<std::string>& phase_names);
void boundary_rows(Section& section, physics::Boundary& boundary);
void lithium_rows(Section& section, physics::Lithium& lithium);
void cycling_rows(Section& section, physics::Cycling& cycling);
void effective_rows(Section& section, physics::Effective& effective);
void output_rows(Section& section, OutputSettings& output);
void solver_rows(Section& section, physics::Solver& values);
/// title, job, seed.
void top_rows(Section& section, physics::Job& job);

}  // namespace voxode::io
