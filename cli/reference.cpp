// Verbs that print what the program knows: schema, materials.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/verbs.hpp"
#include "io/config.hpp"
#include "io/material_library.hpp"

namespace voxode::cli {

void add_schema(CLI::App& app) {
  auto* verb = app.add_subcommand("schema", "The reference of all config keys");
  auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "as JSON");
  verb->callback([json] { std::cout << (*json ? io::schema_json() : io::schema_text()) << "\n"; });
}

void add_materials(CLI::App& app) {
  auto* verb = app.add_subcommand("materials", "Shipped material data with sources");
  auto name = std::make_shared<std::string>();
  verb->add_option("name", *name, "one material in full (a shipped name or a file)");
  verb->callback([name] {
    if (!name->empty()) {
      std::cout << io::describe_material(*name);
      return;
    }
    for (const std::string& material : io::shipped_materials()) std::cout << material << "\n";
  });
}

}  // namespace voxode::cli
