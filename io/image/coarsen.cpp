#include "io/image/coarsen.hpp"

#include <algorithm>
#include <array>

namespace voxode::io {
namespace {

template <class F>
void for_block(const Index3& n, int factor, Index i, Index j, Index k, F&& f) {
  for (Index c = k * factor; c < (k + 1) * factor; ++c)
    for (Index b = j * factor; b < (j + 1) * factor; ++b)
      for (Index a = i * factor; a < (i + 1) * factor; ++a) f(std::size_t(linear_index(n, a, b, c)));
}

std::uint32_t commonest(std::vector<std::uint32_t>& values) {
  std::sort(values.begin(), values.end());
  std::uint32_t best = 0;
  std::size_t most = 0;
  for (std::size_t from = 0; from < values.size();) {
    const auto to = std::size_t(std::upper_bound(values.begin() + std::ptrdiff_t(from), values.end(), values[from]) - values.begin());
    if (to - from > most) {
      most = to - from;
      best = values[from];
    }
    from = to;
  }
  return best;
}

}  // namespace

Index3 coarsen_by_majority(const Index3& n, int factor, std::vector<std::uint8_t>& code, std::vector<std::uint32_t>& instance) {
  const Index3 m{n[0] / factor, n[1] / factor, n[2] / factor};
  std::vector<std::uint8_t> coarse_code(static_cast<std::size_t>(product(m)));
  std::vector<std::uint32_t> coarse_instance(instance.empty() ? 0 : coarse_code.size());
  std::vector<std::uint32_t> instances;
  std::size_t v = 0;
  for (Index k = 0; k < m[2]; ++k)
    for (Index j = 0; j < m[1]; ++j)
      for (Index i = 0; i < m[0]; ++i, ++v) {
        std::array<Index, 256> counts{};
        for_block(n, factor, i, j, k, [&](std::size_t w) { ++counts[code[w]]; });
        const auto winner = std::uint8_t(std::max_element(counts.begin(), counts.end()) - counts.begin());
        coarse_code[v] = winner;
        if (instance.empty()) continue;
        instances.clear();
        for_block(n, factor, i, j, k, [&](std::size_t w) {
          if (code[w] == winner) instances.push_back(instance[w]);
        });
        coarse_instance[v] = commonest(instances);
      }
  code.swap(coarse_code);
  instance.swap(coarse_instance);
  return m;
}

}  // namespace voxode::io
