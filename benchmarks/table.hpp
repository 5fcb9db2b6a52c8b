#pragma once
// What the program prints: one row a case beside what the machine can do, then how iterations grow where the edge doubles.
#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

namespace voxode::benchmarks {

class Table : public benchmark::BenchmarkReporter {
 public:
  /// `heading`: a line about device, compiler, commit, bandwidth and peak.
  explicit Table(std::string heading) : heading_(std::move(heading)) {}
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;
  /// Whether any case stopped with an error.
  bool failed() const { return failed_; }

 private:
  void print_growth();

  std::string heading_;
  std::size_t width_ = 0;
  bool failed_ = false;
  std::vector<std::string> families_;                         ///< in the order of their first row
  std::map<std::string, std::map<long, int>> iterations_of_;  ///< by family, then by edge
};

/// "3.21 s", "45.1 ms", "12.0 us".
std::string format_seconds(double seconds);

}  // namespace voxode::benchmarks
