#pragma once
// The same cases with several numbers of threads: each number in a process of its own, since the runtime starts once in a process.
#include <string>
#include <vector>

namespace voxode::benchmarks {

/// Runs this program once for each number with `arguments` (for it and Google Benchmark), then prints what more threads gain, beside triad and multiply-add
/// peak. JSON of each: `json` with "_<n>_threads" before its ending. Exit status: 0, 1 if a case failed, 2 if arguments cannot be read or choose nothing.
int compare_threads(const std::vector<int>& numbers, const std::vector<std::string>& arguments, const std::string& json);

}  // namespace voxode::benchmarks
