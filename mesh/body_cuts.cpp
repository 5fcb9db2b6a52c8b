#include "mesh/body_cuts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "mesh/counter_random.hpp"
#include "mesh/orientation.hpp"

namespace voxode::mesh {
namespace {

constexpr Index smallest_body = 8;
constexpr double two_pi = 6.283185307179586;

/// Calls visit(w) for each of the up to six face neighbours of voxel v.
template <class Visit>
void for_each_neighbour(const Index3& n, const Periodicity& periodic, Index v, const Visit& visit) {
  const Index3 at{v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
  const Index3 stride{1, n[0], n[0] * n[1]};
  for (std::size_t a = 0; a < 3; ++a) {
    if (at[a] > 0) visit(v - stride[a]);
    else if (periodic[a]) visit(v + (n[a] - 1) * stride[a]);
    if (at[a] + 1 < n[a]) visit(v + stride[a]);
    else if (periodic[a]) visit(v - (n[a] - 1) * stride[a]);
  }
}

/// New numbers in the order of first appearance; returns how many.
std::int32_t renumber(const std::vector<std::int32_t>& old, std::vector<std::int32_t>& renumbered, std::vector<Index>& first) {
  const std::int32_t largest = old.empty() ? -1 : *std::max_element(old.begin(), old.end());
  std::vector<std::int32_t> number(std::size_t(largest + 1), -1);
  renumbered.assign(old.size(), -1);
  first.clear();
  for (std::size_t v = 0; v < old.size(); ++v) {
    if (old[v] < 0) continue;
    std::int32_t& mine = number[std::size_t(old[v])];
    if (mine < 0) {
      mine = std::int32_t(first.size());
      first.push_back(Index(v));
    }
    renumbered[v] = mine;
  }
  return std::int32_t(first.size());
}

}  // namespace

Index merge_fragments(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, BodyCuts& cuts) {
  const std::int32_t largest = cuts.body.empty() ? -1 : *std::max_element(cuts.body.begin(), cuts.body.end());
  std::vector<Index> size(std::size_t(largest + 1), 0);
  for (const std::int32_t b : cuts.body)
    if (b >= 0) ++size[std::size_t(b)];
  const auto may_join = [&](std::size_t v) {
    if (cuts.body[v] < 0 || size[std::size_t(cuts.body[v])] >= smallest_body) return false;
    const BodyMode mode = rules[grid.phase[v]].mode;
    const bool from_file = cuts.particle[v] >= 0 && cuts.particle[v] < std::int32_t(cuts.instance_label.size());
    return mode == BodyMode::grains || mode == BodyMode::rods || (mode == BodyMode::particles && !from_file);
  };

  struct Fragment { std::int32_t body; std::vector<Index> voxels; };
  std::vector<Fragment> fragments;
  std::vector<std::int32_t> fragment_of(size.size(), -1);
  for (std::size_t v = 0; v < cuts.body.size(); ++v) {
    if (!may_join(v)) continue;
    std::int32_t& f = fragment_of[std::size_t(cuts.body[v])];
    if (f < 0) {
      f = std::int32_t(fragments.size());
      fragments.push_back({cuts.body[v], {}});
    }
    fragments[std::size_t(f)].voxels.push_back(Index(v));
  }
  std::vector<std::size_t> order(fragments.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return fragments[a].voxels.size() < fragments[b].voxels.size(); });

  Index merged = 0;
  for (const std::size_t f : order) {
    std::vector<Index> voxels = fragments[f].voxels;
    if (Index(voxels.size()) >= smallest_body) continue;  // has grown by another fragment
    std::vector<std::pair<std::int32_t, Index>> faces;   // neighbouring body, number of faces
    std::int32_t target_particle = -1, target = -1;
    for (const Index v : voxels)
      for_each_neighbour(grid.n, periodic, v, [&](Index w) {
        const std::int32_t b = cuts.body[std::size_t(w)];
        if (b < 0 || b == fragments[f].body || grid.phase[std::size_t(w)] != grid.phase[std::size_t(v)]) return;
        const auto found = std::find_if(faces.begin(), faces.end(), [b](const auto& entry) { return entry.first == b; });
        if (found == faces.end()) faces.emplace_back(b, 1);
        else ++found->second;
      });
    Index most = 0;
    for (const auto& [b, count] : faces)
      if (count > most || (count == most && b < target)) {
        most = count;
        target = b;
      }
    if (target < 0) continue;
    for (const Index v : voxels)
      for_each_neighbour(grid.n, periodic, v, [&](Index w) {
        if (cuts.body[std::size_t(w)] == target) target_particle = cuts.particle[std::size_t(w)];
      });
    for (const Index v : voxels) {
      cuts.body[std::size_t(v)] = target;
      cuts.particle[std::size_t(v)] = target_particle;
    }
    if (const std::int32_t other = fragment_of[std::size_t(target)]; other >= 0) {
      auto& list = fragments[std::size_t(other)].voxels;
      list.insert(list.end(), voxels.begin(), voxels.end());
    }
    fragments[f].voxels.clear();
    ++merged;
  }
  return merged;
}

std::vector<Vector3> find_centres(const Index3& n, double spacing, const Periodicity& periodic, const std::vector<std::int32_t>& label, Index count) {
  const auto m = std::size_t(count);
  std::vector<Vector3> centres(m);
  std::vector<Index> size(m, 0);
  for (const std::int32_t l : label)
    if (l >= 0) ++size[std::size_t(l)];
  const Index3 stride{1, n[0], n[0] * n[1]};
  for (std::size_t a = 0; a < 3; ++a) {
    // The angle of the circular mean is a reference voxel; the mean of the shortest offsets from it is then exact, in integers.
    std::vector<Index> reference(m, 0), offset(m, 0);
    if (periodic[a]) {
      const auto length = static_cast<std::size_t>(n[a]);
      std::vector<double> c(m, 0), s(m, 0), cosine(length), sine(length);
      for (std::size_t i = 0; i < cosine.size(); ++i) {
        cosine[i] = std::cos(two_pi * double(i) / double(n[a]));
        sine[i] = std::sin(two_pi * double(i) / double(n[a]));
      }
      for (std::size_t v = 0; v < label.size(); ++v) {
        if (label[v] < 0) continue;
        const auto i = std::size_t(Index(v) / stride[a] % n[a]);
        c[std::size_t(label[v])] += cosine[i];
        s[std::size_t(label[v])] += sine[i];
      }
      for (std::size_t l = 0; l < m; ++l)
        reference[l] = (Index(std::lround(std::atan2(s[l], c[l]) / two_pi * double(n[a]))) % n[a] + n[a]) % n[a];
    }
    for (std::size_t v = 0; v < label.size(); ++v) {
      if (label[v] < 0) continue;
      Index d = Index(v) / stride[a] % n[a] - reference[std::size_t(label[v])];
      if (periodic[a]) d = 2 * d >= n[a] ? d - n[a] : 2 * d < -n[a] ? d + n[a] : d;
      offset[std::size_t(label[v])] += d;
    }
    for (std::size_t l = 0; l < m; ++l) {
      double x = double(reference[l]) + 0.5 + (size[l] > 0 ? double(offset[l]) / double(size[l]) : 0.0);
      if (periodic[a]) x -= double(n[a]) * std::floor(x / double(n[a]));
      centres[l][a] = x * spacing;
    }
  }
  return centres;
}

void fill_body_table(const VoxelGrid& grid, const Periodicity& periodic, const BodyCuts& cuts, Bodies& bodies) {
  std::vector<Index> first, first_of_particle;
  std::vector<std::int32_t> particle;
  renumber(cuts.body, bodies.of_voxel, first);
  bodies.n_particles = renumber(cuts.particle, particle, first_of_particle);
  bodies.table.assign(first.size(), {});
  for (std::size_t b = 0; b < first.size(); ++b) {
    const auto v = std::size_t(first[b]);
    Body& body = bodies.table[b];
    body.phase = grid.phase[v];
    body.particle = particle[v];
    if (cuts.particle[v] >= 0 && cuts.particle[v] < std::int32_t(cuts.instance_label.size())) body.instance = cuts.instance_label[std::size_t(cuts.particle[v])];
  }
  for (const std::int32_t b : bodies.of_voxel)
    if (b >= 0) ++bodies.table[std::size_t(b)].n_voxels;
  const auto centres = find_centres(grid.n, grid.spacing, periodic, bodies.of_voxel, Index(first.size()));
  for (std::size_t b = 0; b < first.size(); ++b) bodies.table[b].centre = centres[b];
}

namespace {

Quaternion orientation_from_table(const BodyRule& rule, const Body& body, const std::string& phase) {
  if (body.instance == 0)
    throw InputError("phase." + phase + ".orientation = \"file\": a body has no instance label to look up in orientation_file; label all of the phase in image.bodies_file");
  for (const auto& [label, q] : rule.orientation_table)
    if (label == body.instance) return q;
  throw InputError("phase." + phase + ".orientation_file has no row for body " + std::to_string(body.instance) + ", which is in image.bodies_file; add one");
}

}  // namespace

void orient_bodies(const VoxelGrid& grid, const std::vector<BodyRule>& rules, const Periodicity& periodic, std::uint64_t seed, Bodies& bodies) {
  constexpr std::uint64_t stream = 0x0717;
  const CounterRandom random{mix_bits(seed) ^ stream};
  bool any_radial = false;
  for (const BodyRule& rule : rules) any_radial = any_radial || rule.orientation == OrientationMode::radial;
  std::vector<Vector3> particle_centre;
  if (any_radial) {
    std::vector<std::int32_t> particle(bodies.of_voxel.size(), -1);
    for (std::size_t v = 0; v < particle.size(); ++v)
      if (bodies.of_voxel[v] >= 0) particle[v] = bodies.table[std::size_t(bodies.of_voxel[v])].particle;
    particle_centre = find_centres(grid.n, grid.spacing, periodic, particle, bodies.n_particles);
  }
  for (std::size_t b = 0; b < bodies.table.size(); ++b) {
    Body& body = bodies.table[b];
    const BodyRule& rule = rules[body.phase];
    const double u[3] = {random.uniform(b, 0), random.uniform(b, 1), random.uniform(b, 2)};
    switch (rule.orientation) {
      case OrientationMode::aligned: body.orientation = {1, 0, 0, 0}; break;
      case OrientationMode::random: body.orientation = uniform_rotation(u[0], u[1], u[2]); break;
      case OrientationMode::file: body.orientation = orientation_from_table(rule, body, grid.phase_names[body.phase]); break;
      case OrientationMode::radial: {
        Vector3 radius{};
        double length = 0;
        for (std::size_t a = 0; a < 3; ++a) {
          radius[a] = body.particle < 0 ? 0.0 : body.centre[a] - particle_centre[std::size_t(body.particle)][a];
          const double edge = double(grid.n[a]) * grid.spacing;
          if (periodic[a]) radius[a] -= edge * std::round(radius[a] / edge);
          length += radius[a] * radius[a];
        }
        // A body at its particle's centre has no radius: it is turned at random.
        body.orientation = std::sqrt(length) < 1e-6 * grid.spacing ? uniform_rotation(u[0], u[1], u[2]) : radial_rotation(radius, u[0]);
      }
    }
  }
}

}  // namespace voxode::mesh
