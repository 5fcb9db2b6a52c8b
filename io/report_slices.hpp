#pragma once
// Slices of a few states for the viewer of report.html: which ones fit a budget of bytes, 8-bit values, and the JSON that io/report/slices.js reads.
#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::io {

/// How a field is coloured, and over which range.
enum class Palette {
  phases,     ///< codes are phase numbers + 1, 0: pore
  share,      ///< 0 to 1
  positive,   ///< 0 to a high quantile
  around_zero,  ///< symmetric
  plain       ///< from a low to a high quantile
};

struct SliceKind {
  const char *name, *title, *unit;
  Palette palette;
};
/// The fields of the viewer, in their order; the first is the phase.
inline constexpr std::array<SliceKind, 8> slice_kinds{{{"phase", "Phase", "", Palette::phases},
                                                       {"von_mises", "von Mises stress", "MPa", Palette::positive},
                                                       {"mean_stress", "Mean stress (tension positive)", "MPa", Palette::around_zero},
                                                       {"damage", "Damage of open faces", "", Palette::share},
                                                       {"separation", "Separation of open faces", "", Palette::share},
                                                       {"opening", "Opening of open faces", "nm", Palette::positive},
                                                       {"lithium", "Lithium content", "", Palette::plain},
                                                       {"displacement", "Displacement along the stack", "nm", Palette::plain}}};
inline constexpr std::size_t n_slice_kinds = slice_kinds.size();

/// Slices across one axis. In a slice the columns run along the lower of the other two axes, the rows along the higher one.
struct SliceStack {
  int axis = 2;
  std::vector<Index> positions;
  Index columns = 0, rows = 0;

  std::size_t size() const { return positions.size() * std::size_t(columns * rows); }
};

struct SlicePlan {
  Index3 n{};
  Index stride = 1;                ///< every so many voxels in a slice
  std::vector<SliceStack> stacks;  ///< one across z with all positions, of which the viewer cuts the others, or three
};

/// All slices if that surely fits `budget` bytes of base64, else as many across each axis as will fit if the values pack to half their size. `n_states` >= 1.
SlicePlan plan_slices(const Index3& n, std::size_t n_states, std::size_t budget);

/// Values of one state by field and stack; NaN: none. An empty vector: the state has no such field.
struct SliceState {
  std::string name;
  std::array<std::vector<std::vector<float>>, n_slice_kinds> values;
};

/// Takes the values of layers [first, first + n_layers) along z out of a box of such layers.
void take_layers(const SlicePlan& plan, Index first, Index n_layers, const std::function<float(std::size_t voxel)>& value, std::vector<std::vector<float>>& to);
/// Raises the value at voxel (i, j, k), wherever a slice shows it, to at least `value`.
void raise_value(const SlicePlan& plan, const Index3& voxel, float value, std::vector<std::vector<float>>& to);
/// Vectors of NaN for each stack.
std::vector<std::vector<float>> empty_values(const SlicePlan& plan);

using Deflate = std::function<std::string(const std::string&)>;

/// The viewer's data, at most `budget` bytes of base64: slices are left out until it fits.
nlohmann::ordered_json encode_slices(SlicePlan plan, std::vector<SliceState> states, const std::vector<std::string>& phases, double voxel_size, std::size_t budget, const Deflate& deflate);

std::string base64(const std::string& bytes);

}  // namespace voxode::io
