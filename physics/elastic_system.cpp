#include "physics/elastic_system.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"
#include "physics/fine_rows.hpp"

namespace voxode::physics {

using kernels::for_each;
using kernels::make_array;
using kernels::to_device;
using kernels::upload;

namespace {

/// P C P with the deviatoric projector: what bbar leaves of the stiffness of the non-constant strain terms.
Stiffness deviatoric_part(const Stiffness& c) {
  double projector[6][6] = {};
  for (int i = 0; i < 6; ++i) projector[i][i] = 1;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) projector[i][j] -= 1.0 / 3.0;
  Stiffness result{};
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j)
      for (int k = 0; k < 6; ++k)
        for (int l = 0; l < 6; ++l) result[std::size_t(6 * i + j)] += projector[i][k] * c[std::size_t(6 * k + l)] * projector[l][j];
  return result;
}

}  // namespace

std::vector<mesh::Wall> Support::walls() const {
  std::vector<mesh::Wall> list;
  for (int a = 0; a < 3; ++a)
    for (int s = 0; s < 2; ++s)
      if (wall[std::size_t(a)][std::size_t(s)]) list.push_back({a, s == 1, a == 2 && s == 1});
  return list;
}

ElasticSystem::ElasticSystem(const mesh::Nodes& nodes_, const mesh::CohesivePoints& points_, const MaterialClasses& classes_, double voxel_edge_, const Support& support_)
    : nodes(nodes_), points(points_), classes(classes_), voxel_edge(voxel_edge_), support(support_) {
  for (int a = 0; a < 3; ++a) {
    mesh.n[a] = nodes.n_cells[std::size_t(a)];
    mesh.n_vertices[a] = nodes.n_vertices[std::size_t(a)];
    mesh.periodic[a] = nodes.periodic[std::size_t(a)];
  }
  mesh.offset = to_device("offset", nodes.offset);
  mesh.corner_rank = to_device("corner_rank", nodes.corner_rank);
  mesh.cell_class = to_device("cell_class", classes.of_cell);
  blocks = ColouredBlocks(mesh::Blocks::make(nodes.n_cells, nodes.periodic, !kernels::on_host));
  interface_vertex = to_device("interface_vertex", points.vertex);
  pair_offset = to_device("pair_offset", points.pair_offset);
  pair_node = to_device("pair_node", points.pair_node);
  point_offset = to_device("point_offset", points.point_offset);

  n_moduli = classes.isotropic ? kernels::isotropic_size : kernels::anisotropic_size;
  std::vector<double> moduli;
  for (std::size_t c = 0; c < classes.stiffness.size(); ++c) {
    const Stiffness& full = classes.stiffness[c];
    const Stiffness higher = classes.bbar[c] ? deviatoric_part(full) : full;
    if (classes.isotropic) {
      moduli.insert(moduli.end(), {full[1] * voxel_edge, full[21] * voxel_edge, higher[1] * voxel_edge});
    } else {
      for (const Stiffness* s : {&full, &higher})
        for (int i = 0; i < 6; ++i)
          for (int j = i; j < 6; ++j) moduli.push_back(0.5 * ((*s)[std::size_t(6 * i + j)] + (*s)[std::size_t(6 * j + i)]) * voxel_edge);
    }
  }
  class_moduli.assign(moduli.begin(), moduli.end());
  moduli_double_ = upload("moduli", moduli);
  moduli_single_ = upload("moduli_single", class_moduli);

  std::vector<std::uint32_t> fixed, plate;
  std::vector<std::uint8_t> component;
  for (const auto& wall : support.walls()) {
    const int b = (wall.axis + 1) % 3, c = (wall.axis + 2) % 3;
    for (Index q = 0; q < nodes.n_vertices[std::size_t(c)]; ++q)
      for (Index p = 0; p < nodes.n_vertices[std::size_t(b)]; ++p) {
        Index3 v;
        v[std::size_t(wall.axis)] = wall.upper ? nodes.n_cells[std::size_t(wall.axis)] : 0;
        v[std::size_t(b)] = p, v[std::size_t(c)] = q;
        const auto vertex = std::size_t(nodes.vertex(v[0], v[1], v[2]));
        for (std::uint32_t n = nodes.offset[vertex]; n < nodes.offset[vertex + 1]; ++n) {
          if (wall.plate) plate.push_back(n);
          else fixed.push_back(n), component.push_back(std::uint8_t(wall.axis));
        }
      }
  }
  fixed_node = upload("fixed_node", fixed);
  fixed_component = upload("fixed_component", component);
  plate_node = upload("plate_node", plate);
}

template <class T>
void ElasticSystem::device_strain(const std::vector<Voigt>& strain, Array<T>& to) const {
  if (Index(strain.size()) != Index(classes.size())) throw InternalError(fmt::format("{} strains for {} material classes", strain.size(), classes.size()));
  std::vector<T> values;
  for (const Voigt& e : strain)
    for (double value : e) values.push_back(T(value * voxel_edge));
  if (to.extent(0) != values.size()) to = make_array<T>("offset_strain", Index(values.size()));
  kernels::copy_to(to, values);
}

namespace {
template <class T, int W, class Moduli>
void run_fine(const ElasticSystem& s, bool add, const Array<T>& moduli, const Field<const T>& x, const Field<T>& y, const Array<T>& offset_strain, const Array<std::uint8_t>& packs = {}) {
  std::conditional_t<(W > 1), FineRows<T, W, Moduli>, FineForce<T, Moduli>> f;
  if constexpr (W > 1) {
    f.partition = s.blocks.blocks;
    f.add = add;
  } else if (!add) {
    kernels::fill(y, T(0));
  }
  f.mesh = s.mesh;
  f.moduli = moduli;
  f.offset_strain = offset_strain;
  f.packs = packs;
  f.x = x;
  f.y = y;
  s.blocks.run("voxode::physics::bulk_force", f);
}
}  // namespace

template <class T>
void ElasticSystem::bulk_force(const Field<const T>& x, const Field<T>& y, const Array<T>& offset_strain) const {
  constexpr int W = kernels::pack_width<T>;
  const auto& moduli = [this]() -> const Array<T>& {
    if constexpr (std::is_same_v<T, double>) return moduli_double_;
    else return moduli_single_;
  }();
  if (classes.isotropic) run_fine<T, W, kernels::Isotropic<kernels::Pack<T, W>>>(*this, false, moduli, x, y, offset_strain);
  else run_fine<T, W, kernels::Anisotropic<kernels::Pack<T, W>>>(*this, false, moduli, x, y, offset_strain);
}

void ElasticSystem::add_bulk_force(const Field<const float>& x, const Field<float>& y, const Array<std::uint8_t>& packs) const {
  constexpr int W = kernels::pack_width<float>;
  if (classes.isotropic) run_fine<float, W, kernels::Isotropic<kernels::Pack<float, W>>>(*this, true, moduli_single_, x, y, {}, packs);
  else run_fine<float, W, kernels::Anisotropic<kernels::Pack<float, W>>>(*this, true, moduli_single_, x, y, {}, packs);
}

Index3 ElasticSystem::n_packs() const {
  constexpr Index W = kernels::pack_width<float>;
  return {(nodes.n_cells[0] + W - 1) / W, nodes.n_cells[1], nodes.n_cells[2]};
}

template <class T>
void ElasticSystem::add_pair_forces(const Array<float>& stiffness, const Field<const T>& x, const Field<T>& y) const {
  const auto first = pair_offset;
  const auto node = pair_node;
  for_each("voxode::physics::pair_forces", points.n_vertices(), KOKKOS_LAMBDA(Index q) {
    for (std::uint32_t p = first(q); p < first(q + 1); ++p) add_pair_force(node(2 * std::size_t(p)), node(2 * std::size_t(p) + 1), &stiffness(6 * std::size_t(p)), x, y);
  });
}

template <class T>
void ElasticSystem::mask(const Field<T>& y) const {
  const auto node = fixed_node;
  const auto component = fixed_component;
  for_each("voxode::physics::mask", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) { y(node(i), component(i)) = T(0); });
  set_plate(y, 0.0);
}

template <class T>
void ElasticSystem::set_plate(const Field<T>& x, double displacement) const {
  const auto node = plate_node;
  for_each("voxode::physics::set_plate", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) { x(node(i), 2) = T(displacement); });
}

template <class T>
double ElasticSystem::plate_force(const Field<T>& y) const {
  const auto node = plate_node;
  return kernels::deterministic_sum("voxode::physics::plate_force", Index(node.extent(0)), KOKKOS_LAMBDA(Index i) { return double(y(node(i), 2)); });
}

#define VOXODE_INSTANTIATE(T)                                                                                      \
  template void ElasticSystem::device_strain<T>(const std::vector<Voigt>&, Array<T>&) const;                       \
  template void ElasticSystem::bulk_force<T>(const Field<const T>&, const Field<T>&, const Array<T>&) const;       \
  template void ElasticSystem::add_pair_forces<T>(const Array<float>&, const Field<const T>&, const Field<T>&) const; \
  template void ElasticSystem::mask<T>(const Field<T>&) const;                                                     \
  template void ElasticSystem::set_plate<T>(const Field<T>&, double) const;                                        \
  template double ElasticSystem::plate_force<T>(const Field<T>&) const;
VOXODE_INSTANTIATE(float)
VOXODE_INSTANTIATE(double)
#undef VOXODE_INSTANTIATE

}  // namespace voxode::physics
