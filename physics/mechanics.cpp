#include "physics/mechanics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "physics/device_archive.hpp"
#include "physics/line_search.hpp"
#include "physics/mechanics_state.hpp"

namespace voxode::physics {

using kernels::dot;
using kernels::for_each;
using kernels::make_array;
using kernels::make_field;
using kernels::upload;

namespace {

constexpr int iterations_before_halving = 160;
constexpr int most_halvings = 7;
constexpr double relaxed_below = 1e-3;  // relative residual from which on changing interfaces are few enough to be seen to on their own

bool swells_isotropically(const Material& m) {
  for (const auto& row : m.strain_table)
    if (row[1] != row[2]) return false;
  return true;
}

}  // namespace

MaterialClasses make_classes(const mesh::Bodies& bodies, const Job& job, std::vector<ClassSwelling>& swelling) {
  MaterialClasses classes;
  std::vector<bool> by_body(job.phases.size());
  std::vector<std::int64_t> class_of_phase(job.phases.size(), -1), class_of_body(bodies.table.size(), -1);
  const auto add = [&](const Phase& phase, const Quaternion& q) {
    const Material& m = phase.material;
    classes.stiffness.push_back(m.isotropic ? m.stiffness : rotate_stiffness(m.stiffness, q));
    classes.bbar.push_back(m.integration == Integration::bbar);
    classes.isotropic = classes.isotropic && m.isotropic;
    swelling.push_back({m.strain_table.empty() ? nullptr : &m, q});
    return std::int64_t(classes.stiffness.size()) - 1;
  };
  for (std::size_t p = 0; p < job.phases.size(); ++p) by_body[p] = !job.phases[p].material.isotropic || !swells_isotropically(job.phases[p].material);
  for (std::size_t b = 0; b < bodies.table.size(); ++b) {
    const std::size_t p = bodies.table[b].phase;
    if (by_body[p]) {
      class_of_body[b] = add(job.phases[p], bodies.table[b].orientation);
    } else {
      if (class_of_phase[p] < 0) class_of_phase[p] = add(job.phases[p], {1, 0, 0, 0});
      class_of_body[b] = class_of_phase[p];
    }
  }
  classes.of_cell.resize(bodies.of_voxel.size());
  for (std::size_t v = 0; v < bodies.of_voxel.size(); ++v) classes.of_cell[v] = bodies.of_voxel[v] < 0 ? 0u : std::uint32_t(class_of_body[std::size_t(bodies.of_voxel[v])]);
  return classes;
}

Support make_support(const Boundary& boundary) {
  Support s;
  const bool mirror = boundary.in_plane == InPlane::mirror;
  s.wall = {{{mirror, mirror}, {mirror, mirror}, {true, true}}};
  s.plate_moves = true;
  return s;
}

Mechanics::Implementation::Implementation(const mesh::VoxelGrid& grid_, const mesh::Bodies& bodies_, const mesh::Faces& faces_, const Job& job_, std::vector<std::int32_t> body)
    : grid(grid_), bodies(bodies_), faces(faces_), job(job_), mechanical_body(std::move(body)), classes(make_classes(bodies_, job_, swelling)),
      nodes(mesh::make_nodes(grid_.n, job_.periodicity(), mechanical_body)), points(mesh::make_cohesive_points(nodes, faces_, mechanical_body)) {
  for (const ClassSwelling& s : swelling) tables.push_back(s.material ? std::optional<StrainTable>(StrainTable(s.material->strain_table)) : std::nullopt);
  load.lithium_content = job.lithium.discharged;
  build_solver(true);
  const Index n = nodes.n_nodes();
  u = make_field<double>("displacement", n);
  change = make_field<float>("change", n);

  make_tables();
  interface = make_interface(*system, faces);
  laws = make_laws(false);
  glued_laws = make_laws(true);
  interface.laws = laws;
  bool friction = false;
  for (const InterfaceEntry& e : job.interfaces) friction = friction || e.friction_coefficient > 0;
  interface.history.damage = make_array<double>("damage", points.n_points());
  interface.history.separation = make_array<float>("separation", points.n_points());
  interface.history.opened_most = make_array<float>("opened_most", points.n_points());
  interface.history.slip = make_array<double>("slip", friction ? 3 * points.n_points() : 0);
  changed = make_array<std::uint8_t>("changed", points.n_pairs());
  reset_history();
}

void Mechanics::Implementation::build_solver(bool plate_moves) {
  Support support = make_support(job.boundary);
  support.plate_moves = plate_moves;
  if (mechanical_body.empty()) mechanical_body = body_runs.expand();
  if (nodes.body.empty()) nodes.body = mesh::bodies_of_nodes(nodes, mechanical_body);
  force = {};
  local.reset();
  multigrid.reset();
  system = std::make_unique<ElasticSystem>(nodes, points, classes, grid.spacing, support);
  ElasticMultigrid::Options options;
  options.symmetric = false;
  options.jacobi = job.solver.preconditioner == Preconditioner::jacobi;
  options.stiffest = stiffest_pairs();
  multigrid = std::make_unique<ElasticMultigrid>(*system, mechanical_body, options);
  local = std::make_unique<LocalRelaxation>(*system);
  springs = multigrid->pair_springs();
  body_runs = mesh::Runs(mechanical_body);
  for (std::vector<std::int32_t>* const list : {&mechanical_body, &nodes.body}) std::vector<std::int32_t>().swap(*list);
  force = multigrid->wide_scratch();
  plate_spring = 0;
  fresh = anew = true;
}

/// Bounds of the stiffness of every pair of interface nodes, N/m.
std::vector<float> Mechanics::Implementation::stiffest_pairs() const {
  std::vector<double> of_entry;
  for (const InterfaceEntry& e : job.interfaces) of_entry.push_back(cohesive::make_law(e).largest_stiffness() * 0.25 * grid.spacing * grid.spacing);
  std::vector<float> list;
  for (std::size_t p = 0; p < std::size_t(points.n_pairs()); ++p) {
    double sum = 0;
    for (std::uint32_t point = points.point_offset[p]; point < points.point_offset[p + 1]; ++point) sum += of_entry[faces.entry[points.face[point]]];
    list.push_back(float(sum));
  }
  return list;
}

void Mechanics::Implementation::release_scratch() {
  force = {};
  direction = {};
  b_old = {};
  multigrid->release();
}

void Mechanics::Implementation::acquire_scratch() {
  multigrid->acquire();
  force = multigrid->wide_scratch();
  if (direction.entry.extent(0)) return;
  direction = kernels::ScaledField<std::int16_t>("direction", nodes.n_nodes());
  b_old = kernels::ScaledField<std::int8_t>("residual_old", nodes.n_nodes());
}

Array<cohesive::Law> Mechanics::Implementation::make_laws(bool glued) const {
  std::vector<cohesive::Law> list;
  for (const InterfaceEntry& e : job.interfaces) list.push_back(glued ? cohesive::make_glued_law(e) : cohesive::make_law(e));
  return upload("laws", list);
}

void Mechanics::Implementation::reset_history() {
  std::vector<double> damage(std::size_t(points.n_points()));
  std::vector<float> separation(damage.size());
  for (std::size_t p = 0; p < damage.size(); ++p) {
    const auto start = cohesive::make_law(job.interfaces[faces.entry[points.face[p]]]).initial();
    damage[p] = start.damage;
    separation[p] = float(start.separation);
  }
  interface.history.damage = upload("damage", damage);
  interface.history.separation = upload("separation", separation);
  Kokkos::deep_copy(interface.history.opened_most, 0.0f);
  Kokkos::deep_copy(interface.history.slip, 0.0);
}

std::vector<Voigt> Mechanics::Implementation::offset_strain(double lithium) const {
  std::vector<Voigt> strain(swelling.size(), Voigt{});
  for (std::size_t c = 0; c < swelling.size(); ++c) {
    if (!tables[c]) continue;
    strain[c] = stress_free_strain(*tables[c], lithium, job.lithium.discharged, swelling[c].orientation);
    for (double& value : strain[c]) value = -value;
  }
  return strain;
}

double Mechanics::Implementation::pressure_at(double displacement) const {
  if (gap) return 0.0;
  if (!spring) return pressure;
  return std::max(0.0, spring->pressure + spring->stiffness * (displacement - spring->displacement));
}

/// r (in `force`) = -(bulk + cohesive + plate), masked; its norm.
double Mechanics::Implementation::residual(const Array<double>& strain) {
  system->bulk_force<double>(u, force, strain);
  kernels::assign_scaled(force, -1.0, force);
  for_each("voxode::physics::subtract_cohesive", points.n_vertices(), SubtractCohesive{interface, u, force});
  plate_residual = system->support.plate_moves ? system->plate_force(force) - pressure_at(plate) * area() : 0.0;
  system->mask(force);
  return residual_norm();
}

/// The plate's force counts as the pressure load does: spread over its vertices.
double Mechanics::Implementation::residual_norm() const {
  return std::sqrt(dot(force, force) + plate_residual * plate_residual / double(nodes.n_vertices[0] * nodes.n_vertices[1]));
}

/// Norm of the loads that a residual is measured against (docs/manual/theory.md).
double Mechanics::Implementation::reference(const std::vector<Voigt>& strain) {
  const double n_plate = double(nodes.n_vertices[0] * nodes.n_vertices[1]);
  const double pressure_norm = (gap ? pressure : pressure_at(plate)) * area() / std::sqrt(n_plate);
  const Field<float> zero = multigrid->scratch(0), swelling_force = multigrid->scratch(1);
  kernels::fill(zero, 0.0f);
  system->device_strain(strain, strain_single);
  system->bulk_force<float>(zero, swelling_force, strain_single);
  const double on_plate = system->plate_force(swelling_force);  // spread as the pressure is: in even layers there is no other swelling load
  system->mask(swelling_force);
  const double swelling_norm = std::sqrt(dot(swelling_force, swelling_force) + on_plate * on_plate / n_plate);
  kernels::fill(force, 0.0);
  for_each("voxode::physics::cohesive_norm", points.n_vertices(), SubtractCohesive{interface, u, force});
  const double cohesive_norm = std::sqrt(dot(force, force));
  return std::max({pressure_norm, swelling_norm, cohesive_norm});
}

/// Takes the springs of the state now into the preconditioner, coarse levels included: one that still takes a body for loose which has just come into
/// contact sends it far away, and the line search then stops all others.
void Mechanics::Implementation::refresh(StepReport& report) {
  for_each("voxode::physics::preconditioner_springs", points.n_vertices(), PreconditionerSprings{interface, u, springs, changed, anew});
  const auto flags = changed;
  const double count = kernels::deterministic_sum("voxode::physics::changed", points.n_pairs(), KOKKOS_LAMBDA(Index p) { return double(flags(p)); });
  const double stiffness = spring && !gap && pressure_at(plate) > 0 ? spring->stiffness * area() : 0.0;
  plate_changed = stiffness != plate_spring;  // it touched down or lifted off
  if (plate_changed) multigrid->set_plate_spring(stiffness);
  plate_spring = stiffness;
  if (!anew) local->follow(changed);
  if (!anew && count == 0 && !plate_changed) return;
  multigrid->refresh(springs, anew ? Array<std::uint8_t>() : changed);
  ++report.coarse_refreshes;
  fresh = anew = false;
}

/// Step along the direction that makes the energy's slope vanish. `at_zero`: the slope at the start, negative; `curvature`: of the bulk's energy.
double Mechanics::Implementation::line_search(const Field<float>& direction, double plate_direction, double at_zero, double curvature) {
  LineSlope cohesive{interface, u, direction, 0.0}, at_full{interface, u, direction, 1.0};
  const auto [cohesive_at_zero, cohesive_at_one] = kernels::deterministic_sums("voxode::physics::line_slope", points.n_vertices(), cohesive, at_full);
  const auto of_rest = [&](double alpha, double of_cohesive) {  // interfaces and plate
    return system->support.plate_moves ? of_cohesive + plate_direction * pressure_at(plate + alpha * plate_direction) * area() : of_cohesive;
  };
  const double rest_at_zero = of_rest(0.0, cohesive_at_zero);
  const auto slope_with = [&](double alpha, double of_cohesive) { return at_zero + alpha * curvature + (of_rest(alpha, of_cohesive) - rest_at_zero); };
  const auto slope = [&](double alpha) {
    cohesive.alpha = alpha;
    return slope_with(alpha, kernels::deterministic_sum("voxode::physics::line_slope", points.n_vertices(), cohesive));
  };
  return search_line(slope, at_zero, slope_with(1.0, cohesive_at_one), line_tolerance);
}

/// Nonlinear conjugate gradients with one multigrid cycle an iteration and an exact line search, from the state in u.
bool Mechanics::Implementation::iterate(const std::vector<Voigt>& strain_host, StepReport& report, std::vector<double>& history) {
  system->device_strain(strain_host, strain_double);
  const Array<double> strain = strain_double;
  const double scale = reference(strain_host);
  const bool moves = system->support.plate_moves;
  double plate_direction = 0, slope_old = 1, norm_old = 1;
  bool restart = true;
  local->forget();
  for (int i = 0;; ++i) {
    double norm = residual(strain);
    const double relative = scale == 0 && norm == 0 ? 0.0 : norm / scale;
    history.push_back(relative);
    report.residual = relative;
    if (on_iteration && *on_iteration) (*on_iteration)(i, relative);
    if (!std::isfinite(relative)) return false;
    if (relative <= job.solver.tolerance) return true;
    if (i >= iterations_before_halving) return false;
    if (i > 0 && relative < relaxed_below) {
      const LocalRelaxation::State state{interface, u, change, force, multigrid->solution(), multigrid->right_hand_side()};
      if (local->relax(multigrid->fine_blocks(), state, plate_residual) > 0) norm = residual_norm();
    }
    const Field<float>& b = multigrid->right_hand_side();
    const bool first = fresh;
    if (!first) kernels::assign_scaled(b, 1.0 / norm, force);
    refresh(report);
    if (first) {  // the estimate of the spectrum took its memory
      residual(strain);
      kernels::assign_scaled(b, 1.0 / norm, force);
    }
    double plate_step = plate_residual / norm;
    const Field<float>& z = multigrid->apply(plate_step);
    ++report.multigrid_cycles;
    // z answers the residual over its norm; the direction, which takes its place, is kept in metres, so that a full step has the length one
    const auto [zb, zb_old] = kernels::dots(z, b, b_old);
    const double slope = (zb + (moves ? plate_step * plate_residual / norm : 0.0)) * norm * norm;
    double beta = 0;
    if (plate_changed) restart = true;  // another preconditioner altogether: old directions are of no use
    if (!restart) {
      const double crossed = (zb_old + (moves ? plate_step * plate_b_old : 0.0)) * norm * norm_old;
      beta = std::max(0.0, std::min(slope - crossed, slope) / slope_old);  // Polak-Ribiere held between zero and Fletcher-Reeves
    }
    kernels::combine(z, norm, beta, direction);
    plate_direction = moves ? norm * plate_step + beta * plate_direction : 0.0;
    if (moves) system->set_plate(z, plate_direction);
    kernels::assign(b_old, b);
    plate_b_old = plate_residual / norm;
    slope_old = slope;
    norm_old = norm;
    const Field<float> stretched = multigrid->scratch(1);
    system->bulk_force<float>(z, stretched);
    const auto [along_b, curvature] = kernels::dots(z, b, stretched);
    const double downhill = -norm * along_b - plate_direction * plate_residual;
    if (!(downhill < 0)) {
      if (restart) return false;
      restart = true;
      continue;
    }
    restart = false;
    const double alpha = line_search(z, plate_direction, downhill, curvature);
    kernels::add_scaled(u, alpha, z);
    kernels::add_scaled(change, alpha, z);
    kernels::assign(direction, z);
    if (moves) {
      plate += alpha * plate_direction;
      system->set_plate(u, plate);
    }
    ++report.iterations;
  }
}

StepReport Mechanics::Implementation::advance(const MechanicalLoad& target) {
  StepReport report;
  report.substeps = 0;
  const MechanicalLoad from = load;
  double done = 0, share = 1;
  int halvings = 0;
  std::vector<double> history;
  while (done < 1) {
    const double next = std::min(1.0, done + share);
    MechanicalLoad now;
    now.lithium_content = from.lithium_content + next * (target.lithium_content - from.lithium_content);
    now.pressure = from.pressure + next * (target.pressure - from.pressure);
    now.time_step = target.time_step * (next - done);
    if (step_to(now, report, history)) {
      done = next;
      ++report.substeps;
      share = std::min(1.0 - done, 2 * share);
      continue;
    }
    if (++halvings > most_halvings)
      throw ConvergenceError(fmt::format("mechanical equilibrium was not found at lithium content {:.6g} and {:.4g} MPa, not even after halving the step {} times; relative residual by iteration of the last try: {}. Try more "
                                         "cycling.steps_per_half_cycle, a tougher or softer interface, or a viscosity_s.",
                                         now.lithium_content, now.pressure * 1e-6, most_halvings, residual_history(history)));
    share = 0.5 * (next - done);
  }
  return report;
}

/// Equilibrium with a plate that is held, but lifts off rather than pull, and comes to rest where it was held.
bool Mechanics::Implementation::settle(const std::vector<Voigt>& strain, StepReport& report, std::vector<double>& history) {
  constexpr int most_changes = 4;
  for (int change = 0; change <= most_changes; ++change) {
    if (!iterate(strain, report, history)) return false;
    if (!gap) return true;
    if (held_plate()) {
      const double rounding = job.solver.tolerance * reference(strain) / area();
      if (reaction_pressure(strain) >= -rounding) return true;
      build_solver(true);
    } else {
      if (plate <= *gap) return true;
      plate = *gap;
      build_solver(false);
      system->set_plate(u, plate);
    }
  }
  return false;
}

/// One load step without halving; false (and the old state) if it fails.
bool Mechanics::Implementation::step_to(const MechanicalLoad& now, StepReport& report, std::vector<double>& history) {
  acquire_scratch();
  anew = true;
  cells_now.reset();
  const double plate_old = plate;
  const bool was_held = held_plate();
  const std::vector<Voigt> strain_before = offset_strain(load.lithium_content), strain_now = offset_strain(now.lithium_content);
  std::vector<Voigt> strain_change = strain_now;
  for (std::size_t c = 0; c < strain_change.size(); ++c)
    for (std::size_t i = 0; i < 6; ++i) strain_change[c][i] -= strain_before[c][i];
  const double power_before = swelling_power(strain_before, strain_change);
  const double pressure_before = held_plate() ? reaction_pressure(strain_before) : pressure_at(plate);
  const double stored_before = work_known ? stored_energy : energy(strain_before);
  pressure = now.pressure;
  interface.time_step = now.time_step;
  const double lithium_step = now.lithium_content - load.lithium_content;
  // continue the last step's path, but not round a corner
  const bool same_way = last_step != 0 && lithium_step * last_step > 0;
  if (same_way) {
    const double ratio = lithium_step / last_step;
    kernels::assign_scaled(change, ratio, change);
    kernels::add_scaled(u, 1.0, change);
    if (system->support.plate_moves) plate += ratio * plate_change;
    system->set_plate(u, plate);
  } else {
    kernels::fill(change, 0.0f);
  }
  history.clear();
  bool converged = settle(strain_now, report, history);
  const auto go_back = [&] {
    kernels::add_scaled(u, -1.0, change);
    kernels::fill(change, 0.0f);
    plate = plate_old;
    system->set_plate(u, plate);
    if (held_plate() != was_held) build_solver(!was_held);
  };
  if (!converged && same_way) {  // once more, without the prediction
    go_back();
    history.clear();
    converged = settle(strain_now, report, history);
  }
  if (!converged) {
    go_back();
    pressure = load.pressure;
    last_step = 0;
    return false;
  }
  plate_change = plate - plate_old;
  system->set_plate(change, plate_change);
  last_step = lithium_step;
  const Array<double> vertex(force.data(), std::size_t(points.n_vertices()));  // energy of each; the residual's memory is long enough, for all their nodes are in it
  for_each("voxode::physics::commit", points.n_vertices(), CommitHistory{interface, u, change, vertex});
  const double dissipated_now = kernels::deterministic_sum("voxode::physics::dissipated", points.n_vertices(), KOKKOS_LAMBDA(Index q) { return vertex(q); });
  load = now;
  const CellSums sums_now = cell_sums(strain_now, &strain_change);
  cells_now = sums_now;
  stored_energy = sums_now.energy + cohesive_energy();
  work_known = true;
  const double swelling_now = 0.5 * (power_before + sums_now.power);
  const double pressure_now = held_plate() ? reaction_pressure(strain_now) : pressure_at(plate);
  const double plate_now = -0.5 * (pressure_before + pressure_now) * area() * (plate - plate_old);
  dissipated_energy += dissipated_now;
  swelling_work += swelling_now;
  plate_work += plate_now;
  snap_energy += swelling_now + plate_now - (stored_energy - stored_before) - dissipated_now;
  return true;
}

void Mechanics::Implementation::go_over(Archive& archive) {
  const auto number = [&](const char* name, double& value) { archive.number(std::string("mechanics/") + name, value); };
  number("lithium_content", load.lithium_content);
  number("load_pressure", load.pressure);
  number("pressure", pressure);
  number("time_step", interface.time_step);
  number("plate", plate);
  number("plate_change", plate_change);
  number("last_lithium_step", last_step);
  number("stored_energy", stored_energy);
  number("dissipated_energy", dissipated_energy);
  number("plate_work", plate_work);
  number("swelling_work", swelling_work);
  number("snap_energy", snap_energy);
  archive.flag("mechanics/work_known", work_known);
  archive.optional("mechanics/held_at", gap);
  bool has_spring = spring.has_value(), held = held_plate();
  archive.flag("mechanics/has_plate_spring", has_spring);
  if (has_spring) {
    if (!spring) spring = PlateSpring{};
    number("plate_spring_stiffness", spring->stiffness);
    number("plate_spring_pressure", spring->pressure);
    number("plate_spring_displacement", spring->displacement);
  }
  archive.flag("mechanics/plate_is_held", held);
  if (held != held_plate()) build_solver(!held);
  physics::go_over(archive, "mechanics/displacement", u);
  physics::go_over(archive, "mechanics/change", change);
  physics::go_over(archive, "interfaces/damage", interface.history.damage);
  physics::go_over(archive, "interfaces/separation", interface.history.separation);
  physics::go_over(archive, "interfaces/opened_most", interface.history.opened_most);
  physics::go_over(archive, "interfaces/slip", interface.history.slip);
  multigrid->go_over(archive);
}

Mechanics::Mechanics(const mesh::VoxelGrid& grid, const mesh::Bodies& bodies, const mesh::Faces& faces, const Job& job, std::vector<std::int32_t> mechanical_body)
    : implementation_(std::make_unique<Implementation>(grid, bodies, faces, job, std::move(mechanical_body))) {
  implementation_->on_iteration = &on_iteration;
}
Mechanics::~Mechanics() = default;

void Mechanics::glue() { implementation_->interface.laws = implementation_->glued_laws; }
void Mechanics::release_bonds() {
  implementation_->interface.laws = implementation_->laws;
  implementation_->release_bonds();
}
void Mechanics::hold_plate(bool held) {
  Implementation& me = *implementation_;
  me.gap = held ? std::optional<double>(me.plate) : std::nullopt;
  if (held != me.held_plate()) me.build_solver(!held);
}
void Mechanics::attach_spring(double stiffness, double pressure, double displacement) { implementation_->spring = PlateSpring{stiffness, pressure, displacement}; }
void Mechanics::go_over(Archive& archive) { implementation_->go_over(archive); }
void Mechanics::make_room() { implementation_->release_scratch(); }
void Mechanics::reset_work() {
  Implementation& me = *implementation_;
  me.dissipated_energy = me.plate_work = me.swelling_work = me.snap_energy = 0;
}
StepReport Mechanics::advance(const MechanicalLoad& load) { return implementation_->advance(load); }
Index Mechanics::n_unknowns() const { return 3 * implementation_->nodes.n_nodes() + 1; }
Index Mechanics::n_cohesive_points() const { return implementation_->points.n_points(); }

double Mechanics::bytes() const {
  const Implementation& me = *implementation_;
  const double n = double(me.nodes.n_nodes()), p = double(me.points.n_points());
  return n * (24 + 12 + 6 + 3) + 4.0 * double(me.nodes.offset.size() + me.nodes.corner_rank.size() + me.classes.of_cell.size() + 2 * me.body_runs.value.size()) + p * (8 + 4 + 4 + 5) + double(me.points.n_pairs()) * (24 + 12) + me.multigrid->bytes();
}

std::string Mechanics::description() const {
  const Implementation& me = *implementation_;
  return fmt::format("{} nodes, {} cohesive points on {} vertices, {} material classes ({})\n{}", me.nodes.n_nodes(), me.points.n_points(), me.points.n_vertices(), me.classes.size(), me.classes.isotropic ? "isotropic" : "anisotropic", me.multigrid->description());
}

double estimate_mechanics_bytes(Index n_voxels, Index n_nodes, Index n_points) {
  // per node: one double, five single and two short vectors, mesh and smoother's blocks; then coarse levels with their springs
  return double(n_nodes) * (24 + 60 + 9 + 20 + 44) + double(n_voxels) * 20 + double(n_points) * 55;
}

}  // namespace voxode::physics
