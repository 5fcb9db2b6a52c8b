#include "mesh/hierarchy.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "kernels/error.hpp"

namespace voxode::mesh {
namespace {

using HostPolicy = Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace, Kokkos::IndexType<Index>, Kokkos::Schedule<Kokkos::Dynamic>>;

/// The finer side of one coarsening step: the finest mesh or a coarse level.
struct Finer {
  Index3 n_cells{}, n_vertices{};
  std::array<std::vector<std::int32_t>, 3> coordinate;
  double cell_edge = 1;
  const CoarseLevel* level = nullptr;  // null: the finest mesh
};

Index3 coordinates_of(Index linear, const Index3& n) { return {linear % n[0], linear / n[0] % n[1], linear / (n[0] * n[1])}; }

Index vertex_of(const Index3& n_vertices, Index i, Index j, Index k) {
  return linear_index(n_vertices, i == n_vertices[0] ? 0 : i, j == n_vertices[1] ? 0 : j, k == n_vertices[2] ? 0 : k);
}

Index parent_cell(Index finer_cell, Index n_finer, Index n_coarse) { return n_coarse == n_finer ? finer_cell : std::min(finer_cell / 2, n_coarse - 1); }

/// Cells that an axis has at the least after halving. On a periodic axis of two cells a body that lies across one vertex meets itself at the other:
/// its rotation would have to take two values there.
int least_cells(bool periodic) { return periodic ? 4 : 1; }
bool can_halve(Index n, bool periodic) { return n / 2 >= least_cells(periodic); }

/// Halves an axis; an odd last cell joins its neighbour.
void coarsen_axis(int axis, const Finer& finer, bool periodic, CoarseLevel& level) {
  const Index n = finer.n_cells[axis];
  const Index m = can_halve(n, periodic) ? n / 2 : n;
  level.n_cells[axis] = m;
  level.n_vertices[axis] = m + (periodic ? 0 : 1);
  auto& x = level.coordinate[axis];
  const auto& fine = finer.coordinate[axis];
  x.resize(std::size_t(m) + 1);
  for (Index i = 0; i < m; ++i) x[std::size_t(i)] = fine[std::size_t(m == n ? i : 2 * i)];
  x[std::size_t(m)] = fine[std::size_t(n)];
  level.regular_edge[axis] = m > 1 ? x[1] - x[0] : x[std::size_t(m)] - x[0];
  level.last_edge[axis] = x[std::size_t(m)] - x[std::size_t(m) - 1];

  AxisTransfer& t = level.from_finer[axis];
  const Index n_finer_vertices = finer.n_vertices[axis];
  t.left.resize(std::size_t(n_finer_vertices));
  t.right_weight.resize(std::size_t(n_finer_vertices));
  std::vector<std::vector<std::pair<std::int32_t, float>>> children(std::size_t(level.n_vertices[axis]));
  for (Index i = 0; i < n_finer_vertices; ++i) {
    const Index cell = parent_cell(std::min(i, n - 1), n, m);
    const double lower = x[std::size_t(cell)], upper = x[std::size_t(cell) + 1];
    const float w = float((fine[std::size_t(i)] - lower) / (upper - lower));
    t.left[std::size_t(i)] = std::int32_t(cell);
    t.right_weight[std::size_t(i)] = w;
    const Index right = cell + 1 == level.n_vertices[axis] ? 0 : cell + 1;
    if (w < 1.0f) children[std::size_t(cell)].emplace_back(std::int32_t(i), 1.0f - w);
    if (w > 0.0f) children[std::size_t(right)].emplace_back(std::int32_t(i), w);
  }
  t.child_offset.push_back(0);
  for (const auto& list : children) {
    for (const auto& [child, weight] : list) {
      t.child.push_back(child);
      t.child_weight.push_back(weight);
    }
    t.child_offset.push_back(std::int32_t(t.child.size()));
  }
}

/// Stiffness, its first and its second moments about the middle of a cell (voxels).
using Moments = std::array<double, 7>;

/// Bodies of the finer level as the coarse one knows them.
struct Joined {
  std::vector<std::int32_t> body;  // empty: all are as they were
  std::int32_t operator()(std::int32_t finer) const { return body.empty() ? finer : body[std::size_t(finer)]; }
};

/// Per coarse cell: bodies of the finer level in it that have joined another.
struct Aliases {
  std::vector<std::uint32_t> offset;
  std::vector<std::int32_t> body;
};

struct BlockElements {
  std::vector<std::pair<std::uint32_t, std::int32_t>> alias;  // cell, body
  std::vector<std::uint32_t> cell;
  std::vector<std::int32_t> body;
  std::vector<Moments> moments;
  std::vector<float> property;  // element by element
  std::vector<std::uint32_t> count;  // per cell of the block
};

/// The elements of one coarse cell: one per body in it, properties summed over the finer cells or elements.
void collect_cell(const HierarchyInput& in, const Finer& finer, const Joined& joined, const std::array<Index, 6>& range, BlockElements& out, std::uint32_t cell) {
  const std::size_t first = out.body.size();
  double middle[3];
  for (std::size_t a = 0; a < 3; ++a) middle[a] = 0.5 * (finer.coordinate[a][std::size_t(range[2 * a])] + finer.coordinate[a][std::size_t(range[2 * a + 1])]);
  // `moment`: of what is added, laid out as CoarseLevel::element_moment
  const auto add = [&](std::int32_t finer_body, const float* property, std::size_t stride, const float* moment) {
    const std::int32_t body = joined(finer_body);
    if (body != finer_body && (out.alias.empty() || out.alias.back() != std::pair(cell, finer_body))) out.alias.emplace_back(cell, finer_body);
    std::size_t e = first;
    while (e < out.body.size() && out.body[e] != body) ++e;
    if (e == out.body.size()) {
      out.body.push_back(body);
      out.cell.push_back(cell);
      out.moments.push_back({});
      out.property.resize(out.property.size() + std::size_t(in.n_properties), 0.0f);
    }
    for (int p = 0; p < in.n_properties; ++p) out.property[e * std::size_t(in.n_properties) + std::size_t(p)] += property[std::size_t(p) * stride];
    Moments& m = out.moments[e];
    const double weight = double(moment[0]);
    m[0] += weight;
    for (std::size_t a = 0; a < 3; ++a) {
      const double x = double(moment[1 + a]) - middle[a];
      m[1 + a] += weight * x;
      m[4 + a] += weight * (x * x + double(moment[4 + a]));
    }
  };
  for (Index k = range[4]; k < range[5]; ++k)
    for (Index j = range[2]; j < range[3]; ++j)
      for (Index i = range[0]; i < range[1]; ++i) {
        const auto c = std::size_t(linear_index(finer.n_cells, i, j, k));
        if (!finer.level) {
          const std::int32_t body = (*in.cell_body)[c];
          if (body < 0) continue;
          const std::size_t number = (*in.cell_class)[c];
          constexpr float variance = 1.0f / 12;
          const float moment[7] = {in.class_stiffness[number], float(i) + 0.5f, float(j) + 0.5f, float(k) + 0.5f, variance, variance, variance};
          add(body, in.class_property.data() + number * std::size_t(in.n_properties), 1, moment);
        } else {
          const auto n = std::size_t(finer.level->n_elements());
          for (std::uint32_t e = finer.level->cell_first[c]; e < finer.level->cell_first[c] + finer.level->cell_count[c]; ++e)
            add(finer.level->element_body[e], finer.level->property.data() + e, n, finer.level->element_moment.data() + 7 * std::size_t(e));
        }
      }
  out.count.push_back(std::uint32_t(out.body.size() - first));
}

/// Cells [begin, end) of the finer level inside coarse cell I along an axis.
void child_cells(Index coarse, Index n_finer, Index n_coarse, Index& begin, Index& end) {
  if (n_finer == n_coarse) {
    begin = coarse, end = coarse + 1;
  } else {
    begin = 2 * coarse, end = coarse + 1 == n_coarse ? n_finer : 2 * coarse + 2;
  }
}

Aliases make_elements(const HierarchyInput& in, const Finer& finer, const Joined& joined, CoarseLevel& level) {
  const Blocks& blocks = level.blocks;
  const Index per_row = blocks.n_blocks[0], n_rows = blocks.n_blocks[1] * blocks.n_blocks[2];  // rows of blocks: blocks may be single cells
  std::vector<BlockElements> parts(static_cast<std::size_t>(n_rows));
  const auto for_cells = [&](Index block, const auto& f) {
    const Index3 b = coordinates_of(block, blocks.n_blocks);
    for (Index k = b[2] * blocks.size[2]; k < std::min((b[2] + 1) * blocks.size[2], level.n_cells[2]); ++k)
      for (Index j = b[1] * blocks.size[1]; j < std::min((b[1] + 1) * blocks.size[1], level.n_cells[1]); ++j)
        for (Index i = b[0] * blocks.size[0]; i < std::min((b[0] + 1) * blocks.size[0], level.n_cells[0]); ++i) f(i, j, k);
  };
  BlockElements* const part = parts.data();
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::elements", HostPolicy(0, n_rows), [&, part](Index row) {
    for (Index block = row * per_row; block < (row + 1) * per_row; ++block)
      for_cells(block, [&](Index i, Index j, Index k) {
        std::array<Index, 6> range;
        child_cells(i, finer.n_cells[0], level.n_cells[0], range[0], range[1]);
        child_cells(j, finer.n_cells[1], level.n_cells[1], range[2], range[3]);
        child_cells(k, finer.n_cells[2], level.n_cells[2], range[4], range[5]);
        collect_cell(in, finer, joined, range, part[row], std::uint32_t(linear_index(level.n_cells, i, j, k)));
      });
  });
  Kokkos::fence();
  std::size_t total = 0;
  level.element_offset.assign(1, 0);
  for (Index block = 0, cell = 0; block < blocks.count(); ++block) {
    if (block % per_row == 0) cell = 0;
    for_cells(block, [&](Index, Index, Index) { total += parts[std::size_t(block / per_row)].count[std::size_t(cell++)]; });
    level.element_offset.push_back(std::uint32_t(total));
  }
  level.cell_first.assign(std::size_t(product(level.n_cells)), 0);
  level.cell_count.assign(std::size_t(product(level.n_cells)), 0);
  level.element_body.resize(total);
  level.element_cell.resize(total);
  level.element_wide.resize(total);
  level.property.resize(total * std::size_t(in.n_properties));
  level.element_centre.resize(3 * total);
  level.element_spread.resize(3 * total);
  level.element_moment.resize(7 * total);
  std::vector<std::pair<std::uint32_t, std::int32_t>> alias;
  for (Index row = 0; row < n_rows; ++row) {
    BlockElements& p = parts[std::size_t(row)];
    alias.insert(alias.end(), p.alias.begin(), p.alias.end());
    const std::uint32_t first = level.element_offset[std::size_t(row * per_row)];
    std::uint32_t e = first;
    std::size_t c = 0;
    for (Index block = row * per_row; block < (row + 1) * per_row; ++block)
      for_cells(block, [&](Index i, Index j, Index k) {
        const auto cell = std::size_t(linear_index(level.n_cells, i, j, k));
        level.cell_first[cell] = e;
        level.cell_count[cell] = p.count[c];
        e += p.count[c++];
      });
    for (std::size_t s = 0; s < p.body.size(); ++s) {
      const std::size_t at = first + s;
      level.element_body[at] = p.body[s];
      level.element_cell[at] = p.cell[s];
      const Index3 ijk = coordinates_of(p.cell[s], level.n_cells);
      std::uint8_t wide = 0;
      for (int a = 0; a < 3; ++a)
        if (ijk[a] == level.n_cells[a] - 1 && level.last_edge[a] != level.regular_edge[a]) wide |= std::uint8_t(1 << a);
      level.element_wide[at] = wide;
      const Moments& m = p.moments[s];
      level.element_moment[7 * at] = float(m[0]);
      for (std::size_t a = 0; a < 3; ++a) {
        const double lower = level.coordinate[a][std::size_t(ijk[a])], half = 0.5 * (level.coordinate[a][std::size_t(ijk[a]) + 1] - lower);
        const double centre = m[1 + a] / m[0], variance = std::max(0.0, m[4 + a] / m[0] - centre * centre);
        level.element_moment[7 * at + 1 + a] = float(lower + half + centre);
        level.element_moment[7 * at + 4 + a] = float(variance);
        level.element_centre[a * total + at] = std::int8_t(std::lround(127 * centre / half));
        level.element_spread[a * total + at] = std::uint8_t(std::min(255l, std::lround(255 * std::sqrt(3 * variance) / half)));
      }
      for (int q = 0; q < in.n_properties; ++q) level.property[std::size_t(q) * total + at] = p.property[s * std::size_t(in.n_properties) + std::size_t(q)];
    }
    p = {};
  }
  std::sort(alias.begin(), alias.end());
  Aliases result;
  result.offset.assign(std::size_t(product(level.n_cells)) + 1, 0);
  for (const auto& [cell, body] : alias) {
    ++result.offset[cell + 1];
    result.body.push_back(body);
  }
  for (std::size_t c = 1; c < result.offset.size(); ++c) result.offset[c] += result.offset[c - 1];
  return result;
}

void make_vertices(const Aliases& aliases, const Joined& joined, CoarseLevel& level) {
  const Index n_vertices = product(level.n_vertices);
  const auto sort = [](std::vector<std::int32_t>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  const auto bodies_at = [&](Index v, std::vector<std::int32_t>& list, std::vector<std::int32_t>& alias) {
    list.clear();
    alias.clear();
    const Index3 at = coordinates_of(v, level.n_vertices);
    for (int c = 0; c < 8; ++c) {
      Index3 cell;
      bool inside = true;
      for (int a = 0; a < 3; ++a) {
        cell[a] = at[a] - 1 + (c >> a & 1);
        if (level.periodic[a]) cell[a] = (cell[a] + level.n_cells[a]) % level.n_cells[a];
        inside = inside && cell[a] >= 0 && cell[a] < level.n_cells[a];
      }
      if (!inside) continue;
      const auto linear = std::size_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]));
      for (std::uint32_t e = level.cell_first[linear]; e < level.cell_first[linear] + level.cell_count[linear]; ++e) list.push_back(level.element_body[e]);
      alias.insert(alias.end(), aliases.body.begin() + aliases.offset[linear], aliases.body.begin() + aliases.offset[linear + 1]);
    }
    sort(list);
    sort(alias);
  };
  level.entry_offset.assign(std::size_t(n_vertices) + 1, 0);
  level.node_offset.assign(std::size_t(n_vertices) + 1, 0);
  std::uint32_t *const offset = level.entry_offset.data(), *const node_offset = level.node_offset.data();
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::count", HostPolicy(0, n_vertices), [&, offset, node_offset](Index v) {
    std::vector<std::int32_t> list, alias;
    bodies_at(v, list, alias);
    offset[v + 1] = std::uint32_t(list.size() + alias.size());
    node_offset[v + 1] = std::uint32_t(list.size());
  });
  Kokkos::fence();
  for (Index v = 0; v < n_vertices; ++v) {
    offset[v + 1] += offset[v];
    node_offset[v + 1] += node_offset[v];
  }
  level.entry_body.resize(offset[n_vertices]);
  level.entry_node.resize(offset[n_vertices]);
  level.n_nodes = Index(node_offset[n_vertices]);
  std::int32_t* const body = level.entry_body.data();
  std::uint32_t* const node = level.entry_node.data();
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::fill", HostPolicy(0, n_vertices), [&, offset, node_offset, body, node](Index v) {
    std::vector<std::int32_t> list, alias;
    bodies_at(v, list, alias);
    std::uint32_t e = offset[v];
    for (const std::int32_t joining : alias) {
      body[e] = joining;
      node[e++] = node_offset[v] + std::uint32_t(std::lower_bound(list.begin(), list.end(), joined(joining)) - list.begin());
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      body[e] = list[i];
      node[e++] = node_offset[v] + std::uint32_t(i);
    }
  });
  Kokkos::fence();

  const auto n_elements = std::size_t(level.n_elements());
  level.element_node.resize(8 * n_elements);
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::corners", HostPolicy(0, Index(n_elements)), [&level, n_elements](Index e) {
    const Index3 at = coordinates_of(level.element_cell[std::size_t(e)], level.n_cells);
    for (int c = 0; c < 8; ++c) {
      const Index v = vertex_of(level.n_vertices, at[0] + (c & 1), at[1] + (c >> 1 & 1), at[2] + (c >> 2));
      level.element_node[std::size_t(c) * n_elements + std::size_t(e)] = level.node_at(v, level.element_body[std::size_t(e)]);
    }
  });
  Kokkos::fence();
}

/// On so many levels groups of springs consist of the finest pairs: these are no more work than the matrices of their groups, and need no memory.
constexpr std::size_t levels_of_pairs = 2;

struct Member {
  std::uint64_t order;  // block, then cell
  std::int32_t first, second;
  std::uint32_t member, cell;
  float weight[6];
};

/// Place of finer vertex i along an axis inside coarse cell I.
float place_in_cell(const AxisTransfer& t, Index finer_vertex, Index cell) {
  return t.left[std::size_t(finer_vertex)] == cell ? t.right_weight[std::size_t(finer_vertex)] : 1.0f;
}

std::vector<Member> members_from_pairs(const HierarchyInput& in, const Joined& joined, const CoarseLevel& level) {
  const Nodes& nodes = *in.nodes;
  const CohesivePoints& points = *in.points;
  const std::size_t n_ties = in.parts->ties.size();
  if (std::size_t(points.n_pairs()) + n_ties > 0xffffffffull) throw MemoryError("interface pairs of the multigrid hierarchy exceed their index; crop or coarsen the image");
  std::vector<Member> members;
  members.reserve(std::size_t(points.n_pairs()) + n_ties);
  const auto add = [&](Index vertex, std::int32_t finest_first, std::int32_t finest_second, std::size_t member) {
    const std::int32_t first = joined(finest_first), second = joined(finest_second);
    if (first == second) return;
    const Index3 at = coordinates_of(vertex, nodes.n_vertices);
    Member m{};
    Index3 cell;
    for (int a = 0; a < 3; ++a) {
      const std::vector<std::int32_t>& x = level.coordinate[a];
      const auto upper = std::upper_bound(x.begin() + 1, x.end() - 1, at[a]);
      cell[a] = upper - x.begin() - 1;
      m.weight[a] = float(double(at[a] - upper[-1]) / double(*upper - upper[-1]));
    }
    m.cell = std::uint32_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]));
    m.order = std::uint64_t(level.blocks.block_of(cell[0], cell[1], cell[2])) << 32 | m.cell;
    m.first = first;
    m.second = second;
    m.member = std::uint32_t(member);
    members.push_back(m);
  };
  for (Index q = 0; q < points.n_vertices(); ++q)
    for (std::size_t pair = points.pair_offset[std::size_t(q)]; pair < points.pair_offset[std::size_t(q) + 1]; ++pair)
      add(points.vertex[std::size_t(q)], (*in.node_body)[points.pair_node[2 * pair]], (*in.node_body)[points.pair_node[2 * pair + 1]], pair);
  for (std::size_t t = 0; t < n_ties; ++t) add(in.parts->ties[t].vertex, in.parts->ties[t].first, in.parts->ties[t].second, std::size_t(points.n_pairs()) + t);
  return members;
}

std::vector<Member> members_from_groups(const CoarseLevel& finer, const Joined& joined, const CoarseLevel& level) {
  std::vector<Member> members;
  members.reserve(std::size_t(finer.springs.n_groups()));
  for (Index g = 0; g < finer.springs.n_groups(); ++g) {
    const std::int32_t first = joined(finer.springs.body[2 * std::size_t(g)]), second = joined(finer.springs.body[2 * std::size_t(g) + 1]);
    if (first == second) continue;
    const Index3 at = coordinates_of(finer.springs.cell[std::size_t(g)], finer.n_cells);
    Member m{};
    Index3 cell;
    for (int a = 0; a < 3; ++a) {
      const AxisTransfer& t = level.from_finer[a];
      cell[a] = parent_cell(at[a], finer.n_cells[a], level.n_cells[a]);
      const Index upper = at[a] + 1 == finer.n_vertices[a] && level.periodic[a] ? 0 : at[a] + 1;
      m.weight[a] = place_in_cell(t, at[a], cell[a]);
      m.weight[3 + a] = (at[a] + 1 == finer.n_cells[a]) ? 1.0f : place_in_cell(t, upper, cell[a]);
    }
    m.cell = std::uint32_t(linear_index(level.n_cells, cell[0], cell[1], cell[2]));
    m.order = std::uint64_t(level.blocks.block_of(cell[0], cell[1], cell[2])) << 32 | m.cell;
    m.first = first;
    m.second = second;
    m.member = std::uint32_t(g);
    members.push_back(m);
  }
  return members;
}

void make_springs(const HierarchyInput& in, const std::vector<CoarseLevel>& finer, const Joined& joined, CoarseLevel& level) {
  SpringGroups& s = level.springs;
  s.of_pairs = finer.size() < levels_of_pairs;
  std::vector<Member> members = s.of_pairs ? members_from_pairs(in, joined, level) : members_from_groups(finer.back(), joined, level);
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.order, a.first, a.second, a.member) < std::tie(b.order, b.first, b.second, b.member);
  });
  const int n_weights = s.of_pairs ? 3 : 6;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& m = members[i];
    if (i == 0 || m.order != members[i - 1].order || m.first != members[i - 1].first || m.second != members[i - 1].second) {
      s.member_offset.push_back(std::uint32_t(i));
      s.cell.push_back(m.cell);
      s.body.push_back(m.first);
      s.body.push_back(m.second);
      const Index3 at = coordinates_of(m.cell, level.n_cells);
      for (const std::int32_t body : {m.first, m.second})
        for (int c = 0; c < 8; ++c) s.node.push_back(level.node_at(vertex_of(level.n_vertices, at[0] + (c & 1), at[1] + (c >> 1 & 1), at[2] + (c >> 2)), body));
    }
    s.member.push_back(m.member);
    s.weight.insert(s.weight.end(), m.weight, m.weight + n_weights);
  }
  s.member_offset.push_back(std::uint32_t(members.size()));
  s.block_offset.assign(std::size_t(level.blocks.count()) + 1, 0);
  for (Index g = 0; g < s.n_groups(); ++g) {
    const Index3 at = coordinates_of(s.cell[std::size_t(g)], level.n_cells);
    ++s.block_offset[std::size_t(level.blocks.block_of(at[0], at[1], at[2])) + 1];
  }
  for (std::size_t b = 1; b < s.block_offset.size(); ++b) s.block_offset[b] += s.block_offset[b - 1];
}

/// A wall spring between two vertices of one body.
struct WallEntry {
  Index row, column;
  std::int32_t body;
  std::uint8_t component, plate;
  double value;
  double patch;  ///< edge of a square as large as all that the body touches of the wall, voxels
};

std::vector<WallEntry> finest_wall_springs(const HierarchyInput& in) {
  const Nodes& nodes = *in.nodes;
  const Index3& n = nodes.n_cells;
  std::vector<WallEntry> entries;
  for (const Wall& wall : in.walls) {
    std::map<std::pair<Index, std::int32_t>, double> stiffness;
    std::map<std::int32_t, double> area;  // voxel faces
    const int b = (wall.axis + 1) % 3, c = (wall.axis + 2) % 3;
    for (Index q = 0; q < n[c]; ++q)
      for (Index p = 0; p < n[b]; ++p) {
        Index3 cell;
        cell[wall.axis] = wall.upper ? n[wall.axis] - 1 : 0;
        cell[b] = p, cell[c] = q;
        const auto linear = std::size_t(linear_index(n, cell[0], cell[1], cell[2]));
        const std::int32_t body = (*in.cell_body)[linear];
        if (body < 0) continue;
        area[body] += 1;
        const double k = 0.25 * 5 * double(in.class_stiffness[(*in.cell_class)[linear]]);  // over a voxel's face
        for (int corner = 0; corner < 4; ++corner) {
          Index3 v = cell;
          v[wall.axis] = wall.upper ? n[wall.axis] : 0;
          v[b] += corner & 1, v[c] += corner >> 1;
          stiffness[{nodes.vertex(v[0], v[1], v[2]), body}] += k;
        }
      }
    for (const auto& [key, k] : stiffness) entries.push_back({key.first, key.first, key.second, std::uint8_t(wall.axis), std::uint8_t(wall.plate), k, std::sqrt(area[key.second])});
  }
  return entries;
}

/// The same energy in coarse unknowns, times the ratio of cell edges: springs of 5 E / H on every level. Where a cell is larger than the patch by which a
/// body touches the wall, it is the patch that yields, and the springs stay as they are: softer ones would let the body turn too far.
std::vector<WallEntry> coarsen_walls(const std::vector<WallEntry>& finer, const Index3& finer_vertices, double finer_edge, const Joined& joined, const CoarseLevel& level) {
  constexpr double patches = 2;
  const auto edge_ratio = [&](double patch) { return std::min(finer_edge, patches * patch) / std::min(level.cell_edge, patches * patch); };
  const auto parents = [&](Index vertex, Index (&parent)[8], float (&weight)[8]) {
    const Index3 at = coordinates_of(vertex, finer_vertices);
    int count = 0;
    for (int c = 0; c < 8; ++c) {
      float w = 1;
      Index3 p;
      for (int a = 0; a < 3; ++a) {
        const AxisTransfer& t = level.from_finer[a];
        const float right = t.right_weight[std::size_t(at[a])];
        w *= (c >> a & 1) ? right : 1.0f - right;
        p[a] = t.left[std::size_t(at[a])] + (c >> a & 1);
      }
      if (w == 0.0f) continue;
      parent[count] = vertex_of(level.n_vertices, p[0], p[1], p[2]);
      weight[count++] = w;
    }
    return count;
  };
  std::vector<WallEntry> entries;
  Index row[8], column[8];
  float row_weight[8], column_weight[8];
  for (const WallEntry& e : finer) {
    const int n_rows = parents(e.row, row, row_weight), n_columns = parents(e.column, column, column_weight);
    for (int r = 0; r < n_rows; ++r)
      for (int c = 0; c < n_columns; ++c)
        entries.push_back({row[r], column[c], joined(e.body), e.component, e.plate, e.value * double(row_weight[r]) * double(column_weight[c]) * edge_ratio(e.patch), e.patch});
  }
  const auto key = [](const WallEntry& e) { return std::tie(e.component, e.plate, e.row, e.body, e.column); };
  std::stable_sort(entries.begin(), entries.end(), [&](const WallEntry& a, const WallEntry& b) { return key(a) < key(b); });
  std::size_t last = 0;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (key(entries[i]) != key(entries[last])) {
      entries[++last] = entries[i];
      continue;
    }
    entries[last].value += entries[i].value;
    entries[last].patch = std::max(entries[last].patch, entries[i].patch);
  }
  if (!entries.empty()) entries.resize(last + 1);
  return entries;
}

void store_walls(const std::vector<WallEntry>& entries, CoarseLevel& level) {
  WallSprings& w = level.walls;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const WallEntry& e = entries[i];
    const WallEntry* p = i ? &entries[i - 1] : nullptr;
    if (!p || e.row != p->row || e.body != p->body || e.component != p->component || e.plate != p->plate) {
      w.row_offset.push_back(std::uint32_t(i));
      w.node.push_back(level.node_at(e.row, e.body));
      w.component.push_back(e.component);
      w.to_plate.push_back(e.plate);
    }
    w.column.push_back(level.node_at(e.column, e.body));
    w.value.push_back(float(e.value));
  }
  w.row_offset.push_back(std::uint32_t(entries.size()));
}

}  // namespace

std::uint32_t CoarseLevel::node_at(Index vertex, std::int32_t body) const {
  for (std::uint32_t e = entry_offset[std::size_t(vertex)]; e < entry_offset[std::size_t(vertex) + 1]; ++e)
    if (entry_body[e] == body) return entry_node[e];
  return SpringGroups::absent;
}

std::vector<CoarseLevel> make_hierarchy(const HierarchyInput& input) {
  const Nodes& nodes = *input.nodes;
  std::vector<CoarseLevel> levels;
  levels.reserve(32);
  Finer finer{nodes.n_cells, nodes.n_vertices, {}, 1.0, nullptr};
  for (int a = 0; a < 3; ++a)
    for (Index i = 0; i <= nodes.n_cells[a]; ++i) finer.coordinate[a].push_back(std::int32_t(i));
  std::vector<WallEntry> walls = finest_wall_springs(input);
  Index n_nodes = nodes.n_nodes();
  // one level at least, even of the same size: the bottom is solved exactly
  const auto can_coarsen = [&] {
    bool any = false;
    for (int a = 0; a < 3; ++a) any = any || can_halve(finer.n_cells[a], nodes.periodic[a]);
    return any;
  };
  // a level that many bodies crowd is better solved exactly, while it is small, than smoothed: its vertex blocks are large
  constexpr Index crowded_nodes_a_vertex = 64, most_crowded_nodes = 4000;
  const auto is_crowded = [&] { return n_nodes <= most_crowded_nodes && n_nodes > crowded_nodes_a_vertex * product(finer.n_vertices); };
  while (levels.empty() || (n_nodes > input.bottom_nodes && can_coarsen() && !is_crowded())) {
    CoarseLevel level;
    level.periodic = nodes.periodic;
    for (int a = 0; a < 3; ++a) coarsen_axis(a, finer, nodes.periodic[a], level);
    level.cell_edge = std::max({level.regular_edge[0], level.regular_edge[1], level.regular_edge[2]});
    level.blocks = Blocks::make(level.n_cells, level.periodic, input.fine_blocks);
    const Joined joined{input.parts->joined(level.cell_edge)};
    make_vertices(make_elements(input, finer, joined, level), joined, level);
    make_springs(input, levels, joined, level);
    walls = coarsen_walls(walls, finer.n_vertices, finer.cell_edge, joined, level);
    store_walls(walls, level);
    levels.push_back(std::move(level));
    const CoarseLevel& l = levels.back();
    finer = {l.n_cells, l.n_vertices, l.coordinate, l.cell_edge, &l};
    n_nodes = l.n_nodes;
  }
  for (CoarseLevel& level : levels) {  // what only the making of the next level reads
    std::vector<float>().swap(level.element_moment);
    for (auto* list : {&level.element_cell, &level.cell_first, &level.cell_count, &level.springs.cell}) std::vector<std::uint32_t>().swap(*list);
    std::vector<std::int32_t>().swap(level.springs.body);
  }
  return levels;
}

}  // namespace voxode::mesh
