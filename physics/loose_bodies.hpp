#pragma once
// Rigid motions of the small loose bodies that the next coarser level leaves out (mesh::LooseBodies): six unknowns each, coupled by what springs there are between them.
// A device header: only .cpp files that link Kokkos include it.
#include "mesh/hierarchy.hpp"
#include "physics/element_kernels.hpp"

namespace voxode::physics {

class LooseMotions {
 public:
  LooseMotions() = default;
  explicit LooseMotions(const mesh::LooseBodies& bodies);
  Index count() const { return n_; }
  /// Takes the springs of the finest pairs, (n_pairs, 6); `least` N/m is added to every motion's stiffness: a body that nothing touches stays where it is.
  void refresh(const Array<float>& pair_stiffness, float least);
  /// x += R B R' residual. R: the rigid motions; B, near the inverse of R' A R: Chebyshev steps over blocks of one body each.
  template <class Values>  // Field<float>, NodeField<float>
  void add(const Values& residual, const Values& x);
  double bytes() const;

 private:
  Index n_ = 0;
  ConstArray<std::uint32_t> node_offset_, node_, facet_offset_, pair_offset_, pair_;
  ConstArray<std::int32_t> facet_other_;
  ConstArray<float> node_place_, pair_place_, wall_;
  Array<float> stiffness_, inverse_;  // of one body, packed 6 x 6, (n, 21)
  Array<float> coupling_;             // of a facet to another loose body, (n_facets, 36)
  Array<float> load_, motion_, change_;  // (n, 6)
};

}  // namespace voxode::physics
