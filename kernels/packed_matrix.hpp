#pragma once
// Small dense symmetric matrices, packed as the lower triangle row by row: entry (i, j), j <= i, at i (i + 1) / 2 + j.
#include "kernels/types.hpp"

#include <cmath>

namespace voxode::kernels {

VOXODE_FUNCTION constexpr int packed_size(int n) { return n * (n + 1) / 2; }
VOXODE_FUNCTION constexpr int packed(int i, int j) { return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i; }

/// Replaces a by its inverse (Cholesky, in place). A pivot under `floor` x its diagonal is raised to that: a positive
/// definite result for rank-deficient blocks. Returns the number of raised pivots.
template <class T>
VOXODE_FUNCTION int invert_packed(T* a, int n, T floor) {
  int raised = 0;
  for (int j = 0; j < n; ++j) {  // L, column by column
    T* const rj = a + j * (j + 1) / 2;
    const T diagonal = rj[j];
    T pivot = diagonal;
    for (int k = 0; k < j; ++k) pivot -= rj[k] * rj[k];
    const T least = floor * (diagonal > T(0) ? diagonal : T(1));
    if (!(pivot > least)) pivot = least, ++raised;
    rj[j] = std::sqrt(pivot);
    const T inverse = T(1) / rj[j];
    for (int i = j + 1; i < n; ++i) {
      T* const ri = a + i * (i + 1) / 2;
      T s = ri[j];
      for (int k = 0; k < j; ++k) s -= ri[k] * rj[k];
      ri[j] = s * inverse;
    }
  }
  for (int i = 0; i < n; ++i) {  // L -> inverse of L
    T* const ri = a + i * (i + 1) / 2;
    const T inverse = T(1) / ri[i];
    for (int j = 0; j < i; ++j) {
      T s = 0;
      for (int k = j; k < i; ++k) s += ri[k] * a[k * (k + 1) / 2 + j];
      ri[j] = -s * inverse;
    }
    ri[i] = inverse;
  }
  for (int j = 0; j < n; ++j)  // inverse of L, transposed, times itself
    for (int i = j; i < n; ++i) {
      T s = 0;
      for (int k = i; k < n; ++k) s += a[k * (k + 1) / 2 + i] * a[k * (k + 1) / 2 + j];
      a[i * (i + 1) / 2 + j] = s;
    }
  return raised;
}

}  // namespace voxode::kernels
