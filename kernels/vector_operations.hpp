#pragma once
// Inner products and updates of fields, with sums in an order that does not depend on the number of threads: fixed chunks,
// each summed by one thread in a fixed number of lanes, then the chunks in turn.
#include <string>

#include "kernels/device.hpp"

namespace voxode::kernels {

inline constexpr Index reduction_chunk = 8192;

/// Deterministic sum of f(i) over [0, n). f: Index -> double, callable on the device. `chunk`: what one thread sums in one go.
template <class F>
double deterministic_sum(const std::string& label, Index n, const F& f, Index chunk = reduction_chunk) {
  if (n <= 0) return 0.0;
  if constexpr (on_host) {
    const Index n_chunks = (n + chunk - 1) / chunk;
    Kokkos::View<double*, Kokkos::HostSpace> partial(Kokkos::view_alloc(label, Kokkos::WithoutInitializing), std::size_t(n_chunks));
    double* const sums = partial.data();
    Kokkos::parallel_for(label, Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(0, n_chunks), KOKKOS_LAMBDA(Index c) {
      const Index begin = c * chunk, end = begin + chunk < n ? begin + chunk : n;
      double lane[8] = {0, 0, 0, 0, 0, 0, 0, 0};
      Index i = begin;
      for (; i + 8 <= end; i += 8)
        for (int l = 0; l < 8; ++l) lane[l] += f(i + l);
      double tail = 0;
      for (; i < end; ++i) tail += f(i);
      sums[c] = (((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]))) + tail;
    });
    Kokkos::fence();
    double sum = 0;
    for (Index c = 0; c < n_chunks; ++c) sum += sums[c];
    return sum;
  } else {
    double sum = 0;  // one device, one fixed launch shape: the order is fixed there too
    Kokkos::parallel_reduce(label, Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(0, n), KOKKOS_LAMBDA(Index i, double& s) { s += f(i); }, sum);
    return sum;
  }
}

/// Sum of a_i b_i over all entries of two fields.
template <class A, class B>
double dot(const Field<A>& a, const Field<B>& b) {
  const A* const pa = a.data();
  const B* const pb = b.data();
  return deterministic_sum("voxode::kernels::dot", Index(a.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(pb[i]); });
}

/// Sum of the squares of all entries.
inline double square(const NodeField<float>& a) {
  const float* const p = a.data();
  return deterministic_sum("voxode::kernels::square", Index(a.extent(0)) * 4, KOKKOS_LAMBDA(Index i) { return double(p[i]) * double(p[i]); });
}
inline double square(const Field<float>& a) { return dot(a, a); }

/// y += alpha x.
template <class A, class B>
void add_scaled(const Field<A>& y, double alpha, const Field<B>& x) {
  A* const py = y.data();
  const B* const px = x.data();
  for_each("voxode::kernels::add_scaled", Index(y.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { py[i] = A(double(py[i]) + alpha * double(px[i])); });
}

/// y = x + beta y.
template <class A, class B>
void scale_and_add(const Field<A>& y, double beta, const Field<B>& x) {
  A* const py = y.data();
  const B* const px = x.data();
  for_each("voxode::kernels::scale_and_add", Index(y.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { py[i] = A(double(px[i]) + beta * double(py[i])); });
}

/// y = beta y + alpha x.
template <class A, class B>
void combine(const Field<A>& y, double beta, double alpha, const Field<B>& x) {
  A* const py = y.data();
  const B* const px = x.data();
  for_each("voxode::kernels::combine", Index(y.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { py[i] = A(beta * double(py[i]) + alpha * double(px[i])); });
}

/// y = alpha x, converting the scalar type.
template <class A, class B>
void assign_scaled(const Field<A>& y, double alpha, const Field<B>& x) {
  A* const py = y.data();
  const B* const px = x.data();
  for_each("voxode::kernels::assign_scaled", Index(y.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { py[i] = A(alpha * double(px[i])); });
}

/// y = alpha y.
inline void scale(const NodeField<float>& y, double alpha) {
  float* const p = y.data();
  for_each("voxode::kernels::scale", Index(y.extent(0)) * 4, KOKKOS_LAMBDA(Index i) { p[i] = float(alpha * double(p[i])); });
}
inline void scale(const Field<float>& y, double alpha) { assign_scaled(y, alpha, y); }

}  // namespace voxode::kernels
