#pragma once
// Gradients of the smoothed signed distances of bodies at the centres of faces.
#include "mesh/faces.hpp"

namespace voxode::mesh {

/// For each face with wanted[f]: grad(phi of the lower cell's body) - grad(phi of the upper cell's body), 1/voxel, shape (n_faces, 3); zero elsewhere.
std::vector<float> distance_gradients(const Index3& n, const Bodies& bodies, const Faces& faces, const std::vector<std::uint8_t>& wanted, const Periodicity& periodic);

}  // namespace voxode::mesh
