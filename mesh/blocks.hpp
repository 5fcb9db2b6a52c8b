#pragma once
// Colouring of a box of cells by blocks: blocks of one colour share no vertex, so a kernel may add cell contributions to
// vertices without atomics, and in an order that depends on the box alone.
#include <vector>

#include "kernels/types.hpp"
#include "mesh/voxel_grid.hpp"

namespace voxode::mesh {

struct Blocks {
  Index3 n_cells{}, size{}, n_blocks{};
  Periodicity periodic{};

  /// Whole rows x some rows on a host, single cells (`fine = true`) on a GPU.
  static Blocks make(const Index3& n_cells, const Periodicity& periodic, bool fine) {
    Blocks b;
    b.n_cells = n_cells;
    b.periodic = periodic;
    for (int a = 0; a < 3; ++a) {
      const Index rows = n_cells[a] >= 32 ? 8 : n_cells[a] >= 16 ? 4 : n_cells[a] >= 8 ? 2 : 1;
      b.size[a] = fine ? 1 : (a == 0 ? n_cells[0] : rows);
      b.n_blocks[a] = (n_cells[a] + b.size[a] - 1) / b.size[a];
    }
    return b;
  }
  Index count() const { return product(n_blocks); }
  Index block_of(Index i, Index j, Index k) const { return linear_index(n_blocks, i / size[0], j / size[1], k / size[2]); }

  /// Colour of a block coordinate along one axis: 0, 1, or 2 for the last of an odd number that wraps.
  int colour_along(int axis, Index block) const {
    if (periodic[axis] && n_blocks[axis] % 2 == 1 && n_blocks[axis] > 1 && block == n_blocks[axis] - 1) return 2;
    return int(block % 2);
  }
  /// The blocks of each colour, in increasing order.
  std::vector<std::vector<std::uint32_t>> by_colour() const {
    std::vector<std::vector<std::uint32_t>> lists(27);
    for (Index k = 0; k < n_blocks[2]; ++k)
      for (Index j = 0; j < n_blocks[1]; ++j)
        for (Index i = 0; i < n_blocks[0]; ++i)
          lists[std::size_t(colour_along(0, i) + 3 * colour_along(1, j) + 9 * colour_along(2, k))].push_back(std::uint32_t(linear_index(n_blocks, i, j, k)));
    std::vector<std::vector<std::uint32_t>> used;
    for (auto& list : lists)
      if (!list.empty()) used.push_back(std::move(list));
    return used;
  }
};

}  // namespace voxode::mesh
