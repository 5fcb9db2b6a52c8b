// What a user reads when a config is wrong: place, key, value, what it must be, what to do.
#include <gmock/gmock.h>

#include "io/config_support.hpp"

namespace voxode::io {
namespace {

using namespace test;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Wrong {
  std::size_t line;
  std::string text;
  std::vector<std::string> parts;  ///< the first begins the message
};

const char* const active = "material = { E_GPa = 100.0, poisson_ratio = 0.3, strain_table = [[0.2, 0.0, -0.01], [0.95, 0.0, 0.0]]";

const std::vector<Wrong> wrong_lines{
    Wrong{3, "file = nmc", {"3:", "not TOML"}},
    Wrong{1, "job = \"cycles\"", {"1:7: job = \"cycles\" must be one of \"cycle\", \"properties\"", "Did you mean \"cycle\"?"}},
    Wrong{1, "jobs = \"cycle\"", {"1:1: jobs is unknown; did you mean job?"}},
    Wrong{4, "voxel_size = 0.398", {"4:1: image.voxel_size is unknown; did you mean voxel_size_um?"}},
    Wrong{4, "voxel_size_um = -1", {"4:17: image.voxel_size_um = -1 must be a number > 0"}},
    Wrong{4, "zzzzqqqq = 1", {"4:1: image.zzzzqqqq is unknown; image has the keys file, voxel_size_um"}},
    Wrong{4, "crop = [[0, 64], [100, 100], [0, 1]]", {"4:8: image.crop = [[0, 64], [100, 100], [0, 1]] must be", "half-open"}},
    Wrong{4, "stack_axis = 3", {"4:14: image.stack_axis = 3 must lie in [0, 2]"}},
    Wrong{4, "coarsen = 1.5", {"4:11: image.coarsen = 1.5 must be an integer, not a number"}},
    Wrong{4, "flip = \"yes\"", {"4:8: image.flip = \"yes\" must be true or false"}},
    Wrong{5, "", {"2:2: image.labels is missing"}},
    Wrong{5, "labels = { 0 = \"electrolyte\", 1 = \"activ\" }", {"5:35: image.labels.1 = \"activ\" must be \"pore\" or a phase", "Did you mean \"active\"?"}},
    Wrong{5, "labels = { 0 = \"pore\", 1 = \"active\" }", {"9:8: phase.electrolyte is the name of no label in image.labels"}},
    Wrong{5, "labels = { a = \"active\" }", {"5:16: image.labels.a = \"active\" has a key that is no label"}},
    Wrong{2, "[synthetic]\n[image]", {"2:2: [synthetic] stands beside [image]", "exactly one"}},
    Wrong{7, "bodies = \"grain\"", {"7:10: phase.active.bodies = \"grain\" must be one of", "Did you mean \"grains\"?"}},
    Wrong{7, "bodies = \"grains\"", {"6:8: phase.active.grain_size_um is missing", "in um"}},
    Wrong{7, "bodies = \"file\"", {"7:10: phase.active.bodies = \"file\" needs image.bodies_file"}},
    Wrong{7, "orientation = \"file\"", {"6:8: phase.active.orientation_file is missing"}},
    Wrong{8, "", {"6:8: phase.active.material is missing"}},
    Wrong{8, "material = \"ncm81\"", {"8:12: phase.active.material = \"ncm81\" is no shipped material; did you mean \"ncm811\"", "Shipped: "}},
    Wrong{8, "material = \"my.toml\"", {"8:12: phase.active.material = \"my.toml\" is no file"}},
    Wrong{8, "material = { E_GPa = 142.5, poisson_ratio = 0.7 }", {"8:45: phase.active.material.poisson_ratio = 0.7 must lie in (-1, 0.5)"}},
    Wrong{8, "material = { E_GPa = 142.5 }", {"8:1: phase.active.material.poisson_ratio is missing"}},
    Wrong{8, "material = { ionic_S_per_m = 1.0 }", {"8:1: phase.active.material has no stiffness; give E_GPa"}},
    Wrong{8, std::string(active) + ", C_GPa = [[1]] }", {"8:", "phase.active.material.C_GPa = [[1]] stands beside E_GPa"}},
    Wrong{8, "material = { C_GPa = [[1, 2], [3, 4]] }", {"8:23: phase.active.material.C_GPa[0] = [1, 2] must be a row of 6 numbers"}},
    Wrong{8, "material = { C_GPa = [[1,0,0,0,0,0],[0,1,0,0,0,0],[0,0,1,0,0,0],[0,0,0,1,0,0],[0,0,0,0,1,0],[0,0,0,0,0,-1]] }", {"8:22: phase.active.material.C_GPa", "positive definite"}},
    Wrong{8, "material = { E_GPa = 1, poisson_ratio = 0.3, strain_table = [[0.5, 0.0, 0.0], [0.5, 0.1, 0.1]] }", {"8:79: phase.active.material.strain_table[1]", "more lithium than the row before"}},
    Wrong{8, "material = { E_GPa = 1, poisson_ratio = 0.3, strain_table = [[0.2, -1.9, 0.0], [0.5, 0.0, 0.0]] }", {"8:62: phase.active.material.strain_table[0]", "not percent"}},
    Wrong{8, std::string(active) + ", yield_MPa = 300.0 }", {"8:104: phase.active.material.yield_MPa is unknown in this version of voxode", "plasticity"}},
    Wrong{8, "material = { E_GPa = 1, poisson_ratio = 0.3 }", {"6:2: phase has nothing that swells", "strain_table"}},
    Wrong{7, "role = \"other\"", {"6:2: phase has nothing active"}},
    Wrong{9, "[phase.pore]\nmaterial = \"nbr\"\n[phase.electrolyte]", {"9:8: phase.pore cannot be"}},
    Wrong{12, "between = [\"active\", \"electrolite\"]", {"12:22: interface[0].between[1] = \"electrolite\" must be a phase", "Did you mean \"electrolyte\"?"}},
    Wrong{12, "", {"11:1: interface[0].between is missing"}},
    Wrong{13, "fatigue_length_m = 4e-8", {"13:1: interface[0].fatigue_length_m is unknown in this version of voxode", "fatigue"}},
    Wrong{13, "normal_strength_MPa = \"20\"", {"13:23: interface[0].normal_strength_MPa = \"20\" must be a number in MPa, not a text"}},
    Wrong{13, "normal_strength_MPa = inf", {"13:23: interface[0].normal_strength_MPa = inf must be > 0 MPa"}},
    Wrong{14, "toughness_I_J_per_m2 = 0.001", {"14:24: interface[0].toughness_I_J_per_m2 = 0.001 must be > strength^2 / (2 stiffness) = 0.002 J/m2", "active-electrolyte", "Raise the toughness"}},
    Wrong{14, "toughness_II_J_per_m2 = 0.002", {"14:25: interface[0].toughness_II_J_per_m2 = 0.002 must be >", "mode II (sliding)"}},
    Wrong{16, "between = [\"active\", \"active\"]\nnormal_strength_MPa = 500.0", {"15:", "interface[1].toughness_I_J_per_m2 = 1 must be > strength^2 / (2 stiffness) = 1.25 J/m2", "active-active"}},
    Wrong{16, "between = [\"active\", \"active\"]\nrecontact = 0.5", {"17:13: interface[1].recontact = 0.5 is a share of the conductance of the active-active interface", "electronic_resistance_Ohm_m2 = 0"}},
    Wrong{18, "stack = \"spring\"", {"17:2: boundary.spring_MPa_per_um must be > 0 with stack = \"spring\""}},
    Wrong{18, "pressure_MPa = -4", {"18:16: boundary.pressure_MPa = -4 must be >= 0 MPa"}},
    Wrong{18, "pressure_MPa = [[3, 4.0], [3, 5.0]]", {"18:27: boundary.pressure_MPa[1] = [3, 5] must start at a later cycle"}},
    Wrong{18, "[binder_film]", {"18:2: binder_film is unknown in this version of voxode"}},
    Wrong{18, "[electrochemistry]", {"18:2: electrochemistry is unknown in this version of voxode", "lithium"}},
    Wrong{18, "[cycling]\ncycle_jump = \"auto\"", {"19:1: cycling.cycle_jump is unknown in this version of voxode"}},
    Wrong{18, "[effective]\nstiffness = true", {"19:13: effective.stiffness = true needs job = \"properties\" and boundary.in_plane = \"periodic\""}},
    Wrong{18, "[solver]\ntolerance = 0", {"19:13: solver.tolerance = 0 must lie in (0, 0.1]"}},
    Wrong{18, "[output]\nfield_arrays = [\"phase\", \"stres\"]", {"19:26: output.field_arrays = \"stres\" must be one of \"phase\", \"body\"", "\"electronic_potential\""}},
    Wrong{18, "[output]\nfield_arrays = \"phase\"", {"19:16: output.field_arrays = \"phase\" must be a list of \"phase\", \"body\""}},
    Wrong{20, "mode = \"diffusion\"", {"20:8: lithium.mode = \"diffusion\" is unknown in this version of voxode"}},
    Wrong{20, "discharged = 0.99", {"20:14: lithium.discharged = 0.99 must lie in [0.2, 0.95]", "strain_table of phase.active.material"}},
    Wrong{21, "", {"19:2: lithium.charged = 0 must lie in [0.2, 0.95]"}}};

TEST(ConfigMessages, WrongLines_AreNamedWithPlaceAndRemedy) {
  for (const Wrong& wrong : wrong_lines) {
    SCOPED_TRACE(std::to_string(wrong.line) + ": " + wrong.text);
    const std::string message = message_of(with_line(wrong.line, wrong.text));
    EXPECT_THAT(message, StartsWith("cathode.toml:" + wrong.parts.front()));
    for (std::size_t p = 1; p < wrong.parts.size(); ++p) EXPECT_THAT(message, HasSubstr(wrong.parts[p]));
  }
}

TEST(ConfigMessages, CarriersThatDoNotMeet_NeedNoResistance) {
  // ions in the electrolyte, electrons in the active material: no carrier crosses their interface
  const ConfigFile file(with_line(14, "recontact = 0.5"));
  EXPECT_NO_THROW(load_config(file.path(), {"interface[1].recontact=1"}));
}

TEST(ConfigMessages, TensorWithMirror_IsAllowed) {
  const ConfigFile file;
  EXPECT_TRUE(load_config(file.path(), {"effective.tensor=true"}).job.effective.tensor);
}

TEST(ConfigMessages, PropertiesOfConduction_NeedNoStiffness) {
  const ConfigFile file(with_line(8, "material = { electronic_S_per_m = 1.0 }"));
  EXPECT_NO_THROW(load_config(file.path(), {"job=properties"}));
}

TEST(ConfigMessages, MissingFile_SaysSo) {
  EXPECT_THAT([] { load_config("/nowhere/cathode.toml"); }, testing::ThrowsMessage<ConfigError>(HasSubstr("/nowhere/cathode.toml cannot be read")));
}

}  // namespace
}  // namespace voxode::io
