// Configs that are wrong, as a user of the command line meets them: exit 2, the place, the value, what is allowed.
#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::expect_failure;

struct Wrong {
  const char* what;
  std::size_t line;
  const char* text;
  std::vector<std::string> parts;  ///< the first follows "cathode.toml:"
};

class ConfigLines : public testing::TestWithParam<Wrong> {};

/// `run` and `check` refuse alike, before anything is written.
TEST_P(ConfigLines, WrongLine_EndsWithItsPlaceAndRemedy) {
  const Cathode cathode;
  cathode.config(GetParam().line, GetParam().text);
  std::vector<std::string> parts = GetParam().parts;
  parts.front() = "cathode.toml:" + parts.front();
  expect_failure(cathode.run(), 2, parts);
  expect_failure(cathode.check(), 2, parts);
  EXPECT_FALSE(std::filesystem::exists(cathode.out()));
}

INSTANTIATE_TEST_SUITE_P(
    Wrong, ConfigLines,
    testing::Values(
        Wrong{"UnknownKey", 15, "pressure_bar = 50", {"15:1: boundary.pressure_bar is unknown"}},
        Wrong{"MisspeltKey", 15, "presure_MPa = 5.0", {"15:1: boundary.presure_MPa is unknown; did you mean pressure_MPa?", "voxode schema"}},
        Wrong{"MisspeltSection", 14, "[boundry]", {"14:2: boundry is unknown; did you mean boundary?"}},
        Wrong{"MissingImageFile", 3, "", {"2:2: image.file is missing", "TIFF"}},
        Wrong{"MissingLabels", 5, "", {"2:2: image.labels is missing"}},
        Wrong{"MissingMaterial", 9, "", {"8:8: phase.electrolyte.material is missing", "voxode materials"}},
        Wrong{"MissingPair", 11, "", {"10:1: interface[0].between is missing"}},
        Wrong{"MisspeltChoice", 1, "job = \"cylce\"", {"1:7: job = \"cylce\" must be one of \"cycle\", \"properties\"", "Did you mean \"cycle\"?"}},
        Wrong{"MisspeltPhase", 11, "between = [\"active\", \"electrolite\"]", {"11:22: interface[0].between[1] = \"electrolite\" must be a phase", "Did you mean \"electrolyte\"?"}},
        Wrong{"OutOfRangeWithUnit", 15, "pressure_MPa = -5.0", {"15:16: boundary.pressure_MPa = -5 must be >= 0 MPa"}},
        Wrong{"OutOfRangeStrength", 12, "normal_strength_MPa = 0", {"12:23: interface[0].normal_strength_MPa = 0 must be > 0 MPa", "Choose a value there"}},
        Wrong{"OutOfRangePoisson", 9, "material = { E_GPa = 20.0, poisson_ratio = 0.5 }", {"9:44: phase.electrolyte.material.poisson_ratio = 0.5 must lie in (-1, 0.5)"}},
        Wrong{"OutOfRangeInteger", 21, "steps_per_half_cycle = 0", {"21:24: cycling.steps_per_half_cycle = 0 must lie in [1, 1000000]"}},
        Wrong{"OutsideTheTable", 18, "charged = 0.1", {"18:11: lithium.charged = 0.1 must lie in [0.2, 0.95]", "strain_table of phase.active.material"}},
        Wrong{"WrongType", 20, "cycles = \"one\"", {"20:10: cycling.cycles = \"one\" must be an integer, not a text"}},
        Wrong{"NotToml", 20, "cycles = ", {"20:", "not TOML", "Correct the file at that place"}},
        Wrong{"TableNotMonotone", 7, "material = { E_GPa = 140.0, poisson_ratio = 0.3, strain_table = [[0.2, -0.02, -0.02], [0.95, 0.0, 0.0], [0.5, 0.0, 0.0]] }",
              {"7:", "phase.active.material.strain_table[2] = [0.5, 0, 0] must have more lithium than the row before it; sort the rows"}},
        Wrong{"TableInPercent", 7, "material = { E_GPa = 140.0, poisson_ratio = 0.3, strain_table = [[0.2, -2.0, -2.0], [0.95, 0.0, 0.0]] }", {"7:", "strain_table[0]", "strains are numbers, not percent"}},
        Wrong{"StiffnessNotPositiveDefinite", 9,
              "material = { C_GPa = [[20, 30, 30, 0, 0, 0], [30, 20, 30, 0, 0, 0], [30, 30, 20, 0, 0, 0], [0, 0, 0, 5, 0, 0], [0, 0, 0, 0, 5, 0], [0, 0, 0, 0, 0, 5]] }",
              {"9:22: phase.electrolyte.material.C_GPa = ", "positive definite", "check signs"}},
        Wrong{"StiffnessNotSymmetric", 9,
              "material = { C_GPa = [[30, 10, 10, 0, 0, 0], [11, 30, 10, 0, 0, 0], [10, 10, 30, 0, 0, 0], [0, 0, 0, 5, 0, 0], [0, 0, 0, 0, 5, 0], [0, 0, 0, 0, 0, 5]] }",
              {"9:22: phase.electrolyte.material.C_GPa = ", "must be symmetric"}},
        Wrong{"FailsBeforeOnset", 13, "toughness_I_J_per_m2 = 0.01", {"13:24: interface[0].toughness_I_J_per_m2 = 0.01 must be > strength^2 / (2 stiffness)", "Raise the toughness"}},
        Wrong{"NothingActive", 6, "[phase.active]\nrole = \"other\"", {"6:2: phase has nothing active", "role = \"active\""}}),
    [](const auto& info) { return info.param.what; });

TEST(ConfigErrors, NoFile_IsSaidWithThePath) {
  expect_failure(test::run_program({"run", "/nowhere/cathode.toml"}), 2, {"/nowhere/cathode.toml cannot be read", "check the path"});
  const Cathode cathode;
  expect_failure(test::run_program({"run", cathode.folder.path()}), 2, {"is a folder; name the .toml file inside"});
}

}  // namespace
}  // namespace voxode
