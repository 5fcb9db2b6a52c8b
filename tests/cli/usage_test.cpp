// Command lines that cannot be meant, and the verbs that print what the program knows.
#include <nlohmann/json.hpp>

#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::run_program;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Usage, NoVerb_ListsThem) { expect_failure(run_program({}), 2, {"which verb?", "run, check, info", "voxode VERB --help"}); }

TEST(Usage, UnknownVerb_IsNamedWithTheNearest) {
  expect_failure(run_program({"chek", "cathode.toml"}), 2, {"unknown verb \"chek\"", "Did you mean check?", "The verbs are run"});
  expect_failure(run_program({"simulate", "out"}), 2, {"unknown verb \"simulate\""});
}

TEST(Usage, UnknownOption_IsNamedWithTheNearest) {
  expect_failure(run_program({"run", "cathode.toml", "--step", "2"}), 2, {"run: unknown option --step.", "Did you mean --steps?", "voxode run --help"});
  expect_failure(run_program({"run", "cathode.toml", "--resum"}), 2, {"unknown option --resum. Did you mean --resume?"});
  expect_failure(run_program({"--quiet", "run", "cathode.toml"}), 2, {"unknown option --quiet before a verb"});
}

TEST(Usage, WrongArguments_SayWhatIsExpected) {
  expect_failure(run_program({"run"}), 2, {"run: config is required", "voxode run --help"});
  expect_failure(run_program({"run", "cathode.toml", "second.toml"}), 2, {"not expected: second.toml"});
  expect_failure(run_program({"run", "cathode.toml", "--threads", "0"}), 2, {"--threads: Value 0 not in range 1 to 65536"});
  expect_failure(run_program({"run", "cathode.toml", "--steps", "-1"}), 2, {"--steps: Value -1 not in range 0 to"});
  expect_failure(run_program({"run", "cathode.toml", "--preconditioner", "amg"}), 2, {"--preconditioner", "amg not in", "multigrid", "jacobi"});
  expect_failure(run_program({"tortuosity", "cathode.tif"}), 2, {"tortuosity: --label is required"});
  expect_failure(run_program({"tortuosity", "cathode.tif", "--label", "0", "--axis", "3"}), 2, {"--axis: Value 3 not in range 0 to 2"});
  expect_failure(run_program({"generate", "recipe.toml"}), 2, {"generate: --output is required"});
}

TEST(Usage, GenerateWithoutTiff_WritesArrays) {
  const Cathode cathode;
  const std::string recipe = std::string(VOXODE_SOURCE_DIR) + "/examples/first_steps/cathode.toml";
  const Ended ended = run_program({"generate", recipe, "-o", cathode.folder / "image.npy"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(run_program({"info", cathode.folder / "bodies.npy"}).out, HasSubstr("32 x 32 x 32"));
}

TEST(Usage, WrongDevice_SaysWhatThereIs) {
  const Cathode cathode;
  expect_failure(cathode.run({"--device", "gpu"}), 2, {"--device gpu: give cpu, or the number of a GPU"});
  if (test::built_for_gpu()) {
    expect_failure(cathode.run({"--device", "cpu"}), 2, {"--device cpu: this program was built for a GPU", "without CUDA"});
    expect_failure(cathode.run({"--device", "1000"}), 2, {"--device 1000: there ", " GPU", "CUDA_VISIBLE_DEVICES"});
    expect_failure(cathode.run({}, {.environment = {{"CUDA_VISIBLE_DEVICES", ""}}}), 2, {"no GPU can be used: ", "nvidia-smi", "CPU build"});
  } else {
    expect_failure(cathode.run({"--device", "0"}), 2, {"--device 0: this program was built without a GPU backend", "./setup.sh cuda", "--device cpu"});
    EXPECT_EQ(cathode.run({"--device", "cpu", "--steps", "0"}).code, 0);
  }
}

TEST(Usage, WrongOverrides_AreConfigErrorsWithTheirText) {
  const Cathode cathode;
  expect_failure(cathode.run({"--set", "boundary.presure_MPa=3"}), 2, {"--set boundary.presure_MPa=3: boundary.presure_MPa is unknown; did you mean pressure_MPa?"});
  expect_failure(cathode.run({"--set", "boundary.pressure_MPa=-3"}), 2, {"--set boundary.pressure_MPa=-3: boundary.pressure_MPa = -3 must be >= 0 MPa"});
  expect_failure(cathode.run({"--set", "boundary.pressure_MPa"}), 2, {"--set boundary.pressure_MPa: must be key.path=value, like --set"});
  expect_failure(cathode.run({"--set", "interface[5].law=spring"}), 2, {"--set interface[5].law=spring: interface has 1 entries", "there is no [5]"});
  expect_failure(cathode.run({"--set"}), 2, {"run: --set: 1 required"});
}

TEST(Usage, Version_NamesWhatIsBuiltIn) {
  const Ended ended = run_program({"--version"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, StartsWith("voxode "));
  EXPECT_THAT(ended.out, HasSubstr("\nKokkos "));
  EXPECT_THAT(ended.out, HasSubstr("\nbuilt in: "));
  EXPECT_EQ(ended.err, "");
}

TEST(Usage, HelpOfEveryVerb_IsOnStandardOutput) {
  const Ended all = run_program({"--help"});
  EXPECT_EQ(all.code, 0);
  EXPECT_EQ(all.err, "");
  for (const std::string verb : {"run", "check", "info", "generate", "tortuosity", "export", "report", "schema", "materials"}) {
    EXPECT_THAT(all.out, HasSubstr("\n  " + verb + " ")) << "in the list of verbs";
    const Ended ended = run_program({verb, "--help"});
    EXPECT_EQ(ended.code, 0) << verb;
    EXPECT_THAT(ended.out, HasSubstr("Usage: voxode " + verb));
    EXPECT_EQ(ended.err, "") << verb;
  }
}

TEST(Usage, SchemaAsJson_HoldsEveryKeyOnce) {
  const Ended ended = run_program({"schema", "--json"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.err, "");
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  ASSERT_TRUE(json.is_object() && json["keys"].is_array()) << ended.out.substr(0, 200);
  std::map<std::string, int> found;
  for (const auto& key : json["keys"]) ++found[key.at("key").get<std::string>()];
  for (const std::string key : {"image.file", "phase.NAME.material.strain_table", "boundary.pressure_MPa", "solver.tolerance", "interface[].normal_strength_MPa"}) EXPECT_EQ(found[key], 1) << key;
  EXPECT_THAT(run_program({"schema"}).out, HasSubstr("[boundary]"));
}

TEST(Usage, Materials_ListedAndShown) {
  EXPECT_THAT(run_program({"materials"}).out, HasSubstr("ncm811\n"));
  EXPECT_THAT(run_program({"materials", "ncm811"}).out, StartsWith("ncm811: "));
  expect_failure(run_program({"materials", "ncm81"}), 2, {"\"ncm81\" is no shipped material", "did you mean \"ncm811\"?"});
}

/// Straight through, so that D_eff / D_0 is the share of label 0 and the tortuosity factor 1.
int layers(Index, Index, Index k) { return k < 4 ? 0 : 1; }

TEST(Usage, TortuosityAsJson_IsAllOfStandardOutput) {
  const Cathode cathode;
  cathode.image(layers);
  const Ended ended = run_program({"tortuosity", cathode.folder / "cathode.npy", "--label", "0", "--axis", "0", "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ended.out;
  EXPECT_NEAR(json.at("tortuosity_factor").get<double>(), 1, 1e-6);
  EXPECT_NEAR(json.at("relative").get<double>(), 0.5, 1e-6);
  EXPECT_EQ(json.at("percolating").get<double>(), 1);
}

TEST(Usage, TortuosityWithoutPath_IsNullAndNoError) {
  const Cathode cathode;
  cathode.image(layers);
  const Ended ended = run_program({"tortuosity", cathode.folder / "cathode.npy", "--label", "0", "--axis", "2", "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ended.out;
  EXPECT_TRUE(json.at("tortuosity_factor").is_null());
  EXPECT_EQ(json.at("relative").get<double>(), 0);
  EXPECT_EQ(json.at("percolating").get<double>(), 0);
  expect_failure(run_program({"tortuosity", cathode.folder / "cathode.npy", "--label", "7"}), 3, {"no voxel carries label 7", "voxode info"});
}

TEST(Usage, RunAsJson_PrintsTheSummaryAndNothingElse) {
  const Cathode cathode;
  const Ended ended = cathode.run({"--json", "--steps", "1"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ended.out;
  EXPECT_EQ(json.at("steps_done").get<int>(), 1);
}

TEST(Usage, StandardOutputOnAFullDisk_IsSaid) {
  const Ended ended = run_program({"schema"}, {.standard_output = "/dev/full"});
  expect_failure(ended, 6, {"could not write to standard output", "is the disk full"});
}

}  // namespace
}  // namespace voxode
