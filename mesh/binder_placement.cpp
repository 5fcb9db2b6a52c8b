#include "mesh/binder_placement.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "mesh/counter_random.hpp"
#include "mesh/sphere_planes.hpp"

namespace voxode::mesh {
namespace {

enum : std::uint64_t { film_noise_stream = 11, binder_blob_stream = 12 };

/// A candidate voxel; the smaller score is filled first, ties by position.
struct Candidate {
  float score;
  Index voxel;
  bool operator<(const Candidate& other) const { return score < other.score || (score == other.score && voxel < other.voxel); }
};

/// Scores of the electrolyte voxels of plane k nearer than `reach` to a particle.
void score_plane(const VoxelGrid& grid, const SpherePlanes& planes, const std::vector<Sphere>& spheres, const SyntheticRecipe& recipe, std::uint8_t electrolyte,
                 double reach, Index k, std::vector<Candidate>& scored) {
  const Index plane_size = grid.n[0] * grid.n[1];
  std::vector<double> nearest(plane_size, reach), second(plane_size, reach);
  planes.visit_plane(k, [&](Index i, Index j, Index sphere, double distance) {
    const Index q = i + grid.n[0] * j;
    const double surface = distance - spheres[sphere].radius;
    if (surface < nearest[q]) {
      second[q] = nearest[q];
      nearest[q] = surface;
    } else if (surface < second[q]) {
      second[q] = surface;
    }
  });
  for (Index q = 0; q < plane_size; ++q) {
    const Index voxel = q + plane_size * k;
    if (grid.phase[voxel] != electrolyte || nearest[q] >= reach) continue;
    const double noise = grid.spacing * CounterRandom{recipe.seed}.uniform(film_noise_stream, std::uint64_t(voxel));
    const double morphology = recipe.binder_morphology;
    scored.push_back({float((nearest[q] + (1 - morphology) * second[q] + morphology * noise) / grid.spacing), voxel});
  }
}

std::vector<Candidate> score_voxels(const VoxelGrid& grid, const std::vector<Sphere>& spheres, const SyntheticRecipe& recipe, std::uint8_t electrolyte,
                                    double reach) {
  const SpherePlanes planes(grid, recipe.periodic, spheres, 1.0, reach);
  std::vector<std::vector<Candidate>> of_plane(grid.n[2]);
  std::vector<Candidate>* out = of_plane.data();
  using Host = Kokkos::DefaultHostExecutionSpace;
  Kokkos::parallel_for(std::string("voxode::mesh::place_binder::score"), Kokkos::RangePolicy<Host, Kokkos::IndexType<Index>>(0, grid.n[2]),
                       [&, out](Index k) { score_plane(grid, planes, spheres, recipe, electrolyte, reach, k, out[k]); });
  Host().fence();
  std::vector<Candidate> all;
  for (const auto& plane : of_plane) all.insert(all.end(), plane.begin(), plane.end());
  return all;
}

/// A voxel of phase `from`, by random trials; where that is rare, the next one after a random place.
Index pick_voxel(const VoxelGrid& grid, std::uint8_t from, std::uint64_t seed, std::uint64_t stream, std::uint64_t& counter) {
  const Index n = grid.n_voxels();
  for (int trial = 0; trial < 1000; ++trial) {
    const Index voxel = Index(CounterRandom{seed}.bits(stream, counter++) % std::uint64_t(n));
    if (grid.phase[voxel] == from) return voxel;
  }
  const Index start = Index(CounterRandom{seed}.bits(stream, counter++) % std::uint64_t(n));
  for (Index m = 0; m < n; ++m)
    if (grid.phase[(start + m) % n] == from) return (start + m) % n;
  return -1;
}

/// Offsets of the voxels of a ball, from its centre outwards.
std::vector<Index3> ball_offsets(const VoxelGrid& grid, double diameter) {
  const double radius = 0.5 * diameter / grid.spacing;
  const Index reach = Index(radius);
  std::vector<Index3> offsets;
  for (Index k = -reach; k <= reach; ++k)
    for (Index j = -reach; j <= reach; ++j)
      for (Index i = -reach; i <= reach; ++i)
        if (double(i * i + j * j + k * k) <= radius * radius) offsets.push_back({i, j, k});
  std::stable_sort(offsets.begin(), offsets.end(), [](const Index3& a, const Index3& b) {
    return a[0] * a[0] + a[1] * a[1] + a[2] * a[2] < b[0] * b[0] + b[1] * b[1] + b[2] * b[2];
  });
  return offsets;
}

/// Voxel at an offset from another, -1 outside of a box that does not continue there.
Index voxel_at(const VoxelGrid& grid, const Periodicity& periodic, Index from, const Index3& offset) {
  Index3 cell{from % grid.n[0], from / grid.n[0] % grid.n[1], from / (grid.n[0] * grid.n[1])};
  for (int a = 0; a < 3; ++a) {
    cell[a] += offset[a];
    if (cell[a] >= 0 && cell[a] < grid.n[a]) continue;
    if (!periodic[a]) return -1;
    cell[a] = ((cell[a] % grid.n[a]) + grid.n[a]) % grid.n[a];
  }
  return linear_index(grid.n, cell[0], cell[1], cell[2]);
}

}  // namespace

void place_blobs(VoxelGrid& grid, const Periodicity& periodic, std::uint8_t from, std::uint8_t to, double diameter, Index n_target, std::uint64_t seed,
                 std::uint64_t stream) {
  const std::vector<Index3> offsets = ball_offsets(grid, diameter);
  std::uint64_t counter = 0;
  for (Index placed = 0; placed < n_target;) {
    const Index centre = pick_voxel(grid, from, seed, stream, counter);
    if (centre < 0) throw ConfigError("The blobs of binder or pores ask for more volume than the electrolyte has; lower their shares or the active share.");
    for (const Index3& offset : offsets) {
      const Index voxel = voxel_at(grid, periodic, centre, offset);
      if (voxel < 0 || grid.phase[voxel] != from) continue;
      grid.phase[voxel] = to;
      if (++placed == n_target) break;
    }
  }
}

void place_binder(VoxelGrid& grid, const std::vector<Sphere>& spheres, const SyntheticRecipe& recipe, std::uint8_t electrolyte, std::uint8_t binder,
                  Index n_binder) {
  const Index n_blobs = Index(std::llround(recipe.binder_blob_share * double(n_binder)));
  place_blobs(grid, recipe.periodic, electrolyte, binder, recipe.binder_blob_diameter, n_blobs, recipe.seed, binder_blob_stream);
  const Index n_surface = n_binder - n_blobs;
  if (n_surface == 0) return;
  // Distances count up to `reach`; it grows only where so much binder is asked for that voxels farther away are needed.
  const double diagonal = grid.spacing * double(grid.n[0] + grid.n[1] + grid.n[2]);
  for (double reach = std::max(4 * grid.spacing, 0.5 * recipe.diameter_median);; reach *= 2) {
    std::vector<Candidate> candidates = score_voxels(grid, spheres, recipe, electrolyte, reach);
    if (Index(candidates.size()) >= n_surface) {
      std::nth_element(candidates.begin(), candidates.begin() + (n_surface - 1), candidates.end());
      for (Index m = 0; m < n_surface; ++m) grid.phase[candidates[m].voxel] = binder;
      return;
    }
    if (reach > diagonal) throw ConfigError("binder_fraction asks for more volume than the electrolyte has; lower it or the active share.");
  }
}

}  // namespace voxode::mesh
