#include "io/image/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/image/coarsen.hpp"
#include "io/image/label_table.hpp"
#include "io/image/specks.hpp"
#include "io/image/store.hpp"

namespace voxode::io {
namespace {

constexpr double size_tolerance = 1e-3;  // relative
using Size = std::array<double, 3>;

std::string micrometres(const Size& size) {
  std::string text;
  for (const double s : size) text += (text.empty() ? "" : " x ") + (std::isfinite(s) ? fmt::format("{:.6g}", s * 1e6) : std::string("?"));
  return text + " um";
}

/// Of the config if it gives one, which must not contradict the file.
Size voxel_size_of(const ImageSettings& settings, const LabelImage& image) {
  if (!settings.voxel_size_m) {
    const bool whole = image.voxel_size && std::all_of(image.voxel_size->begin(), image.voxel_size->end(), [](double s) { return std::isfinite(s) && s > 0; });
    if (!whole)
      throw InputError(fmt::format("{}: the size of a voxel is not known: the file {}, and the config gives none. Set image.voxel_size_um.", settings.file,
                                   image.voxel_size ? "says " + micrometres(*image.voxel_size) : std::string("has no tag for it")));
    return *image.voxel_size;
  }
  const Size& given = *settings.voxel_size_m;
  for (std::size_t a = 0; a < 3; ++a) {
    if (!(given[a] > 0) || !std::isfinite(given[a]))
      throw InputError(fmt::format("{}: the voxel size {} is not positive. Correct image.voxel_size_um.", settings.file, micrometres(given)));
    const double tag = image.voxel_size ? (*image.voxel_size)[a] : NAN;
    if (std::isfinite(tag) && std::abs(tag / given[a] - 1) > size_tolerance)
      throw InputError(fmt::format("{}: the voxel size in the config, {}, contradicts the file's own tags, {} (array axes 0, 1, 2). Correct image.voxel_size_um or leave it out; if the "
                                   "tags are wrong, save the file without them.",
                                   settings.file, micrometres(given), micrometres(*image.voxel_size)));
  }
  return given;
}

/// Names in the order of increasing label value, and for each label of the table its name's number.
struct Codes {
  std::vector<std::string> names;
  std::vector<std::uint8_t> of_position;
};

Codes name_labels(const ImageSettings& settings, const LabelTable& table, Index n_voxels) {
  constexpr std::size_t max_listed = 20;
  std::string unnamed, present;
  std::size_t n_unnamed = 0;
  for (std::size_t p = 0; p < table.labels().size(); ++p) {
    const std::string entry = fmt::format("{} ({:.3g} %)", table.labels()[p], 100.0 * double(table.counts()[p]) / double(n_voxels));
    if (p < max_listed) present += (present.empty() ? "" : ", ") + entry;
    if (settings.labels.count(table.labels()[p])) continue;
    if (++n_unnamed <= max_listed) unnamed += (unnamed.empty() ? "" : ", ") + entry;
  }
  if (table.labels().size() > max_listed) present += fmt::format(" and {} more", table.labels().size() - max_listed);
  if (n_unnamed > max_listed) unnamed += fmt::format(" and {} more; if these number the particles, give the file as image.bodies_file beside one with phases", n_unnamed - max_listed);
  if (n_unnamed > 0)
    throw InputError(fmt::format("{}: labels without a name: {}. Name every label in image.labels, e.g. labels = {{ {} = \"electrolyte\" }}; \"pore\" is the name of nothing.",
                                 settings.file, unnamed, unnamed.substr(0, unnamed.find(' '))));
  for (const auto& [label, name] : settings.labels)
    if (!std::binary_search(table.labels().begin(), table.labels().end(), label))
      throw InputError(fmt::format("{}: image.labels names {} = \"{}\", but no voxel{} has it. There are: {}. Remove or correct that entry.", settings.file, label, name,
                                   settings.crop ? " inside the crop" : "", present));
  Codes codes;
  for (const std::uint32_t label : table.labels()) {
    const std::string& name = settings.labels.at(label);
    const auto it = std::find(codes.names.begin(), codes.names.end(), name);
    if (it == codes.names.end() && codes.names.size() == 255)
      throw InputError(fmt::format("{}: image.labels has more than 255 different names. Give labels of one material the same name; instances belong into image.bodies_file.", settings.file));
    codes.of_position.push_back(std::uint8_t(it - codes.names.begin()));
    if (it == codes.names.end()) codes.names.push_back(name);
  }
  return codes;
}

/// For each index of the grid along x, y, z the index along an array axis of the image that it is taken from.
struct Gather {
  std::array<std::size_t, 3> array_axis{};  // of x, y, z
  std::array<std::vector<Index>, 3> from;
  Index3 n{};
  double spacing = 0;
};

bool nearly_equal(double a, double b) { return std::abs(a / b - 1) <= size_tolerance; }

Gather plan(const ImageSettings& settings, const LabelImage& image, const Size& size, std::vector<std::string>& notes) {
  Gather g;
  const auto z = std::size_t(settings.stack_axis);
  g.array_axis = {z == 2 ? 1u : 2u, z == 0 ? 1u : 0u, z};
  const double smallest = *std::min_element(size.begin(), size.end());
  const bool cubes = nearly_equal(size[0], size[1]) && nearly_equal(size[0], size[2]) && nearly_equal(size[1], size[2]);
  const double cube = cubes ? (size[0] == size[1] && size[1] == size[2] ? size[0] : std::cbrt(size[0] * size[1] * size[2])) : smallest;
  g.spacing = settings.cube_edge_m.value_or(cube);
  const bool resample = !cubes || (settings.cube_edge_m && !nearly_equal(*settings.cube_edge_m, cube));
  for (std::size_t d = 0; d < 3; ++d) {
    const Index n = image.shape[g.array_axis[d]];
    const double ratio = resample ? g.spacing / size[g.array_axis[d]] : 1.0;  // old voxels per new one
    g.n[d] = std::max<Index>(1, Index(std::llround(double(n) / ratio)));
    g.from[d].resize(std::size_t(g.n[d]));
    for (Index i = 0; i < g.n[d]; ++i) {
      // The voxel that holds the centre; a centre on a face belongs to the upper one.
      Index from = resample ? std::min(n - 1, Index(std::floor((double(i) + 0.5) * ratio + 1e-9))) : i;
      if (d == 2 && settings.flip) from = n - 1 - from;
      g.from[d][std::size_t(i)] = from;
    }
  }
  if (resample) {
    const std::array<Index, 3> before = image.shape;
    notes.push_back(fmt::format("resampled voxels of {} (array axes 0, 1, 2) to cubes of {:.6g} um by the nearest label: {} (array) became {} (x, y, z)", micrometres(size),
                                g.spacing * 1e6, shape_text(before), shape_text(g.n)));
  }
  if (settings.flip) notes.push_back(fmt::format("turned array axis {} round (flip)", settings.stack_axis));
  return g;
}

template <class T, class F>
std::vector<T> gathered(const Gather& g, const LabelImage& image, F&& convert) {
  const Index step[3] = {image.shape[1] * image.shape[2], image.shape[2], 1};
  const Index sx = step[g.array_axis[0]], sy = step[g.array_axis[1]], sz = step[g.array_axis[2]];
  std::vector<T> out(static_cast<std::size_t>(product(g.n)));
  std::size_t v = 0;
  for (const Index k : g.from[2])
    for (const Index j : g.from[1])
      for (const Index i : g.from[0]) out[v++] = convert(image.label[std::size_t(i * sx + j * sy + k * sz)]);
  return out;
}

std::vector<std::uint32_t> read_instances(const ImageSettings& settings, const Gather& g, const std::array<Index, 3>& file_shape) {
  LabelImage bodies;
  try {
    bodies = read_image(settings.bodies_file, settings.bodies_raw, settings.crop);
  } catch (const InputError& failure) {
    throw InputError(fmt::format("image.bodies_file: {}", failure.what()));
  }
  if (bodies.file_shape != file_shape)
    throw InputError(fmt::format("{}: the instance labels have the shape {}, the image {} has {}. Both must be of the same voxels.", settings.bodies_file,
                                 shape_text(bodies.file_shape), settings.file, shape_text(file_shape)));
  return gathered<std::uint32_t>(g, bodies, [](std::uint32_t label) { return label; });
}

void coarsen(const ImageSettings& settings, mesh::VoxelGrid& grid, std::vector<std::string>& notes) {
  if (settings.coarsen == 1) return;
  const Index f = settings.coarsen;
  const Index3 n = grid.n;
  if (std::min({n[0], n[1], n[2]}) < f)
    throw InputError(fmt::format("{}: coarsen = {} leaves nothing of {} voxels (x, y, z). Choose a smaller number.", settings.file, f, shape_text(n)));
  grid.n = coarsen_by_majority(n, settings.coarsen, grid.phase, grid.instance);
  grid.spacing *= double(f);
  notes.push_back(fmt::format("coarsened {}^3 voxels to one by majority: {} became {} (x, y, z), edge {:.6g} um", f, shape_text(n), shape_text(grid.n), grid.spacing * 1e6));
  if (n[0] % f || n[1] % f || n[2] % f)
    notes.push_back(fmt::format("dropped border layers that fill no block of {}: {} along x, {} along y, {} along z, at the upper end", f, n[0] % f, n[1] % f, n[2] % f));
}

void clean(const ImageSettings& settings, const std::vector<std::string>& names, mesh::VoxelGrid& grid, std::vector<std::string>& notes) {
  if (settings.clean_islands_voxels <= 1) return;
  const SpeckResult result = remove_specks(grid.n, grid.phase, grid.instance, int(names.size()), settings.clean_islands_voxels);
  for (std::size_t c = 0; c < names.size(); ++c)
    if (result.of_code[c].n_specks > 0)
      notes.push_back(fmt::format("removed {} islands of {} with {} voxels (fewer than {} voxels each)", result.of_code[c].n_specks, names[c], result.of_code[c].n_voxels,
                                  settings.clean_islands_voxels));
  if (result.n_left > 0) notes.push_back(fmt::format("left {} islands that have no larger neighbour", result.n_left));
}

/// Codes count names; phases count them without "pore".
void number_phases(const Codes& codes, mesh::VoxelGrid& grid, std::vector<std::string>& notes) {
  std::array<std::uint8_t, 256> phase{};
  std::array<bool, 256> found{};
  for (std::size_t c = 0; c < codes.names.size(); ++c) {
    phase[c] = codes.names[c] == "pore" ? mesh::pore : std::uint8_t(grid.phase_names.size());
    if (codes.names[c] != "pore") grid.phase_names.push_back(codes.names[c]);
  }
  for (std::uint8_t& value : grid.phase) {
    found[value] = true;
    value = phase[value];
  }
  for (std::size_t c = 0; c < codes.names.size(); ++c)
    if (!found[c]) notes.push_back(fmt::format("no voxel of {} is left after resampling, coarsening and removing islands", codes.names[c]));
}

void check(const ImageSettings& settings) {
  if (settings.stack_axis < 0 || settings.stack_axis > 2)
    throw InputError(fmt::format("{}: stack_axis = {} is no array axis. Choose 0, 1 or 2.", settings.file, settings.stack_axis));
  if (settings.coarsen < 1) throw InputError(fmt::format("{}: coarsen = {} must be at least 1. Correct it.", settings.file, settings.coarsen));
  if (settings.clean_islands_voxels < 0)
    throw InputError(fmt::format("{}: clean_islands_voxels = {} must not be negative. Correct it.", settings.file, settings.clean_islands_voxels));
  if (settings.cube_edge_m && !(*settings.cube_edge_m > 0)) throw InputError(fmt::format("{}: the edge of the cubes must be positive. Correct it.", settings.file));
}

}  // namespace

PreparedImage prepare_image(const ImageSettings& settings) {
  check(settings);
  PreparedImage out;
  Codes codes;
  Gather g;
  std::array<Index, 3> file_shape{};
  {
    const LabelImage image = read_image(settings.file, settings.raw, settings.crop);
    file_shape = image.file_shape;
    if (settings.crop) out.notes.push_back(fmt::format("cropped {} to {} voxels (array axes 0, 1, 2)", shape_text(image.file_shape), shape_text(image.shape)));
    const LabelTable table(image.label);
    codes = name_labels(settings, table, image.n_voxels());
    g = plan(settings, image, voxel_size_of(settings, image), out.notes);
    out.grid.phase = gathered<std::uint8_t>(g, image, [&](std::uint32_t label) { return codes.of_position[table.position(label)]; });
  }  // four bytes a voxel are free again before the instances come
  out.grid.n = g.n;
  out.grid.spacing = g.spacing;
  if (!settings.bodies_file.empty()) out.grid.instance = read_instances(settings, g, file_shape);
  coarsen(settings, out.grid, out.notes);
  clean(settings, codes.names, out.grid, out.notes);
  number_phases(codes, out.grid, out.notes);
  return out;
}

}  // namespace voxode::io
