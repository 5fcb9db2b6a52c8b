#include "io/voids.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "kernels/error.hpp"
#include "tests/io/scratch_folder.hpp"
#include "tests/raw_faces.hpp"

#ifdef VOXODE_WITH_OPENVDB
#include <openvdb/openvdb.h>
#include <openvdb/tools/LevelSetMeasure.h>
#endif

namespace voxode {
namespace {

/// Two halves of a cube that meet in the middle of x, with a round pore in one corner; voxels of 0.5 um.
struct Halves {
  mesh::VoxelGrid grid;
  mesh::Faces faces;

  explicit Halves(Index edge, double radius) {
    grid.n = {edge, edge, edge};
    grid.spacing = 5e-7;
    grid.phase_names = {"active"};
    std::vector<std::int32_t> body;
    for (Index voxel = 0; voxel < grid.n_voxels(); ++voxel) {
      const Index3 at = coordinates_of(voxel, grid.n);
      double square = 0;
      for (std::size_t a = 0; a < 3; ++a) square += std::pow(double(at[a]) + 0.5 - double(edge) / 4, 2);
      const bool is_pore = square <= radius * radius;
      grid.phase.push_back(is_pore ? mesh::pore : std::uint8_t(0));
      body.push_back(is_pore ? -1 : at[0] < edge / 2 ? 0 : 1);
    }
    faces = tests::raw_faces(grid.n, body, {});
  }
  /// Faces in the upper half of y and z have opened by `width`.
  physics::CrackSnapshot cracks(double width) const {
    physics::CrackSnapshot snapshot;
    for (Index f = 0; f < faces.size(); ++f) {
      const Index3 at = coordinates_of(faces.cell[std::size_t(f)], grid.n);
      const bool open = width > 0 && at[1] >= grid.n[1] / 2 && at[2] >= grid.n[2] / 2;
      snapshot.face.push_back(f);
      snapshot.opened_part.push_back(open ? float(width) : 0.0f);
    }
    snapshot.opening = snapshot.sliding = snapshot.damage = snapshot.separation = snapshot.traction = std::vector<float>(snapshot.face.size(), 0.0f);
    return snapshot;
  }
};

#ifdef VOXODE_WITH_OPENVDB

struct Read {
  openvdb::FloatGrid::Ptr voids, widths;
  std::string state;
  double time = 0;
  explicit Read(const std::filesystem::path& path) {
    openvdb::io::File file(path.string());
    file.open();
    voids = openvdb::gridPtrCast<openvdb::FloatGrid>(file.readGrid("void"));
    widths = openvdb::gridPtrCast<openvdb::FloatGrid>(file.readGrid("gap_width"));
    state = file.getMetadata()->metaValue<std::string>("state");
    time = file.getMetadata()->metaValue<double>("time_half_cycles");
  }
  float distance(int i, int j, int k) const { return voids->getConstAccessor().getValue({i, j, k}); }
  float width(int i, int j, int k) const { return widths->getConstAccessor().getValue({i, j, k}); }
};

TEST(Voids, PoresAndGaps_AreReadBackInMicrometres) {
  const test::ScratchFolder folder;
  const Halves halves(32, 6);
  io::VoidWriter writer(folder.path(), halves.grid, halves.faces, {1e-9});
  writer.write(halves.cracks(0), "pristine", 0);
  writer.write(halves.cracks(2e-8), "cycle 1 charged step 10", 1);

  const Read pristine(folder / "voids_0000.vdb"), charged(folder / "voids_0001.vdb");
  EXPECT_EQ(pristine.state, "pristine");
  EXPECT_EQ(charged.state, "cycle 1 charged step 10");
  EXPECT_EQ(charged.time, 1.0);
  EXPECT_EQ(charged.voids->getGridClass(), openvdb::GRID_LEVEL_SET);
  EXPECT_NEAR(charged.voids->voxelSize()[0], 0.5, 1e-12);
  const openvdb::Vec3d origin = charged.voids->indexToWorld(openvdb::Coord(0, 0, 0));
  EXPECT_NEAR(origin[2], 0.25, 1e-12);  // the middle of the first voxel

  // the pore: its volume as the voxels have it, inside and outside
  Index n_pore = 0;
  for (const std::uint8_t phase : halves.grid.phase) n_pore += phase == mesh::pore;
  EXPECT_NEAR(openvdb::tools::levelSetVolume(*pristine.voids) / (double(n_pore) * 0.125), 1.0, 0.08);
  EXPECT_LT(pristine.distance(8, 8, 8), 0.0f);
  EXPECT_LT(pristine.distance(8, 8, 13), 0.0f);
  EXPECT_GT(pristine.distance(8, 8, 15), 0.0f);
  EXPECT_GT(pristine.distance(16, 24, 24), 0.0f);
  EXPECT_EQ(pristine.widths->activeVoxelCount(), 0u);

  // the gap: about the faces between x = 15 and 16, 1.2 voxels thick, in the upper half of y and z
  EXPECT_NEAR(charged.distance(15, 24, 24), -0.05f, 0.02f);
  EXPECT_NEAR(charged.distance(16, 24, 24), -0.05f, 0.02f);
  EXPECT_NEAR(charged.distance(17, 24, 24), 0.45f, 0.02f);
  EXPECT_GT(charged.distance(16, 15, 24), 0.0f);  // beyond its edge
  EXPECT_GT(charged.distance(16, 8, 24), 0.5f);
  EXPECT_LT(charged.distance(8, 8, 8), 0.0f);  // the pore is still there
  EXPECT_NEAR(charged.width(15, 24, 24), 0.02f, 1e-6f);
  EXPECT_NEAR(charged.width(16, 24, 24), 0.02f, 1e-6f);
  EXPECT_EQ(charged.width(17, 24, 24), 0.0f);
  EXPECT_EQ(charged.widths->activeVoxelCount(), 2u * 16u * 16u);
}

TEST(Voids, NeitherPoresNorGaps_AreEmptyGrids) {
  const test::ScratchFolder folder;
  const Halves halves(16, 0);
  io::VoidWriter(folder.path(), halves.grid, halves.faces, {1e-9}).write(halves.cracks(0), "pristine", 0);
  const Read read(folder / "voids_0000.vdb");
  EXPECT_EQ(read.voids->activeVoxelCount(), 0u);
  EXPECT_GT(read.distance(8, 8, 8), 0.0f);
}

TEST(Voids, File_IsFarSmallerThanTheDenseGrids) {
  const test::ScratchFolder folder;
  const Halves halves(96, 16);
  io::VoidWriter(folder.path(), halves.grid, halves.faces, {1e-9}).write(halves.cracks(2e-8), "charged", 1);
  const double dense = 2 * 4.0 * double(halves.grid.n_voxels()), sparse = double(std::filesystem::file_size(folder / "voids_0000.vdb"));
  RecordProperty("bytes", std::to_string(sparse));
  EXPECT_LT(sparse, dense / 20) << sparse << " of " << dense;
}

TEST(Voids, FilesOfAnEarlierRun_AreRemoved) {
  const test::ScratchFolder folder;
  const Halves halves(8, 0);
  for (int run = 0; run < 2; ++run) {
    io::VoidWriter writer(folder.path(), halves.grid, halves.faces, {1e-9});
    for (int state = run; state < 2; ++state) writer.write(halves.cracks(0), "pristine", 0);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "voids_0000.vdb"));
  EXPECT_FALSE(std::filesystem::exists(folder / "voids_0001.vdb"));
}

TEST(Voids, FolderThatIsGone_IsAnErrorThatNamesTheFile) {
  const test::ScratchFolder folder;
  const Halves halves(8, 0);
  const std::string place = folder / "out";
  io::VoidWriter writer(place, halves.grid, halves.faces, {1e-9});
  std::filesystem::remove_all(place);
  try {
    writer.write(halves.cracks(0), "pristine", 0);
    FAIL() << "nothing was said";
  } catch (const OutputError& error) {
    EXPECT_NE(std::string(error.what()).find("voids_0000.vdb"), std::string::npos) << error.what();
  }
}

#else

TEST(Voids, BuildWithoutOpenVDB_SaysSo) {
  const test::ScratchFolder folder;
  const Halves halves(8, 0);
  EXPECT_THROW(io::VoidWriter(folder.path(), halves.grid, halves.faces, {1e-9}), ConfigError);
}

#endif

}  // namespace
}  // namespace voxode
