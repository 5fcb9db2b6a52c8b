#include "io/voids.hpp"

#include <cerrno>
#include <utility>

#include "kernels/error.hpp"

#ifdef VOXODE_WITH_OPENVDB
#include <openvdb/io/Stream.h>
#include <openvdb/openvdb.h>
#include <openvdb/tools/ChangeBackground.h>
#include <openvdb/tools/Composite.h>
#include <openvdb/tools/MeshToVolume.h>
#include <openvdb/tools/TopologyToLevelSet.h>

#include <fstream>

#include "io/cracks.hpp"
#include "io/result_file.hpp"
#include "io/series.hpp"
#endif

namespace voxode::io {

#ifdef VOXODE_WITH_OPENVDB

struct VoidWriter::Implementation {
  std::string folder;
  const mesh::VoxelGrid& grid;
  const mesh::Faces& faces;
  std::vector<double> contact_gap;
  openvdb::math::Transform::Ptr transform;
  openvdb::FloatGrid::Ptr pores;  ///< the same in all states
  Index n_written = 0;
};

namespace {

constexpr int half_width = 3;  // voxels
constexpr double per_micrometre = 1e6;

openvdb::FloatGrid::Ptr empty_level_set(const openvdb::math::Transform::Ptr& transform) {
  openvdb::FloatGrid::Ptr grid = openvdb::createLevelSet<openvdb::FloatGrid>(transform->voxelSize()[0], float(half_width));
  grid->setTransform(transform);
  return grid;
}

openvdb::FloatGrid::Ptr pores_of(const mesh::VoxelGrid& grid, const openvdb::math::Transform::Ptr& transform) {
  openvdb::MaskGrid mask;
  mask.setTransform(transform);
  auto accessor = mask.getAccessor();
  std::size_t voxel = 0;
  for (int k = 0; k < int(grid.n[2]); ++k)
    for (int j = 0; j < int(grid.n[1]); ++j)
      for (int i = 0; i < int(grid.n[0]); ++i)
        if (grid.phase[voxel++] == mesh::pore) accessor.setValueOn({i, j, k});
  if (mask.empty()) return empty_level_set(transform);
  return openvdb::tools::topologyToLevelSet(mask, half_width, /*closingSteps=*/0, /*dilation=*/0, /*smoothingSteps=*/0);
}

/// A slab about each face.
openvdb::FloatGrid::Ptr slabs_of(const std::vector<Index>& faces, const mesh::VoxelGrid& grid, const mesh::Faces& all, const openvdb::math::Transform::Ptr& transform) {
  if (faces.empty()) return empty_level_set(transform);
  std::vector<openvdb::Vec3s> points;
  std::vector<openvdb::Vec4I> quads;
  for (const Index face : faces) {
    const Index3 lower = coordinates_of(all.cell[std::size_t(face)], grid.n);
    const std::size_t a = all.axis[std::size_t(face)], b = (a + 1) % 3, c = (a + 2) % 3;
    const auto first = openvdb::Index32(points.size());
    for (const auto& corner : {std::pair{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}}) {
      openvdb::Vec3d place{double(lower[0]), double(lower[1]), double(lower[2])};
      place[int(a)] += 0.5;
      place[int(b)] += corner.first;
      place[int(c)] += corner.second;
      points.emplace_back(transform->indexToWorld(place));
    }
    quads.emplace_back(first, first + 1, first + 2, first + 3);
  }
  constexpr float half_thickness = 0.6f;  // voxels: the middles of those on both sides lie within, else no surface would be found; those beyond an edge do not
  const auto voxel = float(transform->voxelSize()[0]);
  openvdb::FloatGrid::Ptr distance = openvdb::tools::meshToUnsignedDistanceField<openvdb::FloatGrid>(*transform, points, {}, quads, float(half_width) + half_thickness);
  for (auto value = distance->beginValueOn(); value; ++value) value.setValue(*value - half_thickness * voxel);
  openvdb::tools::changeBackground(distance->tree(), float(half_width) * voxel);
  distance->setGridClass(openvdb::GRID_LEVEL_SET);
  return distance;
}

}  // namespace

VoidWriter::VoidWriter(const std::string& folder, const mesh::VoxelGrid& grid, const mesh::Faces& faces, std::vector<double> contact_gap, Index keep) {
  openvdb::initialize();
  const auto transform = openvdb::math::Transform::createLinearTransform(grid.spacing * per_micrometre);
  transform->postTranslate(openvdb::Vec3d(0.5 * grid.spacing * per_micrometre));
  implementation_.reset(new Implementation{folder, grid, faces, std::move(contact_gap), transform, pores_of(grid, transform), keep});
  make_folder(folder);
  remove_numbered(folder, "voids", "vdb", keep);
}

Index VoidWriter::n_written() const { return implementation_->n_written; }

void VoidWriter::write(const physics::CrackSnapshot& snapshot, const std::string& state, double time) {
  Implementation& me = *implementation_;
  const auto widths = openvdb::FloatGrid::create(0.0f);
  widths->setName("gap_width");
  widths->setTransform(me.transform);
  widths->insertMeta("unit", openvdb::StringMetadata("um"));
  std::vector<Index> faces;
  auto accessor = widths->getAccessor();
  for (const Index p : opened_faces(snapshot, me.faces, me.contact_gap)) {
    const Index face = snapshot.face[std::size_t(p)];
    faces.push_back(face);
    const Index lower = me.faces.cell[std::size_t(face)];
    for (const Index cell : {lower, mesh::upper_cell(me.grid.n, lower, me.faces.axis[std::size_t(face)])}) {
      const Index3 at = coordinates_of(cell, me.grid.n);
      const openvdb::Coord here{int(at[0]), int(at[1]), int(at[2])};
      const auto width = float(double(snapshot.opened_part[std::size_t(p)]) * per_micrometre);
      accessor.setValueOn(here, std::max(width, accessor.getValue(here)));
    }
  }
  const auto voids = me.pores->deepCopy(), slabs = slabs_of(faces, me.grid, me.faces, me.transform);
  openvdb::tools::csgUnion(*voids, *slabs);
  voids->setName("void");
  voids->insertMeta("unit", openvdb::StringMetadata("um"));

  openvdb::MetaMap metadata;
  metadata.insertMeta("state", openvdb::StringMetadata(state));
  metadata.insertMeta("time_half_cycles", openvdb::DoubleMetadata(time));
  const std::string path = numbered_path(me.folder, "voids", "vdb", me.n_written), beside = name_beside(path);
  try {
    // OpenVDB does not look whether a write succeeded: the stream has to
    std::ofstream out;
    out.exceptions(std::ios::failbit | std::ios::badbit);
    errno = 0;
    out.open(beside, std::ios::binary);
    openvdb::io::Stream(out).write(openvdb::GridCPtrVec{voids, widths}, metadata);
    out.close();
  } catch (const std::ios_base::failure&) {
    const int reason = errno;
    std::remove(beside.c_str());
    fail_to_write("pores and gaps", path, reason);
  }
  put_in_place(beside, path);
  ++me.n_written;
}

#else

struct VoidWriter::Implementation {};

VoidWriter::VoidWriter(const std::string&, const mesh::VoxelGrid&, const mesh::Faces&, std::vector<double>, Index) {
  throw ConfigError("output.voids asks for OpenVDB files and this voxode is built without OpenVDB: set output.voids = \"none\", or build with -DVOXODE_WITH_OPENVDB=ON.");
}
void VoidWriter::write(const physics::CrackSnapshot&, const std::string&, double) {}
Index VoidWriter::n_written() const { return 0; }

#endif

VoidWriter::~VoidWriter() = default;
VoidWriter::VoidWriter(VoidWriter&&) noexcept = default;

}  // namespace voxode::io
