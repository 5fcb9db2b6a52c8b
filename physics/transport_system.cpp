#include "physics/transport_system_kokkos.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/scan.hpp"
#include "physics/transport_reduce_kokkos.hpp"

namespace voxode::physics::transport {
namespace {

template <class T>
View<T> to_device(const char* label, const T* data, Index n) {
  View<T> result = allocate<T>(label, n);
  Kokkos::deep_copy(result, Kokkos::View<const T*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(data, std::size_t(n)));
  return result;
}
template <class T>
View<T> to_device(const char* label, const std::vector<T>& data) { return to_device(label, data.data(), Index(data.size())); }

// Conductance of a face over (largest conductivity x voxel edge); conductivities over the largest one, resistance over its h / k.
double face_conductance(double k_lower, double k_upper, double resistance) { return 1 / (0.5 / k_lower + 0.5 / k_upper + resistance); }

// Every conductance that occurs, numbered; too many of them to number in a byte: `overflow`.
struct Codes {
  std::vector<double> table{0.0};
  std::unordered_map<double, int> number{{0.0, 0}};
  bool overflow = false;
  std::uint8_t operator()(double conductance) {
    const auto [place, is_new] = number.try_emplace(conductance, int(table.size()));
    if (is_new) table.push_back(conductance);
    overflow |= place->second > 255;
    return std::uint8_t(place->second);
  }
};

// Faces that differ from what the two phases give.
struct SpecialFaces {
  std::vector<Id> voxel;
  std::vector<std::uint8_t> axis;
  std::vector<double> conductance;
};

SpecialFaces special_faces(const ConductionProblem& p, const std::array<bool, 3>& wrap, const std::vector<double>& k, double unit) {
  SpecialFaces result;
  if (!p.faces) return result;
  for (Index f = 0; f < p.faces->size(); ++f) {
    const double resistance = p.face_resistance[f];
    if (resistance == 0) continue;
    const Index lower = p.faces->cell[f];
    const int axis = p.faces->axis[f];
    const Index stride = axis == 0 ? 1 : axis == 1 ? p.n[0] : p.n[0] * p.n[1];
    const bool seam = lower / stride % p.n[axis] == p.n[axis] - 1;
    if (seam && !wrap[axis]) continue;
    const Index upper = seam ? lower - stride * (p.n[axis] - 1) : lower + stride;
    const double k_lower = k[p.phase[lower]], k_upper = k[p.phase[upper]];
    if (k_lower == 0 || k_upper == 0) continue;
    result.voxel.push_back(Id(lower));
    result.axis.push_back(std::uint8_t(axis));
    result.conductance.push_back(std::isinf(resistance) ? 0.0 : face_conductance(k_lower, k_upper, resistance * unit));
  }
  return result;
}

struct Numbering {
  const std::uint8_t* taken;
  std::uint8_t value;
  Id* first;
  Index n;
  KOKKOS_INLINE_FUNCTION void operator()(Index v, Index& sum, bool final) const {
    if (final) first[v] = Id(sum);
    if (v < n) sum += taken[v] == value;
  }
};

// Columns, codes and ground of the cells; one thread a voxel.
struct Assemble {
  Index3 n;
  bool wrap[3];
  int axis;
  Index n_unknowns;
  const Id* first;
  const std::uint8_t* phase;
  const std::uint8_t* pair_code;  // (256, 256)
  const float* pair_weight;       // (256, 256), null: codes
  Id* column[6];
  std::uint8_t* code;
  float* weight;
  std::uint16_t* ground_code;
  Id* voxel_of;

  KOKKOS_INLINE_FUNCTION void set(int side, Index i, Id neighbour) const {
    if (column[side]) column[side][i] = neighbour;
  }
  KOKKOS_INLINE_FUNCTION void operator()(Index v) const {
    const Id i = first[v];
    if (first[v + 1] == i) return;
    voxel_of[i] = Id(v);
    const Index at[3] = {v % n[0], v / n[0] % n[1], v / (n[0] * n[1])};
    const Index stride[3] = {1, n[0], n[0] * n[1]};
    for (int d = 0; d < 3; ++d) {
      const bool last = at[d] == n[d] - 1, is_first = at[d] == 0;
      const Index up = last ? v - stride[d] * (n[d] - 1) : v + stride[d], down = is_first ? v + stride[d] * (n[d] - 1) : v - stride[d];
      const bool has_up = (!last || wrap[d]) && first[up + 1] > first[up], has_down = (!is_first || wrap[d]) && first[down + 1] > first[down];
      set(2 * d, i, has_down ? first[down] : i);
      set(2 * d + 1, i, has_up ? first[up] : i);
      const Index pair = Index(phase[v]) * 256 + phase[up];
      if (pair_weight) weight[d * n_unknowns + i] = has_up ? pair_weight[pair] : 0;
      else code[d * n_unknowns + i] = has_up ? pair_code[pair] : 0;
    }
    const bool low = at[axis] == 0, high = at[axis] == n[axis] - 1;
    ground_code[i] = wrap[axis] || !(low || high) ? 0 : std::uint16_t(1 + 3 * phase[v] + (low && high ? 2 : high ? 1 : 0));
  }
};

template <class T>
struct Override {
  const Id* voxel;
  const std::uint8_t* axis;
  const T* value;
  const Id* first;
  Index n_unknowns;
  T* target;  // (3, n_unknowns)
  KOKKOS_INLINE_FUNCTION void operator()(Index f) const {
    const Id i = first[voxel[f]];
    if (first[voxel[f] + 1] > i) target[axis[f] * n_unknowns + i] = value[f];
  }
};

void number_unknowns(System& system, std::span<const std::uint8_t> taken, std::uint8_t value) {
  const Index n_voxels = Index(taken.size());
  const View<std::uint8_t> mask = to_device("voxode::physics::transport::taken", taken.data(), n_voxels);
  system.first = allocate<Id>("voxode::physics::transport::first", n_voxels + 1);
  kernels::scan("voxode::physics::transport::number", "voxels", n_voxels + 1, Numbering{mask.data(), value, system.first.data(), n_voxels}, system.stencil.n);
  Kokkos::fence();
}

void make_ground(StencilData& stencil, const std::vector<double>& k) {
  const Index n_codes = 1 + 3 * Index(k.size());
  std::vector<double> ground(2 * n_codes, 0.0);
  for (Index p = 0; p < Index(k.size()); ++p) {
    const double half_cell = 2 * k[p];
    ground[1 + 3 * p] = ground[n_codes + 1 + 3 * p] = half_cell;  // low plane, at potential 1
    ground[2 + 3 * p] = half_cell;                                // high plane, at potential 0
    ground[3 + 3 * p] = 2 * half_cell;                            // a box one voxel thick: both
    ground[n_codes + 3 + 3 * p] = half_cell;
  }
  stencil.n_ground_codes = n_codes;
  stencil.ground_table = to_device("voxode::physics::transport::ground_table", ground);
}

template <class T>
void apply_special(const SpecialFaces& special, const std::vector<T>& values, const System& system, T* target) {
  const View<Id> voxel = to_device("voxode::physics::transport::special_voxel", special.voxel);
  const View<std::uint8_t> axis = to_device("voxode::physics::transport::special_axis", special.axis);
  const View<T> value = to_device("voxode::physics::transport::special_value", values);
  for_all("voxode::physics::transport::special_faces", Index(values.size()),
          Override<T>{voxel.data(), axis.data(), value.data(), system.first.data(), system.stencil.n, target});
  Kokkos::fence();
}

void fill(System& system, const ConductionProblem& p, const std::vector<double>& k, const SpecialFaces& special) {
  StencilData& s = system.stencil;
  Codes codes;
  std::vector<std::uint8_t> pair_code(256 * 256, 0), special_code;
  std::vector<float> pair_weight;
  std::vector<bool> used(256, false);
  for (const std::uint8_t phase : p.phase) used[phase] = true;
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256 && !codes.overflow; ++b)
      if (used[a] && used[b] && k[a] > 0 && k[b] > 0) pair_code[a * 256 + b] = codes(face_conductance(k[a], k[b], 0));
  for (const double g : special.conductance) {
    if (codes.overflow) break;
    special_code.push_back(codes(g));
  }
  s.full = codes.overflow;
  const View<std::uint8_t> phase = to_device("voxode::physics::transport::phase", p.phase.data(), Index(p.phase.size()));
  const View<std::uint8_t> pairs = to_device("voxode::physics::transport::pair_code", pair_code);
  View<float> weights;
  if (s.full) {
    pair_weight.assign(256 * 256, 0.f);
    for (int a = 0; a < 256; ++a)
      for (int b = 0; b < 256; ++b)
        if (k[a] > 0 && k[b] > 0) pair_weight[a * 256 + b] = float(face_conductance(k[a], k[b], 0));
    weights = to_device("voxode::physics::transport::pair_weight", pair_weight);
    s.weight = allocate<float>("voxode::physics::transport::weight", 3 * s.n);
  } else {
    s.code = allocate<std::uint8_t>("voxode::physics::transport::code", 3 * s.n);
    s.table = to_device("voxode::physics::transport::table", codes.table);
    s.table_single = to_device("voxode::physics::transport::table_single", std::vector<float>(codes.table.begin(), codes.table.end()));
  }
  for (int side = s.wrap_x ? 0 : 2; side < 6; ++side) s.column[side] = allocate<Id>("voxode::physics::transport::column", s.n);
  s.ground_code = allocate<std::uint16_t>("voxode::physics::transport::ground_code", s.n);
  system.voxel_of = allocate<Id>("voxode::physics::transport::voxel_of", s.n);
  Assemble assemble{system.n, {system.wrap[0], system.wrap[1], system.wrap[2]}, system.axis, s.n, system.first.data(), phase.data(), pairs.data(),
                    weights.data(), {}, s.code.data(), s.weight.data(), s.ground_code.data(), system.voxel_of.data()};
  for (int side = 0; side < 6; ++side) assemble.column[side] = s.column[side].data();
  for_all("voxode::physics::transport::assemble", product(system.n), assemble);
  Kokkos::fence();
  if (special.voxel.empty()) return;
  if (s.full) apply_special(special, std::vector<float>(special.conductance.begin(), special.conductance.end()), system, s.weight.data());
  else apply_special(special, special_code, system, s.code.data());
}

// Energy of the faces above each cell and of its ground, and the current through those faces.
template <class Graph>
struct Flux {
  Graph graph;
  const double* x;
  Index n_ground_codes;
  int axis;
  double step;  // drop from cell to cell along the axis that x does not hold
  KOKKOS_INLINE_FUNCTION void operator()(Index i, double* sums) const {
    for (int d = 0; d < 3; ++d) {
      const double drop = x[i] - x[graph.neighbour(2 * d + 1, i)] + (d == axis ? step : 0.0);
      const double current = graph.face(0.0, d, i) * drop;
      sums[0] += current * drop;
      sums[1 + d] += current;
    }
    const std::uint16_t code = graph.ground_code[i];
    if (code == 0) return;
    const double low = graph.ground_table[n_ground_codes + code], high = graph.ground_table[code] - low;
    sums[0] += low * (x[i] - 1) * (x[i] - 1) + high * x[i] * x[i];
  }
};

}  // namespace

System make_system(const ConductionProblem& p, const std::array<bool, 3>& wrap, int axis, std::span<const std::uint8_t> taken, std::uint8_t value) {
  System system;
  system.n = p.n;
  system.axis = axis;
  system.wrap = wrap;
  system.stencil.wrap_x = wrap[0];
  std::vector<double> k(256, 0.0);
  std::copy(p.conductivity.begin(), p.conductivity.end(), k.begin());
  system.largest_conductivity = *std::max_element(k.begin(), k.end());
  for (double& value_of_phase : k) value_of_phase /= system.largest_conductivity;
  number_unknowns(system, taken, value);
  make_ground(system.stencil, k);
  fill(system, p, k, special_faces(p, wrap, k, system.largest_conductivity / p.spacing));
  return system;
}

Fluxes fluxes_of(const System& system, const View<double>& x) {
  const double step = system.periodic() ? 1.0 / double(system.n[system.axis]) : 0.0;
  std::array<double, 4> sums{};
  View<double> partial;
  with_stencil(system.stencil, [&](const auto& graph) {
    using Graph = std::decay_t<decltype(graph)>;
    sums = sum_all<4>("voxode::physics::transport::flux", system.stencil.n,
                      Flux<Graph>{graph, x.data(), system.stencil.n_ground_codes, system.axis, step}, partial);
  });
  const double length = double(system.n[system.axis]), n_voxels = double(product(system.n));
  Fluxes result;
  result.conductivity = system.largest_conductivity * sums[0] * length * length / n_voxels;
  for (int d = 0; d < 3; ++d)
    if (system.wrap[d]) result.current[d] = system.largest_conductivity * sums[1 + d] * length / n_voxels;
  result.current[system.axis] = result.conductivity;
  return result;
}

}  // namespace voxode::physics::transport
