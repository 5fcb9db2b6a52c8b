// What `check` says about interfaces.
#include <gtest/gtest.h>

#include "tests/cli/cathode.hpp"

namespace {

using namespace voxode;
using test::Cathode;
using test::Ended;
using testing::HasSubstr;
using testing::Not;

TEST(Check, InterfaceStiffness_OverTheSofterSideAndOnsetOverFailure) {
  const Cathode cathode;
  const Ended told = cathode.check();
  EXPECT_EQ(told.code, 0) << told.err;
  // 1e17 Pa/m x 0.5 um / 20 GPa; 200 MPa / 1e17 over 2 x 10 / 200 MPa
  EXPECT_THAT(told.out, HasSubstr("K h / E = 2.5 (E of electrolyte), opening at onset over opening at failure 0.02\n"));
  EXPECT_THAT(told.out, Not(HasSubstr("warning: interface")));
}

TEST(Check, InterfaceFarStifferThanASoftSide_WarnedWithAValueThatIsThenTaken) {
  const Cathode cathode;
  cathode.config(9, "material = { E_GPa = 0.003, poisson_ratio = 0.499, ionic_S_per_m = 0.1 }");
  const std::string warning = "warning: interface[0] is 2e+04 times stiffer than a voxel of electrolyte", remedy = "normal_stiffness_Pa_per_m = 8e+15";
  const Ended told = cathode.check();
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr(warning));
  EXPECT_THAT(told.out, HasSubstr(remedy));
  cathode.config(12, "normal_strength_MPa = 5.0\nnormal_stiffness_Pa_per_m = 9e13");
  EXPECT_THAT(cathode.check().out, Not(HasSubstr("warning: interface")));
}

}  // namespace
