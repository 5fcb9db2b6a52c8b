// report.html of runs written by hand: what it says, what it leaves out, and how it fails.
#include "io/report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "io/report_page.hpp"
#include "io/report_plots.hpp"
#include "io/report_run.hpp"
#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using nlohmann::json;
using test::ScratchFolder;
using test::text_of;
using testing::HasSubstr;
using testing::Not;

constexpr const char* cycles =
    "cycle,state,step,lithium_content,thickness_um,void_fraction,ionic_conductivity_S_per_m,sinter_time_s,words\n"
    "0,pristine,0,0.93,50,0.02,0.04,,a\n"
    "1,charged,5,0.24,49,0.05,0,1.5,b\n"
    "1,discharged,5,0.93,50.1,0.03,0.03,2.5,c\n";

constexpr const char* resolved =
    "title = \"<b>Hand-made</b>\"\njob = \"cycle\"\n"
    "[phase.active]\nbodies = \"file\"\n[phase.active.material]\nname = \"ncm\"\nE_GPa = { value = 140.0, source = \"Xu & Sun 2017\", mark = \"seen\" }\npoisson_ratio = 0.3\n"
    "[[interface]]\nbetween = [\"active\", \"electrolyte\"]\nnormal_strength_MPa = 20.0\n[lithium]\nmode = \"prescribed\"\n[boundary]\nin_plane = \"periodic\"\n";

json written_summary() {
  return {{"title", "<b>Hand-made</b>"}, {"finished", true}, {"ended", "done"}, {"cycles_done", 1}, {"steps_done", 10}, {"final", {{"cycle", 1}, {"state", "discharged"}, {"step", 5}}},
          {"notes", {"active: 3 bodies", "no ionic path from plate to plate & <script>alert(1)</script>"}}, {"image", {{"voxels_xyz", {8, 8, 10}}, {"voxel_size_um", 0.5}}},
          {"phases", {{{"name", "active"}, {"role", "active"}, {"material", "ncm"}, {"volume_fraction", 0.5}, {"bodies", 3}, {"particle_radius_um", 2.5}}}},
          {"provenance", {{"voxode_version", "0.0.9"}, {"config_hash", "abcdef"}, {"wall_time_s", 7300.0}, {"threads", 0}, {"work", {{"equilibrium", {{"wall_time_s", 60.0}, {"count", 4}}}}}}}};
}

class ReportFolder : public testing::Test {
 protected:
  ReportFolder() { std::filesystem::create_directories(folder / "out"); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder / ("out/" + name), std::ios::binary) << text; }
  void write_run(const json& s = written_summary()) const {
    write("resolved.toml", resolved);
    write("summary.json", s.dump());
    write("cycles.csv", cycles);
  }
  std::string page() const { return text_of(io::write_report({folder / "out", "0.1.0"}).file); }
  template <class Failure = InputError>
  void expect_failure(const std::vector<std::string>& parts) const {
    try {
      io::write_report({folder / "out", "0.1.0"});
      FAIL() << "no error";
    } catch (const Failure& error) {
      for (const std::string& part : parts) EXPECT_THAT(error.what(), HasSubstr(part));
    }
  }
  ScratchFolder folder;
};

TEST_F(ReportFolder, FinishedRun_IsOnePageWithoutNetwork) {
  write_run();
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr(">Finished</p>"));
  EXPECT_THAT(html, HasSubstr("8 × 8 × 10 voxels (x, y, z) of 0.5 µm: 4 × 4 × 5 µm"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">Void fraction</th><td class=\"number\">0.02</td><td class=\"number\">0.05</td><td class=\"number\">0.03</td><td class=\"number\">+50 %</td>"));
  EXPECT_THAT(html, HasSubstr("Xu &amp; Sun 2017"));
  EXPECT_THAT(html, HasSubstr("Normal strength / MPa"));
  EXPECT_THAT(html, HasSubstr("<dd>0.0.9</dd>"));
  EXPECT_THAT(html, HasSubstr("<dt>Version that made this page</dt><dd>0.1.0</dd>"));
  EXPECT_THAT(html, HasSubstr("2 h 2 min"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* away : {"src=\"http", "href=\"http", "url(", "@import", "fetch(", "XMLHttpRequest"}) EXPECT_THAT(html, Not(HasSubstr(away)));
  EXPECT_THAT(html, HasSubstr("output.fields"));
}

TEST_F(ReportFolder, TextOfFiles_IsEscaped) {
  write_run();
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("<h1>&lt;b&gt;Hand-made&lt;/b&gt;</h1>"));
  EXPECT_THAT(html, Not(HasSubstr("<b>Hand-made")));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("class=\"warnings\">\n<li>no ionic path from plate to plate &amp; &lt;script&gt;"));
  EXPECT_EQ(io::escaped("a<\"'&>\xc2\xb5\xff\xe2\x82"), "a&lt;&quot;&#39;&amp;&gt;\xc2\xb5\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_F(ReportFolder, ColumnsOfLaterVersions_AppearByThemselves) {
  write_run();
  const auto data = io::plot_data(io::read_report_run(folder / "out"));
  EXPECT_FALSE(data["cycles"]["columns"].contains("words"));
  EXPECT_EQ(data["cycles"]["columns"]["sinter_time_s"].dump(), R"({"title":"Sinter time","unit":"s","values":[null,1.5,2.5]})");
  EXPECT_EQ(data["cycles"]["x"].dump(), "[0.0,0.5,1.0]");
  EXPECT_EQ(data["cycles"]["labels"].dump(), R"(["pristine","1 charged","1 discharged"])");
  EXPECT_EQ(data["plots"].front()["title"], "Void fraction");
  EXPECT_EQ(data["plots"].back()["title"], "Sinter time");
  EXPECT_TRUE(data["steps"]["columns"].empty());
  EXPECT_EQ(io::column_title("eta_kinetic_mV").unit, "mV");
  EXPECT_EQ(io::column_title("current_mA_per_cm2").unit, "mA/cm²");
}

TEST_F(ReportFolder, LongTables_AreThinned) {
  std::string text = "cycle,state,step,void_fraction\n";
  for (int row = 0; row < 50000; ++row) text += "1,charging," + std::to_string(row) + ",0.123456789\n";
  write("steps.csv", text);
  write("resolved.toml", resolved);
  const auto data = io::plot_data(io::read_report_run(folder / "out"));
  EXPECT_EQ(data["steps"]["every"], 3);
  EXPECT_EQ(data["steps"]["x"][1], 3.0);
  EXPECT_EQ(data["steps"]["columns"]["void_fraction"]["values"][1].dump(), "0.123457");
}

TEST_F(ReportFolder, RunsThatHaveNotFinished_SaySo) {
  write("resolved.toml", resolved);
  EXPECT_THAT(page(), HasSubstr("Not finished: the run is under way or was killed, and has no results yet"));
  write("steps.csv", "cycle,state,step,void_fraction\n0,pristine,0,0.1\n1,charging,1,0.1\n1,charging,2,0.");
  EXPECT_THAT(page(), HasSubstr("Not finished: the run is under way or was killed after 1 charging step 1"));
  json s = written_summary();
  s["finished"] = false;
  s.erase("final");
  write("summary.json", s.dump());
  EXPECT_THAT(page(), HasSubstr("Stopped as asked: 1 cycles and 10 load steps are done"));
  s["ended"] = "interrupted";
  write("summary.json", s.dump());
  EXPECT_THAT(page(), HasSubstr("Interrupted: 1 cycles"));
  s["ended"] = "no equilibrium in cycle 2 <charging>";
  write("summary.json", s.dump());
  EXPECT_THAT(page(), HasSubstr("class=\"status bad\" id=\"status\">Ended by an error: 1 cycles and 10 load steps are done. no equilibrium in cycle 2 &lt;charging&gt;"));
}

TEST_F(ReportFolder, SummaryOfAnotherRun_IsLeftOut) {
  write_run();
  write("steps.csv", "cycle,state,step,void_fraction\n0,pristine,0,0.1\n1,charging,1,0.1\n");
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("summary.json belongs to another run than steps.csv, which ends with cycle 1 charging step 1"));
  EXPECT_THAT(html, HasSubstr("Not finished"));
}

TEST_F(ReportFolder, JobOfProperties_ShowsThem) {
  write("resolved.toml", "job = \"properties\"\n[effective]\nstiffness = true\n");
  json p = {{"title", ""}, {"phases", {{{"name", "active"}, {"fraction", 0.5}, {"percolating", nullptr}}}}, {"ionic", {{"conductivity_S_per_m", 0.0125}, {"relative", 0.5}, {"tortuosity_factor", nullptr}}}, {"electronic", nullptr}};
  p["stiffness_GPa"] = std::vector<std::vector<double>>(6, std::vector<double>(6, 12.5));
  p["swelling"] = nullptr;
  write("properties.json", p.dump());
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">ionic</th><td class=\"number\">0.0125</td>"));
  EXPECT_THAT(html, HasSubstr("Stiffness / GPa"));
  EXPECT_THAT(html, Not(HasSubstr("id=\"curves\"")));
  EXPECT_THAT(html, Not(HasSubstr("Lithium is prescribed")));
}

TEST_F(ReportFolder, FoldersThatAreNoRun_SayWhatTheyAre) {
  expect_failure({"out: is no output folder of voxode", "Give the folder that `voxode run` names"});
  std::filesystem::create_directories(folder / "out/deep");
  write("deep/summary.json", "{}");
  expect_failure({"There is one in ", "out/deep"});
  std::filesystem::remove_all(folder / "out");
  expect_failure({"out: there is no such folder"});
  std::ofstream(folder / "out") << "";
  expect_failure({"out: is no folder"});
}

TEST_F(ReportFolder, DamagedFiles_AreNamedWithARemedy) {
  const std::vector<std::array<std::string, 3>> cases = {{"summary.json", "{\"title\": ", "summary.json: is damaged: it is no JSON object"},
                                                         {"cycles.csv", "cycle,state\n0,pristine,1\n", "cycles.csv: is damaged: line 2 has 3 fields, and the first line names 2"},
                                                         {"cycles.csv", "a,b\n", "cycles.csv: is no table of voxode"},
                                                         {"resolved.toml", "title = ", "resolved.toml:1"}};
  for (const auto& [file, text, message] : cases) {
    write_run();
    write(file, text);
    expect_failure({message, "run the job again"});
  }
  write_run();
  write("fields.pvd", "<DataSet timestep=\"0\" group=\"\" part=\"0\" file=\"fields_0000.vti\"/>\n");
#ifdef VOXODE_WITH_VTK
  expect_failure({"fields_0000.vti: is listed in the .pvd beside it and is not there", "delete fields.pvd and cracks.pvd"});
  write("fields_0000.vti", "<VTKFile type=\"ImageData\" ver");
  expect_failure({"fields_0000.vti: cannot be read", "run the job again"});
#else
  EXPECT_THAT(page(), HasSubstr("built without VTK"));
#endif
}

TEST_F(ReportFolder, OddValues_DoNotStopThePage) {
  json s = written_summary();
  s["image"] = {{"voxels_xyz", {"a", nullptr, 3}}, {"voxel_size_um", 0.5}};
  s["phases"] = "none";
  s["interfaces"] = {{{"between", 3}, {"area_m2", "x"}}};
  s["provenance"] = json::array();
  s["notes"] = {1, nullptr};
  s["title"] = 7;
  write_run(s);
  EXPECT_THAT(page(), HasSubstr("Finished"));
}

TEST_F(ReportFolder, PageThatCannotBeWritten_NamesItAndTheOldOneStays) {
  write_run();
  std::filesystem::create_directories(folder / "out/.unfinished_report.html");
  write("report.html", "old");
  expect_failure<OutputError>({"report.html", "copy of the run"});
  EXPECT_EQ(text_of(folder / "out/report.html"), "old");
  EXPECT_THAT(io::report_note({folder / "out", "0.1.0"}), HasSubstr("no report.html: could not write"));
}

}  // namespace
}  // namespace voxode
