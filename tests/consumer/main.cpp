// Uses an installed voxode from outside: its headers, its runtime, a piece of each layer.
#include <cstdio>

#include "io/image/image.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"
#include "mesh/voxel_grid.hpp"
#include "physics/settings.hpp"

int main() {
  voxode::kernels::Runtime runtime({});
  std::printf("%s on %s\n", voxode::kernels::kokkos_description().c_str(), voxode::kernels::device_description().c_str());

  voxode::mesh::VoxelGrid grid{{2, 3, 4}, 1e-6, {}, {}, {}};
  voxode::physics::Boundary boundary;
  boundary.pressure = {{0, 70e6}, {3, 4e6}};
  voxode::io::LabelImage image;
  image.shape = {4, 3, 2};
  const bool right = grid.n_voxels() == 24 && image.n_voxels() == 24 && boundary.pressure_of_cycle(2) == 70e6 && boundary.pressure_of_cycle(3) == 4e6;
  if (!right) std::fprintf(stderr, "the installed library does not do what its headers say\n");
  return right ? 0 : 1;
}
