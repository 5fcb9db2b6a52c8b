#pragma once
// Disjoint sets of the numbers 0, 1, ...: `parent` holds for each another of its set, and itself for the root.
#include "kernels/types.hpp"

namespace voxode::kernels {

template <class I>
VOXODE_FUNCTION I find_root(I* parent, I i) {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

/// Joins the sets of a and b; whether they were two. The root is always the smallest member: the result does not depend on the order of the unions.
template <class I>
VOXODE_FUNCTION bool unite(I* parent, I a, I b) {
  a = find_root(parent, a);
  b = find_root(parent, b);
  if (a == b) return false;
  parent[a < b ? b : a] = a < b ? a : b;
  return true;
}

}  // namespace voxode::kernels
