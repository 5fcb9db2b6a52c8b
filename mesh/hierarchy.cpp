#include "mesh/hierarchy.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "kernels/union_find.hpp"
#include "mesh/coarsening.hpp"

namespace voxode::mesh {
namespace coarsening {

Finer Finer::finest(const HierarchyInput& input) {
  Finer finer;
  finer.input = &input;
  finer.n_cells = input.nodes->n_cells;
  finer.n_vertices = input.nodes->n_vertices;
  finer.periodic = input.nodes->periodic;
  for (std::size_t a = 0; a < 3; ++a)
    for (Index i = 0; i <= finer.n_cells[a]; ++i) finer.coordinate[a].push_back(std::int32_t(i));
  return finer;
}

Finer Finer::of(const HierarchyInput& input, const CoarseLevel& level) {
  Finer finer;
  finer.input = &input;
  finer.level = &level;
  finer.n_cells = level.n_cells;
  finer.n_vertices = level.n_vertices;
  finer.periodic = level.periodic;
  finer.coordinate = level.coordinate;
  finer.cell_edge = level.cell_edge;
  return finer;
}

void Finer::join(double coarse_edge) {
  joined = input->parts->joined(coarse_edge);
  if (!level || joined.empty()) return;
  // parts that join share no nodes yet, they are tied
  const SpringGroups& groups = level->springs;
  for (std::size_t g = 0; g < std::size_t(groups.n_groups()); ++g) {
    if (merged_before || body(groups.element[2 * g]) != body(groups.element[2 * g + 1])) continue;
    start_same();
    unite_sides(g);
  }
  for (std::uint32_t& n : same) n = kernels::find_root(same.data(), n);
}

void Finer::start_same() {
  if (!same.empty()) return;
  same.resize(node_offset().back());
  std::iota(same.begin(), same.end(), 0u);
}

void Finer::unite_sides(std::size_t group) {
  const SpringGroups& groups = level->springs;
  for (std::size_t c = 0; c < 8; ++c)
    if (groups.reached[group] >> c & 1) kernels::unite(same.data(), groups.node[16 * group + c], groups.node[16 * group + 8 + c]);
}

namespace {

/// Of each group of the last level's springs: finest pairs and ties that join its sides in coarse cells of this edge, and all of them.
std::vector<std::array<std::uint32_t, 2>> count_joined(const HierarchyInput& input, const Merging& merging, const std::vector<CoarseLevel>& levels, double coarse_edge) {
  const auto n_pairs = std::size_t(input.points->n_pairs());
  const std::vector<std::int32_t> joined = input.parts->joined(coarse_edge);
  std::vector<std::array<std::uint32_t, 2>> finer, here;
  for (const CoarseLevel& level : levels) {
    const SpringGroups& groups = level.springs;
    here.assign(std::size_t(groups.n_groups()), {0, 0});
    for (std::size_t g = 0; g < here.size(); ++g)
      for (std::uint32_t m = groups.member_offset[g]; m < groups.member_offset[g + 1]; ++m) {
        const std::size_t member = groups.member[m];
        if (!groups.of_pairs) {
          for (std::size_t i = 0; i < 2; ++i) here[g][i] += finer[member][i];
          continue;
        }
        const PartTie* const tie = member < n_pairs ? nullptr : &input.parts->ties[member - n_pairs];
        here[g][0] += tie ? joined[std::size_t(tie->first)] == joined[std::size_t(tie->second)] : merging.joins(member);
        here[g][1] += 1;
      }
    finer.swap(here);
  }
  return finer;
}

}  // namespace

void Finer::merge(const Merging& merging, const std::vector<CoarseLevel>& levels, double coarse_edge) {
  left_out = merging.loose(coarse_edge);
  start_same();
  if (level) {
    const SpringGroups& groups = level->springs;
    const auto joining = count_joined(*input, merging, levels, coarse_edge);
    for (std::size_t g = 0; g < joining.size(); ++g) {
      if (groups.element[2 * g + 1] != no_element && 2 * joining[g][0] >= joining[g][1]) unite_sides(g);
    }
  } else {
    const CohesivePoints& points = *input->points;
    for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p)
      if (merging.joins(p)) kernels::unite(same.data(), points.pair_node[2 * p], points.pair_node[2 * p + 1]);
  }
  for (std::uint32_t& n : same) n = kernels::find_root(same.data(), n);
}

}  // namespace coarsening

namespace {

using namespace coarsening;

/// Cells that an axis has at the least after halving. On a periodic axis of two cells a body that lies across one vertex meets itself at the other:
/// its rotation would have to take two values there.
int least_cells(bool periodic) { return periodic ? 4 : 1; }
bool can_halve(Index n, bool periodic) { return n / 2 >= least_cells(periodic); }

/// Halves an axis; an odd last cell joins its neighbour.
void coarsen_axis(std::size_t axis, const Finer& finer, CoarseLevel& level) {
  const Index n = finer.n_cells[axis];
  const bool periodic = finer.periodic[axis];
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
    const Index cell = coarse_cell(std::min(i, n - 1), n, m);
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

/// The next coarser level, but for its springs and walls; with `merging` bodies merge.
CoarseLevel make_level(Finer& finer, const std::vector<CoarseLevel>& levels, const Merging* merging) {
  CoarseLevel level;
  level.periodic = finer.periodic;
  for (std::size_t a = 0; a < 3; ++a) coarsen_axis(a, finer, level);
  level.cell_edge = std::max({level.regular_edge[0], level.regular_edge[1], level.regular_edge[2]});
  level.blocks = Blocks::make(level.n_cells, level.periodic, finer.input->fine_blocks);
  finer.join(level.cell_edge);
  if (merging) finer.merge(*merging, levels, level.cell_edge);
  make_elements(finer, level);
  make_nodes(finer, level);
  return level;
}

/// On so many levels groups of springs consist of the finest pairs: these are hardly more work than the matrices of their groups, and need little memory.
constexpr std::size_t levels_of_pairs = 3;

}  // namespace

int CoarseLevel::nodes_of(Parent parent, const Index3& finer_vertex, std::uint32_t (&node)[8], float (&weight)[8]) const {
  int count = 0;
  if (parent.is_none()) return 0;
  for (int c = 0; c < 8; ++c) {
    float w = 1;
    for (std::size_t a = 0; a < 3; ++a) {
      const float right = from_finer[a].right_weight[std::size_t(finer_vertex[a])];
      w *= (c >> a & 1) ? right : 1.0f - right;
    }
    if (w == 0.0f) continue;
    node[count] = element_node[std::size_t(parent.corner(c)) * std::size_t(n_elements()) + parent.element()];
    weight[count++] = w;
  }
  return count;
}

namespace {

/// Coarser levels after those there are. They merge from the start where others did before.
void add_levels(Hierarchy& hierarchy, HierarchyInput& input) {
  std::optional<Merging> merging;
  if (hierarchy.merged()) merging.emplace(input);
  std::vector<CoarseLevel>& levels = hierarchy.levels;
  Finer finer = levels.empty() ? Finer::finest(input) : Finer::of(input, levels.back());
  std::vector<WallEntry> walls = hierarchy.merged() ? hierarchy.first_merging->walls : finest_walls(input);
  std::vector<std::uint32_t> pair_element;
  if (hierarchy.merged()) pair_element = hierarchy.first_merging->pair_element;
  Index n_nodes = levels.empty() ? input.nodes->n_nodes() : levels.back().n_nodes;
  // one level at least, even of the same size: the bottom is solved exactly
  const auto can_coarsen = [&] {
    bool any = false;
    for (std::size_t a = 0; a < 3; ++a) any = any || can_halve(finer.n_cells[a], finer.periodic[a]);
    return any;
  };
  // a level that many bodies crowd is better solved exactly, while it is small, than smoothed: its vertex blocks are large
  constexpr Index crowded_nodes_a_vertex = 64, most_crowded_nodes = 30000;
  // bodies merge from the first level on that is so crowded that it has hardly fewer nodes than the finer one
  constexpr Index crowding_nodes_a_vertex = 4, least_merged_nodes = 4000;
  constexpr double stalled = 1.0 / 3;
  const auto crowds = [&](const CoarseLevel& level) {
    return level.n_nodes > least_merged_nodes && level.n_nodes > crowding_nodes_a_vertex * product(level.n_vertices) && double(level.n_nodes) > stalled * double(n_nodes);
  };
  const auto is_crowded = [&] { return n_nodes <= most_crowded_nodes && n_nodes > crowded_nodes_a_vertex * product(finer.n_vertices); };
  while (levels.empty() || (n_nodes > input.bottom_nodes && can_coarsen() && !is_crowded())) {
    if (!levels.empty() && (merging || !input.bonds)) std::vector<std::int32_t>().swap(input.cell_body);  // the finest mesh and merging have read it
    CoarseLevel level = make_level(finer, levels, merging ? &*merging : nullptr);
    if (!merging && input.bonds && crowds(level)) {
      merging.emplace(input);
      hierarchy.n_unmerged = levels.size();
      hierarchy.first_merging = std::make_shared<FirstMerging>(FirstMerging{walls, pair_element});
      level = {};
      level = make_level(finer, levels, &*merging);
    }
    if (!finer.left_out.empty()) find_loose(finer, *merging, walls, level);
    make_springs(finer, levels.size() < levels_of_pairs, pair_element, level);
    if (levels.size() + 1 >= levels_of_pairs) std::vector<std::uint32_t>().swap(pair_element);
    walls = coarsen_walls(walls, finer, level);
    levels.push_back(std::move(level));
    finer = Finer::of(input, levels.back());
    finer.merged_before = hierarchy.merged();
    n_nodes = levels.back().n_nodes;
  }
  for (std::size_t l = 0; l < levels.size(); ++l) {  // what only the making of the next level reads
    CoarseLevel& level = levels[l];
    if (hierarchy.merged() && l + 1 == hierarchy.n_unmerged) continue;  // it may be made anew
    std::vector<float>().swap(level.element_moment);
    for (auto* list : {&level.element_cell, &level.cell_first, &level.cell_count, &level.springs.cell, &level.springs.element}) std::vector<std::uint32_t>().swap(*list);
    std::vector<std::uint8_t>().swap(level.springs.reached);
  }
}

}  // namespace

Hierarchy make_hierarchy(HierarchyInput input) {
  Hierarchy hierarchy;
  hierarchy.levels.reserve(32);
  add_levels(hierarchy, input);
  return hierarchy;
}

void merge_anew(Hierarchy& hierarchy, HierarchyInput input) {
  hierarchy.levels.resize(hierarchy.n_unmerged);
  add_levels(hierarchy, input);
}

}  // namespace voxode::mesh
