#pragma once
// The points at which cohesive faces act: four per face, one at each vertex, gathered by vertex.
#include <cstdint>
#include <vector>

#include "mesh/faces.hpp"
#include "mesh/nodes.hpp"

namespace voxode::mesh {

/// Points sorted by vertex, then by pair of nodes; so each vertex's forces are summed by one thread in a fixed order.
/// A pair is two nodes of one vertex (lower body first) that at least one cohesive face joins.
struct CohesivePoints {
  std::vector<std::uint32_t> vertex;        ///< interface vertices, increasing
  std::vector<std::uint32_t> pair_offset;   ///< first pair of each interface vertex, n + 1 long
  std::vector<std::uint32_t> pair_node;     ///< the two nodes of each pair, shape (n_pairs, 2), lower body first
  std::vector<std::uint32_t> point_offset;  ///< first point of each pair, n_pairs + 1 long
  std::vector<std::uint32_t> face;          ///< number of the face (into mesh::Faces) of each point
  std::vector<std::int8_t> sign;            ///< +1: the face's normal points from the pair's first to its second node; -1: the other way
  Index n_vertices() const { return Index(vertex.size()); }
  Index n_pairs() const { return Index(pair_node.size() / 2); }
  Index n_points() const { return Index(face.size()); }
};

/// Only faces with an entry act; a face whose sides are one mechanical body cannot (ConfigError is the caller's to raise).
CohesivePoints make_cohesive_points(const Nodes& nodes, const Faces& faces, const std::vector<std::int32_t>& mechanical_body);

}  // namespace voxode::mesh
