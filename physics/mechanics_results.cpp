// What comes out of `Mechanics`: sums over cells and interfaces, fields, cracks, the state of every face for conduction.
#include <algorithm>
#include <cmath>
#include <limits>

#include "physics/mechanics_state.hpp"

namespace voxode::physics {

using kernels::for_each;
using kernels::make_array;

namespace {

constexpr int n_cell_sums = 10;  // stress (6), trace, energy, power, strain-free volume

/// Modes of one cell's displacement: the corner values sent through the Hadamard transform.
VOXODE_FUNCTION bool cell_modes(const FineMesh& mesh, const Field<const double>& u, Index cell, double (&modes)[24]) {
  const std::uint32_t rank = mesh.corner_rank(cell);
  if (!((rank >> 24) & 1u)) return false;
  const Index i = cell % mesh.n[0], j = cell / mesh.n[0] % mesh.n[1], k = cell / (mesh.n[0] * mesh.n[1]);
  for (int c = 0; c < 8; ++c) {
    Index v[3] = {i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)};
    for (int d = 0; d < 3; ++d)
      if (v[d] == mesh.n_vertices[d]) v[d] = 0;
    const std::uint32_t node = mesh.offset(v[0] + mesh.n_vertices[0] * (v[1] + mesh.n_vertices[1] * v[2])) + (rank >> (3 * c) & 7u);
    for (int d = 0; d < 3; ++d) modes[3 * c + d] = u(node, d);
  }
  return true;
}

VOXODE_FUNCTION void multiply6(const double* c, const double (&e)[6], double (&s)[6]) {
  for (int i = 0; i < 6; ++i) {
    s[i] = 0;
    for (int j = 0; j < 6; ++j) s[i] += c[6 * i + j] * e[j];
  }
}

/// Sums over one row of cells, (n_rows, n_cell_sums).
template <class Moduli>
struct RowSums {
  FineMesh mesh;
  Field<const double> u;
  ConstArray<double> stiffness;  // (n_classes, 36), Pa
  ConstArray<double> moduli;     // as the element kernel wants them, Pa x m
  ConstArray<double> offset, change;  // (n_classes, 6); change may be empty
  double edge;
  Array<double> sums;

  VOXODE_FUNCTION void operator()(Index row) const {
    double s[n_cell_sums] = {};
    for (Index i = 0; i < mesh.n[0]; ++i) add(i + mesh.n[0] * row, s);
    for (int a = 0; a < n_cell_sums; ++a) sums(std::size_t(row) * n_cell_sums + std::size_t(a)) = s[a];
  }
  VOXODE_FUNCTION void add(Index cell, double (&s)[n_cell_sums]) const {
    double modes[24], displacement[24];
    if (!cell_modes(mesh, u, cell, modes)) return;
    for (int i = 0; i < 24; ++i) displacement[i] = modes[i];
    const std::size_t number = mesh.cell_class(cell);
    const double g[3] = {0.25 / edge, 0.25 / edge, 0.25 / edge}, volume = edge * edge * edge;
    kernels::hadamard(modes);
    double e[6], stress[6], total[6];
    kernels::mean_strain(modes, g, e);
    for (int i = 0; i < 6; ++i) total[i] = e[i] + offset(number * 6 + std::size_t(i));
    multiply6(stiffness.data() + 36 * number, total, stress);
    // energy: half of (corner forces . displacements + stress . offset), exact for the hexahedron's own integration
    Moduli m;
    double scaled[6];
    for (int p = 0; p < Moduli::size; ++p) m.p[p] = moduli(number * Moduli::size + std::size_t(p));
    for (int i = 0; i < 6; ++i) scaled[i] = offset(number * 6 + std::size_t(i)) * edge;
    const double unit[3] = {0.25, 0.25, 0.25};
    double force[24];
    for (int i = 0; i < 24; ++i) force[i] = displacement[i];
    kernels::hexahedron_force<double>(force, m, unit, 1.0, scaled);
    double energy = 0;
    for (int i = 0; i < 24; ++i) energy += force[i] * displacement[i];
    for (int i = 0; i < 6; ++i) {
      s[i] += volume * stress[i];
      energy += volume * stress[i] * offset(number * 6 + std::size_t(i));
      if (change.extent(0)) s[8] += volume * stress[i] * change(number * 6 + std::size_t(i));  // offset is minus the stress-free strain
    }
    s[6] += volume * (e[0] + e[1] + e[2]);
    s[7] += 0.5 * energy;
    s[9] += volume;
  }
};

void copy_voigt(const std::vector<Voigt>& strain, Array<double>& to) {
  std::vector<double> values;
  for (const Voigt& e : strain) values.insert(values.end(), e.begin(), e.end());
  if (to.extent(0) != values.size()) to = make_array<double>("strain", Index(values.size()));
  kernels::copy_to(to, values);
}

/// Sums over the points of some interface vertices, (n_rows, n_point_sums).
constexpr int n_point_sums = 12;
struct PointSums {
  static constexpr Index at_once = 16;  // vertices in a row
  Interface interface;
  Field<const double> u;
  ConstArray<double> gap_limit;        // contact gap of each entry
  ConstArray<std::uint8_t> kind;       // of each entry: bit 0 has damage, bit 1 active to electrolyte
  Index n_vertices;
  Array<double> sums;
  VOXODE_FUNCTION void operator()(Index row) const {
    double s[n_point_sums] = {};
    for (Index q = row * at_once; q < (row + 1) * at_once && q < n_vertices; ++q) add(q, s);
    for (int a = 0; a < n_point_sums; ++a) sums(std::size_t(row) * n_point_sums + std::size_t(a)) = s[a];
  }
  VOXODE_FUNCTION void add(Index q, double (&s)[n_point_sums]) const {
    for (std::uint32_t pair = interface.pair_offset(q); pair < interface.pair_offset(q + 1); ++pair)
      for (std::uint32_t p = interface.point_offset(pair); p < interface.point_offset(pair + 1); ++p) {
        const PointView v = view_point(interface, u, pair, p);
        const std::uint8_t entry = interface.entry(interface.face(p)), what = kind(entry);
        const bool open = v.opened > gap_limit(entry);
        s[0] += v.area;
        s[1] += open ? v.area : 0.0;
        s[2] += v.area * v.opened;
        s[3] += v.opening > 0 ? v.area * v.opening : 0.0;
        s[11] -= v.opening < 0 ? v.area * v.opening : 0.0;
        s[4] += v.area * v.stored;
        if (what & 1) {
          s[5] += v.area;
          s[6] += v.area * v.separation;
          s[7] += v.area * v.damage;
          s[8] += v.separation >= 0.99 ? v.area : 0.0;
        }
        if (what & 2) {
          s[9] += v.area;
          s[10] += open ? v.area : 0.0;
        }
      }
  }
};

/// Sums of N numbers row by row, in a fixed order: on the device what is long, on the host the last few hundred.
template <int N>
struct SumRows {
  static constexpr Index at_once = 256;
  Index n_rows;
  Array<double> values;  ///< (n_rows, N), then room for the sums of `at_once` rows each
  VOXODE_FUNCTION void operator()(Index index) const {
    const Index group = index / N, begin = group * at_once, end = begin + at_once < n_rows ? begin + at_once : n_rows;
    double sum = 0;
    for (Index r = begin; r < end; ++r) sum += values(std::size_t(N * r + index % N));
    values(std::size_t(N * n_rows + index)) = sum;
  }
  static Index n_groups(Index n_rows) { return (n_rows + at_once - 1) / at_once; }
  /// Makes the array of `n_rows` rows where it isn't that yet.
  static void make(const char* label, Index n_rows, Array<double>& values) {
    const Index n = N * (n_rows + n_groups(n_rows));
    if (Index(values.extent(0)) != n) values = make_array<double>(label, n);
  }
  static std::array<double, N> total(Index n_rows, const Array<double>& values) {
    const Index n = N * n_groups(n_rows);
    for_each("voxode::physics::sum_rows", n, SumRows{n_rows, values});
    std::array<double, N> total{};
    const std::vector<double> host = kernels::to_host(Array<double>(values.data() + N * n_rows, std::size_t(n)));
    for (std::size_t i = 0; i < host.size(); ++i) total[i % N] += host[i];
    return total;
  }
};

template <class Moduli>
std::array<double, n_cell_sums> sum_cells(const Mechanics::Implementation& me, const Array<double>& moduli, const std::vector<Voigt>& strain, const std::vector<Voigt>* change) {
  RowSums<Moduli> f;
  f.mesh = me.system->mesh;
  f.u = me.u;
  f.stiffness = me.class_stiffness;
  f.moduli = moduli;
  copy_voigt(strain, me.offset);
  f.offset = me.offset;
  if (change) {
    copy_voigt(*change, me.offset_change);
    f.change = me.offset_change;
  }
  f.edge = me.grid.spacing;
  const Index n_rows = me.grid.n[1] * me.grid.n[2];
  using Sum = SumRows<n_cell_sums>;
  Sum::make("row_sums", n_rows, me.row_sums);
  f.sums = me.row_sums;
  for_each("voxode::physics::cell_sums", n_rows, f);
  return Sum::total(n_rows, me.row_sums);
}

}  // namespace

void Mechanics::Implementation::make_tables() {
  std::vector<double> stiffness, gap;
  for (const Stiffness& c : classes.stiffness) stiffness.insert(stiffness.end(), c.begin(), c.end());
  std::vector<std::uint8_t> kind;
  for (const InterfaceEntry& e : job.interfaces) {
    const Role a = job.phases[e.phase_a].role, b = job.phases[e.phase_b].role;
    const bool contact = (a == Role::active && b == Role::electrolyte) || (b == Role::active && a == Role::electrolyte);
    kind.push_back(std::uint8_t((e.law == InterfaceLawKind::bilinear ? 1 : 0) | (contact ? 2 : 0)));
    gap.push_back(e.contact_gap);
  }
  class_stiffness = kernels::upload("class_stiffness", stiffness);
  contact_gap = kernels::upload("contact_gap", gap);
  entry_kind = kernels::upload("entry_kind", kind);
}

CellSums Mechanics::Implementation::cell_sums(const std::vector<Voigt>& strain, const std::vector<Voigt>* change) const {
  const auto s = classes.isotropic ? sum_cells<kernels::Isotropic<double>>(*this, system->moduli(), strain, change) : sum_cells<kernels::Anisotropic<double>>(*this, system->moduli(), strain, change);
  CellSums sums;
  for (std::size_t i = 0; i < 6; ++i) sums.stress[i] = s[i];
  sums.trace = s[6];
  sums.energy = s[7];
  sums.power = s[8];
  return sums;
}

double Mechanics::Implementation::cohesive_energy() const {
  const Interface f = interface;
  const Field<const double> displacement = u;
  return kernels::deterministic_sum("voxode::physics::cohesive_energy", points.n_vertices(), KOKKOS_LAMBDA(Index q) {
    double sum = 0;
    for (std::uint32_t pair = f.pair_offset(q); pair < f.pair_offset(q + 1); ++pair)
      for (std::uint32_t p = f.point_offset(pair); p < f.point_offset(pair + 1); ++p) {
        const PointView v = view_point(f, displacement, pair, p);
        sum += v.area * v.stored;
      }
    return sum;
  });
}

/// Pressure that a held plate exerts: the mean of sigma_zz over the box is the same at every height.
double Mechanics::Implementation::reaction_pressure(const std::vector<Voigt>& strain) {
  acquire_scratch();
  system->device_strain(strain, strain_double);
  system->bulk_force<double>(u, force, strain_double);
  return -system->plate_force(force) / area();
}

/// The law starts from jump zero: the glued state's displacement is the new body-fitted origin, so jumps are set back.
void Mechanics::Implementation::release_bonds() {
  interface.laws = laws;
  reset_history();
  Kokkos::deep_copy(u, 0.0);
  plate = 0;
  last_step = 0;
  work_known = false;
  cells_now.reset();
  fresh = true;
}

MechanicalMeasures Mechanics::measure() const {
  Implementation& me = *implementation_;
  const std::vector<Voigt> strain = me.offset_strain(me.load.lithium_content);
  const CellSums cells = me.cells_now ? *me.cells_now : me.cell_sums(strain, nullptr);
  MechanicalMeasures m;
  const double h = me.grid.spacing, volume = me.grid.volume();
  m.plate_displacement = me.plate;
  m.pressure = me.held_plate() ? std::max(0.0, me.reaction_pressure(strain)) : me.pressure_at(me.plate);
  for (std::size_t i = 0; i < 6; ++i) m.mean_stress[i] = cells.stress[i] / volume;
  Index n_solid = 0;
  for (std::int32_t b : me.bodies.of_voxel) n_solid += b >= 0;
  m.solid_volume = double(n_solid) * h * h * h + cells.trace;

  PointSums f;
  f.interface = me.interface;
  f.u = me.u;
  f.gap_limit = me.contact_gap;
  f.kind = me.entry_kind;
  f.n_vertices = me.points.n_vertices();
  const Index n_rows = (f.n_vertices + PointSums::at_once - 1) / PointSums::at_once;
  using Sum = SumRows<n_point_sums>;
  Sum::make("point_sums", n_rows, me.point_sums);
  f.sums = me.point_sums;
  for_each("voxode::physics::point_sums", n_rows, f);
  const auto s = Sum::total(n_rows, me.point_sums);
  m.cohesive_area = s[0];
  m.open_area = s[1];
  m.opened_volume = s[2];
  m.gap_volume = s[3];
  m.overlap_volume = s[11];
  m.damage_area = s[5];
  m.mean_separation = s[5] > 0 ? s[6] / s[5] : 0;
  m.mean_damage = s[5] > 0 ? s[7] / s[5] : 0;
  m.broken_area = s[8];
  m.contact_area = s[9];
  m.contact_area_open = s[10];
  m.elastic_energy = cells.energy + s[4];
  m.dissipated_energy = me.dissipated_energy;
  m.plate_work = me.plate_work;
  m.swelling_work = me.swelling_work;
  m.snap_energy = me.snap_energy;
  if (me.job.boundary.in_plane == InPlane::free) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), me.u);
    for (int axis = 0; axis < 2; ++axis) {
      double mean[2] = {0, 0};
      for (int side = 0; side < 2; ++side) {
        std::vector<std::uint32_t> list;
        const Index3& nv = me.nodes.n_vertices;
        for (Index k = 0; k < nv[2]; ++k)
          for (Index j = 0; j < nv[std::size_t(1 - axis)]; ++j) {
            const Index at = side ? nv[std::size_t(axis)] - 1 : 0;
            const auto v = std::size_t(axis == 0 ? linear_index(nv, at, j, k) : linear_index(nv, j, at, k));
            for (std::uint32_t n = me.nodes.offset[v]; n < me.nodes.offset[v + 1]; ++n) list.push_back(n);
          }
        for (std::uint32_t n : list) mean[side] += host(n, axis) / double(list.size());
      }
      (axis == 0 ? m.strain_xx : m.strain_yy) = (mean[1] - mean[0]) / (double(me.grid.n[std::size_t(axis)]) * h);
    }
  }
  return m;
}

void Mechanics::fill(FieldSnapshot& fields) const {
  Implementation& me = *implementation_;
  const Index n = me.grid.n_voxels();
  fields.displacement.resize(std::size_t(3 * n));
  fields.stress.resize(std::size_t(6 * n));
  const auto displacement = kernels::output_array("displacement_of_voxels", fields.displacement), stress = kernels::output_array("stress_of_voxels", fields.stress);
  const FineMesh mesh = me.system->mesh;
  const Field<const double> u = me.u;
  const auto stiffness = me.class_stiffness;
  copy_voigt(me.offset_strain(me.load.lithium_content), me.offset);
  const auto offset = me.offset;
  const double edge = me.grid.spacing;
  for_each("voxode::physics::fields", n, KOKKOS_LAMBDA(Index cell) {
    double modes[24], e[6], s[6];
    if (!cell_modes(mesh, u, cell, modes)) {
      for (int d = 0; d < 3; ++d) displacement(3 * cell + d) = std::numeric_limits<float>::quiet_NaN();
      for (int d = 0; d < 6; ++d) stress(6 * cell + d) = std::numeric_limits<float>::quiet_NaN();
      return;
    }
    kernels::hadamard(modes);
    const double g[3] = {0.25 / edge, 0.25 / edge, 0.25 / edge};
    kernels::mean_strain(modes, g, e);
    const std::size_t number = mesh.cell_class(cell);
    for (int i = 0; i < 6; ++i) e[i] += offset(number * 6 + std::size_t(i));
    multiply6(stiffness.data() + 36 * number, e, s);
    for (int d = 0; d < 3; ++d) displacement(3 * cell + d) = float(0.125 * modes[d]);
    for (int d = 0; d < 6; ++d) stress(6 * cell + d) = float(s[d]);
  });
  kernels::fetch(displacement, fields.displacement);
  kernels::fetch(stress, fields.stress);
}

namespace {

using PointViews = Kokkos::View<PointView*, kernels::Memory>;

/// The views of all cohesive points. Apart from the template below, since nvcc takes no kernel where a lambda is a template argument.
/// Views of the points of interface vertices [begin, end), the first of them being point `first`.
PointViews::HostMirror views_on_host(const Mechanics::Implementation& me, Index begin, Index end, std::uint32_t first, std::uint32_t last) {
  const PointViews views(std::string("views"), last - first);
  const Interface interface = me.interface;
  const Field<const double> u = me.u;
  for_each("voxode::physics::views", end - begin, KOKKOS_LAMBDA(Index i) {
    for (std::uint32_t pair = interface.pair_offset(begin + i); pair < interface.pair_offset(begin + i + 1); ++pair)
      for (std::uint32_t p = interface.point_offset(pair); p < interface.point_offset(pair + 1); ++p) views(p - first) = view_point(interface, u, pair, p);
  });
  Kokkos::fence();
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), views);
}

/// Calls f(point, face, view of the point) for every cohesive point in its order, on the host.
template <class F>
void for_points_on_host(const Mechanics::Implementation& me, const F& f) {
  constexpr Index at_once = 1 << 15;  // vertices: all their points together would take as much memory as a field
  const mesh::CohesivePoints& points = me.points;
  for (Index begin = 0; begin < points.n_vertices(); begin += at_once) {
    const Index end = std::min(points.n_vertices(), begin + at_once);
    const std::uint32_t first = points.point_offset[points.pair_offset[std::size_t(begin)]], last = points.point_offset[points.pair_offset[std::size_t(end)]];
    const auto host = views_on_host(me, begin, end, first, last);
    for (std::uint32_t p = first; p < last; ++p) f(std::size_t(p), std::size_t(points.face[p]), host(p - first));
  }
}

}  // namespace

void Mechanics::fill(CrackSnapshot& cracks) const {
  const Implementation& me = *implementation_;
  std::vector<std::int64_t> row(std::size_t(me.faces.size()), -1);
  cracks = {};
  for (std::uint32_t f : me.points.face)
    if (row[f] < 0) row[f] = 0;
  for (std::size_t f = 0; f < row.size(); ++f)
    if (row[f] == 0) row[f] = std::int64_t(cracks.face.size()), cracks.face.push_back(Index(f));
  for (auto* column : {&cracks.opening, &cracks.sliding, &cracks.damage, &cracks.separation, &cracks.opened_part, &cracks.traction, &cracks.mode_mix}) column->assign(cracks.face.size(), 0.0f);
  for (auto* column : {&cracks.jump, &cracks.traction_vector}) column->assign(3 * cracks.face.size(), 0.0f);
  for_points_on_host(me, [&](std::size_t, std::size_t face, const PointView& v) {
    const auto r = std::size_t(row[face]);
    cracks.opening[r] += 0.25f * float(v.opening);
    cracks.sliding[r] += 0.25f * float(v.sliding);
    cracks.damage[r] += 0.25f * float(v.damage);
    cracks.separation[r] += 0.25f * float(v.separation);
    cracks.opened_part[r] += 0.25f * float(v.opened);
    cracks.traction[r] += 0.25f * float(v.normal_traction);
    cracks.mode_mix[r] += 0.25f * v.mode_mix;
    for (std::size_t d = 0; d < 3; ++d) cracks.jump[3 * r + d] += 0.25f * v.jump[d], cracks.traction_vector[3 * r + d] += 0.25f * v.traction[d];
  });
}

std::vector<double> Mechanics::face_conduction() const {
  const Implementation& me = *implementation_;
  std::vector<double> w(std::size_t(me.faces.size()), 1.0);
  for (std::uint32_t f : me.points.face) w[f] = 0.0;
  const auto most = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), me.interface.history.opened_most);
  for_points_on_host(me, [&](std::size_t point, std::size_t face, const PointView& v) {
    const InterfaceEntry& e = me.job.interfaces[me.faces.entry[face]];
    double share = 1.0;
    if (e.law == InterfaceLawKind::bilinear || e.law == InterfaceLawKind::contact) {
      const double p = std::clamp(2.0 - v.opened / e.contact_gap, 0.0, 1.0);
      const double o = std::clamp(double(most(point)) / e.contact_gap - 1.0, 0.0, 1.0);
      share = p * (1.0 - o + o * e.recontact);
    }
    w[face] += 0.25 * share;
  });
  return w;
}

std::vector<double> Mechanics::open_share() const {
  const Implementation& me = *implementation_;
  std::vector<double> share(std::size_t(me.faces.size()), 0.0);
  for_points_on_host(me, [&](std::size_t, std::size_t face, const PointView& v) { share[face] += v.opened > me.job.interfaces[me.faces.entry[face]].contact_gap ? 0.25 : 0.0; });
  return share;
}

}  // namespace voxode::physics
