#include "io/material_library.hpp"

#include <gmock/gmock.h>

#include "io/config_support.hpp"
#include "physics/swelling.hpp"

namespace voxode::io {
namespace {

using namespace test;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(MaterialLibrary, ShippedMaterials_LoadAndNameTheirSources) {
  const std::vector<std::string> names = shipped_materials();
  for (const char* name : {"carbon_black", "emg", "li6ps5cl", "nbr", "ncm811", "ncm_fcg"}) EXPECT_THAT(names, Contains(name));
  for (const std::string& name : names) {
    const physics::Material material = load_material(name);
    EXPECT_EQ(material.name, name);
    EXPECT_TRUE(physics::is_positive_definite(material.stiffness)) << name;
    EXPECT_THAT(describe_material(name), AllOf(HasSubstr("E_GPa"), testing::ContainsRegex("(seen|recall|derived|sweep): ")));
  }
}

TEST(MaterialLibrary, Ncm811_SwellsAsItsAnchors) {
  const physics::StrainTable table(load_material("ncm811").strain_table);
  EXPECT_EQ(table.eps_c(0.93), 0.0);
  EXPECT_NEAR(table.eps_c(0.20), -0.012, 1e-12);
  EXPECT_NEAR(table.eps_c(0.50), 0.0188, 1e-12);
}

TEST(MaterialLibrary, NearlyIncompressible_TakesBbar) {
  EXPECT_EQ(load_material("nbr").integration, physics::Integration::bbar);
  EXPECT_EQ(load_material("ncm811").integration, physics::Integration::full);
}

TEST(MaterialLibrary, Base_IsLaidUnder) {
  const ConfigFile file;
  file.write("stiff.toml", {"base = \"ncm811\"", "E_GPa = { value = 184.0, source = \"Tu 2024\", mark = \"seen\" }"});
  file.write("crystal.toml", {"base = \"stiff.toml\"", "name = \"crystal\"",
                              "C_GPa = [[200,80,60,0,0,0],[80,200,60,0,0,0],[60,60,180,0,0,0],[0,0,0,50,0,0],[0,0,0,0,50,0],[0,0,0,0,0,60]]"});
  const physics::Material stiff = load_material("stiff.toml", file.folder);
  EXPECT_EQ(stiff.name, "stiff");  // a file without a name has its own
  EXPECT_EQ(stiff.youngs_modulus, 184e9);
  EXPECT_EQ(stiff.poisson_ratio, 0.3);
  const physics::Material crystal = load_material("crystal.toml", file.folder);
  EXPECT_EQ(crystal.name, "crystal");
  EXPECT_FALSE(crystal.isotropic);
  EXPECT_EQ(crystal.stiffness[14], 180e9);
  EXPECT_EQ(crystal.strain_table.size(), 13u);
}

TEST(MaterialLibrary, WrongFile_IsNamedWithLineAndColumn) {
  const ConfigFile file;
  file.write("bad.toml", {"E_GPa = 1.0", "[poisson_ratio]", "value = 0.5", "source = \"mine\""});
  EXPECT_THAT([&] { load_material("bad.toml", file.folder); }, ThrowsMessage<ConfigError>(HasSubstr("bad.toml:3:9: material.poisson_ratio = 0.5 must lie in (-1, 0.5)")));
  file.write("mark.toml", {"[E_GPa]", "value = 1.0", "mark = \"guess\""});
  EXPECT_THAT([&] { load_material("mark.toml", file.folder); }, ThrowsMessage<ConfigError>(AllOf(HasSubstr("mark.toml:3:8: material.E_GPa.mark = \"guess\""), HasSubstr("seen, recall"))));
  file.write("loop.toml", {"base = \"loop.toml\""});
  EXPECT_THAT([&] { load_material("loop.toml", file.folder); }, ThrowsMessage<ConfigError>(HasSubstr("builds on itself")));
  EXPECT_THAT([&] { load_material("nrb"); }, ThrowsMessage<ConfigError>(HasSubstr("did you mean \"nbr\"?")));
}

}  // namespace
}  // namespace voxode::io
