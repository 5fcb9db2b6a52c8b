#include "mesh/components.hpp"

#include <limits>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "kernels/scan.hpp"

namespace voxode::mesh {
namespace {

using kernels::Array;
using kernels::ConstArray;
using kernels::for_each;
using kernels::make_array;

// Union-find in which a parent's index is never larger than its child's; so each root is the smallest index of its set,
// whatever the order in which threads hook.
template <class Label>
struct Forest {
  Array<Label> parent;
  KOKKOS_INLINE_FUNCTION Label root(Label i) const {
    // Reads and path halving race with other threads' hooks: a parent only ever moves to a smaller member of the same set, so a stale one still leads to the root.
    Label up = parent(i);
    while (up != i) {
      const Label next = parent(up);
      if (next != up) parent(i) = next;
      i = up;
      up = next;
    }
    return i;
  }
  KOKKOS_INLINE_FUNCTION void join(Label a, Label b) const {
    for (;;) {
      a = root(a);
      b = root(b);
      if (a == b) return;
      if (a < b) {
        const Label swap = a;
        a = b;
        b = swap;
      }
      const Label seen = Kokkos::atomic_compare_exchange(&parent(a), a, b);
      if (seen == a) return;
      a = seen;  // a smaller member of a's set: the loop ends even where root() goes on reading a stale parent
    }
  }
};

// Each voxel of a row along x starts at the first of its run.
template <class Label>
struct StartRows {
  Index n_x;
  ConstArray<std::int32_t> key;
  Array<Label> parent;
  KOKKOS_INLINE_FUNCTION void operator()(Index row) const {
    const Index begin = row * n_x;
    for (Index i = begin; i < begin + n_x; ++i) {
      const bool goes_on = i > begin && key(i) == key(i - 1);
      parent(i) = goes_on ? parent(i - 1) : Label(i);
    }
  }
};

// Joins a row with its next ones along y and z, and with itself across a periodic side.
template <class Label>
struct HookRows {
  Index3 n;
  Periodicity periodic;
  ConstArray<std::int32_t> key;
  Forest<Label> forest;
  KOKKOS_INLINE_FUNCTION void hook(Index a, Index b) const {
    for (Index i = 0; i < n[0]; ++i) {
      const std::int32_t k = key(a + i);
      if (k < 0 || k != key(b + i)) continue;
      if (i > 0 && key(a + i - 1) == k && key(b + i - 1) == k) continue;  // joined one voxel before
      forest.join(Label(a + i), Label(b + i));
    }
  }
  KOKKOS_INLINE_FUNCTION void operator()(Index row) const {
    const Index j = row % n[1], k = row / n[1], begin = row * n[0];
    if (j + 1 < n[1] || periodic[1]) hook(begin, n[0] * ((j + 1) % n[1] + n[1] * k));
    if (k + 1 < n[2] || periodic[2]) hook(begin, n[0] * (j + n[1] * ((k + 1) % n[2])));
    if (periodic[0] && key(begin) >= 0 && key(begin) == key(begin + n[0] - 1)) forest.join(Label(begin), Label(begin + n[0] - 1));
  }
};

template <class Label>
struct CountRoots {
  ConstArray<std::int32_t> key;
  Forest<Label> forest;
  Array<std::int32_t> number;
  KOKKOS_INLINE_FUNCTION void operator()(Index i, Index& sum, bool final) const {
    if (key(i) < 0 || Index(forest.parent(i)) != i) return;
    if (final) number(i) = std::int32_t(sum);
    ++sum;
  }
};

template <class Label>
Components find(const Index3& n, const std::vector<std::int32_t>& key_of, const Periodicity& periodic) {
  const Index n_voxels = product(n), n_rows = n[1] * n[2];
  const auto key = kernels::to_device("voxode::mesh::components::key", key_of);
  const Forest<Label> forest{make_array<Label>("voxode::mesh::components::parent", n_voxels)};
  for_each("voxode::mesh::components::start", n_rows, StartRows<Label>{n[0], key, forest.parent});
  for_each("voxode::mesh::components::hook", n_rows, HookRows<Label>{n, periodic, key, forest});

  const auto number = make_array<std::int32_t>("voxode::mesh::components::number", n_voxels);
  Index count = 0;
  kernels::scan("voxode::mesh::components::count", "voxels", n_voxels, CountRoots<Label>{key, forest, number}, count);
  if (count > std::numeric_limits<std::int32_t>::max()) throw MemoryError("the image has more than 2^31 - 1 connected pieces; crop, coarsen or clean it");
  Array<Index> size("voxode::mesh::components::size", std::size_t(count)), first("voxode::mesh::components::first", std::size_t(count));
  const auto of_voxel = make_array<std::int32_t>("voxode::mesh::components::of_voxel", n_voxels);
  const Index n_x = n[0];
  for_each("voxode::mesh::components::label", n_rows, KOKKOS_LAMBDA(Index row) {
    const Index begin = row * n_x, end = begin + n_x;
    for (Index i = begin; i < end;) {
      const std::int32_t k = key(i);
      const Label root = forest.root(Label(i));
      const std::int32_t c = k < 0 ? -1 : number(root);
      const Index start = i;
      while (i < end && key(i) == k) of_voxel(i++) = c;
      if (c < 0) continue;
      Kokkos::atomic_fetch_add(&size(c), i - start);
      if (Index(root) == start) first(c) = start;
    }
  });
  return {kernels::to_host(of_voxel), kernels::to_host(size), kernels::to_host(first)};
}

}  // namespace

Components find_components(const Index3& n, const std::vector<std::int32_t>& key, const Periodicity& periodic) {
  if (Index(key.size()) != product(n)) throw InternalError("find_components: the keys do not fit the box");
  if (key.empty()) return {};
  return product(n) <= std::numeric_limits<std::int32_t>::max() ? find<std::int32_t>(n, key, periodic) : find<Index>(n, key, periodic);
}

}  // namespace voxode::mesh
