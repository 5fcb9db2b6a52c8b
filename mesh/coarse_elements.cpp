#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/error.hpp"
#include "kernels/union_find.hpp"
#include "mesh/coarsening.hpp"
#include "mesh/host_policy_kokkos.hpp"

namespace voxode::mesh::coarsening {

using kernels::find_root;
using kernels::unite;

namespace {

/// Stiffness, its first and its second moments about the middle of a cell (voxels).
using Moments = std::array<double, 7>;

/// Elements of a row of blocks.
struct RowOfElements {
  std::vector<std::uint32_t> cell;
  std::vector<std::int32_t> body;
  std::vector<Moments> moments;
  std::vector<float> property;       // element by element
  std::vector<std::uint32_t> count;  // per cell
};

/// What one cell is made from.
struct CellContent {
  static constexpr int most_vertices = 64;  // an odd last cell takes three finer ones along an axis
  struct Link {
    std::uint32_t key;
    std::uint32_t item;
    std::int32_t next;
  };
  std::vector<Index> element;
  std::vector<std::uint32_t> set;
  std::vector<Link> links;
  std::vector<std::pair<std::int32_t, std::uint32_t>> roots;  // body, item
  std::int32_t first[most_vertices];
};

/// Cells [begin, end) of the finer level inside coarse cell I along an axis.
void child_cells(Index coarse, Index n_finer, Index n_coarse, Index& begin, Index& end) {
  if (n_finer == n_coarse) {
    begin = coarse, end = coarse + 1;
  } else {
    begin = 2 * coarse, end = coarse + 1 == n_coarse ? n_finer : 2 * coarse + 2;
  }
}

/// Sets of the finer elements in a range of cells, united where they share a vertex and what tells its nodes apart.
void find_sets(Finer& finer, const std::array<Index, 6>& range, CellContent& content) {
  content.element.clear();
  content.set.clear();
  content.links.clear();
  const Index n_x = range[1] - range[0] + 1, n_y = range[3] - range[2] + 1, n_z = range[5] - range[4] + 1;
  std::fill(content.first, content.first + n_x * n_y * n_z, -1);
  for (Index k = range[4]; k < range[5]; ++k)
    for (Index j = range[2]; j < range[3]; ++j)
      for (Index i = range[0]; i < range[1]; ++i)
        finer.for_elements(linear_index(finer.n_cells, i, j, k), [&](Index element) {
          if (finer.is_left_out(element)) {
            finer.place[std::size_t(element)] = Finer::no_place;
            return;
          }
          const auto item = std::uint32_t(content.element.size());
          content.element.push_back(element);
          content.set.push_back(item);
          for (int c = 0; c < 8; ++c) {
            const Index vertex = i - range[0] + (c & 1) + n_x * (j - range[2] + (c >> 1 & 1) + n_y * (k - range[4] + (c >> 2)));
            const std::uint32_t key = finer.key(element, c);
            std::int32_t* link = &content.first[vertex];
            while (*link >= 0 && content.links[std::size_t(*link)].key != key) link = &content.links[std::size_t(*link)].next;
            if (*link >= 0) {
              unite(content.set.data(), content.links[std::size_t(*link)].item, item);
            } else {
              *link = std::int32_t(content.links.size());
              content.links.push_back({key, item, -1});
            }
          }
        });
}

/// So many elements may a body have in a cell; where it falls into more pieces they stay one, or vertices would carry hundreds of nodes and their blocks as many squared.
constexpr std::ptrdiff_t most_pieces = 16;

void unite_crumbs(const Finer& finer, CellContent& content) {
  auto& roots = content.roots;
  roots.clear();
  for (std::uint32_t item = 0; item < content.set.size(); ++item)
    if (content.set[item] == item) roots.emplace_back(finer.body(content.element[item]), item);
  if (std::ptrdiff_t(roots.size()) <= most_pieces) return;
  std::sort(roots.begin(), roots.end());
  for (auto begin = roots.begin(); begin != roots.end();) {
    const auto end = std::find_if(begin, roots.end(), [body = begin->first](const auto& root) { return root.first != body; });
    if (end - begin > most_pieces)
      for (auto other = begin; other != end; ++other) unite(content.set.data(), begin->second, other->second);
    begin = end;
  }
}

/// The elements of one coarse cell, properties summed over the finer cells or elements.
void add_cell(Finer& finer, const std::array<Index, 6>& range, std::uint32_t cell, CellContent& content, RowOfElements& out) {
  const HierarchyInput& in = *finer.input;
  const auto n_properties = std::size_t(in.n_properties);
  find_sets(finer, range, content);
  unite_crumbs(finer, content);
  double middle[3];
  for (std::size_t a = 0; a < 3; ++a) middle[a] = 0.5 * (finer.coordinate[a][std::size_t(range[2 * a])] + finer.coordinate[a][std::size_t(range[2 * a + 1])]);
  const std::size_t first = out.body.size();
  for (std::size_t item = 0; item < content.element.size(); ++item) {
    const Index element = content.element[item];
    const std::uint32_t root = find_root(content.set.data(), std::uint32_t(item));
    if (root == item) {
      finer.place[std::size_t(element)] = std::uint16_t(out.body.size() - first);
      out.body.push_back(finer.body(element));
      out.cell.push_back(cell);
      out.moments.push_back({});
      out.property.resize(out.property.size() + n_properties, 0.0f);
    } else {
      finer.place[std::size_t(element)] = finer.place[std::size_t(content.element[root])];  // a root comes first
    }
    const std::size_t e = first + finer.place[std::size_t(element)];
    float own[7];
    const float *moment = own, *property = nullptr;
    std::size_t stride = 1;
    if (finer.level) {
      moment = finer.level->element_moment.data() + 7 * std::size_t(element);
      property = finer.level->property.data() + element;
      stride = std::size_t(finer.level->n_elements());
    } else {
      const std::size_t number = (*in.cell_class)[std::size_t(element)];
      property = in.class_property.data() + number * n_properties;
      const Index3 at = coordinates_of(element, finer.n_cells);
      own[0] = in.class_stiffness[number];
      for (std::size_t a = 0; a < 3; ++a) own[1 + a] = float(at[a]) + 0.5f, own[4 + a] = 1.0f / 12;
    }
    for (std::size_t p = 0; p < n_properties; ++p) out.property[e * n_properties + p] += property[p * stride];
    Moments& m = out.moments[e];
    const double weight = double(moment[0]);
    m[0] += weight;
    for (std::size_t a = 0; a < 3; ++a) {
      const double x = double(moment[1 + a]) - middle[a];
      m[1 + a] += weight * x;
      m[4 + a] += weight * (x * x + double(moment[4 + a]));
    }
  }
  out.count.push_back(std::uint32_t(out.body.size() - first));
}

void store_row(const RowOfElements& row, std::size_t first, std::size_t total, std::size_t n_properties, CoarseLevel& level) {
  for (std::size_t s = 0; s < row.body.size(); ++s) {
    const std::size_t at = first + s;
    level.element_body[at] = row.body[s];
    level.element_cell[at] = row.cell[s];
    const Index3 ijk = coordinates_of(row.cell[s], level.n_cells);
    std::uint8_t wide = 0;
    for (std::size_t a = 0; a < 3; ++a)
      if (ijk[a] == level.n_cells[a] - 1 && level.last_edge[a] != level.regular_edge[a]) wide |= std::uint8_t(1 << a);
    level.element_wide[at] = wide;
    const Moments& m = row.moments[s];
    level.element_moment[7 * at] = float(m[0]);
    for (std::size_t a = 0; a < 3; ++a) {
      const double lower = level.coordinate[a][std::size_t(ijk[a])], half = 0.5 * (level.coordinate[a][std::size_t(ijk[a]) + 1] - lower);
      const double centre = m[1 + a] / m[0], variance = std::max(0.0, m[4 + a] / m[0] - centre * centre);
      level.element_moment[7 * at + 1 + a] = float(lower + half + centre);
      level.element_moment[7 * at + 4 + a] = float(variance);
      level.element_centre[a * total + at] = std::int8_t(std::lround(127 * centre / half));
      level.element_spread[a * total + at] = std::uint8_t(std::min(255l, std::lround(255 * std::sqrt(3 * variance) / half)));
    }
    for (std::size_t q = 0; q < n_properties; ++q) level.property[q * total + at] = row.property[s * n_properties + q];
  }
}

}  // namespace

void make_elements(Finer& finer, CoarseLevel& level) {
  const Blocks& blocks = level.blocks;
  const Index per_row = blocks.n_blocks[0], n_rows = blocks.n_blocks[1] * blocks.n_blocks[2];  // rows of blocks: blocks may be single cells
  std::vector<RowOfElements> rows(static_cast<std::size_t>(n_rows));
  finer.place.resize(std::size_t(finer.n_elements()));
  const auto for_cells = [&](Index block, const auto& f) {
    const Index3 b = coordinates_of(block, blocks.n_blocks);
    for (Index k = b[2] * blocks.size[2]; k < std::min((b[2] + 1) * blocks.size[2], level.n_cells[2]); ++k)
      for (Index j = b[1] * blocks.size[1]; j < std::min((b[1] + 1) * blocks.size[1], level.n_cells[1]); ++j)
        for (Index i = b[0] * blocks.size[0]; i < std::min((b[0] + 1) * blocks.size[0], level.n_cells[0]); ++i) f(i, j, k);
  };
  RowOfElements* const row_of = rows.data();
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::elements", DynamicHostPolicy(0, n_rows), [&, row_of](Index row) {
    CellContent content;
    for (Index block = row * per_row; block < (row + 1) * per_row; ++block)
      for_cells(block, [&](Index i, Index j, Index k) {
        std::array<Index, 6> range;
        child_cells(i, finer.n_cells[0], level.n_cells[0], range[0], range[1]);
        child_cells(j, finer.n_cells[1], level.n_cells[1], range[2], range[3]);
        child_cells(k, finer.n_cells[2], level.n_cells[2], range[4], range[5]);
        add_cell(finer, range, std::uint32_t(linear_index(level.n_cells, i, j, k)), content, row_of[row]);
      });
  });
  Kokkos::fence();
  std::size_t total = 0;
  level.element_offset.assign(1, 0);
  level.cell_first.assign(std::size_t(product(level.n_cells)), 0);
  level.cell_count.assign(std::size_t(product(level.n_cells)), 0);
  for (Index block = 0, cell = 0; block < blocks.count(); ++block) {
    if (block % per_row == 0) cell = 0;
    for_cells(block, [&](Index i, Index j, Index k) {
      const auto at = std::size_t(linear_index(level.n_cells, i, j, k));
      level.cell_first[at] = std::uint32_t(total);
      level.cell_count[at] = rows[std::size_t(block / per_row)].count[std::size_t(cell++)];
      total += level.cell_count[at];
    });
    level.element_offset.push_back(std::uint32_t(total));
  }
  constexpr std::uint32_t most_in_a_cell = Finer::no_place;
  const bool crowded = std::any_of(level.cell_count.begin(), level.cell_count.end(), [](std::uint32_t count) { return count > most_in_a_cell; });
  if (crowded || total + 1 >= Parent::element_mask) throw MemoryError("elements of the multigrid hierarchy exceed their index; crop or coarsen the image");
  level.element_body.resize(total);
  level.element_cell.resize(total);
  level.element_wide.resize(total);
  level.property.resize(total * std::size_t(finer.input->n_properties));
  level.element_centre.resize(3 * total);
  level.element_spread.resize(3 * total);
  level.element_moment.resize(7 * total);
  for (Index row = 0; row < n_rows; ++row) {
    store_row(rows[std::size_t(row)], level.element_offset[std::size_t(row * per_row)], total, std::size_t(finer.input->n_properties), level);
    rows[std::size_t(row)] = {};
  }
}

namespace {

/// Elements of the cells around a coarse vertex, united where finer nodes that hang on the vertex are theirs both.
struct VertexSets {
  const Finer& finer;
  const CoarseLevel& level;
  struct Cell {
    Index cell;
    std::uint32_t first_slot;
  };
  struct Seen {
    std::uint32_t key, slot;
  };
  std::vector<Cell> cells;
  std::vector<std::uint32_t> set;
  std::vector<Seen> seen;
  std::uint32_t n_sets = 0;

  VertexSets(const Finer& finer_, const CoarseLevel& level_) : finer(finer_), level(level_) {}

  void find(const Index3& vertex) {
    cells.clear();
    set.clear();
    for_cells_around(level.n_cells, level.periodic, vertex, [&](const Index3& at, int) {
      const Index cell = linear_index(level.n_cells, at[0], at[1], at[2]);
      for (const Cell& known : cells)
        if (known.cell == cell) return;  // across a periodic axis of one cell
      cells.push_back({cell, std::uint32_t(set.size())});
      for (std::uint32_t e = 0; e < level.cell_count[std::size_t(cell)]; ++e) set.push_back(std::uint32_t(set.size()));
    });
    n_sets = std::uint32_t(set.size());
    const auto children = [&](std::size_t a) { return std::pair(level.from_finer[a].child_offset[std::size_t(vertex[a])], level.from_finer[a].child_offset[std::size_t(vertex[a]) + 1]); };
    const auto x = children(0), y = children(1), z = children(2);
    // the finer vertex with the largest weight, mostly at the same place, tells nearly all
    const Index3 middle{heaviest(0, x), heaviest(1, y), heaviest(2, z)};
    unite_at(middle);
    for (std::int32_t k = z.first; k < z.second && n_sets > 1; ++k)
      for (std::int32_t j = y.first; j < y.second && n_sets > 1; ++j)
        for (std::int32_t i = x.first; i < x.second && n_sets > 1; ++i)
          unite_at({level.from_finer[0].child[std::size_t(i)], level.from_finer[1].child[std::size_t(j)], level.from_finer[2].child[std::size_t(k)]});
  }
  Index heaviest(std::size_t axis, const std::pair<std::int32_t, std::int32_t>& range) const {
    const AxisTransfer& t = level.from_finer[axis];
    std::int32_t best = range.first;
    for (std::int32_t i = range.first + 1; i < range.second; ++i)
      if (t.child_weight[std::size_t(i)] > t.child_weight[std::size_t(best)]) best = i;
    return t.child[std::size_t(best)];
  }
  void unite_at(const Index3& finer_vertex) {
    seen.clear();
    for_cells_around(finer.n_cells, finer.periodic, finer_vertex, [&](const Index3& at, int corner) {
      const Index3 coarse = coarse_cell(at, finer, level);
      const Index cell = linear_index(level.n_cells, coarse[0], coarse[1], coarse[2]);
      std::size_t c = 0;
      while (cells[c].cell != cell) ++c;
      finer.for_elements(linear_index(finer.n_cells, at[0], at[1], at[2]), [&](Index element) {
        if (finer.place[std::size_t(element)] == Finer::no_place) return;
        const std::uint32_t key = finer.key(element, corner), slot = cells[c].first_slot + finer.place[std::size_t(element)];
        for (Seen& s : seen)
          if (s.key == key) {
            if (unite(set.data(), s.slot, slot)) --n_sets;
            return;
          }
        seen.push_back({key, slot});
      });
    });
  }
};

}  // namespace

Parent find_parent(const Index3& finer_vertex, std::uint32_t key, const Finer& finer, const CoarseLevel& level) {
  std::uint32_t best_element = no_element, best_before = 8;
  for_cells_around(finer.n_cells, finer.periodic, finer_vertex, [&](const Index3& at, int corner) {
    std::uint32_t before = 0;
    for (std::size_t a = 0; a < 3; ++a)
      if (coarse_cell(at[a], finer.n_cells[a], level.n_cells[a]) != level.from_finer[a].left[std::size_t(finer_vertex[a])]) before |= 1u << a;
    if (before >= best_before) return;
    finer.for_elements(linear_index(finer.n_cells, at[0], at[1], at[2]), [&](Index element) {
      if (finer.key(element, corner) != key) return;
      best_before = before;
      best_element = coarse_element(element, finer, level);
    });
  });
  if (best_before == 8) return {Parent::missing};
  return {best_element == no_element ? Parent::none : best_element | best_before << Parent::element_bits};
}

namespace {
[[noreturn]] void no_parent() { throw InternalError("a node of the finer level has no element at its vertex in the multigrid hierarchy"); }
}  // namespace

Parent parent_of_body(Index finer_vertex, std::int32_t body, const Finer& finer, const CoarseLevel& level) {
  const std::int32_t joined = finer.joined.empty() ? body : finer.joined[std::size_t(body)];
  const Parent parent = find_parent(coordinates_of(finer_vertex, finer.n_vertices), finer.key_of_body(finer_vertex, joined), finer, level);
  if (parent.code == Parent::missing) no_parent();
  return parent;
}

void make_nodes(const Finer& finer, CoarseLevel& level) {
  const Index n_vertices = product(level.n_vertices);
  const auto n_elements = std::size_t(level.n_elements());
  level.node_offset.assign(std::size_t(n_vertices) + 1, 0);
  level.element_node.resize(8 * n_elements);
  std::uint32_t *const offset = level.node_offset.data(), *const element_node = level.element_node.data();
  // first the number among those of the vertex
  const Index row = level.n_vertices[0];
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::nodes", DynamicHostPolicy(0, n_vertices / row), [&, offset, element_node](Index line) {
    VertexSets sets(finer, level);
    std::vector<std::uint32_t> rank;
    for (Index v = line * row; v < (line + 1) * row; ++v) {
      const Index3 vertex = coordinates_of(v, level.n_vertices);
      sets.find(vertex);
      rank.assign(sets.set.size(), 0);
      std::uint32_t count = 0;
      for (std::uint32_t slot = 0; slot < sets.set.size(); ++slot) rank[slot] = sets.set[slot] == slot ? count++ : rank[find_root(sets.set.data(), slot)];
      offset[v + 1] = count;
      for_cells_around(level.n_cells, level.periodic, vertex, [&](const Index3& at, int corner) {
        const Index cell = linear_index(level.n_cells, at[0], at[1], at[2]);
        std::size_t c = 0;
        while (sets.cells[c].cell != cell) ++c;
        for (std::uint32_t e = 0; e < level.cell_count[std::size_t(cell)]; ++e)
          element_node[std::size_t(corner) * n_elements + level.cell_first[std::size_t(cell)] + e] = rank[sets.cells[c].first_slot + e];
      });
    }
  });
  Kokkos::fence();
  for (Index v = 0; v < n_vertices; ++v) offset[v + 1] += offset[v];
  level.n_nodes = Index(offset[n_vertices]);
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::corners", DynamicHostPolicy(0, Index(n_elements)), [&, offset, element_node](Index e) {
    const Index3 at = coordinates_of(level.element_cell[std::size_t(e)], level.n_cells);
    for (int c = 0; c < 8; ++c) element_node[std::size_t(c) * n_elements + std::size_t(e)] += offset[corner_vertex(level, at, c)];
  });
  Kokkos::fence();

  const std::vector<std::uint32_t>& finer_offset = finer.node_offset();
  level.parent.resize(finer_offset.back());
  std::uint32_t* const parent = level.parent.data();
  Kokkos::parallel_for("voxode::mesh::make_hierarchy::parents", DynamicHostPolicy(0, product(finer.n_vertices)), [&, parent](Index v) {
    const Index3 vertex = coordinates_of(v, finer.n_vertices);
    for (std::uint32_t n = finer_offset[std::size_t(v)]; n < finer_offset[std::size_t(v) + 1]; ++n) parent[n] = find_parent(vertex, finer.key_of_node(n), finer, level).code;
  });
  Kokkos::fence();
  if (std::find(level.parent.begin(), level.parent.end(), std::uint32_t(Parent::missing)) != level.parent.end()) no_parent();
}

}  // namespace voxode::mesh::coarsening
