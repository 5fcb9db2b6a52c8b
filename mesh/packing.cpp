#include "mesh/packing.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numbers>
#include <sstream>
#include <string>

#include "kernels/error.hpp"
#include "mesh/binder_placement.hpp"
#include "mesh/counter_random.hpp"
#include "mesh/sphere_planes.hpp"
#include "mesh/sphere_relaxation.hpp"

namespace voxode::mesh {
namespace {

using std::numbers::pi;
constexpr std::uint8_t electrolyte = 0, active = 1, binder = 2;
enum : std::uint64_t { diameter_stream = 1, position_stream = 2, pore_stream = 3 };

/// `format` with its marks %g or %.Ng replaced by the numbers, %% by a percent sign.
std::string text(const std::string& format, double a, double b = 0, double c = 0) {
  const double values[] = {a, b, c};
  int next = 0;
  std::ostringstream out;
  for (std::size_t m = 0; m < format.size(); ++m) {
    if (format[m] != '%') {
      out << format[m];
    } else if (format[++m] == '%') {
      out << '%';
    } else {
      const int digits = format[m] == '.' ? format[m + 1] - '0' : 6;
      if (format[m] == '.') m += 2;
      out << std::setprecision(digits) << values[next++];
    }
  }
  return out.str();
}

/// Inverse of the standard normal distribution for p in (0, 1): Halley steps on erfc from Abramowitz and Stegun 26.2.23 (error 4.5e-4).
double normal_quantile(double p) {
  const double tail = p < 0.5 ? p : 1 - p;
  const double t = std::sqrt(-2 * std::log(tail));
  double z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (int step = 0; step < 3; ++step) {
    const double excess = (0.5 * std::erfc(-z / std::sqrt(2.0)) - tail) * std::sqrt(2 * pi) * std::exp(0.5 * z * z);
    z -= excess / (1 + 0.5 * z * excess);
  }
  return p < 0.5 ? z : -z;
}

PackingBox box_of(const SyntheticRecipe& recipe) {
  PackingBox box;
  for (int a = 0; a < 3; ++a) box.length[a] = double(recipe.n[a]) * recipe.spacing;
  box.periodic = recipe.periodic;
  return box;
}

double volume_of(const std::vector<Sphere>& spheres) {
  double volume = 0;
  for (const Sphere& s : spheres) volume += 4 * pi / 3 * s.radius * s.radius * s.radius;
  return volume;
}

/// Diameter below which a share p of the number lies: log-normal, cut at both ends.
class DiameterDistribution {
 public:
  explicit DiameterDistribution(const SyntheticRecipe& recipe) : median_(recipe.diameter_median), sigma_(recipe.diameter_sigma) {
    if (sigma_ == 0) return;
    low_ = below(recipe.diameter_minimum);
    high_ = below(recipe.diameter_maximum);
    if (high_ - low_ < 1e-4)
      throw ConfigError(text("Between diameter_minimum and diameter_maximum lie only %.3g %% of a log-normal distribution with this median and sigma; "
                             "widen the limits, or move the median between them.", 100 * (high_ - low_)));
  }
  double at(double p) const {
    if (sigma_ == 0) return median_;
    return median_ * std::exp(sigma_ * normal_quantile(std::clamp(low_ + p * (high_ - low_), 1e-300, 1 - 1e-16)));
  }
  double mean_volume() const {
    const int n = 4096;
    double sum = 0;
    for (int m = 0; m < n; ++m) sum += std::pow(at((m + 0.5) / n), 3);
    return pi / 6 * sum / n;
  }

 private:
  double below(double diameter) const { return 0.5 * std::erfc(-std::log(diameter / median_) / (sigma_ * std::sqrt(2.0))); }
  double median_, sigma_, low_ = 0, high_ = 1;
};

/// Spheres at random places; diameters drawn one from each of n equal shares of the distribution, so that a small box holds it well too.
/// `scale` is the common factor that makes their volume the one asked for.
std::vector<Sphere> draw_spheres(const SyntheticRecipe& recipe, const PackingBox& box) {
  const DiameterDistribution distribution(recipe);
  const double volume = recipe.active_fraction * box.length[0] * box.length[1] * box.length[2];
  const Index n = std::max<Index>(1, std::llround(volume / distribution.mean_volume()));
  std::vector<Sphere> spheres(n);
  for (Index p = 0; p < n; ++p) spheres[p].radius = 0.5 * distribution.at((double(p) + CounterRandom{recipe.seed}.uniform(diameter_stream, p)) / double(n));
  const double scale = std::cbrt(volume / volume_of(spheres));
  for (Index p = 0; p < n; ++p) {
    spheres[p].radius *= scale;
    for (int a = 0; a < 3; ++a) {
      const double inset = box.periodic[a] ? 0 : std::min(spheres[p].radius, 0.5 * box.length[a]);
      spheres[p].centre[a] = inset + CounterRandom{recipe.seed}.uniform(position_stream, 3 * p + a) * (box.length[a] - 2 * inset);
    }
  }
  const double largest = 2 * spheres.back().radius;
  for (int a = 0; a < 3; ++a) {
    const double limit = box.periodic[a] ? 0.5 * box.length[a] : box.length[a];
    if (largest > 0.98 * limit)
      throw ConfigError("A particle of " + text("%.4g um is drawn, but along axis ", largest * 1e6) + "xyz"[a] +
                        text(" the box of %.4g um takes at most %.4g um", box.length[a] * 1e6, 0.98 * limit * 1e6) +
                        (box.periodic[a] ? " (half its length, since it is periodic)" : "") + "; make the box larger or diameter_maximum smaller.");
  }
  return spheres;
}

void scale_radii(std::vector<Sphere>& spheres, double factor) {
  for (Sphere& s : spheres) s.radius *= factor;
}

/// Grows the spheres from `from` times their size to their size, pushing them apart at every stage; returns the factor reached (1: all of it), where
/// no overlap is above the tolerance. `spheres` then have that size.
double grow(const SyntheticRecipe& recipe, const PackingBox& box, std::vector<Sphere>& spheres, double from) {
  const double inflation = 1e-3, goal = 0.25 * recipe.overlap_tolerance;
  const int max_iterations = 2500;
  std::vector<Sphere> kept;
  double scale = from, kept_scale = 0, growth = 1.05;
  scale_radii(spheres, from);
  while (true) {
    const double overlap = relax_spheres(box, spheres, inflation, goal, max_iterations);
    if (overlap <= recipe.overlap_tolerance) {
      kept = spheres;
      kept_scale = scale;
      if (scale == 1) return 1;
    } else {
      if (kept.empty()) return 0;
      growth = std::sqrt(growth);
      if (growth < 1.001) break;
      spheres = kept;
    }
    scale = std::min(1.0, kept_scale * growth);
    scale_radii(spheres, scale / kept_scale);
  }
  spheres = kept;
  return kept_scale;
}

/// Scaled distance from the nearest sphere in units of its radius, per voxel; `window` where it is more.
std::vector<float> scaled_distance(const VoxelGrid& grid, const Periodicity& periodic, const std::vector<Sphere>& spheres, double window) {
  const SpherePlanes planes(grid, periodic, spheres, window, 0);
  std::vector<float> distance(grid.n_voxels(), float(window));
  float* out = distance.data();
  using Host = Kokkos::DefaultHostExecutionSpace;
  Kokkos::parallel_for(std::string("voxode::mesh::packing::scaled_distance"), Kokkos::RangePolicy<Host, Kokkos::IndexType<Index>>(0, grid.n[2]), [&, out](Index k) {
    planes.visit_plane(k, [&](Index i, Index j, Index sphere, double d) {
      float& q = out[linear_index(grid.n, i, j, k)];
      q = std::min(q, float(d / spheres[sphere].radius));
    });
  });
  Host().fence();
  return distance;
}

/// Factor on all radii that makes `n_target` voxel centres lie inside; within `window` of 1.
double scale_for_count(const VoxelGrid& grid, const Periodicity& periodic, const std::vector<Sphere>& spheres, Index n_target, double window) {
  std::vector<float> distance = scaled_distance(grid, periodic, spheres, window);
  if (n_target < 1) return 1 / window;
  std::nth_element(distance.begin(), distance.begin() + (n_target - 1), distance.end());
  return std::clamp(double(distance[n_target - 1]) * (1 + 1e-7), 1 / window, window);
}

/// Labels the voxels inside spheres; where two overlap, the plane through their intersection parts them.
void paint_spheres(VoxelGrid& grid, const Periodicity& periodic, const std::vector<Sphere>& spheres) {
  const SpherePlanes planes(grid, periodic, spheres, 1, 0);
  grid.phase.assign(grid.n_voxels(), electrolyte);
  grid.instance.assign(grid.n_voxels(), 0);
  using Host = Kokkos::DefaultHostExecutionSpace;
  Kokkos::parallel_for(std::string("voxode::mesh::packing::paint_spheres"), Kokkos::RangePolicy<Host, Kokkos::IndexType<Index>>(0, grid.n[2]), [&](Index k) {
    std::vector<double> power(grid.n[0] * grid.n[1], 0.0);
    planes.visit_plane(k, [&](Index i, Index j, Index sphere, double d) {
      const double r = spheres[sphere].radius, p = (d - r) * (d + r);
      const Index voxel = linear_index(grid.n, i, j, k);
      double& best = power[i + grid.n[0] * j];
      if (grid.instance[voxel] != 0 && p >= best) return;
      best = p;
      grid.instance[voxel] = std::uint32_t(sphere + 1);
      grid.phase[voxel] = active;
    });
  });
  Host().fence();
}

double share_of(const VoxelGrid& grid, std::uint8_t phase) {
  return double(std::count(grid.phase.begin(), grid.phase.end(), phase)) / double(grid.n_voxels());
}

[[noreturn]] void throw_unreachable(const SyntheticRecipe& recipe, VoxelGrid& grid, const std::vector<Sphere>& spheres, double factor) {
  double reached = 0;
  if (factor > 0) {
    paint_spheres(grid, recipe.periodic, spheres);
    reached = share_of(grid, active);
  }
  throw ConfigError(text("The packing does not reach active_fraction = %.4g with overlaps of at most overlap_tolerance = %.3g: it reaches %.4g. ",
                         recipe.active_fraction, recipe.overlap_tolerance, std::floor(reached * 1000) / 1000) +
                    "Ask for less, allow more overlap, widen the diameters' distribution, or make the box larger (walls hold particles apart; periodic axes don't).");
}

/// Packs, and adjusts the radii until the share counted in voxels is the one asked for and no overlap is above the tolerance.
std::vector<Sphere> pack_spheres(const SyntheticRecipe& recipe, const PackingBox& box, VoxelGrid& grid) {
  std::vector<Sphere> spheres = draw_spheres(recipe, box);
  const double start_share = 0.3;
  double from = std::min(1.0, std::cbrt(start_share / recipe.active_fraction));
  const Index n_target = std::llround(recipe.active_fraction * double(grid.n_voxels()));
  for (int round = 0; round < 8; ++round) {
    const double factor = grow(recipe, box, spheres, from);
    if (factor < 1) throw_unreachable(recipe, grid, spheres, factor);
    const double window = 1.06, scale = scale_for_count(grid, recipe.periodic, spheres, n_target, window);
    scale_radii(spheres, scale);
    if (scale > 1 / window && scale < window && maximal_overlap(box, spheres) <= recipe.overlap_tolerance) {
      paint_spheres(grid, recipe.periodic, spheres);
      return spheres;
    }
    from = std::min(1.0, 1 / scale);
  }
  throw_unreachable(recipe, grid, spheres, 1);
}

/// Area of the spheres outside of each other: the caps that lie in a neighbour taken off (exact unless three overlap).
double free_surface(const PackingBox& box, const std::vector<Sphere>& spheres) {
  const NeighbourList list = find_neighbours(box, spheres, 0);
  double area = 0;
  for (Index p = 0; p < Index(spheres.size()); ++p) {
    const double r = spheres[p].radius;
    area += 4 * pi * r * r;
    for (Index m = list.start[p]; m < list.start[p + 1]; ++m) {
      const Sphere& other = spheres[list.neighbour[m]];
      const Vector3 d = box.between(spheres[p].centre, other.centre);
      const double distance2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
      const double plane = (distance2 + r * r - other.radius * other.radius) / (2 * std::sqrt(distance2));
      area -= 2 * pi * r * std::clamp(r - plane, 0.0, 2 * r);
    }
  }
  return area;
}

SyntheticStatistics measure(const SyntheticRecipe& recipe, const PackingBox& box, const SyntheticCathode& cathode) {
  SyntheticStatistics s;
  const std::vector<Sphere>& spheres = cathode.spheres;
  s.active_fraction = share_of(cathode.grid, active);
  s.electrolyte_fraction = share_of(cathode.grid, electrolyte);
  s.binder_fraction = share_of(cathode.grid, binder);
  s.pore_fraction = share_of(cathode.grid, pore);
  s.n_spheres = Index(spheres.size());

  std::vector<double> diameter;
  for (const Sphere& sphere : spheres) diameter.push_back(2 * sphere.radius);
  std::sort(diameter.begin(), diameter.end());
  const std::array<double, 5> levels{0, 0.1, 0.5, 0.9, 1};
  for (std::size_t q = 0; q < levels.size(); ++q) {  // linear between the sorted values
    const double at = levels[q] * double(diameter.size() - 1);
    const std::size_t low = std::size_t(at), high = std::min(low + 1, diameter.size() - 1);
    s.diameter_quantiles[q] = diameter[low] + (at - double(low)) * (diameter[high] - diameter[low]);
  }
  const double half = 0.5 * volume_of(spheres);
  double volume = 0;
  for (double d : diameter)
    if ((volume += pi / 6 * d * d * d) >= half) {
      s.volume_median_diameter = d;
      break;
    }
  s.maximal_overlap = maximal_overlap(box, spheres);
  s.coordination_number = double(find_neighbours(box, spheres, recipe.spacing).neighbour.size()) / double(spheres.size());
  s.active_surface_per_volume = free_surface(box, spheres) / (box.length[0] * box.length[1] * box.length[2]);

  const DiameterDistribution distribution(recipe);
  const double drawn = distribution.at((0.0 + CounterRandom{recipe.seed}.uniform(diameter_stream, 0)) / double(spheres.size()));
  s.diameter_scale = 2 * spheres.front().radius / drawn;
  return s;
}

void require(bool condition, const std::string& message) {
  if (!condition) throw ConfigError("Synthetic cathode: " + message);
}

}  // namespace

void validate(const SyntheticRecipe& r) {
  for (int a = 0; a < 3; ++a) require(r.n[a] >= 4, text("the box needs at least 4 voxels along each axis, it has %g.", double(r.n[a])));
  require(r.spacing > 0, text("the voxel size must be above 0, it is %g m.", r.spacing));
  require(r.active_fraction > 0 && r.active_fraction < 1, text("active_fraction = %g must lie in (0, 1).", r.active_fraction));
  for (const auto& [name, value] : {std::pair("binder_fraction", r.binder_fraction), {"pore_fraction", r.pore_fraction}})
    require(value >= 0 && value < 1, name + text(" = %g must lie in [0, 1).", value));
  const double others = r.binder_fraction + r.pore_fraction;
  require(r.active_fraction + others <= 1, text("active_fraction + binder_fraction + pore_fraction = %g exceed 1; at this active share binder and pores can have %g together.",
                                                 r.active_fraction + others, 1 - r.active_fraction));
  require(r.binder_morphology >= 0 && r.binder_morphology <= 1, text("binder_morphology = %g must lie in [0, 1].", r.binder_morphology));
  require(r.binder_blob_share >= 0 && r.binder_blob_share <= 1, text("binder_blob_share = %g must lie in [0, 1].", r.binder_blob_share));
  require(r.overlap_tolerance >= 0 && r.overlap_tolerance < 0.5, text("overlap_tolerance = %g must lie in [0, 0.5).", r.overlap_tolerance));
  require(r.diameter_sigma >= 0 && r.diameter_sigma <= 2, text("diameter_sigma = %g must lie in [0, 2].", r.diameter_sigma));
  require(r.diameter_minimum > 0 && r.diameter_minimum <= r.diameter_median && r.diameter_median <= r.diameter_maximum,
          text("0 < diameter_minimum <= diameter_median <= diameter_maximum does not hold for %g, %g, %g um.", 1e6 * r.diameter_minimum, 1e6 * r.diameter_median,
               1e6 * r.diameter_maximum));
  require(r.diameter_minimum >= 2 * r.spacing || (r.diameter_sigma == 0 && r.diameter_median >= 2 * r.spacing),
          text("diameter_minimum = %g um is below two voxels of %g um; raise it or refine the voxels.", 1e6 * r.diameter_minimum, 1e6 * r.spacing));
  if (r.binder_fraction * r.binder_blob_share > 0)
    require(r.binder_blob_diameter >= r.spacing, text("binder_blob_diameter = %g um is below a voxel of %g um.", 1e6 * r.binder_blob_diameter, 1e6 * r.spacing));
  if (r.pore_fraction > 0) require(r.pore_diameter >= r.spacing, text("pore_diameter = %g um is below a voxel of %g um.", 1e6 * r.pore_diameter, 1e6 * r.spacing));
}

SyntheticCathode generate_cathode(const SyntheticRecipe& recipe) {
  validate(recipe);
  const PackingBox box = box_of(recipe);
  SyntheticCathode cathode;
  VoxelGrid& grid = cathode.grid;
  grid.n = recipe.n;
  grid.spacing = recipe.spacing;
  grid.phase_names = {"electrolyte", "active"};
  if (recipe.binder_fraction > 0) grid.phase_names.push_back("binder");
  cathode.spheres = pack_spheres(recipe, box, grid);

  const double n_voxels = double(grid.n_voxels());
  const Index left = std::count(grid.phase.begin(), grid.phase.end(), electrolyte);
  const Index n_binder = std::min<Index>(left, std::llround(recipe.binder_fraction * n_voxels));
  const Index n_pores = std::min<Index>(left - n_binder, std::llround(recipe.pore_fraction * n_voxels));
  if (n_binder > 0) place_binder(grid, cathode.spheres, recipe, electrolyte, binder, n_binder);
  if (n_pores > 0) place_blobs(grid, recipe.periodic, electrolyte, pore, recipe.pore_diameter, n_pores, recipe.seed, pore_stream);
  cathode.statistics = measure(recipe, box, cathode);
  return cathode;
}

}  // namespace voxode::mesh
