// Microstructures that lack something: what is an answer, and what is an error.
#include "tests/cli/cathode.hpp"

namespace voxode {
namespace {

using test::Cathode;
using test::Ended;
using test::expect_failure;
using test::read_csv;
using testing::HasSubstr;

TEST(Percolation, NoElectrolytePath_IsZeroWithAWarning) {
  const Cathode cathode;
  cathode.image([](Index i, Index, Index) { return i < 4 ? 0 : 1; });  // a layer of electrolyte below one of active material
  const Ended ended = cathode.run();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("warning: no ionic path from plate to plate"));
  EXPECT_THAT(test::text_of(cathode.out("summary.json")), HasSubstr("no ionic path from plate to plate"));
  const test::Csv cycles = read_csv(cathode.out("cycles.csv"));
  ASSERT_EQ(cycles.rows.size(), 3u);
  for (const auto& row : cycles.rows) {
    EXPECT_EQ(row.at("ionic_conductivity_S_per_m"), "0") << row.at("state");
    EXPECT_EQ(row.at("ionic_tortuosity_factor"), "") << row.at("state");
  }
}

TEST(Percolation, WithElectrolytePath_HasNumbersAndNoWarning) {
  const Cathode cathode;
  const Ended ended = cathode.run();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, testing::Not(HasSubstr("no ionic path")));
  const test::Csv cycles = read_csv(cathode.out("cycles.csv"));
  ASSERT_EQ(cycles.rows.size(), 3u);
  for (const auto& row : cycles.rows) {
    EXPECT_GT(std::stod(row.at("ionic_conductivity_S_per_m")), 0.05);
    EXPECT_GT(std::stod(row.at("ionic_tortuosity_factor")), 1.0);
    EXPECT_EQ(row.at("electronic_tortuosity_factor"), "");  // the cube touches no plate
  }
}

TEST(Percolation, PropertiesWithoutPath_AreAnAnswer) {
  const Cathode cathode;
  cathode.image([](Index i, Index, Index) { return i < 4 ? 0 : 1; });
  const Ended ended = cathode.run({"--set", "job=properties"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("warning: no ionic path"));
  EXPECT_THAT(ended.out, HasSubstr("ionic conductivity 0 S/m, tortuosity factor none"));
}

TEST(ActiveMaterial, GoneAfterCoarsening_IsSaid) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return i == 3 && j == 3 && k == 3 ? 1 : 0; });
  cathode.config(4, "voxel_size_um = 0.5\ncoarsen = 2");
  expect_failure(cathode.run(), 3, {"nothing in the image is active material", "image.labels", "job = \"properties\""});
}

TEST(LoadPath, PoreLayerAcross_SaysWhatIsMissing) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return i == 1 ? 2 : test::cube_in_electrolyte(i, j, k); });
  cathode.config(5, "labels = { 0 = \"electrolyte\", 1 = \"active\", 2 = \"pore\" }");
  expect_failure(cathode.run(), 3, {"no chain of solid voxel faces leads from the lower to the upper plate", "stack pressure", "image.stack_axis", "pore"});
}

TEST(LoadPath, PoreLayerAlong_CarriesLoad) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return k == 1 ? 2 : test::cube_in_electrolyte(i, j, k); });
  cathode.config(5, "labels = { 0 = \"electrolyte\", 1 = \"active\", 2 = \"pore\" }");
  EXPECT_EQ(cathode.run({"--steps", "0"}).code, 0);
}

TEST(Interface, BondedRoundAThirdBody_NamesTheBond) {
  const Cathode cathode;
  cathode.image([](Index i, Index j, Index k) { return i == 1 && j == 2 && k == 2 ? 2 : test::cube_in_electrolyte(i, j, k); });
  cathode.config(5, "labels = { 0 = \"electrolyte\", 1 = \"active\", 2 = \"binder\" }\n[phase.binder]\nmaterial = \"nbr\"");
  expect_failure(cathode.run(), 2, {"interface[0] between", "cannot open", "bonded for good", "[[interface]] entry"});
}

}  // namespace
}  // namespace voxode
