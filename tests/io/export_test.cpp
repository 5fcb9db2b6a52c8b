// Cell-model parameters of a finished run written by hand: each number against the rule in io/cell_parameters.hpp.
#include "io/export.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using nlohmann::json;
using test::ScratchFolder;
using test::text_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// Pristine, cycle 1 (loses conduction when charged) and cycle 2: half of the contact, a fifth of the active material cut off.
constexpr const char* table =
    "cycle,state,lithium_content,stack_pressure_MPa,thickness_um,void_fraction,contact_area_fraction,ionic_conductivity_S_per_m,electronic_conductivity_S_per_m,ionic_tortuosity_factor,"
    "active_surface_per_volume_per_m,isolated_active_fraction\n"
    "0,pristine,0.93,19,50,0.02,1,0.04,0.2,2,600000,0\n"
    "1,charged,0.24,19,49,0.05,0.1,0.02,0,4,60000,1\n"
    "1,discharged,0.93,19,50.1,0.03,0.8,0.03,0.1,3,480000,0.1\n"
    "2,charged,0.24,19,49,0.05,0.1,0.02,0.01,4,60000,0.5\n"
    "2,discharged,0.93,19,50.2,0.04,0.5,0.02,0.05,4,300000,0.2\n";

json summary() {
  return {{"title", "Hand-made"}, {"finished", true}, {"ended", "done"}, {"cycles_done", 2}, {"steps_done", 8}, {"provenance", {{"voxode_version", "0.1.0"}, {"config_hash", "abcdef"}}},
          {"phases",
           {{{"role", "electrolyte"}, {"volume_fraction", 0.4}, {"ionic_S_per_m", 0.2}, {"particle_radius_um", nullptr}},
            {{"role", "active"}, {"volume_fraction", 0.5}, {"ionic_S_per_m", 0.0}, {"particle_radius_um", 2.5}},
            {{"role", "binder"}, {"volume_fraction", 0.1}, {"ionic_S_per_m", 0.0}, {"particle_radius_um", nullptr}}}}};
}

class Export : public testing::Test {
 protected:
  void write(const json& summary, const std::string& cycles = table) const {
    std::filesystem::create_directories(folder / "out");
    std::ofstream(folder / "out/summary.json") << summary;
    std::ofstream(folder / "out/cycles.csv") << cycles;
  }
  io::ExportOptions options(const std::string& file) const {
    io::ExportOptions o;
    o.folder = folder / "out";
    o.output = folder / file;
    return o;
  }
  json exported(const io::ExportOptions& o) const {
    const io::Exported done = io::export_run(o);
    EXPECT_EQ(done.files.size(), 1u);
    return json::parse(text_of(done.files.at(0)));
  }
  /// A user's file: the shipped cell with one thing changed.
  std::string cell(const std::function<void(json&)>& change) const {
    json root = json::parse(io::read_cell_template({}).text);
    change(root);
    std::ofstream(folder / "cell.json") << root;
    return folder / "cell.json";
  }
  template <class Failure>
  void expect_failure(const io::ExportOptions& o, const std::vector<std::string>& parts) const {
    try {
      io::export_run(o);
      FAIL() << "no error";
    } catch (const Failure& error) {
      for (const std::string& part : parts) EXPECT_THAT(error.what(), HasSubstr(part));
    }
  }
  ScratchFolder folder;
};

TEST_F(Export, BpxOfTheLastCycle_FollowsTheRuleOfEachField) {
  write(summary());
  const json root = exported(options("cell.json"));
  const json& p = root["Parameterisation"]["Positive electrode"];
  EXPECT_DOUBLE_EQ(p["Thickness [m]"], 50.2e-6);
  EXPECT_DOUBLE_EQ(p["Porosity"], 0.4);
  EXPECT_DOUBLE_EQ(p["Transport efficiency"], 0.1);
  EXPECT_DOUBLE_EQ(p["Conductivity [S.m-1]"], 0.05);
  EXPECT_DOUBLE_EQ(p["Particle radius [m]"], 2.5e-6);
  EXPECT_DOUBLE_EQ(p["Surface area per unit volume [m-1]"], 3 * 0.5 * 0.8 / 2.5e-6);
  EXPECT_DOUBLE_EQ(p["Reaction rate constant [mol.m-2.s-1]"], 7.1e-5 * 0.5);
  EXPECT_DOUBLE_EQ(root["Parameterisation"]["Electrolyte"]["Conductivity [S.m-1]"], 0.2);
  EXPECT_NEAR(root["Parameterisation"]["Cell"]["Nominal cell capacity [A.h]"], 0.5 * 50e-6 * 1e-4 * 49100 * 0.67 * 96485.33 / 3600, 1e-9);
  const json& extras = root["Parameterisation"]["User-defined"];
  EXPECT_DOUBLE_EQ(extras["Positive electrode contact area per unit volume [m-1]"], 300000);
  EXPECT_DOUBLE_EQ(extras["Positive electrode contact area share"], 0.5);
  EXPECT_DOUBLE_EQ(extras["Positive electrode cut-off active material fraction"], 0.2);
  for (const auto& [name, value] : extras.items()) EXPECT_TRUE(value.is_number()) << name << ": PyBaMM reads numbers only";
  EXPECT_EQ(root["Header"]["BPX"], "1.1.0");
  EXPECT_EQ(root["Header"]["Title"], "Hand-made, cycle 2 discharged");
  EXPECT_THAT(root["Header"]["Description"].get<std::string>(), HasSubstr("voxode 0.1.0, \"Hand-made\", cycle 2 discharged, config abcdef"));
  EXPECT_THAT(root["Header"]["References"].get<std::string>(), HasSubstr("voxode 0.1.0"));
}

TEST_F(Export, PybammOfAllCycles_IsAFileEachAndATable) {
  write(summary());
  io::ExportOptions o = options("cells");
  o.model = io::CellModel::pybamm;
  o.all = true;
  EXPECT_THAT(io::export_run(o).files, ElementsAre(folder / "cells/cycle_0000.pybamm.json", folder / "cells/cycle_0001.pybamm.json", folder / "cells/cycle_0002.pybamm.json", folder / "cells/cycles.pybamm.csv"));
  const json p = json::parse(text_of(folder / "cells/cycle_0002.pybamm.json"));
  EXPECT_DOUBLE_EQ(p["Positive electrode Bruggeman coefficient (electrolyte)"], std::log(0.1) / std::log(0.4));
  EXPECT_DOUBLE_EQ(p["Positive electrode active material volume fraction"], 0.4);
  EXPECT_DOUBLE_EQ(p["Positive electrode conductivity [S.m-1]"], 0.05);
  EXPECT_DOUBLE_EQ(p["Positive electrode porosity"], 0.4);
  EXPECT_DOUBLE_EQ(p["Positive electrode thickness [m]"], 50.2e-6);
  EXPECT_DOUBLE_EQ(p["Positive particle radius [m]"], 2.5e-6);
  EXPECT_DOUBLE_EQ(p["Electrolyte conductivity [S.m-1]"], 0.2);
  EXPECT_EQ(p["Cation transference number"], 1);
  const std::string csv = text_of(folder / "cells/cycles.pybamm.csv");
  EXPECT_THAT(csv, testing::StartsWith("cycle,state,Positive electrode thickness [m],"));
  EXPECT_THAT(csv, HasSubstr("\n1,discharged,5.01e-05,0.4,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
}

TEST_F(Export, Names_FollowPatternOrFolder) {
  write(summary());
  io::ExportOptions o = options("a/b_{cycle}.json");
  o.cycle = 0;
  EXPECT_THAT(io::export_run(o).files, ElementsAre(folder / "a/b_0000.json"));
  o.output = folder / "a";
  EXPECT_THAT(io::export_run(o).files, ElementsAre(folder / "a/cycle_0000.bpx.json"));
  o.output = folder / "new/";
  EXPECT_THAT(io::export_run(o).files, ElementsAre(folder / "new/cycle_0000.bpx.json"));
  o.output = folder / "b_{cycle}.json";
  o.all = true;
  EXPECT_EQ(io::export_run(o).files.size(), 3u);
  o.output = folder / "b.json";
  expect_failure<ConfigError>(o, {"--cycle all writes a file for each cycle", "b_{cycle}.json"});
}

TEST_F(Export, ChargedState_IsAnotherRow) {
  write(summary());
  io::ExportOptions o = options("cell.json");
  o.state = "charged";
  EXPECT_DOUBLE_EQ(exported(o)["Parameterisation"]["Positive electrode"]["Conductivity [S.m-1]"], 0.01);
  o.cycle = 1;
  expect_failure<InputError>(o, {"cycle 1 charged: no electronic path from plate to plate (electronic_conductivity_S_per_m = 0)", "Export a cycle that has both paths (0, 2), --state discharged"});
  o.all = true;
  o.output = folder / "none";
  expect_failure<InputError>(o, {"cycle 1 charged"});
  EXPECT_FALSE(std::filesystem::exists(folder / "none")) << "nothing is written unless all can be";
}

TEST_F(Export, UsersTemplate_KeepsWhatTheMicrostructureDoesNotKnow) {
  write(summary());
  io::ExportOptions o = options("mine.json");
  o.cell_template = cell([](json& root) {
    root["Parameterisation"]["Cell"]["Nominal cell capacity [A.h]"] = 7;
    root["Parameterisation"]["Electrolyte"]["Conductivity [S.m-1]"] = "0.1 + 0.0 * x";
    root["Parameterisation"]["Positive electrode"]["Reaction rate constant [mol.m-2.s-1]"] = 1e-6;
    root["Parameterisation"].erase("User-defined");
    root["Header"].erase("Description");
    root["Header"].erase("References");
  });
  const json root = exported(o);
  EXPECT_EQ(root["Parameterisation"]["Cell"]["Nominal cell capacity [A.h]"], 7);
  EXPECT_EQ(root["Parameterisation"]["Electrolyte"]["Conductivity [S.m-1]"], "0.1 + 0.0 * x");
  EXPECT_DOUBLE_EQ(root["Parameterisation"]["Positive electrode"]["Reaction rate constant [mol.m-2.s-1]"], 5e-7);
  EXPECT_THAT(io::export_run(o).notes, ElementsAre(HasSubstr("the template keeps its electrolyte conductivity")));
  // An export serves as template, too: the rate constant is not scaled twice and the description does not grow.
  io::ExportOptions again = options("again.json");
  again.cell_template = o.output;
  EXPECT_EQ(exported(again), root);
}

TEST_F(Export, NoParticles_TakesTheTemplatesRadiusAndSaysSo) {
  json s = summary();
  s["phases"][1]["particle_radius_um"] = nullptr;
  write(s);
  const io::ExportOptions o = options("cell.json");
  EXPECT_THAT(io::export_run(o).notes, ElementsAre(HasSubstr("particle radius is the template's, 2.5e-06 m")));
  s["phases"][1]["particle_radius_um"] = 26.0;  // more than half of the thickness: a network, no particle
  write(s);
  EXPECT_EQ(io::export_run(o).notes.size(), 1u);
}

TEST_F(Export, UnusableRuns_SayWhyAndWhatToDo) {
  const io::ExportOptions o = options("cell.json");
  expect_failure<InputError>(o, {"there is no such folder", "voxode run"});
  std::filesystem::create_directories(folder / "out");
  expect_failure<InputError>(o, {"is no output folder of voxode"});
  write(summary());
  io::ExportOptions above = o;
  above.folder = folder.path();
  expect_failure<InputError>(above, {"is no output folder of voxode", "There is one in " + (folder / "out")});
  std::filesystem::remove_all(folder / "out");
  std::filesystem::create_directories(folder / "out");
  std::ofstream(folder / "out/resolved.toml") << "";
  expect_failure<InputError>(o, {"has not finished", "no summary.json yet"});
  std::ofstream(folder / "out/properties.json") << "{}";
  expect_failure<InputError>(o, {"job = \"properties\"", "--set job=cycle"});
  std::ofstream(folder / "out/summary.json") << "{";
  expect_failure<InputError>(o, {"summary.json: is damaged"});
  json s = summary();
  s["finished"] = false;
  write(s);
  expect_failure<InputError>(o, {"has not finished: 2 cycles and 8 load steps are done (stopped as asked)", "cycling.cycles=N"});
  s = summary();
  s["phases"][0].erase("ionic_S_per_m");
  write(s);
  expect_failure<InputError>(o, {"has no /ionic_S_per_m", "Run the job again"});
  s = summary();
  s["phases"][0]["ionic_S_per_m"] = 0.0;
  write(s);
  expect_failure<InputError>(o, {"no electrolyte that conducts"});
  s = summary();
  s["phases"][1]["role"] = "other";
  write(s);
  expect_failure<InputError>(o, {"no active material"});
  write(summary(), "cycle,state\n");
  expect_failure<InputError>(o, {"cycles.csv", "does not begin with the pristine state"});
  write(summary(), "cycle,state\n0,pristine\n");
  expect_failure<InputError>(o, {"has no column lithium_content"});
  std::filesystem::remove(folder / "out/cycles.csv");
  expect_failure<InputError>(o, {"cycles.csv: is missing"});
}

TEST_F(Export, MissingCycle_NamesThoseThatAre) {
  write(summary());
  io::ExportOptions o = options("cell.json");
  o.cycle = 7;
  expect_failure<InputError>(o, {"there is no cycle 7", "cycles 0 to 2 (0: pristine)"});
  EXPECT_EQ(io::ranges_text({0, 1, 4, 6, 7, 8}), "0 and 1, 4, 6 to 8");
}

/// One field of the last row at a time out of its range.
TEST_F(Export, ValuesOutOfRange_AreNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"2,discharged,0.93,19,0,0.04,0.5,0.02,0.05,4,300000,0.2", "thickness in m = 0 must be positive and finite"},
      {"2,discharged,0.93,19,50,0.04,0.5,0,0.05,,300000,0.2", "no ionic path from plate to plate"},
      {"2,discharged,0.93,19,50,0.04,0.5,0.3,0.05,4,300000,0.2", "the transport efficiency = 1.5 must lie in (0, 1]"},
      {"2,discharged,0.93,19,50,0.04,0.5,inf,0.05,4,300000,0.2", "must lie in (0, 1]"},
      {"2,discharged,0.93,19,50,0.04,0.5,,0.05,4,300000,0.2", "effective.ionic = true"},
      {"2,discharged,0.93,19,50,0.04,0.5,0.02,,4,300000,0.2", "effective.electronic = true"},
      {"2,discharged,0.93,19,50,0.04,0.5,0.02,0.05,4,0,0.2", "no area in contact"},
      {"2,discharged,0.93,19,50,0.04,0.5,0.02,0.05,4,,0.2", "active_surface_per_volume_per_m is empty"},
      {"2,discharged,0.93,19,50,0.04,0.5,0.02,0.05,4,300000,1", "all active material is cut off"},
      {"2,discharged,0.93,19,wide,0.04,0.5,0.02,0.05,4,300000,1", "thickness_um = wide is no number"},
      {"2,discharged,0.93", "is cut off"},
  };
  const std::string head = std::string(table).substr(0, std::string(table).find("2,discharged"));
  for (const auto& [row, message] : cases) {
    write(summary(), head + row + "\n");
    expect_failure<InputError>(options("cell.json"), {message});
  }
  json s = summary();
  s["phases"][0]["volume_fraction"] = 1.0;
  write(s);
  expect_failure<InputError>(options("cell.json"), {"porosity) = 1 must lie in (0, 1)"});
}

TEST_F(Export, TemplatesThatAreNoCell_SayWhatIsMissing) {
  write(summary());
  io::ExportOptions o = options("out.json");
  o.cell_template = folder / "none.json";
  expect_failure<InputError>(o, {"--template", "none.json: cannot be read"});
  const std::vector<std::pair<std::function<void(json&)>, std::string>> cases = {
      {[](json& r) { r = json::array(); }, "is no JSON object"},
      {[](json& r) { r.erase("Header"); }, "lacks Header"},
      {[](json& r) { r["Header"].erase("BPX"); }, "is no BPX file: its Header lacks BPX"},
      {[](json& r) { r["Header"]["Model"] = "SPM"; }, "no place for transport"},
      {[](json& r) { r.erase("Parameterisation"); }, "lacks Parameterisation"},
      {[](json& r) { r["Parameterisation"].erase("Separator"); }, "lacks Parameterisation / Separator"},
      {[](json& r) { r["Parameterisation"]["Cell"] = 1; }, "Parameterisation / Cell must be an object"},
      {[](json& r) { r["Parameterisation"]["Positive electrode"].erase("OCP [V]"); }, "lacks Parameterisation / Positive electrode / OCP [V]"},
      {[](json& r) { r["Parameterisation"]["Positive electrode"]["Particle"] = json::object(); }, "blends several materials"},
      {[](json& r) { r["Parameterisation"]["Positive electrode"]["Reaction rate constant [mol.m-2.s-1]"] = "x"; }, "must be a positive number"},
      {[](json& r) { r["Parameterisation"]["User-defined"]["Positive electrode contact area share"] = 0; }, "must be a positive number"},
  };
  for (const auto& [change, message] : cases) {
    o.cell_template = cell(change);
    expect_failure<InputError>(o, {message, "bpxstandard.com"});
  }
}

TEST_F(Export, FileThatCannotBeWritten_NamesIt) {
  write(summary());
  io::ExportOptions o = options("cell.json");
  o.output = "/proc/voxode/cell.json";
  expect_failure<OutputError>(o, {"/proc/voxode", "Choose another folder with -o."});
  o.output = "/dev/null";
  expect_failure<OutputError>(o, {"/dev/null: it is there and no file", "-o"});
}

TEST_F(Export, FileThatIsALink_IsWrittenWhereItLeads) {
  write(summary());
  std::ofstream(folder / "real.json") << "";
  std::filesystem::create_symlink(folder / "real.json", folder / "link.json");
  io::export_run(options("link.json"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.json"));
  EXPECT_TRUE(json::parse(text_of(folder / "real.json")).is_object());
}

}  // namespace
}  // namespace voxode
