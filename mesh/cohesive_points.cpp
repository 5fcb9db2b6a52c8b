#include "mesh/cohesive_points.hpp"

#include <algorithm>
#include <tuple>

#include "kernels/error.hpp"

namespace voxode::mesh {
namespace {

struct Point {
  std::uint64_t vertex;
  std::uint32_t first, second;  // nodes
  std::uint32_t face;
  std::int8_t sign;
};

std::uint32_t node_of(const Nodes& nodes, Index vertex, std::int32_t body) {
  for (std::uint32_t n = nodes.offset[std::size_t(vertex)]; n < nodes.offset[std::size_t(vertex) + 1]; ++n)
    if (nodes.body[n] == body) return n;
  throw InternalError("a cohesive face has a vertex without a node of its body");
}

}  // namespace

CohesivePoints make_cohesive_points(const Nodes& nodes, const Faces& faces, const std::vector<std::int32_t>& mechanical_body) {
  const Index3& n = nodes.n_cells;
  const Index stride[3] = {1, n[0], n[0] * n[1]};
  std::vector<Point> points;
  for (Index f = 0; f < faces.size(); ++f) {
    const auto s = std::size_t(f);
    if (faces.entry[s] == Faces::no_entry || faces.area_share[s] <= 0.0f) continue;
    const Index cell = faces.cell[s];
    const int axis = faces.axis[s];
    Index at[3] = {cell % n[0], cell / n[0] % n[1], cell / (n[0] * n[1])};
    const Index other = at[axis] + 1 < n[axis] ? cell + stride[axis] : cell - (n[axis] - 1) * stride[axis];
    const std::int32_t lower = mechanical_body[std::size_t(cell)], upper = mechanical_body[std::size_t(other)];
    if (lower < 0 || upper < 0 || lower == upper) continue;
    at[axis] += 1;
    const int b = (axis + 1) % 3, c = (axis + 2) % 3;
    for (int corner = 0; corner < 4; ++corner) {
      Index p[3] = {at[0], at[1], at[2]};
      p[b] += corner & 1;
      p[c] += corner >> 1;
      const Index v = nodes.vertex(p[0], p[1], p[2]);
      const std::int32_t first = std::min(lower, upper), second = std::max(lower, upper);
      points.push_back({std::uint64_t(v), node_of(nodes, v, first), node_of(nodes, v, second), std::uint32_t(f), std::int8_t(first == lower ? 1 : -1)});
    }
  }
  std::sort(points.begin(), points.end(), [](const Point& p, const Point& q) {
    return std::tie(p.first, p.second, p.face) < std::tie(q.first, q.second, q.face);  // nodes increase with the vertex
  });
  CohesivePoints result;
  result.face.reserve(points.size());
  result.sign.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    const bool new_vertex = i == 0 || p.vertex != points[i - 1].vertex;
    const bool new_pair = new_vertex || p.first != points[i - 1].first || p.second != points[i - 1].second;
    if (new_vertex) {
      result.vertex.push_back(std::uint32_t(p.vertex));
      result.pair_offset.push_back(std::uint32_t(result.pair_node.size() / 2));
    }
    if (new_pair) {
      result.pair_node.push_back(p.first);
      result.pair_node.push_back(p.second);
      result.point_offset.push_back(std::uint32_t(i));
    }
    result.face.push_back(p.face);
    result.sign.push_back(p.sign);
  }
  result.pair_offset.push_back(std::uint32_t(result.pair_node.size() / 2));
  result.point_offset.push_back(std::uint32_t(points.size()));
  return result;
}

}  // namespace voxode::mesh
