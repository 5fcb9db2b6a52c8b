#pragma once
// What the verification tests measured, for the manual: with VOXODE_RECORD=FOLDER in the environment each test that passes leaves FOLDER/TEST.json there,
// one line. tools/verification_records.sh gathers these lines.
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace voxode::test {

struct Quantity {
  std::string name, unit;
};

/// Is `value` within tolerance * scale of the reference? No scale: the reference's size. Of all comparisons of one quantity the worst is recorded.
testing::AssertionResult agrees(const Quantity& quantity, double value, double reference, double tolerance, double scale = 0);

/// Values on grids of n voxels per `length`; errors are drawn over `scale`, or the reference's size. The comparison of the same quantity is of their
/// extrapolation.
void record_series(const Quantity& quantity, const std::string& length, const std::vector<double>& n, const std::vector<double>& values, double reference,
                   double scale = 0);

struct Point {
  double x, y;
};
enum class Origin { computed, reference };

/// A curve of the panel that shows `y` over `x`.
void record_curve(const Quantity& y, const Quantity& x, const std::string& label, const std::vector<Point>& points, Origin origin = Origin::computed);

}  // namespace voxode::test
