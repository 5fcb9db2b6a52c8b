#pragma once
// Direct solver for the bottom of a hierarchy, on the host.
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::kernels {

/// A symmetric matrix in the making, by blocks of three unknowns. What is added to one entry twice is summed; both triangles may be given, the upper one is ignored.
class SymmetricBlocks {
 public:
  using Block = std::array<double, 9>;  ///< row by row
  void add(int i, int j, double v) {
    if (j <= i && v != 0.0) at(i / 3, j / 3)[std::size_t(3 * (i % 3) + j % 3)] += v;
  }
  /// Of unknowns 3 i to 3 i + 2 and 3 j to 3 j + 2.
  void add_block(int i, int j, const Block& block);

  struct Place {
    int row;
    std::uint32_t value;  ///< number in `values`
  };
  std::vector<std::vector<Place>> columns;  ///< by column of blocks, rows ascending
  std::deque<Block> values;

 private:
  Block& at(int row, int column);
};

/// Cholesky factor of a sparse matrix by blocks of three unknowns, such as a node's displacements: one index serves nine numbers.
class SparseCholesky {
 public:
  SparseCholesky();
  ~SparseCholesky();
  SparseCholesky(SparseCholesky&&) noexcept;
  SparseCholesky& operator=(SparseCholesky&&) noexcept;
  /// Factors A, which it empties, with each diagonal entry multiplied by (1 + shift), or up to 1e4 times the shift where it takes that to be positive definite.
  /// A pivot for which even that is too little becomes the largest diagonal entry: a positive definite matrix near A. Throws InternalError if A is not finite.
  void factor(int n, SymmetricBlocks&& a, double shift);
  /// x = A^-1 b; sizes n.
  void solve(const std::vector<double>& b, std::vector<double>& x) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace voxode::kernels
