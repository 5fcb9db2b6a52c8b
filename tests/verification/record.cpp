#include "verification/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace voxode::test {
namespace {

using Json = nlohmann::ordered_json;

/// Six digits: more are of no use to a reader, and differ between machines.
double rounded(double value) { return std::stod(fmt::format("{:.6g}", value)); }

/// Of the test that runs.
struct Record {
  Json comparisons = Json::array(), series = Json::array(), curves = Json::array();
};

Record& record() {
  static Record one;
  return one;
}

const char* folder() { return std::getenv("VOXODE_RECORD"); }

double scale_of(double reference, double scale) { return scale > 0 ? scale : std::abs(reference); }

class Writer : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& /*info*/) override { record() = {}; }
  void OnTestEnd(const testing::TestInfo& info) override {
    const Record& r = record();
    if (!info.result()->Passed() || r.comparisons.empty()) return;
    const std::string name = std::string(info.test_suite_name()) + "." + info.name();
    Json line{{"test", name}, {"comparisons", r.comparisons}};
    if (!r.series.empty()) line["series"] = r.series;
    if (!r.curves.empty()) line["curves"] = r.curves;
    std::filesystem::create_directories(folder());
    std::ofstream file(std::filesystem::path(folder()) / (name + ".json"));
    if (!(file << line << '\n')) throw std::runtime_error("cannot write the record of " + name + " into " + folder());
  }
};

// before main(), as Google Test wants it
[[maybe_unused]] const bool listens = [] {
  if (folder()) testing::UnitTest::GetInstance()->listeners().Append(new Writer);
  return true;
}();

void record_comparison(const Quantity& quantity, double value, double reference, double error, double tolerance) {
  Json& all = record().comparisons;
  const auto same = std::find_if(all.begin(), all.end(), [&](const Json& c) { return c.at("quantity") == quantity.name; });
  Json one{{"quantity", quantity.name},
           {"unit", quantity.unit},
           {"reference", rounded(reference)},
           {"value", rounded(value)},
           {"error", rounded(error)},
           {"tolerance", tolerance}};
  if (same == all.end())
    all.push_back(std::move(one));
  else if (error / tolerance > same->at("error").get<double>() / same->at("tolerance").get<double>())
    *same = std::move(one);
}

}  // namespace

testing::AssertionResult agrees(const Quantity& quantity, double value, double reference, double tolerance, double scale) {
  const double error = std::abs(value - reference) / scale_of(reference, scale);
  if (folder()) record_comparison(quantity, value, reference, error, tolerance);
  if (error <= tolerance) return testing::AssertionSuccess();
  return testing::AssertionFailure() << fmt::format("{}: {:.9g} {} is to be {:.9g}; the error is {:.3g}, the tolerance {:.3g}", quantity.name, value,
                                                    quantity.unit, reference, error, tolerance);
}

void record_series(const Quantity& quantity, const std::string& length, const std::vector<double>& n, const std::vector<double>& values, double reference,
                   double scale) {
  if (!folder()) return;
  Json points = Json::array();
  for (std::size_t i = 0; i < n.size(); ++i) points.push_back({rounded(n[i]), rounded(values[i])});
  record().series.push_back(Json{{"quantity", quantity.name},
                                 {"unit", quantity.unit},
                                 {"per", length},
                                 {"points", std::move(points)},
                                 {"reference", rounded(reference)},
                                 {"scale", rounded(scale_of(reference, scale))}});
}

void record_curve(const Quantity& y, const Quantity& x, const std::string& label, const std::vector<Point>& points, Origin origin) {
  if (!folder()) return;
  Json pairs = Json::array();
  for (const Point& p : points) pairs.push_back({rounded(p.x), rounded(p.y)});
  record().curves.push_back(
      Json{{"y", {y.name, y.unit}}, {"x", {x.name, x.unit}}, {"label", label}, {"reference", origin == Origin::reference}, {"points", std::move(pairs)}});
}

}  // namespace voxode::test
