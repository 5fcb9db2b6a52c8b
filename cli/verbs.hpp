#pragma once
// The verbs of the command line; each registers itself and its options, and runs when CLI11 has parsed it.
#include <atomic>

namespace CLI {
class App;
}

namespace voxode::cli {

/// Set by SIGINT and SIGTERM; long work looks at it.
extern std::atomic<int> stop_signal;

void add_run(CLI::App& app);
void add_check(CLI::App& app);
void add_info(CLI::App& app);
void add_generate(CLI::App& app);
void add_tortuosity(CLI::App& app);
void add_export(CLI::App& app);
void add_report(CLI::App& app);
void add_schema(CLI::App& app);
void add_materials(CLI::App& app);

/// The whole program: parses, runs, turns failures into one paragraph on standard error and an exit code (docs/manual/file-formats.md).
int main_program(int argc, char** argv);

}  // namespace voxode::cli
