#include "mesh/watershed.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/parallel_algorithms.hpp"
#include "kernels/union_find.hpp"
#include "mesh/distance_transform.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh {
namespace {

using Mask = std::vector<std::uint8_t>;

template <class Work>
void for_each_row(const char* label, Index n_rows, const Work& work) {
  Kokkos::parallel_for(label, HostPolicy(0, n_rows), work);
  Kokkos::fence();
}

/// Neighbouring coordinate along an axis; `none` beyond a closed side.
constexpr Index none = -1;
Index step(Index at, Index by, Index n, bool periodic) {
  const Index to = at + by;
  if (to >= 0 && to < n) return to;
  return periodic ? (to + n) % n : none;
}

/// (1 2 1) / 4 along one axis; what lies beyond a closed side mirrors what lies before it.
void smooth_along(std::size_t axis, const Index3& n, bool periodic, std::vector<float>& field) {
  const Index stride[3] = {1, n[0], n[0] * n[1]};
  const std::size_t b = axis == 0 ? 1 : 0, c = axis == 2 ? 1 : 2;
  const Index length = n[axis], stride_a = stride[axis], n_b = n[b], stride_b = stride[b], stride_c = stride[c];
  for_each_row("voxode::mesh::watershed::smooth", n_b * n[c], [&](Index row) {
    float* const values = field.data() + row % n_b * stride_b + row / n_b * stride_c;
    const float first = values[0];
    float before = periodic ? values[(length - 1) * stride_a] : first;
    for (Index i = 0; i < length; ++i) {
      const float here = values[i * stride_a];
      const float after = i + 1 < length ? values[(i + 1) * stride_a] : periodic ? first : here;
      values[i * stride_a] = 0.25f * before + 0.5f * here + 0.25f * after;
      before = here;
    }
  });
}

/// Distance to the outside, voxels, smoothed over one.
std::vector<float> find_depths(const Index3& n, const Mask& mask, const Periodicity& periodic) {
  const std::vector<std::int32_t> squared = squared_distances(n, mask, periodic);
  std::vector<float> depth(squared.size());
  for_each_row("voxode::mesh::watershed::depth", n[1] * n[2], [&](Index row) {
    for (Index v = row * n[0]; v < (row + 1) * n[0]; ++v) depth[std::size_t(v)] = std::sqrt(float(squared[std::size_t(v)]));
  });
  for (std::size_t axis = 0; axis < 3; ++axis) smooth_along(axis, n, periodic[axis], depth);
  return depth;
}

/// The steepest way up from each voxel among its 26 neighbours, itself at a peak. Equal depths rise to the smaller index, so that there are no circles.
class Ascent {
 public:
  Ascent(const Index3& n, const Mask& mask, const Periodicity& periodic, const std::vector<float>& depth) : n_(n), mask_(mask), periodic_(periodic), depth_(depth) {}
  Index next(Index i, Index j, Index k) const {
    const Index v = linear_index(n_, i, j, k);
    const float here = depth_[std::size_t(v)];
    Index best = v;
    float steepest = -1;
    for (Index dk = -1; dk <= 1; ++dk) {
      const Index z = step(k, dk, n_[2], periodic_[2]);
      if (z == none) continue;
      for (Index dj = -1; dj <= 1; ++dj) {
        const Index y = step(j, dj, n_[1], periodic_[1]);
        if (y == none) continue;
        for (Index di = -1; di <= 1; ++di) {
          const Index x = step(i, di, n_[0], periodic_[0]);
          if (x == none) continue;
          const Index w = linear_index(n_, x, y, z);
          if (mask_[std::size_t(w)] == 0) continue;
          const float rise = depth_[std::size_t(w)] - here;
          if (rise < 0 || (rise == 0 && w >= v)) continue;
          const float slope = rise * inverse_length_[di * di + dj * dj + dk * dk];
          if (slope > steepest || (slope == steepest && w < best)) {
            steepest = slope;
            best = w;
          }
        }
      }
    }
    return best;
  }

 private:
  const Index3 n_;
  const Mask& mask_;
  const Periodicity periodic_;
  const std::vector<float>& depth_;
  static constexpr float inverse_length_[4] = {0, 1, 0.70710678f, 0.57735027f};
};

/// Basins of steepest ascent: number of each voxel (-1 outside), voxel of each peak in the order of their indices.
struct Basins {
  std::vector<std::int32_t> of_voxel;
  std::vector<Index> peak;
};

Basins find_basins(const Index3& n, const Mask& mask, const Periodicity& periodic, const std::vector<float>& depth) {
  const Ascent ascent(n, mask, periodic, depth);
  std::vector<Index> up(mask.size());
  for_each_row("voxode::mesh::watershed::ascend", n[1] * n[2], [&](Index row) {
    for (Index i = 0; i < n[0]; ++i) {
      const Index v = row * n[0] + i;
      up[std::size_t(v)] = mask[std::size_t(v)] == 0 ? none : ascent.next(i, row % n[1], row / n[1]);
    }
  });
  Basins basins;
  basins.of_voxel.assign(mask.size(), -1);
  for (std::size_t v = 0; v < up.size(); ++v) {
    if (up[v] != Index(v)) continue;
    if (basins.peak.size() == std::size_t(std::numeric_limits<std::int32_t>::max()))
      throw MemoryError("the image has more than 2^31 - 1 particles; crop, coarsen or clean it");
    basins.of_voxel[v] = std::int32_t(basins.peak.size());
    basins.peak.push_back(Index(v));
  }
  // Serial: every way up is walked once and remembered.
  std::vector<Index> way;
  for (std::size_t v = 0; v < up.size(); ++v) {
    if (up[v] == none) continue;
    Index at = Index(v);
    for (; basins.of_voxel[std::size_t(at)] < 0; at = up[std::size_t(at)]) way.push_back(at);
    for (const Index w : way) basins.of_voxel[std::size_t(w)] = basins.of_voxel[std::size_t(at)];
    way.clear();
  }
  return basins;
}

/// Faces between different labels, (lower voxel, upper voxel), in the order of voxels and axes.
struct Contacts {
  std::vector<Index> low, high;
};

Contacts find_contacts(const Index3& n, const Periodicity& periodic, const std::vector<std::int32_t>& label) {
  const auto visit_row = [&](Index row, const auto& visit) {
    const Index j = row % n[1], k = row / n[1];
    const Index y = step(j, 1, n[1], periodic[1]), z = step(k, 1, n[2], periodic[2]);
    for (Index i = 0; i < n[0]; ++i) {
      const Index v = row * n[0] + i;
      const std::int32_t mine = label[std::size_t(v)];
      if (mine < 0) continue;
      const auto meet = [&](Index w) {
        if (label[std::size_t(w)] >= 0 && label[std::size_t(w)] != mine) visit(v, w);
      };
      if (const Index x = step(i, 1, n[0], periodic[0]); x != none) meet(linear_index(n, x, j, k));
      if (y != none) meet(linear_index(n, i, y, k));
      if (z != none) meet(linear_index(n, i, j, z));
    }
  };
  const Index n_rows = n[1] * n[2];
  std::vector<Index> offset(std::size_t(n_rows), 0);
  for_each_row("voxode::mesh::watershed::count_contacts", n_rows, [&](Index row) { visit_row(row, [&](Index, Index) { ++offset[std::size_t(row)]; }); });
  const Index count = kernels::exclusive_scan(offset.data(), n_rows, offset.data());
  Contacts contacts;
  contacts.low.resize(std::size_t(count));
  contacts.high.resize(std::size_t(count));
  for_each_row("voxode::mesh::watershed::list_contacts", n_rows, [&](Index row) {
    Index c = offset[std::size_t(row)];
    visit_row(row, [&](Index v, Index w) {
      contacts.low[std::size_t(c)] = v;
      contacts.high[std::size_t(c++)] = w;
    });
  });
  return contacts;
}

/// Joins basins over their saddles, highest first, unless there is a neck between them. Returns for each basin the one with the highest peak among those joined.
std::vector<std::int32_t> join_basins(const Index3& n, const Periodicity& periodic, const Basins& basins, const std::vector<float>& depth, const NeckRule& rule) {
  const Contacts contacts = find_contacts(n, periodic, basins.of_voxel);
  std::vector<double> lowered(contacts.low.size());
  std::vector<Index> order(contacts.low.size());
  for (std::size_t c = 0; c < order.size(); ++c) {
    lowered[c] = -double(std::min(depth[std::size_t(contacts.low[c])], depth[std::size_t(contacts.high[c])]));
    order[c] = Index(c);
  }
  kernels::sort_by_key(lowered, order);
  std::vector<std::int32_t> parent(basins.peak.size());
  for (std::size_t b = 0; b < parent.size(); ++b) parent[b] = std::int32_t(b);
  const auto top = [&](std::int32_t b) { return kernels::find_root(parent.data(), b); };
  const auto height = [&](std::int32_t b) { return double(depth[std::size_t(basins.peak[std::size_t(b)])]); };
  for (std::size_t s = 0; s < order.size(); ++s) {
    const auto c = std::size_t(order[s]);
    std::int32_t higher = top(basins.of_voxel[std::size_t(contacts.low[c])]), lower = top(basins.of_voxel[std::size_t(contacts.high[c])]);
    if (higher == lower) continue;
    if (height(lower) > height(higher) || (height(lower) == height(higher) && lower < higher)) std::swap(higher, lower);
    const double peak = height(lower), saddle = -lowered[s];
    if (saddle > rule.ratio * peak || saddle > peak - rule.depth) parent[std::size_t(lower)] = higher;
  }
  for (std::size_t b = 0; b < parent.size(); ++b) parent[b] = top(std::int32_t(b));
  return parent;
}

/// Parts of a particle that no faces join to its peak go to the neighbour they share most faces with (the lower number if equal), the smallest part first.
void hand_over_parts(const Index3& n, const Periodicity& periodic, const Basins& basins, const std::vector<std::int32_t>& joined, std::vector<std::int32_t>& particle) {
  const Components parts = find_components(n, particle, periodic);
  const auto n_parts = std::size_t(parts.count());
  std::vector<std::uint8_t> settled(n_parts, 0);
  std::vector<std::int32_t> goes_to(n_parts);
  for (std::size_t part = 0; part < n_parts; ++part) goes_to[part] = std::int32_t(part);
  for (std::size_t b = 0; b < joined.size(); ++b)
    if (joined[b] == std::int32_t(b)) settled[std::size_t(parts.of_voxel[std::size_t(basins.peak[b])])] = 1;
  std::vector<std::size_t> loose;
  for (std::size_t part = 0; part < n_parts; ++part)
    if (!settled[part]) loose.push_back(part);
  if (!loose.empty()) {
    const Contacts contacts = find_contacts(n, periodic, parts.of_voxel);
    std::vector<Index> pair;  // loose part * n_parts + neighbour
    for (std::size_t c = 0; c < contacts.low.size(); ++c) {
      const auto a = std::size_t(parts.of_voxel[std::size_t(contacts.low[c])]), b = std::size_t(parts.of_voxel[std::size_t(contacts.high[c])]);
      if (!settled[a]) pair.push_back(Index(a) * Index(n_parts) + Index(b));
      if (!settled[b]) pair.push_back(Index(b) * Index(n_parts) + Index(a));
    }
    kernels::sort(pair);
    std::stable_sort(loose.begin(), loose.end(), [&](std::size_t a, std::size_t b) { return parts.size[a] < parts.size[b]; });
    const auto end_of = [&](std::int32_t part) {
      while (goes_to[std::size_t(part)] != part) part = goes_to[std::size_t(part)];
      return part;
    };
    for (const std::size_t part : loose) {
      std::int32_t target = -1;
      Index most = 0;
      auto at = std::lower_bound(pair.begin(), pair.end(), Index(part) * Index(n_parts));
      while (at != pair.end() && *at < Index(part + 1) * Index(n_parts)) {
        const auto end = std::upper_bound(at, pair.end(), *at);
        const auto neighbour = end_of(std::int32_t(*at - Index(part) * Index(n_parts)));
        if (end - at > most && neighbour != std::int32_t(part)) {
          most = end - at;
          target = neighbour;
        }
        at = end;
      }
      if (target >= 0) goes_to[part] = target;
    }
    for (std::int32_t& to : goes_to) to = end_of(to);
  }
  for (std::size_t v = 0; v < particle.size(); ++v) particle[v] = parts.of_voxel[v] < 0 ? -1 : goes_to[std::size_t(parts.of_voxel[v])];
}

}  // namespace

Components separate_particles(const Index3& n, const Mask& mask, const Periodicity& periodic, const NeckRule& rule) {
  if (Index(mask.size()) != product(n)) throw InternalError("separate_particles: the mask does not fit the box");
  if (mask.empty()) return {};
  const std::vector<float> depth = find_depths(n, mask, periodic);
  const Basins basins = find_basins(n, mask, periodic, depth);
  const std::vector<std::int32_t> joined = join_basins(n, periodic, basins, depth, rule);
  std::vector<std::int32_t> particle(mask.size(), -1);
  for (std::size_t v = 0; v < particle.size(); ++v)
    if (basins.of_voxel[v] >= 0) particle[v] = joined[std::size_t(basins.of_voxel[v])];
  hand_over_parts(n, periodic, basins, joined, particle);
  return find_components(n, particle, periodic);
}

}  // namespace voxode::mesh
