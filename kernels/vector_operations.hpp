#pragma once
// Inner products and updates of fields, with sums in an order that does not depend on the number of threads: fixed chunks,
// each summed by one thread in a fixed number of lanes, then the chunks in turn.
#include <array>
#include <string>
#include <vector>

#include "kernels/device.hpp"

namespace voxode::kernels {

inline constexpr Index reduction_chunk = 8192;

/// Memory of the host for the sums of chunks, kept from call to call: a sum in an iteration allocates nothing.
inline double* chunk_sums(Index n) {
  thread_local std::vector<double> memory;
  if (Index(memory.size()) < n) memory.resize(std::size_t(n));
  return memory.data();
}

/// The terms f(i) of a sum: a chunk of them on a host, one by one on a GPU.
template <class F>
struct Terms {
  F f;
  VOXODE_FUNCTION void add_chunk(Index begin, Index end, double* sum) const {
    double lane[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    Index i = begin;
    for (; i + 8 <= end; i += 8)
      for (int l = 0; l < 8; ++l) lane[l] += f(i + l);
    double tail = 0;
    for (; i < end; ++i) tail += f(i);
    *sum = (((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]))) + tail;
  }
  VOXODE_FUNCTION void add(Index i, double* sum) const { *sum += f(i); }
};
/// Of two sums: a chunk's second pass finds what both read in the cache.
template <class F, class G>
struct TermsOfTwo {
  Terms<F> first;
  Terms<G> second;
  VOXODE_FUNCTION void add_chunk(Index begin, Index end, double* sum) const {
    first.add_chunk(begin, end, sum);
    second.add_chunk(begin, end, sum + 1);
  }
  VOXODE_FUNCTION void add(Index i, double* sum) const {
    first.add(i, sum);
    second.add(i, sum + 1);
  }
};

/// K sums, chunk by chunk.
template <int K, class T>
struct SumChunks {
  T terms;
  Index n, chunk;
  double* sums;  ///< (n_chunks, K)
  VOXODE_FUNCTION void operator()(Index c) const { terms.add_chunk(c * chunk, (c + 1) * chunk < n ? (c + 1) * chunk : n, sums + K * c); }
};
/// K sums, term by term.
template <int K, class T>
struct SumEach {
  using value_type = double[];
  unsigned value_count = K;
  T terms;
  VOXODE_FUNCTION void operator()(Index i, double* sum) const { terms.add(i, sum); }
};
template <class T>
struct SumEach<1, T> {
  using value_type = double;
  T terms;
  VOXODE_FUNCTION void operator()(Index i, double& sum) const { terms.add(i, &sum); }
};

template <int K, class T>
std::array<double, K> run_sums(const std::string& label, Index n, const T& terms, Index chunk) {
  std::array<double, K> total{};
  if (n <= 0) return total;
  if constexpr (on_host) {
    const Index n_chunks = (n + chunk - 1) / chunk;
    const SumChunks<K, T> kernel{terms, n, chunk, chunk_sums(K * n_chunks)};
    Kokkos::parallel_for(label, Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>>(0, n_chunks), kernel);
    Kokkos::fence();
    for (Index c = 0; c < n_chunks; ++c)
      for (int k = 0; k < K; ++k) total[std::size_t(k)] += kernel.sums[K * c + k];
  } else {  // one device, one fixed launch shape: the order is fixed there too
    const Kokkos::RangePolicy<Space, Kokkos::IndexType<Index>> all(0, n);
    if constexpr (K == 1) Kokkos::parallel_reduce(label, all, SumEach<1, T>{terms}, total[0]);
    else Kokkos::parallel_reduce(label, all, SumEach<K, T>{K, terms}, total.data());
  }
  return total;
}

/// Deterministic sum of f(i) over [0, n). f: Index -> double, callable on the device. `chunk`: what one thread sums in one go.
template <class F>
double deterministic_sum(const std::string& label, Index n, const F& f, Index chunk = reduction_chunk) {
  return run_sums<1>(label, n, Terms<F>{f}, chunk)[0];
}
/// Two of them in one launch and with one wait of the host; g(i) is called after f(i), by the same thread.
template <class F, class G>
std::array<double, 2> deterministic_sums(const std::string& label, Index n, const F& f, const G& g, Index chunk = reduction_chunk) {
  return run_sums<2>(label, n, TermsOfTwo<F, G>{{f}, {g}}, chunk);
}

/// Sum of a_i b_i over all entries of two fields.
template <class A, class B>
double dot(const Field<A>& a, const Field<B>& b) {
  const A* const pa = a.data();
  const B* const pb = b.data();
  return deterministic_sum("voxode::kernels::dot", Index(a.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(pb[i]); });
}

/// Sums of a_i b_i and a_i c_i.
template <class A, class B, class C>
std::array<double, 2> dots(const Field<A>& a, const Field<B>& b, const Field<C>& c) {
  const A* const pa = a.data();
  const B* const pb = b.data();
  const C* const pc = c.data();
  return deterministic_sums("voxode::kernels::dots", Index(a.extent(0)) * 3, KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(pb[i]); },
                            KOKKOS_LAMBDA(Index i) { return double(pa[i]) * double(pc[i]); });
}

/// Sum of the squares of all entries.
inline double square(const NodeField<float>& a) {
  const float* const p = a.data();
  return deterministic_sum("voxode::kernels::square", Index(a.extent(0)) * 4, KOKKOS_LAMBDA(Index i) { return double(p[i]) * double(p[i]); });
}
inline double square(const Field<float>& a) { return dot(a, a); }

/// All entries of a contiguous array = value, without a wait of the host (Kokkos::deep_copy has two).
template <class View>
void fill(const View& array, typename View::non_const_value_type value) {
  auto* const p = array.data();
  for_each("voxode::kernels::fill", Index(array.span()), KOKKOS_LAMBDA(Index i) { p[i] = value; });
}

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
