#include "mesh/grains.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/error.hpp"
#include "mesh/body_cuts.hpp"
#include "mesh/counter_random.hpp"
#include "mesh/host_policy_kokkos.hpp"
#include "mesh/orientation.hpp"

namespace voxode::mesh {
namespace {

using std::numbers::pi;

/// The voxels of each particle, in one list; particles numbered by smallest voxel.
struct Members {
  std::vector<std::int32_t> of_voxel;
  std::vector<Index> offset, voxel;
  std::size_t count() const { return offset.size() - 1; }
  Index size(std::size_t p) const { return offset[p + 1] - offset[p]; }
};

Members list_members(const std::vector<std::int32_t>& particle, const std::vector<std::uint8_t>& chosen) {
  Members members;
  const std::int32_t largest = particle.empty() ? -1 : *std::max_element(particle.begin(), particle.end());
  std::vector<std::int32_t> number(std::size_t(largest + 1), -1);
  members.of_voxel.assign(particle.size(), -1);
  members.offset.assign(1, 0);
  for (std::size_t v = 0; v < particle.size(); ++v) {
    if (particle[v] < 0 || chosen[v] == 0) continue;
    std::int32_t& mine = number[std::size_t(particle[v])];
    if (mine < 0) {
      mine = std::int32_t(members.count());
      members.offset.push_back(0);
    }
    members.of_voxel[v] = mine;
    ++members.offset[std::size_t(mine) + 1];
  }
  for (std::size_t p = 0; p < members.count(); ++p) members.offset[p + 1] += members.offset[p];
  members.voxel.resize(std::size_t(members.offset.back()));
  std::vector<Index> next(members.offset.begin(), members.offset.end() - 1);
  for (std::size_t v = 0; v < particle.size(); ++v)
    if (members.of_voxel[v] >= 0) members.voxel[std::size_t(next[std::size_t(members.of_voxel[v])]++)] = Index(v);
  return members;
}

/// First cell number of each particle, and after them the number of all, from the number of cells each gets.
template <class Count>
std::vector<Index> number_cells(const Members& members, const Count& count) {
  std::vector<Index> first(members.count() + 1, 0);
  for (std::size_t p = 0; p < members.count(); ++p)
    first[p + 1] = first[p] + std::clamp(Index(std::min(std::round(count(double(members.size(p)))), 1e15)), Index(1), members.size(p));
  if (first.back() > std::numeric_limits<std::int32_t>::max() / 2) throw MemoryError("grains or rods: more than 2^30 bodies; make grain_size_um larger, or crop");
  return first;
}

Vector3 centre_of(const Index3& n, Index v) { return {double(v % n[0]) + 0.5, double(v / n[0] % n[1]) + 0.5, double(v / (n[0] * n[1])) + 0.5}; }

double difference(double a, double b, Index n, bool periodic) {
  const double d = a - b;
  return periodic ? d - double(n) * std::round(d / double(n)) : d;
}

/// Seeds in buckets, so that the nearest one of a particle is found in rings around a place.
class Seeds {
 public:
  Seeds(const Index3& n, const Periodicity& periodic, double bucket, const Members& members, const std::vector<Index>& first, const CounterRandom& random)
      : n_(n), periodic_(periodic), place_(std::size_t(first.back())), owner_(place_.size()) {
    narrowest_ = std::numeric_limits<double>::max();
    for (std::size_t a = 0; a < 3; ++a) {
      buckets_[a] = std::max(Index(1), Index(double(n[a]) / std::max(bucket, 2.0)));
      edge_[a] = double(n[a]) / double(buckets_[a]);
      narrowest_ = std::min(narrowest_, edge_[a]);
    }
    offset_.assign(std::size_t(product(buckets_)) + 1, 0);
    for (std::size_t p = 0; p < members.count(); ++p)
      for (Index s = first[p]; s < first[p + 1]; ++s) {
        const auto stream = std::uint64_t(members.voxel[std::size_t(members.offset[p])]);
        const auto counter = std::uint64_t(4 * (s - first[p]));
        const Index pick = std::min(members.size(p) - 1, Index(random.uniform(stream, counter) * double(members.size(p))));
        Vector3 x = centre_of(n, members.voxel[std::size_t(members.offset[p] + pick)]);
        for (std::size_t a = 0; a < 3; ++a) x[a] += random.uniform(stream, counter + 1 + a) - 0.5;
        place_[std::size_t(s)] = x;
        owner_[std::size_t(s)] = std::int32_t(p);
        ++offset_[std::size_t(bucket_of(x)) + 1];
      }
    for (std::size_t b = 0; b + 1 < offset_.size(); ++b) offset_[b + 1] += offset_[b];
    list_.resize(place_.size());
    std::vector<Index> next(offset_.begin(), offset_.end() - 1);
    for (std::size_t s = 0; s < place_.size(); ++s) list_[std::size_t(next[std::size_t(bucket_of(place_[s]))]++)] = Index(s);
  }
  /// The particle's seed nearest to x; the lower number if equal.
  Index nearest(const Vector3& x, std::int32_t particle) const {
    Index best = -1;
    double least = std::numeric_limits<double>::max();
    const Index rings = std::max({buckets_[0], buckets_[1], buckets_[2]});
    for (Index ring = 0; ring <= rings; ++ring) {
      const double reach = double(ring - 1) * narrowest_;
      if (ring > 0 && best >= 0 && least <= reach * reach) break;
      visit_ring(x, ring, [&](Index s) {
        if (owner_[std::size_t(s)] != particle) return;
        double square = 0;
        for (std::size_t a = 0; a < 3; ++a) {
          const double d = difference(x[a], place_[std::size_t(s)][a], n_[a], periodic_[a]);
          square += d * d;
        }
        if (square < least || (square == least && s < best)) {
          least = square;
          best = s;
        }
      });
    }
    return best;
  }

 private:
  Index along(double x, std::size_t a) const { return std::clamp(Index(x / edge_[a]), Index(0), buckets_[a] - 1); }
  Index bucket_of(const Vector3& x) const { return linear_index(buckets_, along(x[0], 0), along(x[1], 1), along(x[2], 2)); }
  template <class Visit>
  void visit_ring(const Vector3& x, Index ring, const Visit& visit) const {
    const Index3 at{along(x[0], 0), along(x[1], 1), along(x[2], 2)};
    const auto wrapped = [&](std::size_t a, Index d) {
      const Index b = at[a] + d;
      if (b >= 0 && b < buckets_[a]) return b;
      return periodic_[a] ? ((b % buckets_[a]) + buckets_[a]) % buckets_[a] : Index(-1);
    };
    for (Index dk = -ring; dk <= ring; ++dk) {
      const Index k = wrapped(2, dk);
      if (k < 0) continue;
      for (Index dj = -ring; dj <= ring; ++dj) {
        const Index j = wrapped(1, dj);
        if (j < 0) continue;
        const bool whole = std::abs(dk) == ring || std::abs(dj) == ring;
        for (Index di = -ring; di <= ring; di += whole || ring == 0 ? 1 : 2 * ring) {
          const Index i = wrapped(0, di);
          if (i < 0) continue;
          const auto b = std::size_t(linear_index(buckets_, i, j, k));
          for (Index s = offset_[b]; s < offset_[b + 1]; ++s) visit(list_[std::size_t(s)]);
        }
      }
    }
  }

  Index3 n_, buckets_{};
  Periodicity periodic_;
  Vector3 edge_{};
  double narrowest_ = 0;
  std::vector<Vector3> place_;
  std::vector<std::int32_t> owner_;
  std::vector<Index> offset_, list_;
};

/// Direction i of n on the Fibonacci lattice, by decreasing z.
Vector3 fibonacci_direction(Index i, Index n) {
  const double z = 1 - (2 * double(i) + 1) / double(n), across = std::sqrt(std::max(0.0, 1 - z * z));
  const double golden = 0.6180339887498949 * double(i), turn = 2 * pi * (golden - std::floor(golden));
  return {across * std::cos(turn), across * std::sin(turn), z};
}

/// The lattice direction nearest to a unit vector; searched from its own z until no z beyond can be nearer.
Index nearest_direction(const Vector3& u, Index n) {
  const Index start = std::clamp(Index((1 - u[2]) / 2 * double(n)), Index(0), n - 1);
  const double across = std::sqrt(std::max(0.0, 1 - u[2] * u[2]));
  double most = -2;
  Index best = start;
  const auto consider = [&](Index i) {
    const double z = 1 - (2 * double(i) + 1) / double(n);
    if (u[2] * z + across * std::sqrt(std::max(0.0, 1 - z * z)) < most) return false;
    const Vector3 d = fibonacci_direction(i, n);
    const double cosine = u[0] * d[0] + u[1] * d[1] + u[2] * d[2];
    if (cosine > most || (cosine == most && i < best)) {
      most = cosine;
      best = i;
    }
    return true;
  };
  for (Index i = start; i < n && consider(i); ++i) {}
  for (Index i = start; i-- > 0 && consider(i);) {}
  return best;
}

}  // namespace

std::vector<std::int32_t> cut_particles(const Index3& n, const std::vector<std::int32_t>& particle, const std::vector<std::uint8_t>& chosen, const Periodicity& periodic,
                                        const CutRule& rule, std::uint64_t seed) {
  if (Index(particle.size()) != product(n) || chosen.size() != particle.size() || !(rule.size > 0)) throw InternalError("cut_particles: arguments do not fit");
  const Members members = list_members(particle, chosen);
  const CounterRandom random{mix_bits(seed) ^ (rule.rods ? 0x2072ull : 0x2071ull)};
  std::vector<std::int32_t> cell(particle.size(), -1);
  if (!rule.rods) {
    const auto first = number_cells(members, [&](double voxels) { return voxels / (rule.size * rule.size * rule.size); });
    const Seeds seeds(n, periodic, rule.size, members, first, random);
    Kokkos::parallel_for("voxode::mesh::cut_particles::grains", HostPolicy(0, Index(members.voxel.size())), [&](Index m) {
      const auto v = std::size_t(members.voxel[std::size_t(m)]);
      const std::int32_t p = members.of_voxel[v];
      const Index from = first[std::size_t(p)];
      cell[v] = std::int32_t(first[std::size_t(p) + 1] - from == 1 ? from : seeds.nearest(centre_of(n, Index(v)), p));
    });
  } else {
    const auto first = number_cells(members, [&](double voxels) { return 4 * pi * std::pow(3 * voxels / (4 * pi), 2.0 / 3) / (rule.size * rule.size); });
    const auto centre = find_centres(n, 1.0, periodic, members.of_voxel, Index(members.count()));
    Kokkos::parallel_for("voxode::mesh::cut_particles::rods", HostPolicy(0, Index(members.voxel.size())), [&](Index m) {
      const auto v = std::size_t(members.voxel[std::size_t(m)]);
      const auto p = std::size_t(members.of_voxel[v]);
      const auto stream = std::uint64_t(members.voxel[std::size_t(members.offset[p])]);
      const Vector3 x = centre_of(n, Index(v));
      Vector3 radius{};
      double square = 0;
      for (std::size_t a = 0; a < 3; ++a) {
        radius[a] = difference(x[a], centre[p][a], n[a], periodic[a]);
        square += radius[a] * radius[a];
      }
      Vector3 u{0, 0, 1};
      if (square > 0) u = rotate(uniform_rotation(random.uniform(stream, 0), random.uniform(stream, 1), random.uniform(stream, 2)), radius);
      if (square > 0)
        for (double& c : u) c /= std::sqrt(square);
      cell[v] = std::int32_t(first[p] + nearest_direction(u, first[p + 1] - first[p]));
    });
  }
  Kokkos::fence();
  return cell;
}

}  // namespace voxode::mesh
