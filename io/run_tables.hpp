#pragma once
// The tables of a run's summary that are made of its microstructure and its interfaces.
#include <string>
#include <vector>

#include "io/prepare_job.hpp"
#include "io/summary.hpp"
#include "physics/mechanics.hpp"

namespace voxode::io {

/// Each [[interface]] entry in words: "active - electrolyte, any, bilinear".
std::vector<std::string> interface_names(const physics::Job& job);
/// One row for each [[interface]] entry.
std::vector<InterfaceSummary> interface_table(const physics::Job& job, const PreparedJob& prepared, const physics::Mechanics& mechanics);
/// One row for each phase.
std::vector<PhaseSummary> phase_table(const physics::Job& job, const PreparedJob& prepared);

}  // namespace voxode::io
