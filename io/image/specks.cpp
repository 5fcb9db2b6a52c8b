#include "io/image/specks.hpp"

#include <algorithm>
#include <map>

#include "kernels/union_find.hpp"

namespace voxode::io {
namespace {

/// Runs of equal code along x, joined into components: memory goes with the number of runs, not of voxels.
struct Runs {
  std::vector<Index> row_first;       // first run of each row (j, k); one more at the end
  std::vector<std::uint32_t> begin;   // x where the run begins
  std::vector<Index> parent;          // smaller run of the same component; itself at the root
  std::vector<Index> n_voxels;        // at roots

  Index root(Index run) { return kernels::find_root(parent.data(), run); }
  Index end(Index run, Index row, Index nx) const { return run + 1 < row_first[std::size_t(row) + 1] ? Index(begin[std::size_t(run) + 1]) : nx; }
};

void join_rows(Runs& runs, const Index3& n, const std::uint8_t* code, Index row, Index other) {
  Index a = runs.row_first[std::size_t(row)], b = runs.row_first[std::size_t(other)];
  const Index a_last = runs.row_first[std::size_t(row) + 1], b_last = runs.row_first[std::size_t(other) + 1];
  while (a < a_last && b < b_last) {
    if (code[row * n[0] + runs.begin[std::size_t(a)]] == code[other * n[0] + runs.begin[std::size_t(b)]]) kernels::unite(runs.parent.data(), a, b);
    runs.end(a, row, n[0]) < runs.end(b, other, n[0]) ? ++a : ++b;
  }
}

Runs find_runs(const Index3& n, const std::uint8_t* code) {
  Runs runs;
  const Index n_rows = n[1] * n[2];
  runs.row_first.reserve(std::size_t(n_rows) + 1);
  for (Index row = 0; row < n_rows; ++row) {
    runs.row_first.push_back(Index(runs.begin.size()));
    for (Index i = 0; i < n[0]; ++i)
      if (i == 0 || code[row * n[0] + i] != code[row * n[0] + i - 1]) {
        runs.parent.push_back(Index(runs.begin.size()));
        runs.begin.push_back(std::uint32_t(i));
      }
  }
  runs.row_first.push_back(Index(runs.begin.size()));
  for (Index row = 0; row < n_rows; ++row) {
    if (row % n[1] > 0) join_rows(runs, n, code, row, row - 1);
    if (row >= n[1]) join_rows(runs, n, code, row, row - n[1]);
  }
  runs.n_voxels.assign(runs.begin.size(), 0);
  for (Index row = 0; row < n_rows; ++row)
    for (Index r = runs.row_first[std::size_t(row)]; r < runs.row_first[std::size_t(row) + 1]; ++r)
      runs.n_voxels[std::size_t(runs.root(r))] += runs.end(r, row, n[0]) - Index(runs.begin[std::size_t(r)]);
  return runs;
}

struct Speck {
  std::vector<Index> voxels;
  std::map<std::uint8_t, Index> faces;                          // to voxels of no speck, by code
  std::map<std::uint8_t, std::map<std::uint32_t, Index>> instances;  // the same, by code and instance
};

template <class F>
void for_neighbours(const Index3& n, Index v, F&& f) {
  const Index i = v % n[0], j = v / n[0] % n[1], k = v / (n[0] * n[1]);
  const Index at[3] = {i, j, k}, step[3] = {1, n[0], n[0] * n[1]};
  for (int a = 0; a < 3; ++a) {
    if (at[a] > 0) f(v - step[a]);
    if (at[a] + 1 < n[std::size_t(a)]) f(v + step[a]);
  }
}

/// Key of the largest count, the smallest of equals.
template <class Map>
auto commonest(const Map& counts) {
  return std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
}

std::map<Index, Speck> find_specks(const Index3& n, std::span<const std::uint8_t> code, std::span<const std::uint32_t> instance, Index limit) {
  Runs runs = find_runs(n, code.data());
  std::map<Index, Speck> specks;
  std::vector<Index> all;
  for (Index row = 0; row < n[1] * n[2]; ++row)
    for (Index r = runs.row_first[std::size_t(row)]; r < runs.row_first[std::size_t(row) + 1]; ++r) {
      const Index root = runs.root(r);
      if (runs.n_voxels[std::size_t(root)] >= limit) continue;
      for (Index i = runs.begin[std::size_t(r)]; i < runs.end(r, row, n[0]); ++i) {
        specks[root].voxels.push_back(row * n[0] + i);
        all.push_back(row * n[0] + i);  // rows come in order: sorted
      }
    }
  for (auto& entry : specks) {
    Speck& speck = entry.second;  // no structured binding: clang 14 captures none
    for (const Index v : speck.voxels)
      for_neighbours(n, v, [&](Index w) {
        const auto c = code[std::size_t(w)];
        if (c == code[std::size_t(v)] || std::binary_search(all.begin(), all.end(), w)) return;
        ++speck.faces[c];
        if (!instance.empty()) ++speck.instances[c][instance[std::size_t(w)]];
      });
  }
  return specks;
}

}  // namespace

SpeckResult remove_specks(const Index3& n, std::span<std::uint8_t> code, std::span<std::uint32_t> instance, int n_codes, Index limit) {
  SpeckResult result;
  result.of_code.resize(std::size_t(n_codes));
  for (bool changed = true; changed;) {
    const auto specks = find_specks(n, code, instance, limit);
    changed = false;
    result.n_left = 0;
    for (const auto& [root, speck] : specks) {
      if (speck.faces.empty()) {
        ++result.n_left;
        continue;
      }
      changed = true;
      SpeckCount& count = result.of_code[code[std::size_t(speck.voxels.front())]];
      ++count.n_specks;
      count.n_voxels += Index(speck.voxels.size());
      const std::uint8_t taken = commonest(speck.faces);
      for (const Index v : speck.voxels) {
        code[std::size_t(v)] = taken;
        if (!instance.empty()) instance[std::size_t(v)] = commonest(speck.instances.at(taken));
      }
    }
  }
  return result;
}

}  // namespace voxode::io
