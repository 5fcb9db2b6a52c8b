#pragma once
// A ParaView collection (.pvd) and the numbered files it lists, one a state.
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// `folder`/`stem`_0003.`extension`.
std::string numbered_path(const std::string& folder, const std::string& stem, const std::string& extension, Index number);
/// Removes what an earlier run left from that number on.
void remove_numbered(const std::string& folder, const std::string& stem, const std::string& extension, Index first);

class Series {
 public:
  /// `folder`/`stem`.pvd listing `stem`_0000.`extension` and so on. Goes on after the first `keep` states of an earlier run (0: anew); numbered files of an
  /// earlier run beyond them are removed, so that no folder shows states of two runs. Throws InputError if fewer than `keep` are listed, OutputError.
  Series(const std::string& folder, const std::string& stem, const std::string& extension, Index keep);
  /// Path under which the next state is to be written, beside its final one.
  std::string next_path() const;
  /// Puts the file at next_path() in place and lists it. Throws OutputError.
  void add(double time);
  Index size() const { return Index(lines_.size()); }
  std::string path_of(Index number) const;

 private:
  void write_list() const;
  std::string folder_, stem_, extension_;
  std::vector<std::string> lines_;
};

}  // namespace voxode::io
