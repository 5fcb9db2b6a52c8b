#pragma once
// A VTK image data file (.vti) with cell data, compressed by all threads.
#include <functional>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// One array of cell data. Its values are asked for in pieces, from several threads at once, and never lie in memory as a whole.
struct CellArray {
  std::string name;
  const char* type = "Float32";  ///< UInt8, Int32 or Float32
  int n_components = 1;
  std::vector<std::string> component_names;
  bool noisy = false;  ///< digits without repetition: coded by their frequency alone, three times as fast
  std::function<void(Index begin, Index end, void* to)> fill;  ///< the values of cells [begin, end), components together
};

struct ImageData {
  Index3 n{};          ///< cells
  double spacing = 0;  ///< m
  std::string state;   ///< field data beside TimeValue
  double time = 0;
  std::vector<CellArray> arrays;
};

/// Writes to `path`; on failure removes it and throws OutputError naming `final_path`.
void write_image_data(const ImageData& image, const std::string& path, const std::string& final_path);

/// The nearest float whose mantissa has only `bits` bits (1 to 22): off by at most 2^-(bits + 1) of the value. NaN and infinity stay.
float rounded(float value, int bits);

}  // namespace voxode::io
