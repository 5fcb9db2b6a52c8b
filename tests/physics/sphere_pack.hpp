#pragma once
// 45 random spheres that touch and overlap a little (tests/data/multigrid: images at 64^3 and 128^3, centres in fractions of
// the box); faces are raw voxel faces (tests/raw_faces.hpp).
#include <tiffio.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "mesh/components.hpp"
#include "mesh/faces.hpp"

namespace voxode::tests {

struct SpherePack {
  Index3 n{};
  double voxel = 0.5e-6;
  Index edge = 0;                              // of the whole image
  std::vector<std::array<double, 3>> centre;   // fractions of the whole image
  std::vector<std::int32_t> label;            // 0 electrolyte, else sphere number

  /// The image spheres_<edge>.tif, or its corner of `crop` voxels.
  static SpherePack read(Index edge, const Index3& crop) {
    const std::string folder = std::string(VOXODE_SOURCE_DIR) + "/tests/data/multigrid/";
    SpherePack pack;
    pack.n = crop;
    pack.edge = edge;
    pack.voxel = 32e-6 / double(edge);
    std::ifstream file(folder + "centres.csv");
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::array<double, 4> row{};
      std::istringstream cells(line);
      std::string cell;
      for (int i = 0; i < 4 && std::getline(cells, cell, ','); ++i) row[std::size_t(i)] = std::stod(cell);
      pack.centre.push_back({row[1], row[2], row[3]});
    }
    const std::string path = folder + "spheres_" + std::to_string(edge) + ".tif";
    TIFF* const tiff = TIFFOpen(path.c_str(), "r");
    if (!tiff || pack.centre.empty()) throw std::runtime_error("tests/data/multigrid is incomplete");
    std::vector<std::uint8_t> row(static_cast<std::size_t>(TIFFScanlineSize(tiff)));
    pack.label.resize(std::size_t(product(crop)));
    for (Index k = 0; k < crop[2]; ++k) {
      TIFFSetDirectory(tiff, tdir_t(k));
      for (Index j = 0; j < crop[1]; ++j) {
        TIFFReadScanline(tiff, row.data(), std::uint32_t(j));
        for (Index i = 0; i < crop[0]; ++i) pack.label[std::size_t(linear_index(crop, i, j, k))] = row[std::size_t(i)];
      }
    }
    TIFFClose(tiff);
    return pack;
  }

  std::vector<std::int32_t> mechanical_bodies(const mesh::Periodicity& periodic) const { return mesh::find_components(n, label, periodic).of_voxel; }

  /// which: 0 nothing, 1 the upper half (larger z index) of every sphere, 2 odd spheres, 3 everything. A face between two spheres takes the higher label.
  bool is_open(int which, Index cell, int axis) const {
    const std::int32_t a = label[std::size_t(cell)], b = label[std::size_t(mesh::upper_cell(n, cell, axis))];
    const std::int32_t number = std::max(a, b);
    if (which == 0) return false;
    if (which == 3) return true;
    if (which == 2) return number % 2 == 1;
    const double z = (double(cell / (n[0] * n[1])) + (axis == 2 ? 1.0 : 0.5)) / double(edge);
    return z > centre[std::size_t(number) - 1][2];
  }
};

}  // namespace voxode::tests
