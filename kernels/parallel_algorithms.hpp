#pragma once
// The one seam to Thrust: sorts, scans and reductions by key on arrays of the host (OpenMP) or of the device (CUDA). Results do not depend on the
// number of threads: sorts by key are stable and only integers are summed. Instantiated for int32, uint32, int64 and uint64 (keys to sort: double too;
// values beside a key: int32, uint32, int64).
#include <vector>

#include "kernels/types.hpp"

namespace voxode::kernels {

/// Where the arrays lie. Without a GPU backend both are the host.
enum class Where { host, device };

/// Sorts n values, ascending.
template <class T>
void sort(T* values, Index n, Where where = Where::host);
/// Sorts n keys, ascending, and their values along; equal keys keep their order.
template <class Key, class Value>
void sort_by_key(Key* keys, Value* values, Index n, Where where = Where::host);
/// Keeps the first of equal neighbours; returns how many are left.
template <class T>
Index unique(T* values, Index n, Where where = Where::host);
/// sums[i] = values[0] + ... + values[i - 1] for i < n; may be done in place. Returns the sum of all. Integers only.
template <class T>
T exclusive_scan(const T* values, Index n, T* sums, Where where = Where::host);
/// Sums values over runs of equal neighbouring keys into (run_keys, run_sums), which hold up to n; returns the number of runs. Integers only.
template <class Key, class Value>
Index reduce_by_key(const Key* keys, const Value* values, Index n, Key* run_keys, Value* run_sums, Where where = Where::host);

template <class T>
void sort(std::vector<T>& values) { sort(values.data(), Index(values.size())); }
template <class Key, class Value>
void sort_by_key(std::vector<Key>& keys, std::vector<Value>& values) { sort_by_key(keys.data(), values.data(), Index(keys.size())); }
/// Sorts and drops duplicates.
template <class T>
void sort_unique(std::vector<T>& values) {
  sort(values);
  values.resize(std::size_t(unique(values.data(), Index(values.size()))));
}

}  // namespace voxode::kernels
