#pragma once
// VTK's XML files (.vti, .vtp) with cell data, zlib-compressed by all threads: VTK's own writers do that on one, and hold every array whole.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// Values are asked for in pieces, from several threads at once, and never lie in memory as a whole.
struct DataArray {
  std::string name;
  const char* type = "Float32";  ///< UInt8, Int32 or Float32
  int n_components = 1;
  std::vector<std::string> component_names;
  bool noisy = false;  ///< digits without repetition: coded by their frequency alone, three times as fast
  std::function<void(Index begin, Index end, void* to)> fill;  ///< the values of cells [begin, end), components together
};

/// Field data of one state.
struct StateLabel {
  std::string state;
  double time = 0;                      ///< TimeValue
  std::vector<std::string> interfaces;  ///< none: no such array
};

struct ImageFile {
  Index3 n{};          ///< cells
  double spacing = 0;  ///< m
  StateLabel label;
  std::vector<DataArray> cell_data;
};

struct SurfaceFile {
  std::vector<float> points;           ///< (n_points, 3), m
  std::vector<std::int32_t> triangles;  ///< (n_triangles, 3)
  StateLabel label;
  std::vector<DataArray> cell_data;
};

/// Written to `path`; on failure that is removed and OutputError names `final_path`.
void write_image(const ImageFile& image, const std::string& path, const std::string& final_path);
void write_surface(const SurfaceFile& surface, const std::string& path, const std::string& final_path);

/// The nearest float whose mantissa has only `bits` bits (1 to 22): off by at most 2^-(bits + 1) of the value. NaN and infinity stay.
float rounded(float value, int bits);

}  // namespace voxode::io
