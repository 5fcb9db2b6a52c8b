// A cycle does not depend on how the in-plane axes are named, which way they run, or how the bodies are numbered.
#include <gtest/gtest.h>

#include <cmath>

#include "physics/cycle.hpp"
#include "tests/two_phase_job.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

struct Image {
  Index3 n;
  std::vector<std::uint8_t> phase;
  std::vector<std::uint32_t> instance;
};

/// Three spheres, two of them touching, in an electrolyte with pores; nothing is symmetric.
Image cathode() {
  Image image{{14, 11, 12}, {}, {}};
  struct Sphere {
    double x, y, z, r;
  };
  const Sphere grains[] = {{4.1, 4.3, 3.9, 3.4}, {9.9, 6.2, 5.1, 3.1}, {5.2, 7.4, 9.3, 2.7}}, pores[] = {{11.6, 2.2, 9.8, 1.9}, {1.1, 9.7, 1.4, 1.6}};
  const auto inside = [](const Sphere& s, double x, double y, double z) {
    return (x - s.x) * (x - s.x) + (y - s.y) * (y - s.y) + (z - s.z) * (z - s.z) < s.r * s.r;
  };
  for (Index k = 0; k < image.n[2]; ++k)
    for (Index j = 0; j < image.n[1]; ++j)
      for (Index i = 0; i < image.n[0]; ++i) {
        const double x = double(i) + 0.5, y = double(j) + 0.5, z = double(k) + 0.5;
        std::uint8_t phase = 0;
        std::uint32_t label = 0;
        for (const Sphere& s : pores)
          if (inside(s, x, y, z)) phase = mesh::pore;
        for (std::uint32_t g = 0; g < 3; ++g)
          if (inside(grains[g], x, y, z)) phase = 1, label = g + 1;
        image.phase.push_back(phase);
        image.instance.push_back(label);
      }
  return image;
}

template <class Place>
Image moved(const Image& from, const Index3& n, const Place& old_place) {
  Image image{n, {}, {}};
  for (Index k = 0; k < n[2]; ++k)
    for (Index j = 0; j < n[1]; ++j)
      for (Index i = 0; i < n[0]; ++i) {
        const Index3 p = old_place(i, j, k);
        const auto v = std::size_t(linear_index(from.n, p[0], p[1], p[2]));
        image.phase.push_back(from.phase[v]);
        image.instance.push_back(from.instance[v]);
      }
  return image;
}

struct Row {
  std::string state;
  std::vector<double> values;
  Voigt stress;
};

/// Every number of the tables by step, the stress apart.
std::vector<Row> cycle(const Image& image, InPlane in_plane) {
  Job job = tests::two_phase_job();
  job.phases[1].bodies.mode = mesh::BodyMode::file;
  InterfaceEntry& bond = job.interfaces[0];
  bond.recontact = 0.5;
  bond.ionic_resistance = 1e-4;
  InterfaceEntry touch = bond;
  touch.phase_a = 1;
  touch.law = InterfaceLawKind::contact;
  touch.electronic_resistance = 1e-4;
  job.interfaces.push_back(touch);
  job.boundary.in_plane = in_plane;
  job.cycling.steps_per_half_cycle = 6;
  job.effective.every = Every::step;
  job.solver.tolerance = 1e-9;
  mesh::VoxelGrid grid;
  grid.n = image.n;
  grid.spacing = 5e-7;
  grid.phase_names = {"electrolyte", "active"};
  grid.phase = image.phase;
  grid.instance = image.instance;
  const Microstructure structure = make_microstructure(grid, job, true);
  CycleDriver driver(grid, structure, job);
  std::vector<Row> rows;
  CycleObserver observer;
  observer.on_step = [&](const StepRow& r, const ConductionRow* c) {
    Row row{r.state,
            {r.thickness, r.void_fraction, r.opened_volume_fraction, r.gap_volume_fraction, r.open_area_fraction.value_or(-1),
             r.broken_area_fraction.value_or(-1), r.contact_area_fraction.value_or(-1), r.mean_separation.value_or(-1), r.mean_damage.value_or(-1),
             r.elastic_energy, r.dissipated_energy, r.plate_work, r.swelling_work},
            r.mean_stress};
    if (c) {
      for (const auto& value : {c->ionic.conductivity, c->electronic.conductivity, c->active_surface_per_volume, c->isolated_active_fraction})
        row.values.push_back(value.value_or(-1));
    }
    rows.push_back(row);
  };
  driver.run(observer);
  return rows;
}

constexpr double tolerance = 1e-5;

/// New stress component c is old component `from[c]` times `sign[c]`.
void expect_same(const std::vector<Row>& got, const std::vector<Row>& want, const std::array<std::size_t, 6>& from, const std::array<double, 6>& sign) {
  ASSERT_EQ(got.size(), want.size());
  std::vector<double> scale(want.front().values.size(), 1e-30);
  for (const Row& r : want)
    for (std::size_t i = 0; i < scale.size(); ++i) scale[i] = std::max(scale[i], std::abs(r.values[i]));
  for (std::size_t s = 0; s < want.size(); ++s) {
    EXPECT_EQ(got[s].state, want[s].state);
    ASSERT_EQ(got[s].values.size(), want[s].values.size());
    for (std::size_t i = 0; i < want[s].values.size(); ++i)
      EXPECT_NEAR(got[s].values[i], want[s].values[i], tolerance * scale[i]) << "step " << s << ", number " << i;
    for (std::size_t c = 0; c < 6; ++c)
      EXPECT_NEAR(got[s].stress[c], sign[c] * want[s].stress[from[c]], tolerance * 19e6) << "step " << s << ", component " << c;
  }
}

constexpr std::array<std::size_t, 6> as_before{0, 1, 2, 3, 4, 5};

struct MechanicsCycle : ::testing::TestWithParam<InPlane> {};

TEST_P(MechanicsCycle, AxesSwappedMirroredAndBodiesRelabelled_SameTables) {
  const Image image = cathode();
  const std::vector<Row> want = cycle(image, GetParam());
  double opened = 0, axes_apart = 0;
  for (const Row& r : want) {
    opened = std::max(opened, r.values[4]);
    axes_apart = std::max(axes_apart, std::abs(r.stress[0] - r.stress[1]));
  }
  ASSERT_GT(opened, 0.3) << "nothing opens: the test could not fail";
  EXPECT_LT(want.back().values[4], 0.5 * opened) << "nothing closes again";
  EXPECT_GT(axes_apart, 100 * tolerance * 19e6) << "the axes do not differ: the test could not fail";

  const Index3 n = image.n;
  expect_same(cycle(moved(image, {n[1], n[0], n[2]},
                          [](Index i, Index j, Index k) {
                            return Index3{j, i, k};
                          }),
                    GetParam()),
              want, {1, 0, 2, 4, 3, 5}, {1, 1, 1, 1, 1, 1});
  expect_same(cycle(moved(image, n, [&](Index i, Index j, Index k) { return Index3{n[0] - 1 - i, j, k}; }), GetParam()), want, as_before, {1, 1, 1, 1, -1, -1});
  expect_same(cycle(moved(image, n, [&](Index i, Index j, Index k) { return Index3{i, n[1] - 1 - j, k}; }), GetParam()), want, as_before, {1, 1, 1, -1, 1, -1});
  Image relabelled = image;
  for (std::uint32_t& label : relabelled.instance)
    if (label > 0) label = label == 1 ? 7 : label == 2 ? 3 : 1;
  expect_same(cycle(relabelled, GetParam()), want, as_before, {1, 1, 1, 1, 1, 1});
}

INSTANTIATE_TEST_SUITE_P(Sides, MechanicsCycle, ::testing::Values(InPlane::mirror, InPlane::periodic),
                         [](const auto& info) { return std::string(info.param == InPlane::mirror ? "mirror" : "periodic"); });

}  // namespace
