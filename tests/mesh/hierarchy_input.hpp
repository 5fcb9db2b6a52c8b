#pragma once
#include "mesh/hierarchy.hpp"

namespace voxode::tests {

/// Bodies as they are, or parts that stand in `body`. All but `body` must outlive it.
inline mesh::HierarchyInput hierarchy_input(const mesh::Nodes& nodes, const mesh::CohesivePoints& points, const std::vector<std::int32_t>& body, const mesh::BodyParts& parts,
                                            const std::vector<std::uint32_t>& cell_class) {
  mesh::HierarchyInput input;
  input.nodes = &nodes;
  input.points = &points;
  input.cell_body = body;
  input.node_body = nodes.body;
  input.parts = &parts;
  input.cell_class = &cell_class;
  return input;
}

}  // namespace voxode::tests
