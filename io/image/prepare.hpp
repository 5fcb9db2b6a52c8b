#pragma once
// From an image file to the voxel grid of a job: crop, axes, cubes, coarsening, specks, names.
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/image/image.hpp"
#include "mesh/voxel_grid.hpp"

namespace voxode::io {

struct ImageSettings {
  std::string file;
  std::optional<std::array<double, 3>> voxel_size_m;  ///< per array axis (one number in a config: three equal ones here); default: the file's tags
  std::optional<double> cube_edge_m;                  ///< edge of the cubes that unequal voxels are resampled to; default: the smallest of the three
  int stack_axis = 0;                                 ///< array axis that becomes z
  std::optional<Crop> crop;                           ///< per array axis of the file, half open, before everything else
  int coarsen = 1;                                    ///< n^3 voxels to one
  bool flip = false;                                  ///< turn the stack axis round
  Index clean_islands_voxels = 0;                     ///< connected specks smaller than this take their surroundings' label
  std::map<std::uint32_t, std::string> labels;        ///< name of every label; "pore" is the name of nothing; two labels may share a name
  std::string bodies_file;                            ///< instance labels of the same shape; empty: none
  RawOptions raw;                                     ///< of `file`
  RawOptions bodies_raw;                              ///< of `bodies_file`
};

struct PreparedImage {
  mesh::VoxelGrid grid;
  std::vector<std::string> notes;  ///< what was changed on the way, one line each, for the log
};

/// Steps, in this order: crop (image and instances alike); z = stack axis, x = the later and y = the earlier of the other two array axes
/// (with an image indexed [z, y, x], stack axis 1 and `flip` each give the mirror image of the sample; lengths, areas and scalar results are the same); flip along z; resampling to
/// cubes (nearest voxel); coarsening by majority of phases (equal counts: the phase with the smallest label value; border layers that fill no block are dropped; the
/// instance is the commonest among the voxels of the winning phase, equal counts: the smallest); specks (face-connected components of a phase with fewer voxels take the phase they
/// share most faces with, equal counts: the smallest label value). Phases are numbered by increasing label value. Throws InputError, each with what to do: crop outside, no or
/// contradicting voxel size (> 0.1 %), labels without a name, names without a label, instances of another shape.
PreparedImage prepare_image(const ImageSettings& settings);

}  // namespace voxode::io
