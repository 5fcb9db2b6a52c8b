// OpenVDB grids of whole numbers: the dense box of the active voxels; inactive ones inside it carry the background value. A grid's transform has no unit, and cannot be in
// metres (OpenVDB refuses a cell of less than 3e-15 in volume), so the size of a voxel is not taken from it.
#include <fmt/format.h>

#include "io/image/store.hpp"

#ifndef VOXODE_WITH_OPENVDB
namespace voxode::io {
void read_vdb(const std::string& path, LabelStore&) {
  throw InputError(fmt::format("{}: this build cannot read .vdb. Configure with -DVOXODE_WITH_OPENVDB=ON (needs OpenVDB), or convert the image to TIFF or .npy.", path));
}
}  // namespace voxode::io
#else

#include <openvdb/io/Stream.h>
#include <openvdb/openvdb.h>

#include <fstream>

namespace voxode::io {
namespace {

template <class Grid>
bool put_grid(const openvdb::GridBase::Ptr& base, const char* type, const std::string& path, LabelStore& store) {
  const auto grid = openvdb::gridPtrCast<Grid>(base);
  if (!grid) return false;
  const openvdb::CoordBBox box = grid->evalActiveVoxelBoundingBox();
  if (box.empty()) throw InputError(fmt::format("{}: the grid \"{}\" has no active voxel, so its size is not known. Activate the voxels of the whole image.", path, base->getName()));
  const openvdb::Coord from = box.min(), dim = box.dim();
  store.begin({dim.z(), dim.y(), dim.x()}, type);
  const auto accessor = grid->getConstAccessor();
  std::vector<std::int64_t> row(static_cast<std::size_t>(dim.x()));
  for (int k = 0; k < dim.z(); ++k) {
    if (!store.wants(0, k)) continue;
    for (int j = 0; j < dim.y(); ++j) {
      for (int i = 0; i < dim.x(); ++i) row[std::size_t(i)] = std::int64_t(accessor.getValue(from.offsetBy(i, j, k)));
      store.put_row(k, j, row.data());
    }
  }
  return true;
}

openvdb::GridBase::Ptr label_grid(const openvdb::GridPtrVec& grids, const std::string& path) {
  if (grids.size() == 1) return grids[0];
  std::string names;
  for (const auto& grid : grids) {
    for (const char* name : {"label", "labels", "phase", "material"})
      if (grid->getName() == name) return grid;
    names += (names.empty() ? "" : ", ") + grid->getName();
  }
  throw InputError(fmt::format("{}: which grid holds the labels is not clear (there are: {}). Name it \"labels\", or save it alone.", path, names.empty() ? "none" : names));
}

}  // namespace

void read_vdb(const std::string& path, LabelStore& store) {
  openvdb::GridBase::Ptr grid;
  const auto damaged = [&](const std::string& why) { return InputError(fmt::format("{}: the file is damaged or truncated ({}). Save it again as .vdb.", path, why)); };
  try {
    openvdb::initialize();
    // OpenVDB does not look whether a read succeeded, and goes on with what it finds in memory: the stream has to stop it.
    std::ifstream in(path, std::ios::binary);
    in.exceptions(std::ios::failbit | std::ios::badbit);
    grid = label_grid(*openvdb::io::Stream(in, false).getGrids(), path);
  } catch (const InputError&) {
    throw;
  } catch (const std::ios_base::failure&) {
    throw damaged("it ends in the middle of a grid");
  } catch (const std::exception& failure) {
    throw damaged(fmt::format("OpenVDB: \"{}\"", failure.what()));
  }
  if (put_grid<openvdb::Int32Grid>(grid, "int32", path, store) || put_grid<openvdb::Int64Grid>(grid, "int64", path, store) || put_grid<openvdb::BoolGrid>(grid, "bool", path, store))
    return;
  throw InputError(fmt::format("{}: the grid \"{}\" holds {} values; labels are whole numbers (int32, int64 or bool). Convert it to an Int32Grid.", path, grid->getName(),
                               grid->valueType()));
}

}  // namespace voxode::io
#endif
