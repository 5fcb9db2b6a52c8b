#include "io/summary.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "io/result_file.hpp"
#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using nlohmann::json;
using test::ScratchFolder;
using test::text_of;

io::Provenance provenance() {
  io::Provenance p;
  p.version = "0.1.0";
  p.config_hash = "abc";
  p.threads = 2;
  p.wall_seconds = 12.5;
  p.work["mechanics"] = {10.0, 20, 3000};
  p.work["fields"] = {0.5, 3, {}};
  return p;
}

TEST(Summary, FinalValues_CarryTheTablesNamesAndUnits) {
  ScratchFolder folder;
  io::RunSummary s;
  s.title = "a \"quoted\" title";
  s.finished = true;
  s.last.cycle = 2;
  s.last.state = "discharged";
  s.last.thickness = 50e-6;
  s.last.stack_pressure = 19e6;
  s.last.snap_energy = 1e-13;
  s.conduction.emplace();
  s.conduction->ionic.conductivity = 0.02;
  s.interfaces.push_back({"active", "electrolyte", "any", "bilinear", 100, 1e-9, 0.25, 0.125, 0.5, {}});
  s.phases.push_back({"active", "active", "ncm811", 500, 7, 0.5, 0.0, 0.52, 2.5e-6, Voigt{1e6, 2e6, 3e6, 4e6, 5e6, 6e6}, 1e6, {}});
  s.provenance = provenance();
  io::write_summary(folder.path(), s);
  const json read = json::parse(text_of(folder / "summary.json"));
  EXPECT_EQ(read["title"], "a \"quoted\" title");
  EXPECT_EQ(read["final"]["cycle"], 2);
  EXPECT_EQ(read["final"]["state"], "discharged");
  EXPECT_DOUBLE_EQ(read["final"]["thickness_um"], 50);
  EXPECT_DOUBLE_EQ(read["final"]["stack_pressure_MPa"], 19);
  EXPECT_DOUBLE_EQ(read["final"]["ionic_conductivity_S_per_m"], 0.02);
  EXPECT_DOUBLE_EQ(read["final"]["snap_energy_J"], 1e-13);
  EXPECT_TRUE(read["final"].at("electronic_conductivity_S_per_m").is_null());
  EXPECT_EQ(read["units"]["thickness_um"], "um");
  EXPECT_EQ(read["units"]["ionic_conductivity_S_per_m"], "S/m");
  EXPECT_EQ(read["interfaces"][0]["between"], json({"active", "electrolyte"}));
  EXPECT_DOUBLE_EQ(read["interfaces"][0]["broken_area_fraction"], 0.125);
  EXPECT_TRUE(read["interfaces"][0].at("mean_damage").is_null());
  EXPECT_DOUBLE_EQ(read["phases"][0]["mean_stress_MPa"][5], 6);
  EXPECT_DOUBLE_EQ(read["phases"][0]["electronic_S_per_m"], 0.52);
  EXPECT_DOUBLE_EQ(read["phases"][0]["particle_radius_um"], 2.5);
  EXPECT_EQ(read["provenance"]["work"]["mechanics"]["iterations"], 3000);
  EXPECT_FALSE(read["provenance"]["work"]["fields"].contains("iterations"));
  EXPECT_GT(read["provenance"]["peak_memory_bytes"], 1e6);
  EXPECT_EQ(read["provenance"]["config_hash"], "abc");
}

TEST(Properties, Values_StandWhereTheInterfaceSays) {
  ScratchFolder folder;
  io::PropertiesSummary p;
  p.phases = {{"electrolyte", 0.4, 0.99}, {"pore", 0.1, {}}};
  p.ionic.emplace();
  p.ionic->conductivity = 0.01;
  p.ionic->tortuosity_factor = 1.6;
  p.ionic->relative = 0.25;
  p.ionic->iterations = 9;
  p.ionic->residual = 4e-7;
  p.ionic->tensor = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  p.stiffness.emplace();
  for (std::size_t i = 0; i < 36; ++i) (*p.stiffness)[i] = 1e9 * double(i);
  p.stiffness_solve = {60, 8e-7};
  io::write_properties(folder.path(), p);
  const json read = json::parse(text_of(folder / "properties.json"));
  EXPECT_EQ(read["phases"][0]["name"], "electrolyte");
  EXPECT_DOUBLE_EQ(read["phases"][0]["percolating"], 0.99);
  EXPECT_TRUE(read["phases"][1].at("percolating").is_null());
  EXPECT_DOUBLE_EQ(read["ionic"]["conductivity_S_per_m"], 0.01);
  EXPECT_DOUBLE_EQ(read["ionic"]["relative"], 0.25);
  EXPECT_DOUBLE_EQ(read["ionic"]["tortuosity_factor"], 1.6);
  EXPECT_DOUBLE_EQ(read["ionic"]["tensor"][1][2], 6);
  EXPECT_TRUE(read.at("electronic").is_null());
  EXPECT_DOUBLE_EQ(read["stiffness_GPa"][2][3], 15);
  EXPECT_TRUE(read.at("swelling").is_null());
  EXPECT_EQ(read["iterations"], 69);
  EXPECT_DOUBLE_EQ(read["residual"], 8e-7);
}

TEST(Summary, FailedWrite_KeepsTheOldFile) {
  ScratchFolder folder;
  io::write_result_file(folder / "summary.json", "old");
  std::filesystem::create_symlink("/dev/full", io::name_beside(folder / "summary.json"));
  try {
    io::write_summary(folder.path(), {});
    FAIL() << "a full disk was not noticed";
  } catch (const OutputError& error) {
    EXPECT_NE(std::string(error.what()).find(folder / "summary.json"), std::string::npos);
  }
  EXPECT_EQ(text_of(folder / "summary.json"), "old");
  std::ofstream(folder / "occupied") << "a file where the folder should be";
  EXPECT_THROW(io::write_summary(folder / "occupied", {}), OutputError);
}

}  // namespace
}  // namespace voxode
