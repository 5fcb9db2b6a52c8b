// The verb export: cell-model parameters of a finished run.
#include "io/export.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <memory>

#include "cli/verbs.hpp"
#include "kernels/error.hpp"

namespace voxode::cli {

namespace {

struct ExportArguments {
  std::string folder, model, output, cycle, state = "discharged", cell_template;
};

constexpr const char* explanation =
    "The electrode of a run in one state, as the positive electrode of a cell model. Without --cycle the last cycle; 0 is the pristine state.\n\n"
    "bpx     a whole cell as BPX 1.1: NCM | Li6PS5Cl | Li-In, or the cell of --template. Of a template only thickness, porosity (share of electrolyte), transport\n"
    "        efficiency, electronic conductivity, surface area (3 x accessible active share / radius), particle radius and rate constant (x share of contact area) are replaced.\n"
    "        PyBaMM: pybamm.ParameterValues.create_from_bpx(FILE)\n"
    "pybamm  the same as a flat JSON object by PyBaMM's names: param.update(json.load(open(FILE))). \"Positive electrode contact area share\" is for you to multiply\n"
    "        the exchange-current density with, which is a function there; --to bpx has it in the rate constant.\n\n"
    "FILE: a file; a folder (it exists, or ends with /), which gets cycle_0003.bpx.json or cycle_0003.pybamm.json; or a pattern in which {cycle} stands for the\n"
    "number in four digits. --cycle all takes a folder (made if missing) or a pattern; --to pybamm then adds cycles.pybamm.csv, a row per cycle.\n\n"
    "Example: voxode export out --to bpx --cycle all -o cells";

/// Empty: `all`.
std::optional<int> cycle_number(const std::string& text) {
  if (text == "all") return {};
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) throw ConfigError("export: --cycle " + text + ": give the number of a cycle (0: pristine), or all");
  return number;
}

}  // namespace

void add_export(CLI::App& app) {
  auto* verb = app.add_subcommand("export", "Cell-model parameters (BPX, PyBaMM) of a finished run");
  auto a = std::make_shared<ExportArguments>();
  verb->footer(explanation);
  verb->add_option("folder", a->folder, "output folder of a finished run")->required();
  verb->add_option("--to", a->model, "bpx or pybamm")->required()->check(CLI::IsMember({"bpx", "pybamm"}));
  verb->add_option("-o,--output", a->output, "file to write; or a folder, or a pattern with {cycle}")->required();
  verb->add_option("--cycle", a->cycle, "number of a cycle, or all (default: the last)");
  verb->add_option("--state", a->state, "which end of a cycle: discharged (default) or charged")->check(CLI::IsMember({"discharged", "charged"}));
  verb->add_option("--template", a->cell_template, "BPX file of the whole cell, instead of the shipped one");
  verb->callback([a] {
    io::ExportOptions options;
    options.folder = a->folder;
    options.model = a->model == "bpx" ? io::CellModel::bpx : io::CellModel::pybamm;
    options.output = a->output;
    options.state = a->state;
    if (!a->cycle.empty()) {
      options.cycle = cycle_number(a->cycle);
      options.all = !options.cycle;
    }
    if (!a->cell_template.empty()) options.cell_template = a->cell_template;
    const io::Exported done = io::export_run(options);
    for (const std::string& note : done.notes) std::cerr << note << "\n";
    for (const std::string& file : done.files) std::cout << "written: " << file << "\n";
  });
}

}  // namespace voxode::cli
