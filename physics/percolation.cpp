#include "physics/percolation.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <string>

#include "kernels/error.hpp"
#include "kernels/union_find.hpp"

namespace voxode::physics {
namespace {

using Id = std::uint32_t;
using Host = Kokkos::DefaultHostExecutionSpace;
constexpr Id nothing = ~Id(0);
using kernels::find_root;
using kernels::unite;

struct Box {
  Index3 n;
  const std::uint8_t* conducts;
  const std::uint8_t* blocked;  // may be null
  bool open(Index lower, Index upper, int axis) const {
    return conducts[lower] && conducts[upper] && !(blocked && (blocked[lower] >> axis & 1));
  }
};

// Joins two neighbouring rows along x; a pair whose left neighbours are joined in both rows and across needs no union of its own.
void unite_rows(const Box& box, Id* parent, Index lower, Index upper, int axis) {
  bool left_open = false;
  for (Index i = 0; i < box.n[0]; ++i) {
    const bool here = box.open(lower + i, upper + i, axis);
    const bool covered = here && left_open && box.open(lower + i - 1, lower + i, 0) && box.open(upper + i - 1, upper + i, 0);
    if (here && !covered) unite(parent, Id(lower + i), Id(upper + i));
    left_open = here;
  }
}

// Everything inside the layers [k0, k1), without the faces to other layers outside.
void unite_slab(const Box& box, const std::array<bool, 3>& wrap, Id* parent, Index k0, Index k1) {
  const auto [nx, ny, nz] = box.n;
  for (Index k = k0; k < k1; ++k)
    for (Index j = 0; j < ny; ++j) {
      const Index row = nx * (j + ny * k);
      for (Index i = 0; i < nx; ++i) {
        const Index v = row + i;
        parent[v] = !box.conducts[v] ? nothing : i > 0 && box.open(v - 1, v, 0) ? parent[v - 1] : Id(v);
      }
      if (wrap[0] && box.open(row + nx - 1, row, 0)) unite(parent, Id(row + nx - 1), Id(row));
      if (j > 0) unite_rows(box, parent, row - nx, row, 1);
      if (wrap[1] && j == ny - 1) unite_rows(box, parent, row, nx * ny * k, 1);
      if (k > k0) unite_rows(box, parent, row - nx * ny, row, 2);
    }
}

// Roots of all pieces of the box: slabs side by side, then their seams.
void unite_box(const Box& box, const std::array<bool, 3>& wrap, std::vector<Id>& parent) {
  const auto [nx, ny, nz] = box.n;
  const Index thickness = std::max<Index>(1, (nz + 31) / 32);
  const Index n_slabs = (nz + thickness - 1) / thickness;
  Id* p = parent.data();
  Kokkos::parallel_for("voxode::physics::percolation::slabs", Kokkos::RangePolicy<Host, Kokkos::Schedule<Kokkos::Dynamic>>(0, n_slabs),
                       [=, nz = nz](Index s) { unite_slab(box, wrap, p, s * thickness, std::min(nz, (s + 1) * thickness)); });
  for (Index s = 1; s < n_slabs; ++s)
    for (Index j = 0; j < ny; ++j) unite_rows(box, p, nx * (j + ny * (s * thickness - 1)), nx * (j + ny * s * thickness), 2);
  if (wrap[2])
    for (Index j = 0; j < ny; ++j) unite_rows(box, p, nx * (j + ny * (nz - 1)), nx * j, 2);
}

// Linear index of the a-th, b-th cell of the layer `at` of an axis.
struct Layer {
  Index3 n;
  int axis;
  Index size_a() const { return n[axis == 0 ? 1 : 0]; }
  Index size_b() const { return n[axis == 2 ? 1 : 2]; }
  Index cell(Index at, Index a, Index b) const {
    if (axis == 0) return linear_index(n, at, a, b);
    if (axis == 1) return linear_index(n, a, at, b);
    return linear_index(n, a, b, at);
  }
};

void mark_planes(const Box& box, int axis, std::vector<Id>& parent, std::vector<std::uint8_t>& mark) {
  const Layer layer{box.n, axis};
  for (Index b = 0; b < layer.size_b(); ++b)
    for (Index a = 0; a < layer.size_a(); ++a) {
      const Index low = layer.cell(0, a, b), high = layer.cell(box.n[axis] - 1, a, b);
      if (box.conducts[low]) mark[find_root(parent.data(), Id(low))] |= reaches_low;
      if (box.conducts[high]) mark[find_root(parent.data(), Id(high))] |= reaches_high;
    }
}

// Pieces that are joined to their own image some periods away: a union-find over the pieces cut at the seam that carries, for each,
// the number of periods to its root.
void mark_winding(const Box& box, int axis, std::vector<Id>& parent, std::vector<std::uint8_t>& mark) {
  const Layer layer{box.n, axis};
  std::vector<std::pair<Id, Id>> seam;  // (piece before, piece after) of each open face across the seam
  for (Index b = 0; b < layer.size_b(); ++b)
    for (Index a = 0; a < layer.size_a(); ++a) {
      const Index before = layer.cell(box.n[axis] - 1, a, b), after = layer.cell(0, a, b);
      if (box.open(before, after, axis)) seam.push_back({find_root(parent.data(), Id(before)), find_root(parent.data(), Id(after))});
    }
  std::sort(seam.begin(), seam.end());
  seam.erase(std::unique(seam.begin(), seam.end()), seam.end());
  std::vector<Id> pieces;
  for (const auto& [a, b] : seam) pieces.insert(pieces.end(), {a, b});
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  const auto number = [&](Id piece) { return Id(std::lower_bound(pieces.begin(), pieces.end(), piece) - pieces.begin()); };
  std::vector<Id> up(pieces.size());
  std::vector<Index> periods(pieces.size(), 0);  // from the parent
  std::vector<char> winds(pieces.size(), 0);
  for (Id i = 0; i < up.size(); ++i) up[i] = i;
  const auto root_of = [&](Id i) {
    Index sum = 0;
    for (; up[i] != i; i = up[i]) sum += periods[i];
    return std::pair{i, sum};
  };
  for (const auto& [before, after] : seam) {
    const auto [a, to_a] = root_of(number(before));
    const auto [b, to_b] = root_of(number(after));
    if (a == b) {
      if (to_a + 1 != to_b) winds[a] = 1;
    } else {
      up[b] = a;
      periods[b] = to_a + 1 - to_b;
      winds[a] |= winds[b];
    }
  }
  for (Id i = 0; i < up.size(); ++i)
    if (winds[root_of(i).first]) mark[pieces[i]] = reaches_both;
}

void count(Percolation& result, const std::uint8_t* conducts) {
  const Index n = Index(result.mask.size());
  const std::uint8_t* mask = result.mask.data();
  Index conducting = 0, low = 0, high = 0, both = 0;
  Kokkos::parallel_reduce("voxode::physics::percolation::count", Kokkos::RangePolicy<Host>(0, n),
                          [=](Index v, Index& c, Index& l, Index& h, Index& b) {
                            c += conducts[v] != 0;
                            l += (mask[v] & reaches_low) != 0;
                            h += (mask[v] & reaches_high) != 0;
                            b += mask[v] == reaches_both;
                          },
                          conducting, low, high, both);
  result.n_conducting = conducting;
  result.n_low = low;
  result.n_high = high;
  result.n_both = both;
}

void check(const Connectivity& c, int axis) {
  const Index n = product(c.n);
  if (axis < 0 || axis > 2) throw InternalError("find_percolation: axis " + std::to_string(axis) + " is none of 0, 1, 2");
  if (Index(c.conducts.size()) != n || (!c.blocked.empty() && Index(c.blocked.size()) != n))
    throw InputError("percolation of a box of " + std::to_string(n) + " voxels: the mask holds " + std::to_string(c.conducts.size()) +
                     " values, the blocked faces " + std::to_string(c.blocked.size()) + "; both must hold one per voxel");
  if (n >= Index(nothing)) throw MemoryError("percolation: " + std::to_string(n) + " voxels are more than 32-bit labels can number; crop or coarsen the image");
}

}  // namespace

Percolation find_percolation(const Connectivity& connectivity, int axis) {
  check(connectivity, axis);
  const Index n = product(connectivity.n);
  Percolation result;
  result.mask.assign(n, 0);
  if (n == 0) return result;
  const Box box{connectivity.n, connectivity.conducts.data(), connectivity.blocked.empty() ? nullptr : connectivity.blocked.data()};
  std::vector<Id> parent(n);
  std::array<bool, 3> wrap = connectivity.wrap;
  wrap[axis] = false;  // the seam is treated below
  unite_box(box, wrap, parent);
  std::vector<std::uint8_t>& mark = result.mask;  // first only at the roots
  if (connectivity.wrap[axis]) mark_winding(box, axis, parent, mark);
  else mark_planes(box, axis, parent, mark);
  // Roots come before their members, and keep their own mark: a forward sweep in which everyone copies from its root.
  for (Index v = 0; v < n; ++v) {
    if (parent[v] == nothing || parent[v] == Id(v)) continue;
    parent[v] = parent[parent[v]];  // the parent, a smaller index, already points to its root
    mark[v] = mark[parent[v]];
  }
  count(result, box.conducts);
  return result;
}

}  // namespace voxode::physics
