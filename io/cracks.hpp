#pragma once
// cracks.pvd and cracks_NNNN.vtp: the faces that have opened at one state as a smooth surface, for ParaView.
#include <memory>
#include <string>
#include <vector>

#include "mesh/bodies.hpp"
#include "mesh/faces.hpp"
#include "mesh/voxel_grid.hpp"
#include "physics/results.hpp"

namespace voxode::io {

/// Positions in the snapshot of the faces that are drawn: opened part beyond the contact gap of the face's entry, or separation >= 0.99.
std::vector<Index> opened_faces(const physics::CrackSnapshot& snapshot, const mesh::Faces& faces, const std::vector<double>& contact_gap);

/// Triangles 2i and 2i + 1 are the i-th open face, on the surface of mesh::smooth_corners, undeformed, in m; both have the face's cell data: opening_m, opened_part_m, sliding_m, jump_m
/// (3, u_b - u_a), damage, separation, mode_mix (0 opening ... 1 sliding), normal_traction_Pa (tension positive), shear_traction_Pa, traction_Pa (3, on body_a), interface (number of the
/// [[interface]] entry), body_a, body_b (below and above the face), normal (3, from body_a to body_b). Vectors, shear traction and mode mix keep 12 bits of their
/// mantissa. Field data: state, TimeValue, interfaces (a line for each entry). A state
/// without open faces is a valid file without cells.
class CrackWriter {
 public:
  /// `contact_gap` (m) and `names`: one for each [[interface]] entry. The other references must outlive it. Goes on after `keep` states of an earlier run.
  /// Throws ConfigError in a build without VTK, InputError, OutputError.
  CrackWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const mesh::Faces& faces, std::vector<double> contact_gap, Index keep = 0,
              std::vector<std::string> names = {});
  ~CrackWriter();
  CrackWriter(CrackWriter&&) noexcept;
  /// Writes the next state and lists it. Throws OutputError naming the file (earlier states stay valid), InternalError on arrays of a wrong length.
  void write(const physics::CrackSnapshot& snapshot, const std::string& state, double time);
  Index n_written() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace voxode::io
