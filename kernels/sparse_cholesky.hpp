#pragma once
// Direct solver for the bottom of a hierarchy, on the host.
#include <memory>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::kernels {

/// Triplets of a symmetric matrix; duplicates are summed. Both triangles may be given, the upper one is ignored.
struct Triplets {
  struct Entry {  // as Eigen reads it
    int i, j;
    double v;
    int row() const { return i; }
    int col() const { return j; }
    double value() const { return v; }
  };
  void add(int i, int j, double v) {
    if (j <= i && v != 0.0) entries.push_back({i, j, v});
  }
  std::vector<Entry> entries;
};

/// Cholesky factor of a sparse matrix by blocks of three unknowns, such as a node's displacements: one index serves nine numbers.
class SparseCholesky {
 public:
  SparseCholesky();
  ~SparseCholesky();
  SparseCholesky(SparseCholesky&&) noexcept;
  SparseCholesky& operator=(SparseCholesky&&) noexcept;
  /// Factors A, which it empties, with each diagonal entry multiplied by (1 + shift). Throws InternalError if that is not positive definite.
  void factor(int n, Triplets&& a, double shift);
  /// x = A^-1 b; sizes n.
  void solve(const std::vector<double>& b, std::vector<double>& x) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace voxode::kernels
