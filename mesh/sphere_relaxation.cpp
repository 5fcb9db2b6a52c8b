#include "mesh/sphere_relaxation.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <string>

namespace voxode::mesh {
namespace {

using Host = Kokkos::DefaultHostExecutionSpace;

/// Runs f(p) for p in [0, n) on the host's threads.
template <class Function>
void for_each_index(const char* label, Index n, const Function& f) {
  Kokkos::parallel_for(std::string(label), Kokkos::RangePolicy<Host, Kokkos::IndexType<Index>>(0, n), f);
  Host().fence();
}

/// Cells that hold the spheres of one class of sizes (a factor of two in radius), so that many small ones near a large one stay cheap.
struct CellGrid {
  Index3 n{};
  Vector3 size{};
  double largest_radius = 0;
  std::vector<Index> start, member;

  Index cell_of(const Vector3& x) const {
    Index3 c;
    for (int a = 0; a < 3; ++a) c[a] = std::clamp<Index>(Index(std::floor(x[a] / size[a])), 0, n[a] - 1);
    return linear_index(n, c[0], c[1], c[2]);
  }
};

CellGrid make_cell_grid(const PackingBox& box, const std::vector<Sphere>& spheres, const std::vector<Index>& members, double gap) {
  CellGrid grid;
  for (Index p : members) grid.largest_radius = std::max(grid.largest_radius, spheres[p].radius);
  const double wanted = 2 * grid.largest_radius + gap;
  for (int a = 0; a < 3; ++a) {
    grid.n[a] = std::clamp<Index>(Index(box.length[a] / wanted), 1, 512);
    grid.size[a] = box.length[a] / double(grid.n[a]);
  }
  grid.start.assign(product(grid.n) + 1, 0);
  for (Index p : members) ++grid.start[grid.cell_of(spheres[p].centre) + 1];
  for (std::size_t c = 1; c < grid.start.size(); ++c) grid.start[c] += grid.start[c - 1];
  grid.member.resize(members.size());
  std::vector<Index> next(grid.start.begin(), grid.start.end() - 1);
  for (Index p : members) grid.member[next[grid.cell_of(spheres[p].centre)]++] = p;
  return grid;
}

std::vector<CellGrid> make_cell_grids(const PackingBox& box, const std::vector<Sphere>& spheres, double gap) {
  double smallest = spheres.empty() ? 1 : spheres[0].radius;
  for (const Sphere& s : spheres) smallest = std::min(smallest, s.radius);
  std::vector<std::vector<Index>> classes;
  for (Index p = 0; p < Index(spheres.size()); ++p) {
    const std::size_t c = std::size_t(std::log2(spheres[p].radius / smallest));
    if (classes.size() <= c) classes.resize(c + 1);
    classes[c].push_back(p);
  }
  std::vector<CellGrid> grids;
  for (const auto& members : classes)
    if (!members.empty()) grids.push_back(make_cell_grid(box, spheres, members, gap));
  return grids;
}

/// First and last cell along axis a within `reach` of x; unwrapped, but never a cell twice.
std::array<Index, 2> cell_range(const PackingBox& box, const CellGrid& grid, double x, double reach, int a) {
  Index low = Index(std::floor((x - reach) / grid.size[a])), high = Index(std::floor((x + reach) / grid.size[a]));
  if (!box.periodic[a]) return {std::max<Index>(low, 0), std::min(high, grid.n[a] - 1)};
  if (high - low + 1 >= grid.n[a]) return {0, grid.n[a] - 1};
  return {low, high};
}

Index wrap(Index i, Index n) { return ((i % n) + n) % n; }

/// Calls found(q) for every sphere q of the grid nearer than `gap` to sphere p.
template <class Found>
void search_grid(const PackingBox& box, const std::vector<Sphere>& spheres, const CellGrid& grid, Index p, double gap, const Found& found) {
  const Sphere& s = spheres[p];
  const double reach = s.radius + grid.largest_radius + gap;
  std::array<std::array<Index, 2>, 3> range;
  for (int a = 0; a < 3; ++a) range[a] = cell_range(box, grid, s.centre[a], reach, a);
  for (Index k = range[2][0]; k <= range[2][1]; ++k)
    for (Index j = range[1][0]; j <= range[1][1]; ++j)
      for (Index i = range[0][0]; i <= range[0][1]; ++i) {
        const Index cell = linear_index(grid.n, wrap(i, grid.n[0]), wrap(j, grid.n[1]), wrap(k, grid.n[2]));
        for (Index m = grid.start[cell]; m < grid.start[cell + 1]; ++m) {
          const Index q = grid.member[m];
          if (q == p) continue;
          const Vector3 d = box.between(s.centre, spheres[q].centre);
          const double near = s.radius + spheres[q].radius + gap;
          if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < near * near) found(q);
        }
      }
}

/// What one sphere feels: force over stiffness (m) and its largest relative overlap at its real radius.
struct Push {
  Vector3 force{};
  double overlap = 0;
};

Push push_on(const PackingBox& box, const std::vector<Sphere>& spheres, const NeighbourList& list, Index p, double inflation) {
  Push push;
  const Sphere& s = spheres[p];
  for (Index m = list.start[p]; m < list.start[p + 1]; ++m) {
    const Sphere& other = spheres[list.neighbour[m]];
    const Vector3 d = box.between(s.centre, other.centre);
    const double distance2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    const double contact = (s.radius + other.radius) * (1 + inflation);
    if (distance2 >= contact * contact) continue;
    const double distance = std::sqrt(distance2);
    const double depth = contact - distance;
    // Centres on top of each other part along a fixed direction, opposite for the two.
    const Vector3 unit = distance > 1e-12 * contact ? Vector3{d[0] / distance, d[1] / distance, d[2] / distance}
                                                     : Vector3{p < list.neighbour[m] ? 1.0 : -1.0, 0, 0};
    for (int a = 0; a < 3; ++a) push.force[a] -= depth * unit[a];
    push.overlap = std::max(push.overlap, (s.radius + other.radius - distance) / (2 * std::min(s.radius, other.radius)));
  }
  for (int a = 0; a < 3; ++a) {
    if (box.periodic[a]) continue;
    const double r = s.radius * (1 + inflation), low = s.centre[a], high = box.length[a] - s.centre[a];
    if (low < r) push.force[a] += r - low;
    if (high < r) push.force[a] -= r - high;
    push.overlap = std::max(push.overlap, (s.radius - std::min(low, high)) / (2 * s.radius));
  }
  return push;
}

/// The state of a FIRE minimisation.
class Relaxation {
 public:
  Relaxation(const PackingBox& box, std::vector<Sphere>& spheres, double inflation)
      : box_(box), spheres_(spheres), inflation_(inflation), push_(spheres.size()), velocity_(spheres.size()), inverse_mass_(spheres.size(), 1.0) {
    double mean = 0;
    for (const Sphere& s : spheres_) mean += s.radius / double(spheres_.size());
    skin_ = 0.4 * mean;
    rebuild();
  }

  /// Forces where the spheres are now; returns the largest overlap.
  double evaluate() {
    if (largest_move() > 0.5 * skin_) rebuild();
    const PackingBox& box = box_;
    const std::vector<Sphere>& spheres = spheres_;
    const NeighbourList& list = list_;
    Push* push = push_.data();
    const double inflation = inflation_;
    for_each_index("voxode::mesh::relax_spheres::push", Index(spheres.size()),
                   [&box, &spheres, &list, push, inflation](Index p) { push[p] = push_on(box, spheres, list, p, inflation); });
    double overlap = 0;
    for (const Push& p : push_) overlap = std::max(overlap, p.overlap);
    return overlap;
  }

  /// One step along velocities mixed towards the forces.
  void step() {
    double power = 0, speed2 = 0, force2 = 0;
    for (std::size_t p = 0; p < spheres_.size(); ++p)
      for (int a = 0; a < 3; ++a) {
        power += push_[p].force[a] * velocity_[p][a];
        speed2 += velocity_[p][a] * velocity_[p][a];
        force2 += push_[p].force[a] * push_[p].force[a];
      }
    if (power > 0) {
      if (++downhill_ > 5) {
        time_step_ = std::min(1.1 * time_step_, 0.4);
        mixing_ *= 0.99;
      }
    } else {
      downhill_ = 0;
      time_step_ = std::max(0.5 * time_step_, 0.02);
      mixing_ = 0.1;
      speed2 = 0;
      for (Vector3& v : velocity_) v = {};
    }
    const double turn = force2 > 0 ? mixing_ * std::sqrt(speed2 / force2) : 0;
    const double keep = 1 - mixing_;
    for (std::size_t p = 0; p < spheres_.size(); ++p)
      for (int a = 0; a < 3; ++a) {
        velocity_[p][a] = keep * velocity_[p][a] + (turn + time_step_ * inverse_mass_[p]) * push_[p].force[a];
        move(p, a, time_step_ * velocity_[p][a]);
      }
  }

 private:
  void move(std::size_t p, int a, double by) {
    double& x = spheres_[p].centre[a];
    x += std::clamp(by, -spheres_[p].radius, spheres_[p].radius);
    if (box_.periodic[a]) {
      x -= box_.length[a] * std::floor(x / box_.length[a]);
      if (x >= box_.length[a]) x = 0;
    } else {
      x = std::clamp(x, 0.0, box_.length[a]);
    }
  }

  double largest_move() const {
    double largest2 = 0;
    for (std::size_t p = 0; p < spheres_.size(); ++p) {
      const Vector3 d = box_.between(built_at_[p], spheres_[p].centre);
      largest2 = std::max(largest2, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    }
    return std::sqrt(largest2);
  }

  void rebuild() {
    double largest = 0;
    for (const Sphere& s : spheres_) largest = std::max(largest, s.radius);
    list_ = find_neighbours(box_, spheres_, skin_ + 2 * inflation_ * largest);
    built_at_.resize(spheres_.size());
    for (std::size_t p = 0; p < spheres_.size(); ++p) {
      built_at_[p] = spheres_[p].centre;
      // A large sphere among many small ones is held by many springs: its mass keeps the time step stable.
      inverse_mass_[p] = 1 / std::max(1.0, double(list_.start[p + 1] - list_.start[p]) / 12);
    }
  }

  const PackingBox& box_;
  std::vector<Sphere>& spheres_;
  double inflation_, skin_ = 0, time_step_ = 0.1, mixing_ = 0.1;
  int downhill_ = 0;
  NeighbourList list_;
  std::vector<Push> push_;
  std::vector<Vector3> velocity_, built_at_;
  std::vector<double> inverse_mass_;
};

}  // namespace

Vector3 PackingBox::between(const Vector3& a, const Vector3& b) const {
  Vector3 d;
  for (int axis = 0; axis < 3; ++axis) {
    d[axis] = b[axis] - a[axis];
    if (!periodic[axis]) continue;
    if (d[axis] > 0.5 * length[axis]) d[axis] -= length[axis];
    if (d[axis] < -0.5 * length[axis]) d[axis] += length[axis];
  }
  return d;
}

NeighbourList find_neighbours(const PackingBox& box, const std::vector<Sphere>& spheres, double gap) {
  const Index n = Index(spheres.size());
  const std::vector<CellGrid> grids = make_cell_grids(box, spheres, gap);
  NeighbourList list;
  list.start.assign(n + 1, 0);
  Index* start = list.start.data();
  for_each_index("voxode::mesh::find_neighbours::count", n, [&box, &spheres, &grids, start, gap](Index p) {
    for (const CellGrid& grid : grids) search_grid(box, spheres, grid, p, gap, [start, p](Index) { ++start[p + 1]; });
  });
  for (Index p = 0; p < n; ++p) list.start[p + 1] += list.start[p];
  list.neighbour.resize(list.start[n]);
  Index* neighbour = list.neighbour.data();
  for_each_index("voxode::mesh::find_neighbours::fill", n, [&box, &spheres, &grids, start, neighbour, gap](Index p) {
    Index next = start[p];
    for (const CellGrid& grid : grids) search_grid(box, spheres, grid, p, gap, [&next, neighbour](Index q) { neighbour[next++] = q; });
  });
  return list;
}

double maximal_overlap(const PackingBox& box, const std::vector<Sphere>& spheres) {
  const NeighbourList list = find_neighbours(box, spheres, 0);
  double overlap = 0;
  for (Index p = 0; p < Index(spheres.size()); ++p) overlap = std::max(overlap, push_on(box, spheres, list, p, 0).overlap);
  return overlap;
}

double relax_spheres(const PackingBox& box, std::vector<Sphere>& spheres, double inflation, double goal, int max_iterations) {
  Relaxation relaxation(box, spheres, inflation);
  double overlap = relaxation.evaluate();
  for (int iteration = 0; iteration < max_iterations && overlap > goal; ++iteration) {
    relaxation.step();
    overlap = relaxation.evaluate();
  }
  return overlap;
}

}  // namespace voxode::mesh
