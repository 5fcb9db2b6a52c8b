#include "physics/interface_kernels.hpp"

namespace voxode::physics {

Interface make_interface(const ElasticSystem& system, const mesh::Faces& faces) {
  Interface interface;
  interface.pair_offset = system.pair_offset;
  interface.pair_node = system.pair_node;
  interface.point_offset = system.point_offset;
  interface.face = kernels::to_device("face", system.points.face);
  interface.sign = kernels::to_device("sign", system.points.sign);
  interface.normal = kernels::to_device("normal", faces.normal);
  interface.area_share = kernels::to_device("area_share", faces.area_share);
  interface.entry = kernels::to_device("entry", faces.entry);
  interface.quarter_face = 0.25 * system.voxel_edge * system.voxel_edge;
  return interface;
}

}  // namespace voxode::physics
