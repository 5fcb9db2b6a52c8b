#include "kernels/parallel_algorithms.hpp"

#include <algorithm>
#include <cstdint>

#ifndef __CUDACC__
#ifdef _OPENMP
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_OMP
#else
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#endif
#endif
#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/unique.h>
#if defined(__CUDACC__) && defined(_OPENMP)
#include <thrust/system/omp/execution_policy.h>
#endif

#include <Kokkos_Core.hpp>

namespace voxode::kernels {
namespace {

// Calls work(policy) with the policy of the place where the arrays lie.
template <class Work>
auto at(Where where, const Work& work) {
#ifdef __CUDACC__
  if (where == Where::device) {
    Kokkos::fence();
    auto result = work(thrust::device);
    Kokkos::fence();
    return result;
  }
#ifdef _OPENMP
  return work(thrust::omp::par);
#else
  return work(thrust::host);
#endif
#else
  (void)where;
  return work(thrust::device);  // OpenMP on the host, as chosen above
#endif
}

}  // namespace

template <class T>
void sort(T* values, Index n, Where where) {
  if (n > 1) at(where, [&](auto policy) { thrust::sort(policy, values, values + n); return 0; });
}

template <class Key, class Value>
void sort_by_key(Key* keys, Value* values, Index n, Where where) {
  if (n > 1) at(where, [&](auto policy) { thrust::stable_sort_by_key(policy, keys, keys + n, values); return 0; });
}

template <class T>
Index unique(T* values, Index n, Where where) {
  if (n < 2) return n;
#ifdef __CUDACC__
  if (where == Where::device) return at(where, [&](auto policy) { return Index(thrust::unique(policy, values, values + n) - values); });
#endif
  (void)where;
  return Index(std::unique(values, values + n) - values);  // Thrust 1.17's OpenMP unique reads outside of the array
}

template <class T>
T exclusive_scan(const T* values, Index n, T* sums, Where where) {
  if (n < 1) return T(0);
  const T total = at(where, [&](auto policy) { return thrust::reduce(policy, values, values + n, T(0), thrust::plus<T>()); });
  at(where, [&](auto policy) { thrust::exclusive_scan(policy, values, values + n, sums, T(0), thrust::plus<T>()); return 0; });
  return total;
}

template <class Key, class Value>
Index reduce_by_key(const Key* keys, const Value* values, Index n, Key* run_keys, Value* run_sums, Where where) {
  if (n < 1) return 0;
  return at(where, [&](auto policy) { return Index(thrust::reduce_by_key(policy, keys, keys + n, values, run_keys, run_sums).first - run_keys); });
}

#define VOXODE_OF_KEY_AND_VALUE(K, V)                                   \
  template void sort_by_key<K, V>(K*, V*, Index, Where);                \
  template Index reduce_by_key<K, V>(const K*, const V*, Index, K*, V*, Where);
#define VOXODE_OF_KEY(K)                               \
  template void sort<K>(K*, Index, Where);             \
  template Index unique<K>(K*, Index, Where);          \
  VOXODE_OF_KEY_AND_VALUE(K, std::int32_t)             \
  VOXODE_OF_KEY_AND_VALUE(K, std::uint32_t)            \
  VOXODE_OF_KEY_AND_VALUE(K, std::int64_t)
#define VOXODE_OF_INTEGER(T) \
  VOXODE_OF_KEY(T)           \
  template T exclusive_scan<T>(const T*, Index, T*, Where);

VOXODE_OF_INTEGER(std::int32_t)
VOXODE_OF_INTEGER(std::uint32_t)
VOXODE_OF_INTEGER(std::int64_t)
VOXODE_OF_INTEGER(std::uint64_t)
VOXODE_OF_KEY(double)

}  // namespace voxode::kernels
