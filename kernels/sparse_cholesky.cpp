#include "kernels/sparse_cholesky.hpp"

#include <Eigen/SparseCholesky>

#include "kernels/error.hpp"

namespace voxode::kernels {

struct SparseCholesky::Implementation {
  using Matrix = Eigen::SparseMatrix<double>;
  Eigen::SimplicialLLT<Matrix, Eigen::Lower> factor;
  Index n_entries = 0;
  std::vector<int> pattern;  ///< of the last matrix: the ordering serves as long as it stays
};

SparseCholesky::SparseCholesky() : implementation_(std::make_unique<Implementation>()) {}
SparseCholesky::~SparseCholesky() = default;
SparseCholesky::SparseCholesky(SparseCholesky&&) noexcept = default;
SparseCholesky& SparseCholesky::operator=(SparseCholesky&&) noexcept = default;

void SparseCholesky::factor(int n, Triplets&& a, double shift) {
  Implementation::Matrix matrix(n, n);
  matrix.setFromTriplets(a.entries.begin(), a.entries.end());
  std::vector<Triplets::Entry>().swap(a.entries);
  std::vector<int> pattern(matrix.outerIndexPtr(), matrix.outerIndexPtr() + n + 1);
  pattern.insert(pattern.end(), matrix.innerIndexPtr(), matrix.innerIndexPtr() + matrix.nonZeros());
  if (pattern != implementation_->pattern) {
    implementation_->factor.analyzePattern(matrix);
    implementation_->pattern = std::move(pattern);
  }
  // entries summed in single precision may lie a little below semidefinite: more shift then, as little as serves
  std::vector<double> diagonal(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) diagonal[std::size_t(i)] = matrix.coeff(i, i);
  for (double now = shift; now <= 1e4 * shift; now *= 10) {
    for (int i = 0; i < n; ++i) matrix.coeffRef(i, i) = (1.0 + now) * diagonal[std::size_t(i)];
    implementation_->factor.factorize(matrix);
    if (implementation_->factor.info() == Eigen::Success) break;
  }
  if (implementation_->factor.info() != Eigen::Success)
    throw InternalError("the coarsest level of the multigrid hierarchy is not positive definite");
  implementation_->n_entries = Index(implementation_->factor.matrixL().nestedExpression().nonZeros());
}

void SparseCholesky::solve(const std::vector<double>& b, std::vector<double>& x) const {
  const Eigen::Map<const Eigen::VectorXd> right(b.data(), Eigen::Index(b.size()));
  const Eigen::VectorXd solution = implementation_->factor.solve(right);
  x.assign(solution.data(), solution.data() + solution.size());
}

Index SparseCholesky::n_entries() const { return implementation_->n_entries; }

}  // namespace voxode::kernels
