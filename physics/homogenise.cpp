#include "physics/homogenise.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "physics/mechanics_state.hpp"

namespace voxode::physics {
namespace {

using kernels::make_array;
using kernels::make_field;

/// Springs of the undamaged interfaces, (n_pairs, 6).
Array<float> undamaged_springs(const mesh::VoxelGrid& grid, const mesh::Faces& faces, const mesh::CohesivePoints& points, const Job& job) {
  std::vector<float> springs(std::size_t(6 * points.n_pairs()), 0.0f);
  for (Index pair = 0; pair < points.n_pairs(); ++pair)
    for (std::uint32_t p = points.point_offset[std::size_t(pair)]; p < points.point_offset[std::size_t(pair) + 1]; ++p) {
      const std::size_t f = points.face[p];
      const cohesive::Law law = cohesive::make_law(job.interfaces[faces.entry[f]]);
      const double jump[3] = {0, 0, 0}, normal[3] = {double(faces.normal[3 * f]), double(faces.normal[3 * f + 1]), double(faces.normal[3 * f + 2])};
      double k[6];
      law.preconditioner_stiffness(jump, normal, law.initial(), 0.0, k);
      const double area = 0.25 * grid.spacing * grid.spacing * double(faces.area_share[f]);
      for (int e = 0; e < 6; ++e) springs[std::size_t(6 * pair + e)] += float(area * k[e]);
    }
  return kernels::upload("springs", springs);
}

/// Inverse times vector for a 6x6 positive definite matrix.
Voigt solve6(Stiffness c, Voigt b) {
  for (std::size_t k = 0; k < 6; ++k)
    for (std::size_t i = k + 1; i < 6; ++i) {
      const double factor = c[6 * i + k] / c[7 * k];
      for (std::size_t j = k; j < 6; ++j) c[6 * i + j] -= factor * c[6 * k + j];
      b[i] -= factor * b[k];
    }
  for (std::size_t i = 6; i-- > 0;) {
    for (std::size_t j = i + 1; j < 6; ++j) b[i] -= c[6 * i + j] * b[j];
    b[i] /= c[7 * i];
  }
  return b;
}

}  // namespace

Homogenised homogenise(const mesh::VoxelGrid& grid, const Microstructure& structure, const Job& job, bool swelling) {
  const std::vector<std::int32_t> body = mesh::bodies_with_load_path(structure.mechanical);
  const mesh::Nodes nodes = mesh::make_nodes(grid.n, {true, true, true}, body);
  if (nodes.n_nodes() == 0) throw InputError("nothing in the image is solid: there is no stiffness to compute. Name at least one label that is not `pore`.");
  const mesh::CohesivePoints points = mesh::make_cohesive_points(nodes, structure.faces, body);
  std::vector<ClassSwelling> class_swelling;
  const MaterialClasses classes = make_classes(structure.bodies, job, class_swelling);
  const ElasticSystem system(nodes, points, classes, grid.spacing, Support{});
  ElasticMultigrid::Options options;
  options.jacobi = job.solver.preconditioner == Preconditioner::jacobi;
  ElasticMultigrid multigrid(system, body, options);
  const Array<float> springs = undamaged_springs(grid, structure.faces, points, job);
  multigrid.refresh(springs);

  std::vector<double> cells_of_class(std::size_t(classes.size()), 0.0);
  for (std::size_t v = 0; v < body.size(); ++v)
    if (body[v] >= 0) cells_of_class[classes.of_cell[v]] += 1;
  const double n_voxels = double(grid.n_voxels());
  const double volume = grid.volume();
  const auto zero = make_field<double>("zero", nodes.n_nodes()), u = make_field<double>("u", nodes.n_nodes());
  const auto load_of = [&](const std::vector<Voigt>& offset, const Field<double>& load) {
    system.bulk_force<double>(zero, load, system.device_strain<double>(offset));
    kernels::assign_scaled(load, -1.0, load);
  };
  LinearOptions linear;
  linear.tolerance = job.solver.tolerance;
  linear.max_iterations = options.jacobi ? 20000 : 1000;
  Homogenised result;
  // forces on the nodes if the cells' did not cancel: a load far below (layers sheared along themselves, one material alone) is rounding, and no reference
  double stiffest = 0, n_cells = 0;
  for (std::size_t c = 0; c < std::size_t(classes.size()); ++c) {
    n_cells += cells_of_class[c];
    for (double entry : classes.stiffness[c]) stiffest = std::max(stiffest, std::abs(entry));
  }
  const double uncancelled = stiffest * grid.spacing * grid.spacing * std::sqrt(n_cells);
  const auto solve = [&](const Field<double>& load, double strain) {
    linear.reference = std::max(std::sqrt(kernels::dot(load, load)), 1e-2 * strain * uncancelled);
    Kokkos::deep_copy(u, 0.0);
    double plate = 0;
    const LinearResult r = solve_linear(system, multigrid, springs, load, 0.0, u, plate, linear);
    result.iterations += r.iterations;
    result.residual = std::max(result.residual, r.residual);
  };
  // the six load vectors are needed again for every solution's mean stress: stress_i = <C offset>_i - load_i . u / volume
  std::vector<Field<double>> loads;
  for (std::size_t i = 0; i < 6; ++i) {
    loads.push_back(make_field<double>("load", nodes.n_nodes()));
    Voigt unit{};
    unit[i] = 1;
    load_of(std::vector<Voigt>(std::size_t(classes.size()), unit), loads.back());
  }
  const auto mean_stress = [&](const std::vector<Voigt>& offset) {
    Voigt stress{};
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::size_t c = 0; c < std::size_t(classes.size()); ++c)
        for (std::size_t j = 0; j < 6; ++j) stress[i] += cells_of_class[c] / n_voxels * classes.stiffness[c][6 * i + j] * offset[c][j];
      stress[i] -= kernels::dot(loads[i], u) / volume;
    }
    return stress;
  };
  for (std::size_t j = 0; j < 6; ++j) {
    Voigt unit{};
    unit[j] = 1;
    solve(loads[j], 1.0);
    const Voigt stress = mean_stress(std::vector<Voigt>(std::size_t(classes.size()), unit));
    for (std::size_t i = 0; i < 6; ++i) result.stiffness[6 * i + j] = stress[i];
  }
  if (swelling) {
    std::vector<Voigt> offset(std::size_t(classes.size()), Voigt{});
    for (std::size_t c = 0; c < class_swelling.size(); ++c) {
      if (!class_swelling[c].material) continue;
      offset[c] =
          stress_free_strain(StrainTable(class_swelling[c].material->strain_table), job.lithium.charged, job.lithium.discharged, class_swelling[c].orientation);
      for (double& value : offset[c]) value = -value;
    }
    const auto load = make_field<double>("load", nodes.n_nodes());
    load_of(offset, load);
    double largest = 0;
    for (const Voigt& strain : offset)
      for (double value : strain) largest = std::max(largest, std::abs(value));
    solve(load, largest);
    result.swelling = solve6(result.stiffness, mean_stress(offset));
    for (double& value : result.swelling) value = -value;
  }
  return result;
}

}  // namespace voxode::physics
