#include "io/tables.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "io/limited_child.hpp"
#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using io::CyclesTable;
using io::StepsTable;
using test::ScratchFolder;
using test::text_of;
using testing::HasSubstr;

const std::string head =
    "cycle,state,step,lithium_content,stack_pressure_MPa,thickness_um,void_fraction,opened_volume_fraction,gap_volume_fraction,open_area_fraction,"
    "broken_area_fraction,contact_area_fraction,mean_separation,mean_damage,mean_stress_xx_MPa,mean_stress_yy_MPa,mean_stress_zz_MPa,mean_stress_yz_MPa,"
    "mean_stress_xz_MPa,mean_stress_xy_MPa,elastic_energy_J,dissipated_energy_J";
const std::string conduction_head =
    ",ionic_conductivity_S_per_m,electronic_conductivity_S_per_m,ionic_tortuosity_factor,electronic_tortuosity_factor,active_surface_per_volume_per_m,"
    "isolated_active_fraction";

physics::StepRow example() {
  physics::StepRow row;
  row.cycle = 1;
  row.state = "charging";
  row.step = 3;
  row.lithium_content = 0.93;
  row.stack_pressure = 19e6;
  row.thickness = 50.123456789012e-6;
  row.void_fraction = 1.0 / 3.0;
  row.opened_volume_fraction = 1.5e-7;
  row.gap_volume_fraction = 2e-7;
  row.open_area_fraction = 0.25;
  row.contact_area_fraction = 0.75;
  row.mean_stress = {1e6, -2e6, -0.0, 4, 5e6, 6e6};
  row.elastic_energy = 1e-12;
  row.dissipated_energy = 0;
  return row;
}
const std::string example_line =
    "1,charging,3,0.93,19,50.123456789,0.333333333333,1.5e-07,2e-07,0.25,,0.75,,,1,-2,0,4e-06,5,6,1e-12,0";

TEST(StepsTable, Header_IsTheInterfacesOwn) {
  ScratchFolder folder;
  { StepsTable table(folder / "plain", false); }
  { StepsTable table(folder / "every_step", true); }
  { CyclesTable table(folder / "plain"); }
  EXPECT_EQ(text_of(folder / "plain/steps.csv"), head + "\n");
  EXPECT_EQ(text_of(folder / "every_step/steps.csv"), head + conduction_head + "\n");
  EXPECT_EQ(text_of(folder / "plain/cycles.csv"), head + conduction_head + "\n");
}

TEST(StepsTable, Row_HasTheHeadersUnitsTwelveDigitsAndEmptyFields) {
  ScratchFolder folder;
  StepsTable table(folder.path(), false);
  table.append(example());
  EXPECT_EQ(text_of(table.path()), head + "\n" + example_line + "\n");  // while it is still open
  EXPECT_EQ(table.n_rows(), 1);
}

TEST(CyclesTable, Conduction_FillsWhatIsKnown) {
  ScratchFolder folder;
  CyclesTable table(folder.path());
  physics::ConductionRow conduction;
  conduction.ionic.conductivity = 0.0123456789012345;
  conduction.ionic.tortuosity_factor = 2.5;
  conduction.electronic.conductivity = 0.0;  // nothing percolates: no tortuosity
  conduction.active_surface_per_volume = 3.5e5;
  table.append(example(), conduction);
  table.append(example());
  EXPECT_EQ(text_of(table.path()), head + conduction_head + "\n" + example_line + ",0.0123456789012,0,2.5,,350000,\n" + example_line + ",,,,,,\n");
}

TEST(StepsTable, NumberThatIsNotFinite_IsRefusedWithItsColumn) {
  ScratchFolder folder;
  StepsTable table(folder.path(), false);
  physics::StepRow row = example();
  row.mean_damage = std::numeric_limits<double>::quiet_NaN();
  try {
    table.append(row);
    FAIL() << "a nan was written";
  } catch (const InternalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("mean_damage"));
  }
  EXPECT_EQ(text_of(table.path()), head + "\n");
}

TEST(StepsTable, Resume_CutsRowsBeyondTheCheckpointAndGoesOn) {
  ScratchFolder folder;
  physics::StepRow row = example();
  {
    StepsTable table(folder.path(), false);
    for (row.step = 1; row.step <= 3; ++row.step) table.append(row);
  }
  const std::string whole = text_of(folder / "steps.csv");
  std::ofstream(folder / "steps.csv", std::ios::app) << "1,charging,4,0.9";  // what a kill left
  {
    StepsTable table(folder.path(), false, 1);
    EXPECT_EQ(table.n_rows(), 1);
    for (row.step = 2; row.step <= 3; ++row.step) table.append(row);
  }
  EXPECT_EQ(text_of(folder / "steps.csv"), whole);
}

TEST(StepsTable, ResumeOfAnotherTable_IsAnInputError) {
  ScratchFolder folder;
  EXPECT_THROW(StepsTable(folder.path(), false, 0), InputError);  // missing
  {
    StepsTable table(folder.path(), false);
    table.append(example());
  }
  EXPECT_THROW(StepsTable(folder.path(), true, 1), InputError);   // other columns
  EXPECT_THROW(StepsTable(folder.path(), false, 2), InputError);  // too short
  std::ofstream(folder / "steps.csv", std::ios::app) << "1,charging,4,0.9";
  EXPECT_THROW(StepsTable(folder.path(), false, 2), InputError);  // half a row is no row
}

TEST(StepsTable, UnwritableFolder_NamesTheFile) {
  ScratchFolder folder;
  std::ofstream(folder / "occupied") << "a file where the folder should be";
  EXPECT_THROW(StepsTable(folder / "occupied", false), OutputError);
  std::filesystem::create_symlink("/dev/full", folder / "steps.csv");
  try {
    StepsTable table(folder.path(), false);
    FAIL() << "a full disk was not noticed";
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), HasSubstr(folder / "steps.csv"));
    EXPECT_THAT(error.what(), HasSubstr("No space left on device"));
    EXPECT_EQ(error.exit_code, 6);
  }
}

TEST(StepsTable, DiskFullInTheMiddleOfARow_LeavesWholeRowsAndSaysSo) {
  ScratchFolder folder;
  const std::size_t room = head.size() + 1 + 2 * (example_line.size() + 1) + 10;  // two rows and a piece of the third
  const int status = test::run_with_file_limit(room, [&] {
    StepsTable table(folder.path(), false);
    table.append(example());
    table.append(example());
    for (int attempt = 0; attempt < 2; ++attempt) try {
        table.append(example());
        return 1;
      } catch (const OutputError& error) {
        const std::string what = error.what();
        if (what.find(folder / "steps.csv") == std::string::npos || what.find("2 finished rows stay valid") == std::string::npos) return 2;
      }
    return table.n_rows() == 2 ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text_of(folder / "steps.csv"), head + "\n" + example_line + "\n" + example_line + "\n");
}

}  // namespace
}  // namespace voxode
