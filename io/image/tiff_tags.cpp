#ifdef VOXODE_WITH_TIFF
#include "io/image/tiff_tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>

#include "kernels/error.hpp"

namespace voxode::io {
namespace {

constexpr double inch = 0.0254;
constexpr double largest_voxel = 1e-3;  // m; no image of a cathode is coarser

std::map<std::string, std::string> imagej_keys(TIFF* tiff) {
  char* text = nullptr;
  std::map<std::string, std::string> keys;
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) || !text) return keys;
  std::istringstream lines(text);
  if (lines.str().rfind("ImageJ=", 0) != 0) return keys;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto at = line.find('=');
    if (at != line.npos) keys[line.substr(0, at)] = line.substr(at + 1);
  }
  return keys;
}

/// Metres of a unit as ImageJ writes it; 0: not a length that we know (pixel, ...).
double metres_of(const std::string& unit) {
  static const std::map<std::string, double> units{{"nm", 1e-9},         {"nanometer", 1e-9},   {"um", 1e-6},       {"\xb5m", 1e-6}, {"\xc2\xb5m", 1e-6}, {"\xce\xbcm", 1e-6}, {"\\u00B5m", 1e-6},
                                                   {"micron", 1e-6},     {"microns", 1e-6},     {"micrometer", 1e-6}, {"mm", 1e-3},    {"millimeter", 1e-3},
                                                   {"cm", 1e-2},         {"centimeter", 1e-2},  {"m", 1.0},         {"meter", 1.0},  {"inch", inch},      {"angstrom", 1e-10}};
  const auto it = units.find(unit);
  return it == units.end() ? 0 : it->second;
}

bool for_printing(double dots_per_inch) {
  constexpr double usual[] = {72, 96, 100, 120, 144, 150, 180, 200, 240, 300, 350, 360, 400, 600, 720, 1200, 2400};
  return std::any_of(std::begin(usual), std::end(usual), [&](double u) { return std::abs(dots_per_inch / u - 1) < 2e-3; });
}

double as_number(const std::map<std::string, std::string>& keys, const char* key) {
  const auto it = keys.find(key);
  return it == keys.end() ? 0 : std::strtod(it->second.c_str(), nullptr);
}

std::optional<std::array<double, 3>> voxel_size(TIFF* tiff, const std::map<std::string, std::string>& keys) {
  float x = 0, y = 0;
  std::uint16_t resolution_unit = RESUNIT_INCH;
  TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x);
  TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &resolution_unit);
  const auto named = [&](const char* key) { return keys.count(key) ? metres_of(keys.at(key)) : 0.0; };
  double unit = named("unit");
  if (keys.count("unit") && unit == 0) return std::nullopt;
  if (unit == 0) {
    if (resolution_unit == RESUNIT_NONE) return std::nullopt;
    unit = resolution_unit == RESUNIT_CENTIMETER ? 1e-2 : inch;
    if (x > 0 && for_printing(double(x) * inch / unit)) return std::nullopt;
  }
  const double unit_y = named("yunit") > 0 ? named("yunit") : unit, unit_z = named("zunit") > 0 ? named("zunit") : unit;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double spacing = std::abs(as_number(keys, "spacing"));
  const std::array<double, 3> size{spacing > 0 ? spacing * unit_z : nan, y > 0 ? unit_y / double(y) : nan, x > 0 ? unit / double(x) : nan};
  if (std::all_of(size.begin(), size.end(), [](double s) { return !std::isfinite(s); })) return std::nullopt;
  // One pixel per inch and the like: nothing that a program meant.
  if (std::any_of(size.begin(), size.end(), [](double s) { return s >= largest_voxel; })) return std::nullopt;
  return size;
}

}  // namespace

TiffTags read_tiff_tags(TIFF* tiff, const std::string& path) {
  const auto keys = imagej_keys(tiff);
  TiffTags tags;
  tags.voxel_size = voxel_size(tiff, keys);
  tags.n_images = Index(std::clamp(as_number(keys, "images"), 0.0, 1e15));
  const double channels = as_number(keys, "channels"), frames = as_number(keys, "frames"), slices = as_number(keys, "slices");
  // A stack without depth that ImageJ counts as channels or frames is still a stack.
  const int n_long = (channels > 1) + (frames > 1) + (slices > 1);
  if (n_long > 1)
    throw InputError(fmt::format("{}: an ImageJ hyperstack with {} channels, {} slices and {} frames; a label image has slices only. Save one channel and frame of it.", path,
                                 std::max(channels, 1.0), std::max(slices, 1.0), std::max(frames, 1.0)));
  return tags;
}

}  // namespace voxode::io
#endif
