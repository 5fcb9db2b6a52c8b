#pragma once
// Small dense symmetric matrices, packed as the lower triangle row by row: entry (i, j), j <= i, at i (i + 1) / 2 + j.
#include "kernels/types.hpp"

#include <cmath>

namespace voxode::kernels {

VOXODE_FUNCTION constexpr int packed_size(int n) { return n * (n + 1) / 2; }
VOXODE_FUNCTION constexpr int packed(int i, int j) { return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i; }

/// Scalar product of n numbers, in four sums so that one need not wait for the other.
template <class T>
VOXODE_FUNCTION T dot_product(const T* a, const T* b, int n) {
  T sum[4] = {0, 0, 0, 0};
  int k = 0;
  for (; k + 4 <= n; k += 4)
    for (int l = 0; l < 4; ++l) sum[l] += a[k + l] * b[k + l];
  for (; k < n; ++k) sum[0] += a[k] * b[k];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/// to += factor x from, n numbers that do not overlap.
template <class T>
VOXODE_FUNCTION void add_multiple(T* __restrict to, const T* __restrict from, T factor, int n) {
  for (int j = 0; j < n; ++j) to[j] += factor * from[j];
}

/// y += A x, of n unknowns.
template <class T>
VOXODE_FUNCTION void add_packed_product(const T* a, const T* x, T* y, int n) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) y[i] += a[packed(i, j)] * x[j];
}

/// Replaces a by its inverse (Cholesky, in place). A pivot under `floor` x its diagonal is raised to that: a positive
/// definite result for rank-deficient blocks. Returns the number of raised pivots.
template <class T>
VOXODE_FUNCTION int invert_packed(T* a, int n, T floor) {
  int raised = 0;
  const auto row = [a](int i) { return a + i * (i + 1) / 2; };
  for (int j = 0; j < n; ++j) {  // L, column by column
    T* const rj = row(j);
    const T diagonal = rj[j];
    T pivot = diagonal - dot_product(rj, rj, j);
    const T least = floor * (diagonal > T(0) ? diagonal : T(1));
    if (!(pivot > least)) pivot = least, ++raised;
    rj[j] = std::sqrt(pivot);
    const T inverse = T(1) / rj[j];
    for (int i = j + 1; i < n; ++i) row(i)[j] = (row(i)[j] - dot_product(row(i), rj, j)) * inverse;
  }
  for (int i = 0; i < n; ++i) {  // L -> inverse of L, row by row from the finished ones
    T* const ri = row(i);
    for (int k = 0; k < i; ++k) {
      const T factor = ri[k];
      ri[k] = factor * row(k)[k];
      add_multiple(ri, row(k), factor, k);
    }
    const T inverse = T(1) / ri[i];
    for (int j = 0; j < i; ++j) ri[j] *= -inverse;
    ri[i] = inverse;
  }
  for (int i = 0; i < n; ++i) {  // inverse of L, transposed, times itself
    T* const ri = row(i);
    const T first = ri[i];
    for (int j = 0; j <= i; ++j) ri[j] *= first;
    for (int k = i + 1; k < n; ++k) add_multiple(ri, row(k), row(k)[i], i + 1);
  }
  return raised;
}

}  // namespace voxode::kernels
