#pragma once
// Coarse levels that many small bodies crowd: bodies whose interface holds become one there, and small ones that nothing holds are left out.
#include <cstdint>
#include <vector>

#include "mesh/hierarchy.hpp"

namespace voxode::mesh::coarsening {

/// What holds together, found from the finest pairs.
class Merging {
 public:
  /// The input must have `bonds`.
  explicit Merging(const HierarchyInput& input);
  /// Whether the two sides of a finest pair may become one.
  bool joins(std::size_t pair) const { return joins_[pair] != 0; }
  /// By body or part of one: whether all that holds together with it is no longer than two and a half coarse cells (voxels), and is left out. Empty if none is.
  std::vector<std::uint8_t> loose(double coarse_edge) const;
  /// Bodies that hang together by pairs and ties that hold, however weakly, have one number.
  std::int32_t cluster(std::int32_t body) const { return cluster_[std::size_t(body)]; }
  /// From the middle of a body's cluster, at most half the box long, to a vertex, voxels.
  Vector3 place(std::int32_t body, const Index3& vertex) const;
  double radius(std::int32_t body) const;

 private:
  struct Box {
    Index3 begin, end, begin_shifted, end_shifted;  ///< of the voxels, as they are and half a box further: a cluster across a periodic side is short in one of them
  };
  void find_clusters(const HierarchyInput& input);
  void find_boxes(const HierarchyInput& input);
  bool is_shifted(const Box& box, std::size_t axis) const;
  Index length(const Box& box, std::size_t axis) const;

  Index3 n_{};
  Periodicity periodic_{};
  std::vector<std::uint8_t> joins_;    // by pair
  std::vector<std::int32_t> cluster_;  // by body
  std::vector<std::uint8_t> held_;     // by cluster: stays, however small
  std::vector<Box> box_;               // by cluster
};

}  // namespace voxode::mesh::coarsening
