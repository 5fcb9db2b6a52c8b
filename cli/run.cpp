#include "io/run.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <limits>
#include <memory>

#include "cli/verbs.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"

namespace voxode::cli {
namespace {

struct RunArguments {
  std::string file, folder, device, preconditioner;
  std::vector<std::string> overrides;
  int threads = 0, steps = -1;
  bool quiet = false, json = false, resume = false;
};

kernels::RuntimeOptions runtime_options(const RunArguments& a) {
  kernels::RuntimeOptions options;
  options.threads = a.threads;
  options.force_host = a.device == "cpu";
  if (!a.device.empty() && a.device != "cpu") {
    const auto [end, error] = std::from_chars(a.device.data(), a.device.data() + a.device.size(), options.device);
    if (error != std::errc() || end != a.device.data() + a.device.size() || options.device < 0) throw ConfigError("--device " + a.device + ": give cpu, or the number of a GPU (0, 1, ...)");
  }
  return options;
}

}  // namespace

void add_run(CLI::App& app) {
  auto* verb = app.add_subcommand("run", "Do the job of a config file: from image to tables, fields and summary");
  auto a = std::make_shared<RunArguments>();
  verb->add_option("config", a->file, "the job's TOML file")->required();
  verb->add_option("--out", a->folder, "output folder, instead of output.folder");
  verb->add_option("--device", a->device, "cpu, or a GPU's number");
  verb->add_option("--set", a->overrides, "key.path=value, repeatable")->allow_extra_args(false);
  verb->add_option("--threads", a->threads, "host threads (default: all cores)")->check(CLI::Range(1, 65536));
  verb->add_option("--steps", a->steps, "stop cleanly after this many load steps (with --resume: further ones)")->check(CLI::Range(0, std::numeric_limits<int>::max()));
  verb->add_option("--preconditioner", a->preconditioner, "multigrid, or jacobi as plain baseline")->check(CLI::IsMember({"multigrid", "jacobi"}));
  verb->add_flag("--resume", a->resume, "go on from the last checkpoint in the output folder; of the config only cycling.cycles, title and [output] may have changed");
  verb->add_flag("--quiet", a->quiet, "no progress");
  verb->add_flag("--json", a->json, "print the summary as JSON on standard output");
  verb->callback([a] {
    const io::Config config = io::load_config(a->file, a->overrides);
    const kernels::Runtime runtime(runtime_options(*a));
    io::RunOptions options;
    if (!a->folder.empty()) options.folder = a->folder;
    options.threads = a->threads;
    options.most_steps = a->steps;
    options.resume = a->resume;
    options.quiet = a->quiet;
    options.json = a->json;
    if (!a->preconditioner.empty()) options.preconditioner = a->preconditioner == "jacobi" ? physics::Preconditioner::jacobi : physics::Preconditioner::multigrid;
    options.stop_signal = &stop_signal;
    options.version = VOXODE_VERSION;
    io::run_job(config, options, std::cout, std::cerr);
  });
}

void add_check(CLI::App& app) {
  auto* verb = app.add_subcommand("check", "Everything short of solving: phases, bodies, faces, unknowns, memory, the steps to come");
  auto a = std::make_shared<RunArguments>();
  verb->add_option("config", a->file, "the job's TOML file")->required();
  verb->add_option("--set", a->overrides, "key.path=value, repeatable")->allow_extra_args(false);
  verb->callback([a] {
    const io::Config config = io::load_config(a->file, a->overrides);
    const kernels::Runtime runtime({});
    io::check_job(config, std::cout);
  });
}

}  // namespace voxode::cli
