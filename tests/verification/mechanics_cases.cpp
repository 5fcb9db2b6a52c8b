#include "verification/mechanics_cases.hpp"

#include <cmath>
#include <random>

#include "verification/reference_data.hpp"

namespace voxode::test {

using physics::InterfaceEntry;
using physics::Material;

Stiffness triclinic(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> u(-1, 1);
  Stiffness c = physics::isotropic_stiffness(100e9, 0.25);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j <= i; ++j) {
      const double x = 8e9 * u(random);
      c[std::size_t(6 * i + j)] += x;
      if (i != j) c[std::size_t(6 * j + i)] += x;
    }
  return c;
}

void Scene::finish(bool keep_floating) {
  std::vector<mesh::BodyRule> rules;
  grid.phase_names.clear();
  for (const physics::Phase& p : job.phases) {
    rules.push_back(p.bodies);
    grid.phase_names.push_back(p.name);
  }
  bodies = mesh::make_bodies(grid, rules, job.periodicity(), job.seed);
  const auto rule = [this](std::int32_t a, std::int32_t b) {
    const mesh::Body &first = bodies.table[std::size_t(a)], &second = bodies.table[std::size_t(b)];
    for (std::size_t i = 0; i < job.interfaces.size(); ++i) {
      const InterfaceEntry& e = job.interfaces[i];
      const bool pair = (e.phase_a == first.phase && e.phase_b == second.phase) || (e.phase_a == second.phase && e.phase_b == first.phase);
      if (!pair) continue;
      if (e.law == physics::InterfaceLawKind::bonded) break;
      return mesh::FaceRule{std::uint8_t(i), e.normals};
    }
    return mesh::FaceRule{};
  };
  faces = mesh::make_faces(grid, bodies, rule, job.periodicity());
  const mesh::MechanicalBodies found = mesh::find_mechanical_bodies(grid, bodies, faces, job.periodicity());
  if (!found.idle_interfaces.empty()) throw std::runtime_error("scene: an interface cannot act");
  mechanical_body = keep_floating ? found.of_voxel : mesh::bodies_with_load_path(found);
}

std::unique_ptr<physics::Mechanics> Scene::mechanics() const { return std::make_unique<physics::Mechanics>(grid, bodies, faces, job, mechanical_body); }

Material isotropic_material(double youngs_modulus, double poisson_ratio, double strain) {
  Material m;
  m.youngs_modulus = youngs_modulus;
  m.poisson_ratio = poisson_ratio;
  m.stiffness = physics::isotropic_stiffness(youngs_modulus, poisson_ratio);
  if (strain != 0) m.strain_table = {{0, strain, strain}, {1, 0, 0}};
  return m;
}

Material anisotropic_material(const Stiffness& stiffness, double strain_a, double strain_c) {
  Material m;
  m.isotropic = false;
  m.stiffness = stiffness;
  if (strain_a != 0 || strain_c != 0) m.strain_table = {{0, strain_a, strain_c}, {1, 0, 0}};
  return m;
}

Material ncm(double strain) { return isotropic_material(140e9, 0.30, strain); }
Material li6ps5cl() { return isotropic_material(22.1e9, 0.37); }

ScenePointer make_scene(const Index3& n, double spacing, const std::vector<Material>& materials, const std::function<std::uint8_t(double, double, double)>& phase) {
  auto scene = std::make_unique<Scene>();
  for (std::size_t i = 0; i < materials.size(); ++i) {
    physics::Phase p;
    p.name = i == 0 ? "electrolyte" : i == 1 ? "active" : "other" + std::to_string(i);
    p.role = i == 0 ? physics::Role::electrolyte : i == 1 ? physics::Role::active : physics::Role::other;
    p.material = materials[i];
    p.bodies.orientation = mesh::OrientationMode::aligned;
    scene->job.phases.push_back(p);
  }
  scene->job.solver.tolerance = 1e-8;
  scene->grid.n = n;
  scene->grid.spacing = spacing;
  scene->grid.phase.resize(std::size_t(product(n)));
  for (Index k = 0; k < n[2]; ++k)
    for (Index j = 0; j < n[1]; ++j)
      for (Index i = 0; i < n[0]; ++i)
        scene->grid.phase[std::size_t(linear_index(n, i, j, k))] = phase((double(i) + 0.5) * spacing, (double(j) + 0.5) * spacing, (double(k) + 0.5) * spacing);
  return scene;
}

ScenePointer sphere_eighth(Index n, double half_edge, double volume_fraction, const std::vector<Material>& materials) {
  const double radius = 2 * half_edge * std::cbrt(3 * volume_fraction / (4 * M_PI));
  const std::uint8_t inside = materials.size() > 1 ? 1 : mesh::pore;
  return make_scene({n, n, n}, half_edge / double(n), materials, [=](double x, double y, double z) { return x * x + y * y + z * z < radius * radius ? inside : std::uint8_t(0); });
}

ScenePointer core_in_shell(Index n_per_radius, double a, double b, const std::vector<Material>& materials) {
  return make_scene({n_per_radius + 1, n_per_radius + 1, n_per_radius}, b / double(n_per_radius), materials, [=](double x, double y, double z) {
    const double r = std::sqrt(x * x + y * y + z * z);
    return r < a ? std::uint8_t(1) : r < b ? std::uint8_t(0) : mesh::pore;
  });
}

ScenePointer laminate(Index n, double edge, int normal, const std::vector<Material>& materials) {
  Index3 size{2, 2, 2};
  size[std::size_t(normal)] = n;
  size[2] = n;
  return make_scene(size, edge / double(n), materials, [=](double x, double y, double z) { return std::uint8_t((normal == 0 ? x : normal == 1 ? y : z) > edge / 2); });
}

ScenePointer reference_mesh(const std::string& image, bool bonded) {
  const nlohmann::json data = reference("reference_mesh.json", image);
  const auto shape = data.at("shape_zyx").get<std::vector<Index>>();
  const auto labels = data.at("labels").get<std::vector<std::uint32_t>>();
  // NCM_TI of cases.json
  const double C11 = 240e9, C33 = 190e9, C12 = 90e9, C13 = 60e9, C44 = 55e9, C66 = 75e9;
  const Stiffness ti{C11, C12, C13, 0, 0, 0, C12, C11, C13, 0, 0, 0, C13, C13, C33, 0, 0, 0, 0, 0, 0, C44, 0, 0, 0, 0, 0, 0, C44, 0, 0, 0, 0, 0, 0, C66};
  auto scene = make_scene({shape[2], shape[1], shape[0]}, data.at("spacing_m"), {li6ps5cl(), anisotropic_material(ti, -0.0199, -0.012)}, [](double, double, double) { return std::uint8_t(0); });
  scene->grid.instance.assign(labels.size(), 0);
  for (std::size_t v = 0; v < labels.size(); ++v) {
    scene->grid.phase[v] = labels[v] == 0 ? mesh::pore : labels[v] == 1 ? 0 : 1;
    if (labels[v] > 1) scene->grid.instance[v] = labels[v];
  }
  mesh::BodyRule& rule = scene->job.phases[1].bodies;
  rule.mode = mesh::BodyMode::file;
  rule.orientation = mesh::OrientationMode::file;
  for (const auto& [label, q] : data.at("quaternions_wxyz").items()) {
    Quaternion turn;
    for (std::size_t i = 0; i < 4; ++i) turn[i] = q[i].get<double>();
    rule.orientation_table.emplace_back(std::uint32_t(std::stoul(label)), turn);
  }
  if (bonded) return scene;
  InterfaceEntry e;
  e.law = physics::InterfaceLawKind::spring;
  e.normal_stiffness = 1e15;
  e.shear_stiffness = 5e14;
  e.normals = mesh::NormalMode::voxel;
  for (auto [a, b] : {std::pair{0, 1}, {1, 1}}) {
    e.phase_a = std::uint8_t(a);
    e.phase_b = std::uint8_t(b);
    scene->job.interfaces.push_back(e);
  }
  return scene;
}

Uniaxial uniaxial_stiffness(const Scene& scene, double pressure) {
  auto mechanics = scene.mechanics();
  mechanics->advance({.lithium_content = 1, .pressure = pressure, .time_step = 1});
  const auto m = mechanics->measure();
  const double strain = m.plate_displacement / scene.height();
  return {m.mean_stress[2] / strain, 0.5 * (m.mean_stress[0] + m.mean_stress[1]) / strain};
}

void sweep(physics::Mechanics& mechanics, double from, double to, int n, double pressure, const std::function<void(double)>& after) {
  for (int i = 1; i <= n; ++i) {
    const double content = from + (to - from) * i / n;
    mechanics.advance({.lithium_content = content, .pressure = pressure, .time_step = 1});
    if (after) after(content);
  }
}

}  // namespace voxode::test
