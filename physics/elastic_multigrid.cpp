#include "physics/elastic_multigrid.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "kernels/chebyshev.hpp"
#include "kernels/error.hpp"
#include "kernels/short_fields.hpp"
#include "mesh/runs.hpp"
#include "physics/device_archive.hpp"
#include "physics/elastic_bottom.hpp"
#include "physics/loose_bodies.hpp"
#include "physics/multigrid_kernels.hpp"
#include "physics/node_gather.hpp"

namespace voxode::physics {

using kernels::for_each;
using kernels::make_array;
using kernels::make_field;
using kernels::to_device;

namespace {
constexpr int refreshes_an_estimate = 4;  // of coarse levels' spectra
}  // namespace

struct ElasticMultigrid::Level {
  Index n_nodes = 0;
  VertexBlocks vertex_blocks;
  double lambda_max = 2.5;
  LooseMotions loose;  ///< of what the next level leaves out
  // of coarse levels only:
  bool is_new = true;  ///< its springs, blocks and spectrum are to be found
  NodeField<float> b, x, d, t;  ///< hold nothing between cycles and refreshes: in the memory of the finest level's scratch, where they fit
  kernels::HalfField top;  ///< eigenvector of the largest eigenvalue, where the next estimate goes on
  const mesh::CoarseLevel* shape = nullptr;
  CoarseElements elements;
  ColouredBlocks blocks;
  DeviceSprings springs;
  Array<std::uint8_t> springs_changed;  ///< groups with new springs
  Array<std::uint8_t> marked;           ///< vertices that they reach
  ConstArray<std::uint32_t> wall_node, wall_row, wall_column;
  ConstArray<std::uint8_t> wall_component, wall_plate;
  ConstArray<float> wall_value;
  DeviceTransfer transfer[3];
  CoarseNodes nodes;
  Array<std::uint32_t> node_vertex;
  // on a GPU only:
  NodeGather element_gather, spring_gather;
  Array<float> element_force, spring_force;
  Interpolation from_coarser;         ///< to this level; empty on the finest and the last
  Array<std::uint32_t> large_vertices;  ///< whose blocks have more than InvertBlocks::small unknowns
  int most_unknowns = 0;
};

struct ElasticMultigrid::Implementation {
  const ElasticSystem& system;
  Options options;
  mesh::Hierarchy hierarchy;
  std::vector<Level> levels;
  Array<float> pair_stiffness;         // of the finest level
  Array<float> coarse_pair_stiffness;  // no stiffer than the softer body behind it (see soften); then the ties of parts
  Array<float> pair_limit;             // N/m
  bool softens = true;                 // some pair may be stiffer than its limit
  Array<float> fine_diagonal;
  struct FineFields {
    Field<float> b, x, d, t;
  };
  FineFields fine;
  Field<double> fine_scratch;  // d and t of the finest level
  Array<float> coarse_memory;  // fields of coarse levels that do not fit in there
  std::optional<ElasticBottom> bottom;
  std::vector<LocalSmoother> local;
  double plate = 0;  // displacement of the plate in the cycle under way
  double plate_spring = 0;
  bool lambda_known = false;
  std::vector<float> pair_stiffest, limits;  // N/m, where bodies may merge: as stiff as pairs can be, and `pair_limit`
  mesh::BodyParts parts;               // but for the parts of voxels and nodes
  mesh::Runs cell_bodies, node_bodies; // or parts of them, where bodies did merge
  std::vector<mesh::Bond> bonds;       // of the pairs when the hierarchy was made, where bodies did merge
  int n_refreshes = 0, last_merging = 0;

  explicit Implementation(const ElasticSystem& s, const Options& o) : system(s), options(o) {}

  void set_up(const std::vector<std::int32_t>& mechanical_body);
  void set_up_hierarchy(std::vector<std::int32_t> cell_body, std::vector<std::int32_t> node_body);
  std::vector<float> class_stiffness() const;
  std::vector<mesh::Bond> find_bonds() const;
  void renew_merged();
  void merge(std::vector<mesh::Bond> now);
  /// Of a rigid motion (N/m): far less than any spring.
  float least_stiffness() const { return 1e-10f * system.class_moduli[1]; }
  void set_up_coarse(Level& level);
  void acquire_fine_fields();
  void place_coarse_fields();
  Index place_coarse_fields(float* memory);
  void clear_padding();
  void fine_blocks(bool only_interfaces, const Array<std::uint8_t>& changed = {}) {
    assemble_fine_blocks(system, fine_diagonal, pair_stiffness, only_interfaces, changed, levels[0].vertex_blocks);
    for (const LocalSmoother& smoother : local) smoother.refresh(system, levels[0].vertex_blocks, changed);
  }
  void coarse_blocks(Level& level, bool all);
  /// Where the fields of coarse levels are at other times, or as much of it as there are blocks.
  Array<float> block_scratch(Index n);
  void coarse_springs(const Array<std::uint8_t>& changed);
  std::vector<float> find_limits();
  void set_up_coarse_stiffness(const std::vector<mesh::PartTie>& ties);
  void soften();
  void estimate_lambda(int l, int n_iterations);
  template <class Fields> void estimate_lambda_with(const Fields& fields, int l, int n_iterations);
  void apply_fine_operator(const Field<const float>& x, const Field<float>& y, double* plate_force);
  void apply_coarse_operator(int l, const NodeField<const float>& x, const NodeField<float>& y, double plate_displacement, double* plate_force);
  /// t = A x of a level.
  void apply_operator(int l, double plate_displacement, double* plate_force) {
    if (l == 0) apply_fine_operator(fine.x, fine.t, plate_force);
    else apply_coarse_operator(l, levels[std::size_t(l)].x, levels[std::size_t(l)].t, plate_displacement, plate_force);
  }
  void smooth(int l, bool from_zero);
  void smooth_locally(const LocalSmoother& smoother) { smoother.smooth(system, pair_stiffness, levels[0].lambda_max, fine.b, fine.x, reinterpret_cast<float*>(fine_scratch.data())); }
  void chebyshev(int l, bool first, float keep, float step);
  template <class Transfer> Transfer make_transfer(int l);
  void to_coarser(int l);
  void add_from_coarser(int l);
  double cycle(int l, double plate_residual);
};

void ElasticMultigrid::Implementation::set_up(const std::vector<std::int32_t>& mechanical_body) {
  levels.resize(1);
  levels[0].n_nodes = system.n_nodes();
  levels[0].vertex_blocks = make_fine_blocks(system);
  if (!options.jacobi) {
    if (options.locally)
      for (const LocalSmoother::Region& region : {LocalSmoother::nearly_incompressible(system), LocalSmoother::splinters(system, mechanical_body)}) {
        LocalSmoother smoother(system, levels[0].vertex_blocks, options.stiffest, region);
        if (!smoother.empty()) local.push_back(std::move(smoother));
      }
    limits = find_limits();
    pair_stiffest = std::move(options.stiffest);
    if (!pair_stiffest.empty()) bonds = find_bonds();
    parts = mesh::find_body_parts(system.nodes, system.nodes.body, mechanical_body, system.classes.of_cell, class_stiffness());
    std::vector<std::int32_t> cell_body, node_body;
    if (parts.of_voxel.empty()) {
      cell_body = mechanical_body;
      node_body = system.nodes.body;
    } else {
      cell_body = std::move(parts.of_voxel);
      node_body = std::move(parts.of_node);
    }
    if (!bonds.empty()) {
      cell_bodies = mesh::Runs(cell_body);
      node_bodies = mesh::Runs(node_body);
    }
    set_up_hierarchy(std::move(cell_body), std::move(node_body));
    if (!hierarchy.merged()) {
      cell_bodies = {};
      node_bodies = {};
      parts = {};
      std::vector<mesh::Bond>().swap(bonds);
      for (std::vector<float>* const list : {&pair_stiffest, &limits}) std::vector<float>().swap(*list);
    }
  }
  acquire_fine_fields();
  fine_diagonal = class_diagonals(system);
  fine_blocks(false);
}

/// E h of each class.
std::vector<float> ElasticMultigrid::Implementation::class_stiffness() const {
  std::vector<float> list;
  for (const Stiffness& c : system.classes.stiffness) list.push_back(float(voigt_average(c).youngs_modulus() * system.voxel_edge));
  return list;
}

/// Coarse levels and bottom; of what holds together as `bonds` says, if it says anything. Bodies or parts of them, by voxel and by node.
void ElasticMultigrid::Implementation::set_up_hierarchy(std::vector<std::int32_t> cell_body, std::vector<std::int32_t> node_body) {
  mesh::HierarchyInput input;
  input.nodes = &system.nodes;
  input.points = &system.points;
  input.cell_class = &system.classes.of_cell;
  input.n_properties = system.n_moduli;
  input.class_property = system.class_moduli;
  input.class_stiffness = class_stiffness();
  input.cell_body = std::move(cell_body);
  input.node_body = std::move(node_body);
  input.parts = &parts;
  input.walls = system.support.walls();
  input.fine_blocks = !kernels::on_host;
  input.bottom_nodes = options.bottom_nodes;
  if (!bonds.empty()) input.bonds = &bonds;
  if (hierarchy.levels.empty()) hierarchy = mesh::make_hierarchy(std::move(input));
  else mesh::merge_anew(hierarchy, std::move(input));
  if (!coarse_pair_stiffness.extent(0)) set_up_coarse_stiffness(parts.ties);  // the ties are always the same
  const std::size_t n_kept = levels.size();
  levels.resize(hierarchy.levels.size() + 1);
  for (std::size_t l = n_kept; l < levels.size(); ++l) {
    const mesh::CoarseLevel& shape = hierarchy.levels[l - 1];
    levels[l].shape = &shape;
    levels[l - 1].loose = LooseMotions(shape.loose);
    set_up_coarse(levels[l]);
    if (!kernels::on_host && l > 1) levels[l - 1].from_coarser = make_interpolation(*levels[l - 1].shape, shape);
  }
  bottom.emplace(system, hierarchy.levels.back());
}

/// How far pairs hold with the springs they have, or as stiff as they can be. One that touches, and slips, holds.
std::vector<mesh::Bond> ElasticMultigrid::Implementation::find_bonds() const {
  constexpr float held = 0.25f;           // of the stiffest
  constexpr double like_one_body = 0.5;   // K h / E
  const auto now = Kokkos::create_mirror_view(pair_stiffness);
  if (pair_stiffness.extent(0)) Kokkos::deep_copy(now, pair_stiffness);
  std::vector<mesh::Bond> list(pair_stiffest.size());
  for (std::size_t p = 0; p < list.size(); ++p) {
    const float mean = pair_stiffness.extent(0) ? (now(6 * p) + now(6 * p + 1) + now(6 * p + 2)) / 3 : pair_stiffest[p];
    const double area = 0.25 * double(system.points.point_offset[p + 1] - system.points.point_offset[p]);
    list[p] = mean < held * pair_stiffest[p] ? mesh::Bond::open : double(mean) < like_one_body * area * 0.1 * double(limits[p]) ? mesh::Bond::soft : mesh::Bond::stiff;
  }
  return list;
}

/// Where bodies merged, and enough pairs have opened or closed since: the hierarchy anew.
void ElasticMultigrid::Implementation::renew_merged() {
  if (bonds.empty()) return;
  // a merged body that has come apart is welded still, one that holds again is only one node too many
  constexpr double most_lost = 0.005, most_lost_at_once = 0.05, most_gained = 0.05;
  constexpr int refreshes_a_merging = 4;
  std::vector<mesh::Bond> now = find_bonds();
  Index held = 0, lost = 0, gained = 0;
  for (std::size_t p = 0; p < now.size(); ++p) {
    const bool before = bonds[p] != mesh::Bond::open, after = now[p] != mesh::Bond::open;
    held += before;
    lost += before && !after;
    gained += after && !before;
  }
  const double least_lost = n_refreshes - last_merging < refreshes_a_merging ? most_lost_at_once : most_lost;
  if (double(lost) <= least_lost * double(held) && double(gained) <= most_gained * double(held)) return;
  last_merging = n_refreshes;
  merge(std::move(now));
}

void ElasticMultigrid::Implementation::merge(std::vector<mesh::Bond> now) {
  bonds = std::move(now);
  bottom.reset();
  levels.resize(hierarchy.n_unmerged + 1);
  set_up_hierarchy(cell_bodies.expand(), node_bodies.expand());
  place_coarse_fields();
}

void ElasticMultigrid::Implementation::acquire_fine_fields() {
  const Index n = system.n_nodes();
  if (fine.b.extent(0)) return;
  fine.b = make_field<float>("b", n);
  fine.x = make_field<float>("x", n);
  fine_scratch = make_field<double>("fine_scratch", n);
  float* const halves = reinterpret_cast<float*>(fine_scratch.data());
  fine.d = Field<float>(halves, std::size_t(n));
  fine.t = Field<float>(halves + 3 * n, std::size_t(n));
  place_coarse_fields();
}

/// In the finest level's scratch, or in memory of their own.
void ElasticMultigrid::Implementation::place_coarse_fields() {
  if (levels.size() < 2) return;
  const Index n = system.n_nodes();
  float* const halves = reinterpret_cast<float*>(fine_scratch.data());
  // the first level's b, which comes first, is made from the finest level's t
  const Index needed = place_coarse_fields(halves);
  if (4 * levels[1].n_nodes <= 3 * n && needed <= 6 * n) return;
  if (Index(coarse_memory.extent(0)) < needed) coarse_memory = make_array<float>("coarse_fields", needed);
  place_coarse_fields(coarse_memory.data());
}

/// Returns how many numbers they take.
Index ElasticMultigrid::Implementation::place_coarse_fields(float* memory) {
  Index used = 0;
  for (std::size_t l = 1; l < levels.size(); ++l)
    for (NodeField<float>* const field : {&levels[l].b, &levels[l].x, &levels[l].d, &levels[l].t}) {
      *field = NodeField<float>(memory + used, std::size_t(levels[l].n_nodes));
      used += 4 * levels[l].n_nodes;
    }
  return used;
}

/// The padding of all coarse fields but the first level's b, which the restriction writes whole.
void ElasticMultigrid::Implementation::clear_padding() {
  const NodeField<float> first = levels[1].x, last = levels.back().t;
  float* const padding = first.data() + 3;
  for_each("voxode::physics::clear_padding", (last.data() - first.data()) / 4 + Index(last.extent(0)), KOKKOS_LAMBDA(Index i) { padding[4 * i] = 0.0f; });
}

/// What the softer of a pair's two bodies can carry over a tenth of a voxel: P-wave modulus / (h / 10) times the face area.
std::vector<float> ElasticMultigrid::Implementation::find_limits() {
  const mesh::Nodes& nodes = system.nodes;
  std::vector<float> of_node(std::size_t(nodes.n_nodes()), 0.0f);  // P-wave modulus times h of the node's body
  nodes.for_solid_cells([&](std::size_t cell, const std::array<std::uint32_t, 8>& node) {
    const Stiffness& stiffness = system.classes.stiffness[system.classes.of_cell[cell]];
    const float value = float(std::max({stiffness[0], stiffness[7], stiffness[14]}) * system.voxel_edge);
    for (const std::uint32_t n : node) of_node[n] = std::max(of_node[n], value);
  });
  std::vector<float> limit(std::size_t(system.points.n_pairs()));
  for (std::size_t p = 0; p < limit.size(); ++p) limit[p] = 10 * std::min(of_node[system.points.pair_node[2 * p]], of_node[system.points.pair_node[2 * p + 1]]);
  softens = options.stiffest.size() != limit.size();
  for (std::size_t p = 0; p < limit.size() && !softens; ++p) softens = !(1.001f * options.stiffest[p] < limit[p]);
  if (softens) pair_limit = kernels::upload("pair_limit", limit);
  return limit;
}

void ElasticMultigrid::Implementation::set_up_coarse_stiffness(const std::vector<mesh::PartTie>& ties) {
  std::vector<float> stiffness(6 * std::size_t(system.points.n_pairs()), 0.0f);
  for (const mesh::PartTie& tie : ties) stiffness.insert(stiffness.end(), {tie.stiffness, tie.stiffness, tie.stiffness, 0.0f, 0.0f, 0.0f});
  coarse_pair_stiffness = kernels::upload("coarse_pair_stiffness", stiffness);
}

/// Coarse levels can't bend a soft body (binder in a neck) between two stiff ones: springs far stiffer than it would weld them together.
void ElasticMultigrid::Implementation::soften() {
  if (pair_stiffness.data() == coarse_pair_stiffness.data()) return;  // the array of `pair_springs`
  const auto from = pair_stiffness, to = coarse_pair_stiffness, limit = pair_limit;
  const bool limited = softens;
  for_each("voxode::physics::soften", system.points.n_pairs(), KOKKOS_LAMBDA(Index p) {
    const float* const k = &from(6 * std::size_t(p));
    const float mean = (k[0] + k[1] + k[2]) / 3;
    const float scale = limited && mean > limit(p) ? limit(p) / mean : 1.0f;
    for (int e = 0; e < 6; ++e) to(6 * std::size_t(p) + std::size_t(e)) = scale * k[e];
  });
}

void ElasticMultigrid::Implementation::set_up_coarse(Level& level) {
  const mesh::CoarseLevel& s = *level.shape;
  level.n_nodes = s.n_nodes;
  level.blocks = ColouredBlocks(s.blocks);
  CoarseElements& e = level.elements;
  e.n = s.n_elements();
  e.offset = to_device("element_offset", s.element_offset);
  e.node = to_device("element_node", s.element_node);
  e.wide = to_device("element_wide", s.element_wide);
  e.property = to_device("property", s.property);
  e.centre = to_device("element_centre", s.element_centre);
  e.spread = to_device("element_spread", s.element_spread);
  for (int a = 0; a < 3; ++a) {
    e.g_regular[a] = float(0.25 / s.regular_edge[std::size_t(a)]);
    e.g_last[a] = float(0.25 / s.last_edge[std::size_t(a)]);
    const mesh::AxisTransfer& t = s.from_finer[std::size_t(a)];
    level.transfer[a] = {to_device("left", t.left), to_device("child_offset", t.child_offset), to_device("child", t.child), to_device("right_weight", t.right_weight), to_device("child_weight", t.child_weight)};
    level.nodes.n[a] = s.n_vertices[std::size_t(a)];
  }
  level.nodes.n_elements = e.n;
  level.nodes.element_node = e.node;
  level.nodes.parent = to_device("parent", s.parent);
  level.vertex_blocks = VertexBlocks("vertex_blocks", to_device("node_offset", s.node_offset), s.node_offset);
  level.springs.block_offset = to_device("spring_block_offset", s.springs.block_offset);
  level.springs.node = to_device("spring_node", s.springs.node);
  level.springs.member_offset = to_device("spring_member_offset", s.springs.member_offset);
  level.springs.member = to_device("spring_member", s.springs.member);
  level.springs.place = to_device("spring_place", s.springs.place);
  level.springs.place_value = to_device("spring_place_value", s.springs.place_value);
  level.springs_changed = make_array<std::uint8_t>("springs_changed", s.springs.n_groups());
  level.marked = make_array<std::uint8_t>("marked", product(s.n_vertices));
  const bool is_last = level.shape == &hierarchy.levels.back();
  // on a GPU also the last groups of pairs: those after them are then made by columns
  const bool before_groups = !is_last && s.springs.of_pairs && !(level.shape + 1)->springs.of_pairs;
  if (!s.springs.of_pairs || is_last || (before_groups && !kernels::on_host)) level.springs.matrix = make_array<float>("spring_matrix", 300 * s.springs.n_groups());
  level.wall_node = to_device("wall_node", s.walls.node);
  level.wall_component = to_device("wall_component", s.walls.component);
  level.wall_plate = to_device("wall_plate", s.walls.to_plate);
  level.wall_row = to_device("wall_row", s.walls.row_offset);
  level.wall_column = to_device("wall_column", s.walls.column);
  level.wall_value = to_device("wall_value", s.walls.value);
  std::vector<std::uint32_t> vertex(std::size_t(s.n_nodes));
  for (Index v = 0; v < product(s.n_vertices); ++v)
    for (std::uint32_t n = s.node_offset[std::size_t(v)]; n < s.node_offset[std::size_t(v) + 1]; ++n) vertex[n] = std::uint32_t(v);
  level.node_vertex = kernels::upload("node_vertex", vertex);
  if (kernels::on_host) return;
  level.element_gather = NodeGather(s.element_node, s.n_nodes);
  level.element_force = make_array<float>("element_force", 24 * s.n_elements());
  std::vector<std::uint32_t> spring_node = s.springs.node;
  for (std::size_t g = 0; g < spring_node.size(); g += 16)
    for (std::size_t c = g; c < g + 8; ++c)
      if (spring_node[c] == absent_node || spring_node[c + 8] == absent_node) spring_node[c] = spring_node[c + 8] = absent_node;
  level.spring_gather = NodeGather(spring_node, s.n_nodes);
  level.spring_force = make_array<float>("spring_force", 24 * s.springs.n_groups());
  std::vector<std::uint32_t> large;
  for (Index v = 0; v < product(s.n_vertices); ++v) {
    const int unknowns = 3 * int(s.node_offset[std::size_t(v) + 1] - s.node_offset[std::size_t(v)]);
    if (unknowns > InvertBlocks::small) large.push_back(std::uint32_t(v));
    level.most_unknowns = std::max(level.most_unknowns, unknowns);
  }
  level.large_vertices = kernels::upload("large_vertices", large);
}

Array<float> ElasticMultigrid::Implementation::block_scratch(Index n) {
  if (n <= 6 * system.n_nodes()) return Array<float>(reinterpret_cast<float*>(fine_scratch.data()), std::size_t(n));
  if (Index(coarse_memory.extent(0)) < n) {
    coarse_memory = make_array<float>("coarse_fields", n);
    place_coarse_fields();
  }
  return Array<float>(coarse_memory.data(), std::size_t(n));
}

/// Vertex blocks where springs changed, or all.
void ElasticMultigrid::Implementation::coarse_blocks(Level& level, bool all) {
  VertexBlocks& blocks = level.vertex_blocks;
  const mesh::CoarseLevel& s = *level.shape;
  const auto node_offset = blocks.node_offset;
  const auto block_offset = blocks.block_offset;
  const auto short_value = blocks.short_value;
  const auto value = block_scratch(Index(short_value.extent(0)));
  const auto marked = level.marked;
  kernels::fill(marked, std::uint8_t(all ? 1 : 0));
  if (!all) {
    if constexpr (kernels::on_host) level.blocks.run("voxode::physics::mark_vertices", MarkVertices{level.springs, level.springs_changed, {}, level.node_vertex, marked});
    else for_each("voxode::physics::mark_vertices", blocks.n_vertices, MarkVerticesByNode{level.spring_gather, level.springs_changed, node_offset, marked});
  }
  for_each("voxode::physics::clear_blocks", blocks.n_vertices, KOKKOS_LAMBDA(Index v) {
    if (!marked(v)) return;
    const int size = kernels::packed_size(3 * int(node_offset(v + 1) - node_offset(v)));
    for (int i = 0; i < size; ++i) value(3 * std::size_t(block_offset(v)) + std::size_t(i)) = 0.0f;
  });
  const bool corners_apart = !(s.n_vertices[0] == 1 || s.n_vertices[1] == 1 || s.n_vertices[2] == 1);
  const VertexDiagonal to{marked, {}, level.node_vertex, blocks.node_offset, blocks.block_offset, value, !kernels::on_host && corners_apart ? 8 : 1};
  const auto add_elements = [&](auto diagonal) {
    static_cast<VertexDiagonal&>(diagonal) = to;
    diagonal.elements = level.elements;
    level.blocks.run("voxode::physics::element_diagonal", diagonal, to.per_block);
  };
  if (system.classes.isotropic) add_elements(ElementDiagonal<kernels::Isotropic<float>>{});
  else add_elements(ElementDiagonal<kernels::Anisotropic<float>>{});
  SpringDiagonal springs;
  static_cast<VertexDiagonal&>(springs) = to;
  springs.springs = level.springs;
  springs.pair_stiffness = coarse_pair_stiffness;
  level.blocks.run("voxode::physics::spring_diagonal", springs, to.per_block);
  const auto row = level.wall_row, column = level.wall_column, node = level.wall_node;
  const auto component = level.wall_component;
  const auto wall_value = level.wall_value;
  const auto node_vertex = level.node_vertex;
  // rows of one node differ in component, so no two rows touch the same entry
  for_each("voxode::physics::wall_diagonal", Index(node.extent(0)), KOKKOS_LAMBDA(Index r) {
    if (!marked(node_vertex(node(r)))) return;
    for (std::uint32_t e = row(r); e < row(r + 1); ++e)
      if (column(e) == node(r)) {
        const std::uint32_t v = node_vertex(node(r));
        const int at = 3 * int(node(r) - node_offset(v)) + component(r);
        value(3 * std::size_t(block_offset(v)) + std::size_t(kernels::packed(at, at))) += wall_value(e);
      }
  });
  const InvertBlocks invert{marked, blocks.node_offset, blocks.block_offset, value};
  for_each("voxode::physics::invert_blocks", blocks.n_vertices, invert);
  if (!kernels::on_host) invert_large_blocks(level.large_vertices, level.most_unknowns, invert);
  for_each("voxode::physics::shorten_blocks", blocks.n_vertices, KOKKOS_LAMBDA(Index v) {
    if (!marked(v)) return;
    const std::size_t begin = 3 * std::size_t(block_offset(v));
    const int size = kernels::packed_size(3 * int(node_offset(v + 1) - node_offset(v)));
    for (int i = 0; i < size; ++i) short_value(begin + std::size_t(i)) = kernels::upper_half(value(begin + std::size_t(i)));
  });
}

void ElasticMultigrid::Implementation::coarse_springs(const Array<std::uint8_t>& changed) {
  soften();
  for (std::size_t l = 1; l < levels.size(); ++l) {
    const DeviceSprings here = levels[l].springs;
    const bool of_pairs = levels[l].shape->springs.of_pairs;
    const bool is_new = levels[l].is_new;
    const Array<std::uint8_t> flags = levels[l].springs_changed, finer = of_pairs ? changed : levels[l - 1].springs_changed;
    for_each("voxode::physics::changed_groups", Index(flags.extent(0)), KOKKOS_LAMBDA(Index g) {
      bool any = is_new || finer.extent(0) == 0;
      for (std::uint32_t m = here.member_offset(g); m < here.member_offset(g + 1) && !any; ++m) any = here.member(m) < finer.extent(0) && finer(here.member(m)) != 0;  // ties of parts stay
      flags(g) = any ? 1 : 0;
    });
    if (levels[l].springs.matrix.extent(0) == 0) continue;
    BuildSprings build;
    build.here = levels[l].springs;
    build.pair_stiffness = coarse_pair_stiffness;
    build.changed = flags;
    build.from_pairs = of_pairs;
    build.finer_is_pairs_group = !of_pairs && levels[l - 1].springs.matrix.extent(0) == 0;
    if (!of_pairs) build.finer = levels[l - 1].springs;
    for_each("voxode::physics::build_springs", BuildSprings::per_group * levels[l].shape->springs.n_groups(), build);
  }
}

void ElasticMultigrid::Implementation::apply_fine_operator(const Field<const float>& x, const Field<float>& y, double* plate_force) {
  system.bulk_force<float>(x, y);
  system.add_pair_forces<float>(pair_stiffness, x, y);
  if (plate_force) *plate_force = system.support.plate_moves ? system.plate_force(y) : 0.0;
  system.mask(y);
}

void ElasticMultigrid::Implementation::apply_coarse_operator(int l, const NodeField<const float>& x, const NodeField<float>& y, double plate_displacement, double* plate_force) {
  Level& level = levels[std::size_t(l)];
  if (kernels::on_host) kernels::fill(y, 0.0f);
  constexpr int W = kernels::pack_width<float>;
  const auto add_elements = [&](auto force) {
    force.elements = level.elements;
    force.x = x;
    force.y = y;
    force.force = level.element_force;
    if constexpr (kernels::on_host) level.blocks.run("voxode::physics::coarse_force", force);
    else for_each("voxode::physics::coarse_force", level.elements.n, force);
  };
  if (system.classes.isotropic) add_elements(CoarseForce<W, kernels::Isotropic<kernels::Pack<float, W>>>{});
  else add_elements(CoarseForce<W, kernels::Anisotropic<kernels::Pack<float, W>>>{});
  if constexpr (!kernels::on_host) {
    const GroupForces springs{level.springs, coarse_pair_stiffness, x, level.spring_force};
    for_each("voxode::physics::spring_force", springs.size(), springs);
    for_each("voxode::physics::gather_forces", level.n_nodes, GatherForces{level.element_gather, level.elements.n, level.element_force, level.spring_gather, level.spring_force, y});
  } else if (level.shape->springs.n_groups() > 0) {
    SpringForce springs;
    springs.springs = level.springs;
    springs.pair_stiffness = coarse_pair_stiffness;
    springs.x = x;
    springs.y = y;
    level.blocks.run("voxode::physics::spring_force", springs);
  }
  const auto row = level.wall_row, column = level.wall_column, node = level.wall_node;
  const auto component = level.wall_component, to_plate = level.wall_plate;
  const auto value = level.wall_value;
  const float plate_now = float(plate_displacement);
  const auto wall_force = KOKKOS_LAMBDA(Index r) {
    float s = 0;
    const float reference = to_plate(r) ? plate_now : 0.0f;
    for (std::uint32_t e = row(r); e < row(r + 1); ++e) s += value(e) * (x(column(e), component(r)) - reference);
    return s;
  };
  const Index n_rows = Index(node.extent(0));
  for_each("voxode::physics::wall_springs", n_rows, KOKKOS_LAMBDA(Index r) { y(node(r), component(r)) += wall_force(r); });
  if (plate_force)
    *plate_force = !system.support.plate_moves ? 0.0 : kernels::deterministic_sum("voxode::physics::wall_plate", n_rows, KOKKOS_LAMBDA(Index r) { return to_plate(r) ? -double(wall_force(r)) : 0.0; });
}

void ElasticMultigrid::Implementation::chebyshev(int l, bool first, float keep, float step) {
  Level& level = levels[std::size_t(l)];
  const VertexBlocks& v = level.vertex_blocks;
  if (l == 0) {
    run_chebyshev("voxode::physics::chebyshev", ChebyshevStep<Field<float>>{v.n_vertices, v.node_offset, v.block_offset, v.value, fine.b, fine.t, fine.x, fine.d, keep, step, first});
    return;
  }
  const CoarseChebyshevStep vertices{v.n_vertices, v.node_offset, v.block_offset, v.short_value, level.b, level.t, level.x, level.d, keep, step, first};
  if (kernels::on_host) run_chebyshev("voxode::physics::chebyshev", vertices);
  else for_each("voxode::physics::chebyshev", 3 * level.n_nodes, ChebyshevRows{vertices, level.node_vertex});
}

/// Chebyshev iteration on A x = b over [lambda / range, lambda] of D^-1 A.
void ElasticMultigrid::Implementation::smooth(int l, bool from_zero) {
  Level& level = levels[std::size_t(l)];
  // stiff interfaces widen the spectrum of coarse levels (consistent springs against vertex blocks): the same lower end, more steps
  // what strains a body that the next level leaves out is for this level alone to smooth
  const bool last_of_some = level.loose.count() > 0;
  const double range = options.range * (last_of_some ? 8 : 1), upper = level.lambda_max, lower = std::min(upper, levels[0].lambda_max) / range;
  const int extra = l > 0 ? options.extra_coarse_steps : options.symmetric ? 0 : 1;
  const int degree = std::max(options.degree, int(std::ceil(options.degree * std::sqrt(upper / levels[0].lambda_max) - 0.1))) * (last_of_some ? 3 : 1) + extra;
  kernels::ChebyshevFactors<double> factors(lower, upper);
  for (int i = 0; i < degree; ++i) {
    const bool zero = from_zero && i == 0;
    if (!zero) apply_operator(l, plate, nullptr);
    const auto [keep, step] = factors.next();
    chebyshev(l, zero, keep, step);
  }
}

/// Power iteration on D^-1 A, from a fixed pattern or the last estimate's vector.
void ElasticMultigrid::Implementation::estimate_lambda(int l, int n_iterations) {
  if (l == 0) estimate_lambda_with(fine, l, n_iterations);
  else estimate_lambda_with(levels[std::size_t(l)], l, n_iterations);
}

template <class Fields>
void ElasticMultigrid::Implementation::estimate_lambda_with(const Fields& fields, int l, int n_iterations) {
  Level& level = levels[std::size_t(l)];
  const auto x = fields.x;
  if (level.top.entry.extent(0)) kernels::assign(level.x, level.top);
  else for_each("voxode::physics::start_vector", level.n_nodes, KOKKOS_LAMBDA(Index n) {
    for (int d = 0; d < 3; ++d) {
      std::uint64_t h = std::uint64_t(3 * n + d) * 0x9e3779b97f4a7c15ull;
      h ^= h >> 29;
      h *= 0xbf58476d1ce4e5b9ull;
      x(n, d) = float(double(h >> 40) / double(1 << 24) - 0.5);
    }
  });
  double lambda = 0;
  for (int i = 0; i < n_iterations; ++i) {
    if (l == 0) system.mask(fine.x);
    kernels::scale(x, 1.0 / std::sqrt(kernels::square(x)));
    apply_operator(l, 0.0, nullptr);
    Kokkos::deep_copy(fields.b, fields.t);
    chebyshev(l, true, 0.0f, 1.0f);  // x = D^-1 (A x)
    lambda = std::sqrt(kernels::square(x));
  }
  level.lambda_max = 1.1 * lambda;
  if (l == 0) return;
  if (!level.top.entry.extent(0)) level.top = kernels::HalfField("top", level.n_nodes);
  kernels::assign(level.top, level.x);
}

template <class Transfer>
Transfer ElasticMultigrid::Implementation::make_transfer(int l) {
  const Level &level = levels[std::size_t(l)], &coarse = levels[std::size_t(l) + 1];
  Transfer f;
  for (int a = 0; a < 3; ++a) {
    f.n_finer[a] = level.shape ? level.shape->n_vertices[std::size_t(a)] : system.mesh.n_vertices[a];
    f.axis[a] = coarse.transfer[a];
  }
  f.finer_offset = level.vertex_blocks.node_offset;
  f.coarse = coarse.nodes;
  return f;
}

/// From the residual in t; on the finest level, where it is not smoothed before, from b.
void ElasticMultigrid::Implementation::to_coarser(int l) {
  const Level &level = levels[std::size_t(l)], &coarse = levels[std::size_t(l) + 1];
  if (!kernels::on_host && l > 0) {
    for_each("voxode::physics::restrict", coarse.n_nodes, ApplyWeights{level.from_coarser.to_coarser, level.t, coarse.b, false});
    return;
  }
  const auto run = [&](auto restriction) {
    restriction.node_offset = coarse.vertex_blocks.node_offset;
    restriction.to = coarse.b;
    restriction.with_loose = level.loose.count() > 0;
    for_each("voxode::physics::restrict", restriction.size(), restriction);
  };
  if (l == 0) {
    auto restriction = make_transfer<Restrict<Field<const float>>>(l);
    restriction.from = options.symmetric ? fine.t : fine.b;
    run(restriction);
  } else {
    auto restriction = make_transfer<Restrict<NodeField<const float>>>(l);
    restriction.from = level.t;
    run(restriction);
  }
}

void ElasticMultigrid::Implementation::add_from_coarser(int l) {
  const Level &level = levels[std::size_t(l)], &coarse = levels[std::size_t(l) + 1];
  if (!kernels::on_host && l > 0) {
    for_each("voxode::physics::prolong", level.n_nodes, ApplyWeights{level.from_coarser.to_finer, coarse.x, level.x, true});
    return;
  }
  const auto run = [&](auto prolongation, const auto& to) {
    prolongation.from = coarse.x;
    prolongation.to = to;
    for_each("voxode::physics::prolong", prolongation.size(), prolongation);
  };
  if (l == 0) run(make_transfer<Prolong<Field<float>>>(l), fine.x);
  else run(make_transfer<Prolong<NodeField<float>>>(l), level.x);
}

double ElasticMultigrid::Implementation::cycle(int l, double plate_residual) {
  if (l + 1 == int(levels.size()) && l > 0) return bottom->solve(levels.back().b, levels.back().x, plate_residual);
  Level& level = levels[std::size_t(l)];
  plate = 0;
  const bool locally = l == 0 && !local.empty(), before = l > 0 || options.symmetric;
  double plate_force = 0;
  if (before) {
    if (locally) {
      kernels::fill(fine.x, 0.0f);
      for (auto smoother = local.rbegin(); smoother != local.rend(); ++smoother) smooth_locally(*smoother);
    }
    smooth(l, !locally);
    apply_operator(l, 0.0, &plate_force);
    const float* const pb = l == 0 ? fine.b.data() : level.b.data();
    float* const pt = l == 0 ? fine.t.data() : level.t.data();
    for_each("voxode::physics::residual", level.n_nodes * (l == 0 ? 3 : 4), KOKKOS_LAMBDA(Index i) { pt[i] = pb[i] - pt[i]; });
  } else {
    kernels::fill(fine.x, 0.0f);
  }
  // before the restriction, which may write where the finest residual is
  if (l > 0) level.loose.add(level.t, level.x);
  else level.loose.add(before ? fine.t : fine.b, fine.x);
  to_coarser(l);
  if (l == 0) clear_padding();
  const double displacement = cycle(l + 1, plate_residual - plate_force);
  add_from_coarser(l);
  if (l == 0) {
    system.mask(fine.x);
    system.set_plate(fine.x, displacement);
  }
  plate = displacement;
  smooth(l, false);
  if (locally)
    for (const LocalSmoother& smoother : local) smooth_locally(smoother);
  return displacement;
}

ElasticMultigrid::ElasticMultigrid(const ElasticSystem& system, const std::vector<std::int32_t>& mechanical_body, const Options& options)
    : implementation_(std::make_unique<Implementation>(system, options)) {
  implementation_->set_up(mechanical_body);
}
ElasticMultigrid::~ElasticMultigrid() = default;

Array<float> ElasticMultigrid::pair_springs() const {
  const Implementation& me = *implementation_;
  const Index n = 6 * me.system.points.n_pairs();
  if (!me.hierarchy.levels.empty() && !me.softens) return Array<float>(me.coarse_pair_stiffness.data(), std::size_t(n));
  return Array<float>("springs", std::size_t(n));
}

void ElasticMultigrid::refresh(const Array<float>& pair_stiffness, const Array<std::uint8_t>& changed) {
  Implementation& me = *implementation_;
  me.pair_stiffness = pair_stiffness;
  const bool first = !me.lambda_known;
  if (first) {  // the bulk alone bounds the spectrum of the finest level: springs only lower it
    const auto zero = make_array<float>("no_springs", Index(pair_stiffness.extent(0)));
    kernels::fill(zero, 0.0f);
    me.pair_stiffness = zero;
    me.fine_blocks(true);
    me.estimate_lambda(0, 30);
    me.pair_stiffness = pair_stiffness;
  }
  me.fine_blocks(true, first ? Array<std::uint8_t>() : changed);
  if (!me.hierarchy.levels.empty()) {
    me.renew_merged();
    const Array<std::uint8_t> flags = first ? Array<std::uint8_t>() : changed;
    me.coarse_springs(flags);
    for (Level& level : me.levels) level.loose.refresh(pair_stiffness, me.least_stiffness());
    for (std::size_t l = 1; l + 1 < me.levels.size(); ++l) me.coarse_blocks(me.levels[l], me.levels[l].is_new || flags.extent(0) == 0);
    me.clear_padding();
    for (std::size_t l = 1; l + 1 < me.levels.size(); ++l) {
      Level& level = me.levels[l];
      if (level.is_new || me.n_refreshes % refreshes_an_estimate == 0) me.estimate_lambda(int(l), level.is_new ? 20 : 1);
    }
    for (Level& level : me.levels) level.is_new = false;
    if (flags.extent(0) == 0) me.bottom->forget();
    me.bottom->refresh(me.levels.back().springs.matrix, me.plate_spring);
  }
  me.lambda_known = true;
  ++me.n_refreshes;
}

void ElasticMultigrid::set_plate_spring(double stiffness) { implementation_->plate_spring = stiffness; }

const Field<float>& ElasticMultigrid::right_hand_side() const { return implementation_->fine.b; }
const Field<float>& ElasticMultigrid::solution() const { return implementation_->fine.x; }
const VertexBlocks& ElasticMultigrid::fine_blocks() const { return implementation_->levels[0].vertex_blocks; }
const Field<float>& ElasticMultigrid::scratch(int number) const { return number == 0 ? implementation_->fine.d : implementation_->fine.t; }

const Field<float>& ElasticMultigrid::apply(double& plate) {
  Implementation& me = *implementation_;
  const Field<float>& z = me.fine.x;
  if (me.options.jacobi) {
    me.chebyshev(0, true, 0.0f, 1.0f);
    // the plate's own diagonal is not assembled: its row is scaled by a bar of mean stiffness over the box
    const double bar = double(me.system.class_moduli[1]) * 2.6 * double(product(me.system.nodes.n_cells)) / std::pow(double(me.system.nodes.n_cells[2]), 2);
    plate = me.system.support.plate_moves ? plate / (bar + me.plate_spring) : 0.0;
    me.system.set_plate(z, plate);
    return z;
  }
  plate = me.cycle(0, plate);
  return z;
}

Field<double> ElasticMultigrid::wide_scratch() const { return implementation_->fine_scratch; }

void ElasticMultigrid::release() {
  implementation_->fine_scratch = {};
  implementation_->fine = {};
  for (Level& level : implementation_->levels) level.b = level.x = level.d = level.t = {};
}
void ElasticMultigrid::acquire() { implementation_->acquire_fine_fields(); }

void ElasticMultigrid::go_over(Archive& archive) {
  Implementation& me = *implementation_;
  archive.count("multigrid/refreshes", me.n_refreshes);
  archive.count("multigrid/last_merging", me.last_merging);
  std::vector<mesh::Bond> bonds = me.bonds;
  archive.list("multigrid/bonds", bonds);
  if (bonds != me.bonds) me.merge(std::move(bonds));
  for (std::size_t l = 1; l + 1 < me.levels.size(); ++l) {
    Level& level = me.levels[l];
    const std::string name = fmt::format("multigrid/level_{}/", l);
    archive.number(name + "largest_eigenvalue", level.lambda_max);
    const bool known = archive.size(name + "eigenvector", Index(level.top.entry.extent(0))) > 0;
    if (archive.loads() && known) level.top = kernels::HalfField("top", level.n_nodes);
    physics::go_over(archive, name + "eigenvector", level.top.entry);
    if (archive.loads()) level.is_new = !known;
  }
}

int ElasticMultigrid::n_levels() const { return int(implementation_->levels.size()); }
Index ElasticMultigrid::n_unknowns() const {
  Index sum = 0;
  for (const Level& level : implementation_->levels) sum += 3 * level.n_nodes + 6 * level.loose.count();
  return sum;
}
Index ElasticMultigrid::n_bottom_unknowns() const { return implementation_->bottom ? implementation_->bottom->n_unknowns() : 0; }

double ElasticMultigrid::bytes() const {
  double sum = 4.0 * double(implementation_->coarse_memory.extent(0));
  for (const LocalSmoother& smoother : implementation_->local) sum += smoother.bytes();
  for (const Level& level : implementation_->levels) {
    sum += level.loose.bytes() + 4.0 * (level.shape ? 1.5 : 12) * double(level.n_nodes) + 4.0 * double(level.vertex_blocks.value.extent(0)) + 2.0 * double(level.vertex_blocks.short_value.extent(0)) + 4.0 * double(level.vertex_blocks.n_vertices);
    if (!level.shape) continue;
    sum += level.element_gather.bytes() + level.spring_gather.bytes() + level.from_coarser.to_finer.bytes() + level.from_coarser.to_coarser.bytes() + 4.0 * double(level.element_force.extent(0) + level.spring_force.extent(0));
    const mesh::CoarseLevel& s = *level.shape;
    sum += 4.0 * double(s.property.size() + s.element_node.size() + s.parent.size() + 2 * s.springs.node.size() + s.springs.member.size() + 300 * (level.springs.matrix.extent(0) / 300)) + double(s.springs.place.size()) + 11.0 * double(s.element_body.size()) + 4.0 * double(s.n_nodes);
  }
  return sum;
}

std::string ElasticMultigrid::description() const {
  std::string text;
  for (std::size_t l = 0; l < implementation_->levels.size(); ++l) {
    const Level& level = implementation_->levels[l];
    const Index3 n = level.shape ? level.shape->n_cells : implementation_->system.nodes.n_cells;
    text += fmt::format("level {}: {} x {} x {} cells, {} nodes", l, n[0], n[1], n[2], level.n_nodes);
    if (level.shape) text += fmt::format(", {} elements, {} spring groups", level.shape->n_elements(), level.shape->springs.n_groups());
    if (level.loose.count() > 0) text += fmt::format(", {} loose bodies that the next level leaves out", level.loose.count());
    text += fmt::format(", largest eigenvalue {:.2f}\n", level.lambda_max);
  }
  for (const LocalSmoother& smoother : implementation_->local) text += fmt::format("{} nodes are smoothed by {} more steps\n", smoother.n_nodes(), smoother.degree());
  return text;
}

}  // namespace voxode::physics
