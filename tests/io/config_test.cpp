#include "io/config.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/config_support.hpp"

namespace voxode::io {
namespace {

using namespace test;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Config, ValidFile_FillsStructsInSi) {
  const ConfigFile file;
  const Config c = load_config(file.path());
  ASSERT_TRUE(c.image);
  EXPECT_FALSE(c.synthetic);
  EXPECT_EQ(c.image->file, (file.folder / "data/nmc.tif").string());
  EXPECT_EQ((*c.image->voxel_size_m)[0], 0.398 / 1e6);
  EXPECT_EQ(c.image->labels.at(2), "pore");
  ASSERT_EQ(c.job.phases.size(), 2u);
  EXPECT_EQ(c.job.phases[0].name, "active");  // the file's order, not the alphabet's or the labels'
  EXPECT_EQ(c.job.phases[0].role, physics::Role::active);
  EXPECT_EQ(c.job.phases[0].bodies.mode, mesh::BodyMode::particles);
  EXPECT_EQ(c.job.phases[0].material.youngs_modulus, 142.5e9);
  EXPECT_EQ(c.job.phases[0].material.name, "active");
  EXPECT_EQ(c.job.phases[1].name, "electrolyte");
  EXPECT_EQ(c.job.phases[1].material.name, "li6ps5cl");
  EXPECT_EQ(c.job.phases[1].material.ionic_conductivity, 0.21);
  EXPECT_EQ(c.job.boundary.pressure, (std::vector<std::pair<int, double>>{{0, 19e6}}));
  EXPECT_EQ(c.job.lithium.charged, 0.24);
  EXPECT_EQ(c.job.seed, 1u);
  EXPECT_EQ(c.output.folder, "out");
  EXPECT_THAT(c.output.field_arrays, testing::ElementsAre("phase", "body", "lithium", "displacement", "von_mises", "mean_stress"));
  EXPECT_THAT(load_config(file.path(), {"output.field_arrays=[\"stress\"]"}).output.field_arrays, testing::ElementsAre("stress"));
}

TEST(Config, PhasesInOtherOrder_AreNumberedByTheFile) {
  std::vector<std::string> lines(valid_lines);
  std::rotate(lines.begin() + 5, lines.begin() + 8, lines.begin() + 10);  // [phase.electrolyte] before [phase.active]
  const ConfigFile file(lines);
  const Config c = load_config(file.path());
  EXPECT_EQ(c.job.phases[0].name, "electrolyte");
  EXPECT_EQ(c.job.interfaces[0].phase_a, 1);
  EXPECT_EQ(c.job.interfaces[0].phase_b, 0);
}

TEST(Config, InterfaceKeysLeftOut_ShearIsNormalOtherwiseFirstEntry) {
  const ConfigFile file(with_line(14, "toughness_I_J_per_m2 = 2.0\nwhere = \"between_particles\"\nrecontact = 0.0\nshear_strength_MPa = 30.0\nlaw = \"contact\""));
  const Config c = load_config(file.path(), {"interface[1].normal_stiffness_Pa_per_m=1e16"});
  const auto &first = c.job.interfaces[0], &second = c.job.interfaces[1];
  EXPECT_EQ(first.toughness_II, 2.0);
  EXPECT_EQ(first.shear_strength, 30e6);
  EXPECT_EQ(second.where, physics::Where::any);  // not inherited
  EXPECT_EQ(second.law, physics::InterfaceLawKind::contact);
  EXPECT_EQ(second.recontact, 0.0);
  EXPECT_EQ(second.shear_stiffness, 1e16);
  EXPECT_EQ(second.normal_strength, 20e6);
  EXPECT_EQ(second.shear_strength, 20e6);  // shear = normal
  EXPECT_THAT(c.notes, Contains(AllOf(HasSubstr("interface[1].shear_strength_MPa"), HasSubstr("normal_strength_MPa"))));
}

TEST(Config, Overrides_AreTomlOrText) {
  const ConfigFile file;
  const Config c = load_config(file.path(), {"boundary.pressure_MPa=[[0, 70], [40, 4]]", "interface[0].law=spring", "title=a b c", "phase.electrolyte.material.E_GPa=30",
                                             "cycling.cycles=3", "output.folder=/tmp/x=y"});
  EXPECT_EQ(c.job.boundary.pressure_of_cycle(39), 70e6);
  EXPECT_EQ(c.job.boundary.pressure_of_cycle(40), 4e6);
  EXPECT_EQ(c.job.interfaces[0].law, physics::InterfaceLawKind::spring);
  EXPECT_EQ(c.job.title, "a b c");
  EXPECT_EQ(c.job.phases[1].material.youngs_modulus, 30e9);
  EXPECT_EQ(c.job.phases[1].material.poisson_ratio, 0.37);  // the shipped material's
  EXPECT_EQ(c.job.cycling.cycles, 3);
  EXPECT_EQ(c.output.folder, "/tmp/x=y");
}

TEST(Config, WrongOverride_NamesItself) {
  EXPECT_THAT(message_of(valid_lines, {"cycling.cycles"}), HasSubstr("--set cycling.cycles: must be key.path=value"));
  EXPECT_THAT(message_of(valid_lines, {"interface[5].law=bonded"}), HasSubstr("--set interface[5].law=bonded: interface has 2 entries, numbered from 0; there is no [5]"));
  EXPECT_THAT(message_of(valid_lines, {"cycling.cycles=-1"}), StartsWith("--set cycling.cycles=-1: cycling.cycles = -1 must be >= 0"));
  EXPECT_THAT(message_of(valid_lines, {"lithium.charged.x=1"}), HasSubstr("lithium.charged = 0.24 has no keys"));
}

TEST(Config, ResolvedFile_LoadsToTheSameNumbersAndText) {
  const ConfigFile file(with_line(4, "voxel_size_um = 0.3333333333333333\ncrop = [[0, 64], [100, 164], [1, 2]]"));
  const Config c = load_config(file.path(), {"phase.active.bodies=grains", "phase.active.grain_size_um=0.7", "boundary.stack=spring", "boundary.spring_MPa_per_um=0.1234567"});
  file.write("resolved.toml", {c.resolved_toml});
  const Config again = load_config(file.folder / "resolved.toml");
  EXPECT_EQ(again.resolved_toml.substr(again.resolved_toml.find('\n')), c.resolved_toml.substr(c.resolved_toml.find('\n')));
  EXPECT_EQ(again.hash, c.hash);
  EXPECT_EQ(*again.image->voxel_size_m, *c.image->voxel_size_m);
  EXPECT_EQ(again.image->file, c.image->file);
  EXPECT_EQ(*again.image->crop, *c.image->crop);
  EXPECT_EQ(again.job.phases[0].bodies.grain_size, c.job.phases[0].bodies.grain_size);
  EXPECT_EQ(again.job.boundary.spring_stiffness, c.job.boundary.spring_stiffness);
  EXPECT_EQ(again.job.phases[1].material.stiffness, c.job.phases[1].material.stiffness);
  EXPECT_EQ(again.job.phases[0].material.strain_table, c.job.phases[0].material.strain_table);
  EXPECT_THAT(c.resolved_toml, HasSubstr("Deng et al. 2016"));  // sources stay
}

TEST(Config, ResolvedNumbers_AreShortestDecimals) {
  const ConfigFile file(with_line(4, "voxel_size_um = 0.398"));
  const Config c = load_config(file.path());
  EXPECT_THAT(c.resolved_toml, AllOf(HasSubstr("voxel_size_um = 0.398\n"), HasSubstr("pressure_MPa = 19\n"), HasSubstr("normal_strength_MPa = 20\n")));
}

TEST(Config, Hash_LeavesOutFoldersButNoValue) {
  const ConfigFile file;
  const std::string hash = load_config(file.path()).hash;
  EXPECT_EQ(hash.size(), 16u);
  EXPECT_EQ(load_config(file.path(), {"output.folder=elsewhere", "image.file=/other/place/nmc.tif"}).hash, hash);
  EXPECT_NE(load_config(file.path(), {"image.file=other.tif"}).hash, hash);
  EXPECT_NE(load_config(file.path(), {"lithium.charged=0.25"}).hash, hash);
}

TEST(Config, Synthetic_TakesSeedAndPeriodicity) {
  std::vector<std::string> lines = valid_lines;
  lines[1] = "seed = 7\n[synthetic]\nsize_voxels = [40, 50, 60]\nvoxel_size_um = 0.25\nactive_fraction = 0.4";
  lines[2] = "diameter_median_um = 3.0";
  lines[3] = lines[4] = "";
  const ConfigFile file(lines);
  const Config c = load_config(file.path(), {"job=properties", "boundary.in_plane=periodic", "effective.stiffness=true"});
  ASSERT_TRUE(c.synthetic);
  EXPECT_EQ(c.synthetic->n, (Index3{40, 50, 60}));
  EXPECT_EQ(c.synthetic->seed, 7u);
  EXPECT_EQ(c.synthetic->spacing, 0.25 / 1e6);
  EXPECT_EQ(c.synthetic->periodic, (mesh::Periodicity{true, true, true}));
  EXPECT_THAT(message_of(lines, {"synthetic.binder_fraction=0.05"}), AllOf(HasSubstr("makes the phase \"binder\""), HasSubstr("[phase.binder]")));
  EXPECT_THAT(message_of(lines, {"synthetic.active_fraction=1.5"}), HasSubstr("synthetic.active_fraction = 1.5 must lie in (0, 1)"));
  EXPECT_THAT(message_of(lines, {"synthetic.pore_fraction=0.7"}), AllOf(StartsWith("cathode.toml:3:2: synthetic: "), HasSubstr("exceed 1")));
}

TEST(Config, RecipeAlone_IsEnoughForGenerate) {
  const ConfigFile file({"seed = 3", "[synthetic]", "active_fraction = 0.3"});
  EXPECT_EQ(load_recipe(file.path()).active_fraction, 0.3);
  EXPECT_EQ(load_recipe(file.path()).seed, 3u);
  EXPECT_THROW(load_config(file.path()), ConfigError);
  file.write("cathode.toml", {"[synthetic]", "active_fraction = 0.4", "[phase.active]", "material = \"ncm811\""});  // swells, but nothing says between which lithium contents
  EXPECT_EQ(load_recipe(file.path()).active_fraction, 0.4);
  file.write("cathode.toml", valid_lines);
  EXPECT_THROW(load_recipe(file.path()), ConfigError);
}

TEST(Config, AlignPhases_RenumbersByName) {
  const ConfigFile file;
  const Config c = load_config(file.path());
  mesh::VoxelGrid grid;
  grid.n = {4, 1, 1};
  grid.phase_names = {"electrolyte", "active"};
  grid.phase = {0, 1, mesh::pore, 0};
  align_phases(c, grid);
  EXPECT_EQ(grid.phase, (std::vector<std::uint8_t>{1, 0, mesh::pore, 1}));
  EXPECT_EQ(grid.phase_names, (std::vector<std::string>{"active", "electrolyte"}));
  grid.phase_names = {"active", "carbon"};
  EXPECT_THROW(align_phases(c, grid), ConfigError);
}

TEST(Config, OrientationFile_IsReadAndChecked) {
  const auto lines = with_line(7, "bodies = \"file\"\norientation = \"file\"\norientation_file = \"q.csv\"");
  const ConfigFile file(lines);
  const std::vector<std::string> bodies{"image.bodies_file=p.tif"};
  file.write("q.csv", {"# a comment", "body,qw,qx,qy,qz", "1,1,0,0,0", "7, 0.6, 0, 0.8, 0"});
  const auto table = load_config(file.path(), bodies).job.phases[0].bodies.orientation_table;
  ASSERT_EQ(table.size(), 2u);
  EXPECT_EQ(table[1].first, 7u);
  EXPECT_EQ(table[1].second, (Quaternion{0.6, 0, 0.8, 0}));
  const auto error = [&](const std::vector<std::string>& rows) {
    file.write("q.csv", rows);
    try {
      load_config(file.path(), bodies);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(error({"body,w,x,y,z"}), HasSubstr("q.csv:1: the first line must be the header body,qw,qx,qy,qz"));
  EXPECT_THAT(error({"body,qw,qx,qy,qz", "1,1,1,0,0"}), HasSubstr("q.csv:2: the quaternion of body 1 has the length 1.41421; it must be a unit one"));
  EXPECT_THAT(error({"body,qw,qx,qy,qz", "1,1,0,0,0", "1,1,0,0,0"}), HasSubstr("q.csv:3: body 1 stands twice"));
  EXPECT_THAT(error({"body,qw,qx,qy,qz", "1,1,0,0"}), HasSubstr("has 4 columns"));
  EXPECT_THAT(error({"body,qw,qx,qy,qz", "0,1,0,0,0"}), HasSubstr("must be an instance label"));
  EXPECT_THAT(error({"body,qw,qx,qy,qz"}), HasSubstr("holds no orientations"));
}

TEST(Config, Schema_ListsTheKeysOfTheResolvedFile) {
  const auto keys = nlohmann::json::parse(schema_json()).at("keys");
  std::vector<std::string> names;
  for (const auto& key : keys) {
    names.push_back(key.at("key"));
    EXPECT_FALSE(key.at("description").get<std::string>().empty()) << key;
    EXPECT_FALSE(key.at("default").get<std::string>().empty()) << key;
  }
  for (const char* key : {"title", "job", "seed", "image.file", "image.labels", "phase.NAME.bodies", "phase.NAME.material", "phase.NAME.material.poisson_ratio", "interface[].between",
                          "interface[].contact_gap_m", "boundary.pressure_MPa", "lithium.charged", "cycling.half_cycle_time_s", "effective.every", "output.fields",
                          "solver.precision", "synthetic.active_fraction"})
    EXPECT_THAT(names, Contains(key));
  const std::string text = schema_text();
  for (const auto& name : names) EXPECT_THAT(text, HasSubstr(name.substr(name.rfind('.') + 1) + "  ("));
  const auto strength = std::find_if(keys.begin(), keys.end(), [](const auto& k) { return k.at("key") == "interface[].normal_strength_MPa"; });
  EXPECT_EQ(strength->at("unit"), "MPa");
  EXPECT_EQ(strength->at("default"), "20");
  EXPECT_EQ(strength->at("range"), "> 0");
}

}  // namespace
}  // namespace voxode::io
