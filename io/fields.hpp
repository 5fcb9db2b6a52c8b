#pragma once
// fields.pvd and fields_NNNN.vti: what every voxel carries at one state, for ParaView.
#include <memory>
#include <string>
#include <vector>

#include "mesh/bodies.hpp"
#include "mesh/voxel_grid.hpp"
#include "physics/results.hpp"

namespace voxode::io {

/// What `output.field_arrays` may name, and its default.
const std::vector<std::string>& known_field_arrays();
const std::vector<std::string>& default_field_arrays();

/// Cell data, x fastest, spacing in m, zlib-compressed, of these the ones that are asked for (in brackets what they are called there, where that differs): phase (uint8, 255:
/// pore), body (int32, -1: pore), lithium, displacement_m (3; displacement), von_mises_MPa (von_mises), mean_stress_MPa (a third of the trace; mean_stress), stress_MPa (6, in VTK's
/// order for symmetric tensors XX YY ZZ XY YZ XZ, components named; stress), ionic_potential, electronic_potential (V; both only where the snapshot has them). NaN: does not apply
/// there. Stresses keep 12 bits of their mantissa (1.2e-4), displacements and potentials 16 (8e-6). Field data: state, TimeValue.
class FieldWriter {
 public:
  /// `grid` and `bodies` must outlive it. Goes on after `keep` states of an earlier run. Throws ConfigError in a build without VTK, InputError, OutputError.
  FieldWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, Index keep = 0,
              std::vector<std::string> arrays = default_field_arrays());
  ~FieldWriter();
  FieldWriter(FieldWriter&&) noexcept;
  /// Writes the next state and lists it. Throws OutputError naming the file (earlier states stay valid), InternalError on arrays of a wrong length.
  void write(const physics::FieldSnapshot& snapshot);
  Index n_written() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// von Mises stress of a stress in Voigt order.
float von_mises(const float* stress);

}  // namespace voxode::io
