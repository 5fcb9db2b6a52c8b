#pragma once
// checkpoint_NNNNNN.h5 in a run's folder, NNNNNN the load steps done: all that a later run needs to go on in the same numbers.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "physics/archive.hpp"

namespace voxode::io {

/// Layout of the file and list of what is in it; grows with every change of either.
inline constexpr int checkpoint_format = 1;

/// Whether this build can write and read them (HDF5).
bool checkpoints_available();

/// HDF5, a dataset for every item, after 512 bytes of text with format, program version, and length and XXH3 hash of all that follows.
/// Written beside and renamed; of all in the folder this one and the one before are kept. Throws OutputError; those that were there then stand unchanged.
/// `go_over` hands the items over.
void write_checkpoint(const std::string& folder, int steps_done, const std::string& version, const std::function<void(physics::Archive&)>& go_over);

struct OpenCheckpoint {
  std::string path, version;              ///< of the program that wrote it
  std::unique_ptr<physics::Archive> items;  ///< throws InputError for an item that is not there or has another size
  std::vector<std::string> notes;         ///< newer ones that are damaged, and why
};
/// The newest that is whole. Throws InputError where there is none, naming what is wrong with each, or where one has another format, naming both; ConfigError without HDF5.
/// `version`: of this program, for the message.
OpenCheckpoint open_checkpoint(const std::string& folder, const std::string& version);

/// Hash of some memory one after the other; empty without HDF5.
std::string content_hash(const std::vector<std::pair<const void*, std::size_t>>& pieces);

/// Of an earlier run.
void remove_checkpoints(const std::string& folder);

}  // namespace voxode::io
