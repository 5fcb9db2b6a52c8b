// Conduction through a polycrystal in a matrix, with and without a resistance on every face between bodies, against an independent 7-point
// resistor network on the same voxels (tests/data/reference_mesh/cases.json, cases 6; good to 11 digits).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "mesh/faces.hpp"
#include "physics/transport.hpp"
#include "verification/record.hpp"
#include "verification/tiff_labels.hpp"

using namespace voxode;
using namespace voxode::physics;

namespace {

const std::string folder = std::string(VOXODE_SOURCE_DIR) + "/tests/data/reference_mesh/";

struct ReferenceMesh {
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  std::vector<double> conductivity;
};

// Label 1 is the matrix, every other label a body of NCM.
ReferenceMesh read_mesh(const nlohmann::json& file, const std::string& image) {
  const tests::LabelImage labels = tests::read_label_image(folder + image + ".tif");
  ReferenceMesh m;
  m.grid.n = labels.n;
  m.grid.spacing = file["conventions"]["h_m"];
  m.grid.phase_names = {"matrix", "NCM"};
  const nlohmann::json& k = file["materials"]["conductivity_S_per_m"];
  m.conductivity = {k["electrolyte_matrix"], k["NCM"]};
  for (const std::uint8_t label : labels.label) {
    m.grid.phase.push_back(label == 1 ? 0 : 1);
    m.bodies.of_voxel.push_back(std::int32_t(label) - 1);
    if (m.bodies.table.size() < label) m.bodies.table.resize(label);
    m.bodies.table[label - 1u].phase = m.grid.phase.back();
    ++m.bodies.table[label - 1u].n_voxels;
  }
  return m;
}

void expect_case(const std::string& name) {
  std::ifstream stream(folder + "cases.json");
  const nlohmann::json file = nlohmann::json::parse(stream);
  const nlohmann::json& one = file["cases"][name];
  const nlohmann::json& result = one["result"];
  const ReferenceMesh m = read_mesh(file, one["image"]);
  const nlohmann::json& shape = file["conventions"]["image_shapes"][one["image"].get<std::string>()];
  ASSERT_EQ((std::vector<Index>{m.grid.n[2], m.grid.n[1], m.grid.n[0]}), shape.get<std::vector<Index>>());
  ASSERT_GT(m.bodies.table.size(), 2u);
  const double scale = result["z"]["k_eff"];
  for (const bool periodic : {false, true}) {
    const mesh::Periodicity sides{periodic, periodic, periodic};
    const mesh::Faces faces = make_faces(m.grid, m.bodies, [](std::int32_t, std::int32_t) { return mesh::FaceRule{0, mesh::NormalMode::voxel}; }, sides);
    std::vector<double> resistance;  // R / (a w) with raw normals, a = 1, and intact faces, w = 1
    for (Index f = 0; f < faces.size(); ++f) {
      ASSERT_EQ(faces.area_share[std::size_t(f)], 1.0f);
      resistance.push_back(one["R_ohm_m2"]);
    }
    ConductionProblem problem;
    problem.n = m.grid.n;
    problem.spacing = m.grid.spacing;
    problem.phase = m.grid.phase;
    problem.conductivity = m.conductivity;
    problem.faces = &faces;
    problem.face_resistance = resistance;
    problem.periodic = periodic;
    const Conduction got = effective_conduction(problem, true, {.tolerance = 1e-10});
    ASSERT_TRUE(got.tensor.has_value());
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column) {
        const char* const axis[] = {"x", "y", "z"};
        const double want = periodic ? result["periodic"]["k_tensor_xyz"][row][column].get<double>() : row == column ? result[axis[row]]["k_eff"].get<double>() : 0.0;
        EXPECT_TRUE(test::agrees({periodic ? "periodic" : "plates", "S/m"}, (*got.tensor)[std::size_t(3 * row + column)], want, 1e-6, scale))
            << row << " " << column;
      }
    EXPECT_NEAR(*got.conductivity, (*got.tensor)[8], 1e-12 * scale);
  }
}

TEST(EffectiveConductivity_ReferenceMesh, PolycrystalInMatrix_MatchesResistorNetwork) { expect_case("6_imgA_R0"); }

TEST(EffectiveConductivity_ReferenceMesh, ResistanceBetweenBodies_MatchesResistorNetwork) { expect_case("6_imgD_R1e-05"); }

}  // namespace
