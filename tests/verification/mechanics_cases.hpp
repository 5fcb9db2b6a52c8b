#pragma once
// Boxes with exact mechanical answers: builders of grid, bodies, faces and job.
#include <functional>
#include <memory>

#include "mesh/faces.hpp"
#include "mesh/mechanical_bodies.hpp"
#include "physics/mechanics.hpp"
#include "physics/settings.hpp"

namespace voxode::test {

/// All that physics::Mechanics refers to. Lithium content 1 is discharged (no swelling), 0 charged.
struct Scene {
  physics::Job job;
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  mesh::Faces faces;
  std::vector<std::int32_t> mechanical_body;

  Scene() = default;
  Scene(const Scene&) = delete;
  /// Bodies by the rules of the phases, then faces and mechanical bodies (floating ones take part only if asked to).
  void finish(bool keep_floating = false);
  std::unique_ptr<physics::Mechanics> mechanics() const;
  double height() const { return double(grid.n[2]) * grid.spacing; }
};
using ScenePointer = std::unique_ptr<Scene>;

/// A triclinic positive definite stiffness, Pa: isotropic plus a random symmetric part.
Stiffness triclinic(std::uint64_t seed);

/// E (Pa), nu, strain: isotropic stress-free strain when charged.
physics::Material isotropic_material(double youngs_modulus, double poisson_ratio, double strain = 0);
physics::Material anisotropic_material(const Stiffness& stiffness, double strain_a = 0, double strain_c = 0);
/// 140 GPa, .30 and 22.1 GPa, .37.
physics::Material ncm(double strain = 0);
physics::Material li6ps5cl();

/// A box of `n` voxels; phase(x, y, z) of voxel centres (m) is a number into the materials or mesh::pore.
ScenePointer make_scene(const Index3& n, double spacing, const std::vector<physics::Material>& materials, const std::function<std::uint8_t(double, double, double)>& phase);

/// One eighth of a simple cubic array: sphere (phase 1) about the origin in a matrix (phase 0), mirror sides, n voxels per half edge (m).
/// Not finished: interfaces may be added. material 1 absent: voids.
ScenePointer sphere_eighth(Index n, double half_edge, double volume_fraction, const std::vector<physics::Material>& materials);

/// Core (phase 1, radius a) in a shell (phase 0, radius b), one eighth, free outside; touches the plate at its pole.
ScenePointer core_in_shell(Index n_per_radius, double a, double b, const std::vector<physics::Material>& materials);

/// Two layers (phase 0, then 1) of half the edge each, normal along an axis; box of `edge` with n voxels along the normal and z.
ScenePointer laminate(Index n, double edge, int normal, const std::vector<physics::Material>& materials);

/// imgA or imgD of the reference set: phase 0 the label 1, phase 1 the others, each a body of its orientation.
ScenePointer reference_mesh(const std::string& image, bool bonded);

/// Uniaxial strain of a box on mirror sides: stress over strain zz under one MPa-like pressure.
struct Uniaxial {
  double C11, C12;
};
Uniaxial uniaxial_stiffness(const Scene& scene, double pressure);

/// Charged in n steps from content `from` to `to` under a pressure; `after` sees each step.
void sweep(physics::Mechanics& mechanics, double from, double to, int n, double pressure, const std::function<void(double content)>& after = {});

}  // namespace voxode::test
