#pragma once
// voids_NNNN.vdb: pores and open gaps of one state as sparse OpenVDB grids.
#include <memory>
#include <string>
#include <vector>

#include "mesh/faces.hpp"
#include "mesh/voxel_grid.hpp"
#include "physics/results.hpp"

namespace voxode::io {

/// Two grids in micrometres, index (i, j, k) at the middle of voxel (x, y, z), on the undeformed voxels:
/// - "void": a level set, three voxels to both sides, negative in pores and in gaps. A gap is thinner than a voxel; it is drawn 1.2 voxels thick, about its face, one across a periodic side on the upper side only.
/// - "gap_width": micrometres, in the voxels on both sides of an open face (opened_faces) the widest opened part of theirs; elsewhere 0 and inactive.
/// Metadata of the file: "state", "time_half_cycles".
class VoidWriter {
 public:
  /// `contact_gap`: m, one for each [[interface]] entry. The other references must outlive it. Goes on after `keep` states of an earlier run and removes its others.
  /// Throws ConfigError in a build without OpenVDB, OutputError.
  VoidWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Faces& faces, std::vector<double> contact_gap, Index keep = 0);
  ~VoidWriter();
  VoidWriter(VoidWriter&&) noexcept;
  /// Writes the next state. Throws OutputError naming the file (earlier states stay valid), InternalError on arrays of a wrong length.
  void write(const physics::CrackSnapshot& snapshot, const std::string& state, double time);
  Index n_written() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace voxode::io
