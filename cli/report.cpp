// The verb report: report.html of a run, anew.
#include "io/report.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/verbs.hpp"

namespace voxode::cli {

void add_report(CLI::App& app) {
  auto* verb = app.add_subcommand("report", "One page of what a run did and what came of it: report.html in its folder");
  auto folder = std::make_shared<std::string>();
  verb->footer("The page needs no network and no other file. It is made of what lies in the folder, also of a run that has not finished.");
  verb->add_option("folder", *folder, "output folder of a run")->required();
  verb->callback([folder] {
    const io::Report report = io::write_report({*folder, VOXODE_VERSION});
    std::cout << "written: " << report.file.string() << "\n";
  });
}

}  // namespace voxode::cli
