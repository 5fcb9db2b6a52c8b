#pragma once
// Visits, plane by plane of a voxel grid, the voxels near spheres: planes may be worked on in parallel, without two writers to a voxel.
#include <cmath>
#include <vector>

#include "mesh/packing.hpp"

namespace voxode::mesh {

/// The spheres that come near each z plane of voxel centres, as far as `factor` x radius + `margin`, periodic images included.
class SpherePlanes {
 public:
  SpherePlanes(const VoxelGrid& grid, const Periodicity& periodic, const std::vector<Sphere>& spheres, double factor, double margin)
      : n_(grid.n), spacing_(grid.spacing), periodic_(periodic), spheres_(spheres), factor_(factor), margin_(margin), start_(grid.n[2] + 1, 0) {
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1) {
        for (Index k = 0; k < n_[2]; ++k) start_[k + 1] += start_[k];
        entry_.resize(start_.back());
      }
      std::vector<Index> next(start_);
      for (Index p = 0; p < Index(spheres.size()); ++p) {
        const double centre = spheres[p].centre[2], reach = reach_of(p);
        for_each_cell(centre, reach, 2, [&](Index k, double dz) {
          if (pass == 0) ++start_[k + 1];
          else entry_[next[k]++] = {p, dz};
        });
      }
    }
  }

  /// Calls visit(i, j, sphere, distance) for every voxel centre of plane k within reach of a sphere, in the order of the spheres; distance in m
  /// from the sphere's centre.
  template <class Visit>
  void visit_plane(Index k, const Visit& visit) const {
    for (Index m = start_[k]; m < start_[k + 1]; ++m) {
      const Entry& entry = entry_[m];
      const Sphere& s = spheres_[entry.sphere];
      const double reach = reach_of(entry.sphere), reach2_plane = reach * reach - entry.dz * entry.dz;
      if (reach2_plane < 0) continue;
      for_each_cell(s.centre[1], std::sqrt(reach2_plane), 1, [&](Index j, double dy) {
        const double reach2_row = reach2_plane - dy * dy;
        if (reach2_row < 0) return;
        for_each_cell(s.centre[0], std::sqrt(reach2_row), 0,
                      [&](Index i, double dx) { visit(i, j, entry.sphere, std::sqrt(dx * dx + dy * dy + entry.dz * entry.dz)); });
      });
    }
  }

 private:
  struct Entry {
    Index sphere;
    double dz;
  };

  double reach_of(Index p) const { return factor_ * spheres_[p].radius + margin_; }

  /// Calls f(cell, offset of its centre) for the cells along an axis whose centres lie within `reach`; wrapped where periodic.
  template <class Function>
  void for_each_cell(double centre, double reach, int axis, const Function& f) const {
    Index low = Index(std::ceil((centre - reach) / spacing_ - 0.5)), high = Index(std::floor((centre + reach) / spacing_ - 0.5));
    if (!periodic_[axis]) low = low < 0 ? 0 : low, high = high >= n_[axis] ? n_[axis] - 1 : high;
    Index cell = ((low % n_[axis]) + n_[axis]) % n_[axis];
    for (Index i = low; i <= high; ++i) {
      f(cell, (double(i) + 0.5) * spacing_ - centre);
      if (++cell == n_[axis]) cell = 0;
    }
  }

  Index3 n_;
  double spacing_;
  Periodicity periodic_;
  const std::vector<Sphere>& spheres_;
  double factor_, margin_;
  std::vector<Index> start_;
  std::vector<Entry> entry_;
};

}  // namespace voxode::mesh
