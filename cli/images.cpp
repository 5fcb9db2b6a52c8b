// Verbs about images: info, generate, tortuosity.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/verbs.hpp"
#include "io/config.hpp"
#include "io/image/image.hpp"
#include "io/image/info.hpp"
#include "io/memory.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"
#include "mesh/packing.hpp"
#include "physics/transport.hpp"

namespace voxode::cli {

void add_info(CLI::App& app) {
  auto* verb = app.add_subcommand("info", "Size, type and labels of an image, with their shares and surface");
  auto file = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  verb->add_option("image", *file, "TIFF, folder of slices, .vti, .vdb or .npy")->required();
  verb->add_flag("--json", *json, "as JSON");
  verb->callback([file, json] {
    const io::ImageInfo info = io::image_info(io::read_image(*file));
    if (*json) std::cout << io::to_json(info) << "\n";
    else std::cout << io::to_text(info);
  });
}

namespace {

io::LabelImage label_image(const mesh::VoxelGrid& grid, bool instances) {
  io::LabelImage image;
  image.shape = {grid.n[2], grid.n[1], grid.n[0]};
  image.label.resize(grid.phase.size());
  for (std::size_t v = 0; v < grid.phase.size(); ++v)
    image.label[v] = instances ? grid.instance[v] : (grid.phase[v] == mesh::pore ? std::uint32_t(grid.phase_names.size()) : grid.phase[v]);
  image.voxel_size = std::array<double, 3>{grid.spacing, grid.spacing, grid.spacing};
  return image;
}

}  // namespace

void add_generate(CLI::App& app) {
  auto* verb = app.add_subcommand("generate", "A synthetic cathode as a label image, with the statistics it reached");
  struct Arguments {
    std::string recipe, output;
    std::vector<std::string> overrides;
  };
  auto a = std::make_shared<Arguments>();
  verb->add_option("recipe", a->recipe, "TOML file with a [synthetic] section")->required();
  verb->add_option("-o,--output", a->output, "label image to write (.tif, .npy, .raw); the particles go to bodies.tif beside it, or to bodies.npy beside an .npy or .raw file")->required();
  verb->add_option("--set", a->overrides, "key.path=value, repeatable")->allow_extra_args(false);
  verb->callback([a] {
    const mesh::SyntheticRecipe recipe = io::load_recipe(a->recipe, a->overrides);
    const kernels::Runtime runtime({});
    const mesh::SyntheticCathode cathode = mesh::generate_cathode(recipe);
    io::write_image(a->output, label_image(cathode.grid, false));
    const std::string ending = std::filesystem::path(a->output).extension().string();
    const std::filesystem::path bodies = std::filesystem::path(a->output).parent_path() / (ending == ".npy" || ending == ".raw" ? "bodies.npy" : "bodies.tif");
    io::write_image(bodies.string(), label_image(cathode.grid, true));
    std::vector<Index> count(cathode.grid.phase_names.size() + 1, 0);
    for (std::uint8_t p : cathode.grid.phase) ++count[p == mesh::pore ? cathode.grid.phase_names.size() : p];
    const Index3& n = cathode.grid.n;
    std::cout << fmt::format("{} x {} x {} voxels of {:.4g} um, {} spheres\n", n[0], n[1], n[2], cathode.grid.spacing * 1e6, cathode.spheres.size());
    for (std::size_t p = 0; p < count.size(); ++p)
      if (count[p] > 0) std::cout << fmt::format("label {} {}: {:.5f}\n", p, p < cathode.grid.phase_names.size() ? cathode.grid.phase_names[p] : "pore", double(count[p]) / double(cathode.grid.n_voxels()));
    std::cout << "written: " << a->output << ", " << bodies.string() << "\n";
  });
}

void add_tortuosity(CLI::App& app) {
  auto* verb = app.add_subcommand("tortuosity", "Tortuosity factor, D_eff/D_0 and percolating share of one or more labels");
  struct Arguments {
    std::string file;
    std::vector<std::uint32_t> labels;
    int axis = 0, threads = 0;
    double tolerance = 1e-6;
    bool json = false;
  };
  auto a = std::make_shared<Arguments>();
  verb->add_option("image", a->file, "TIFF, folder of slices, .vti, .vdb or .npy")->required();
  verb->add_option("--label", a->labels, "label that conducts, repeatable")->required()->allow_extra_args(false);
  verb->add_option("--axis", a->axis, "array axis of the gradient")->check(CLI::Range(0, 2));
  verb->add_option("--tolerance", a->tolerance, "relative residual")->check(CLI::Range(1e-12, 1e-1));
  verb->add_option("--threads", a->threads, "host threads")->check(CLI::Range(1, 65536));
  verb->add_flag("--json", a->json, "as JSON");
  verb->callback([a] {
    const io::LabelImage image = io::read_image(a->file);
    kernels::RuntimeOptions runtime_options;
    runtime_options.threads = a->threads;
    const kernels::Runtime runtime(runtime_options);
    const double needed = io::conduction_bytes_per_voxel * double(image.label.size());
    const io::FreeMemory free = io::free_memory();
    if (needed > free.bytes)
      throw MemoryError(fmt::format("{}: conduction on {} x {} x {} voxels needs about {}, and {} are free. Crop or coarsen the image, or give the program more memory.", a->file, image.shape[0], image.shape[1],
                                    image.shape[2], io::memory_text(needed), io::memory_text(free)));
    std::vector<std::uint8_t> mask(image.label.size(), 0);
    std::set<std::uint32_t> found;
    for (std::size_t v = 0; v < mask.size(); ++v)
      for (std::uint32_t label : a->labels)
        if (image.label[v] == label) mask[v] = 1, found.insert(label);
    for (std::uint32_t label : a->labels)
      if (!found.count(label)) throw InputError(fmt::format("{}: no voxel carries label {}; `voxode info {}` lists the labels", a->file, label, a->file));
    physics::ConductionOptions options;
    options.tolerance = a->tolerance;
    const physics::TortuosityResult r = physics::tortuosity_of_mask({image.shape[2], image.shape[1], image.shape[0]}, mask, 2 - a->axis, options);
    if (a->json) {
      nlohmann::json json;
      json["tortuosity_factor"] = r.tortuosity_factor ? nlohmann::json(*r.tortuosity_factor) : nlohmann::json(nullptr);
      json["relative"] = r.relative;
      json["percolating"] = r.percolating_share;
      std::cout << json.dump() << "\n";
    } else {
      std::cout << fmt::format("volume share {:.6g}\npercolating share {:.6g}\nD_eff/D_0 {:.6g}\ntortuosity factor {}\n", r.volume_share, r.percolating_share, r.relative, r.tortuosity_factor ? fmt::format("{:.6g}", *r.tortuosity_factor) : "none: nothing percolates");
    }
  });
}

}  // namespace voxode::cli
