#include "io/config_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/orientation_table.hpp"

namespace voxode::io {
namespace {

using namespace physics;

constexpr Unit one{}, micrometre{"um", -6}, metre{"m"}, megapascal{"MPa", 6}, megapascal_per_micrometre{"MPa/um", 12}, pascal_per_metre{"Pa/m"},
    joule_per_square_metre{"J/m2"}, second{"s"}, ohm_square_metre{"Ohm m2"};
constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

template <class T>
std::string list(const T& values, const Unit& unit = {}) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + (unit.power ? written(double(value), unit) : fmt::format("{}", value));
  return "[" + text + "]";
}

/// Three integers in a row.
bool read_triple(Section& s, const char* key, const Node& node, Index lowest, std::array<Index, 3>& values, const char* sentence) {
  const bool good = node.kind == Node::Kind::array && node.items.size() == 3 &&
                    std::all_of(node.items.begin(), node.items.end(), [&](const Node& n) { return n.kind == Node::Kind::integer && n.integer >= lowest; });
  if (!good) s.fail(node, key, fmt::format("must be three integers >= {}, like [64, 64, 64]: {}.", lowest, sentence));
  for (std::size_t a = 0; a < 3; ++a) values[a] = node.items[a].integer;
  s.write(key, list(values));
  return true;
}

void voxel_size_row(Section& s, ImageSettings& image) {
  const char* sentence = "edge of a voxel; or three numbers, one per array axis: resampled to cubes";
  const Node* node = s.value("voxel_size_um", "number or array", "um", "the file's tags", "> 0", sentence);
  if (!node) return;
  const auto good = [](const Node& n) { return n.is_number() && above(0).holds(n.number); };
  if (good(*node)) {
    const double edge = to_si(node->number, micrometre);
    image.voxel_size_m = {edge, edge, edge};
    s.write("voxel_size_um", written(edge, micrometre));
  } else if (node->kind == Node::Kind::array && node->items.size() == 3 && std::all_of(node->items.begin(), node->items.end(), good)) {
    image.voxel_size_m.emplace();
    for (std::size_t a = 0; a < 3; ++a) (*image.voxel_size_m)[a] = to_si(node->items[a].number, micrometre);
    s.write("voxel_size_um", list(*image.voxel_size_m, micrometre));
  } else {
    s.fail(*node, "voxel_size_um", fmt::format("must be a number > 0, or three of them: {}.", sentence));
  }
}

void crop_row(Section& s, ImageSettings& image) {
  const char* form = "[[from, to], [from, to], [from, to]], half-open, one pair per array axis, 0 <= from < to";
  const Node* node = s.value("crop", "array", "voxels", "none", "0 <= from < to", "[[from, to], ...], half-open, per array axis of the file, before `coarsen`");
  if (!node) return;
  Crop crop{};
  bool good = node->kind == Node::Kind::array && node->items.size() == 3;
  std::string text;
  for (std::size_t a = 0; good && a < 3; ++a) {
    const Node& pair = node->items[a];
    good = pair.kind == Node::Kind::array && pair.items.size() == 2 && pair.items[0].kind == Node::Kind::integer && pair.items[1].kind == Node::Kind::integer &&
           pair.items[0].integer >= 0 && pair.items[1].integer > pair.items[0].integer;
    if (!good) break;
    crop[a] = {pair.items[0].integer, pair.items[1].integer};
    text += (a ? ", " : "") + list(crop[a]);
  }
  if (!good) s.fail(*node, "crop", fmt::format("must be {}.", form));
  image.crop = crop;
  s.write("crop", "[" + text + "]");
}

void labels_row(Section& s, ImageSettings& image) {
  const Node* node = s.value("labels", "table", "", "required", "", "phase name of every label in the image, { 0 = \"electrolyte\", ... }; \"pore\" is the name of nothing");
  if (!node) return;
  if (node->kind != Node::Kind::table || node->entries.empty()) s.fail(*node, "labels", "must be a table like { 0 = \"electrolyte\", 1 = \"active\" }.");
  for (const Node::Entry& entry : node->entries) {
    const bool digits = !entry.key.empty() && entry.key.size() <= 10 && entry.key.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoull(entry.key) > std::numeric_limits<std::uint32_t>::max())
      s.fail(entry.value, "labels." + toml_key(entry.key), "has a key that is no label; labels are integers from 0 to 4294967295.");
    if (entry.value.kind != Node::Kind::text || entry.value.text.empty()) s.fail(entry.value, "labels." + entry.key, "must be the name of a phase, in quotes, or \"pore\".");
    if (!image.labels.emplace(std::uint32_t(std::stoull(entry.key)), entry.value.text).second) s.fail(entry.value, "labels." + entry.key, "names a label that has a name already.");
  }
  std::string text;
  for (const auto& [label, name] : image.labels) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", label, toml_text(name));
  s.write("labels", "{ " + text + " }");
}

void raw_rows(Section& s, RawOptions& raw, const std::string& prefix, const char* standard_shape) {
  const std::string shape = prefix + "shape", type = prefix + "type", order = prefix + "byte_order", header = prefix + "header_bytes";
  const char* sentence = "shape of a .raw file per array axis, the last is fastest";
  if (const Node* node = s.value(shape.c_str(), "array", "voxels", standard_shape, ">= 1", sentence)) {
    std::array<Index, 3> values{};
    read_triple(s, shape.c_str(), *node, 1, values, sentence);
    raw.shape = values;
  }
  s.write_only_given(true);
  std::vector<std::pair<const char*, std::string>> types;
  for (const char* name : {"uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"}) types.emplace_back(name, name);
  s.choice<std::string>(type.c_str(), raw.type, types, "element type of a .raw file");
  s.choice<std::string>(order.c_str(), raw.byte_order, {{"little", "little"}, {"big", "big"}}, "byte order of a .raw file");
  s.integer(header.c_str(), raw.header_bytes, std::int64_t(0), no_limit, "bytes to skip at the start of a .raw file");
  s.write_only_given(false);
}

void pressure_row(Section& s, Boundary& b) {
  const char* sentence = "stack pressure, a number or [[from_cycle, MPa], ...]; compression is positive";
  const Node* node = s.value("pressure_MPa", "number or array", "MPa", "0", ">= 0", sentence);
  if (!node) {
    s.write("pressure_MPa", written(b.pressure.front().second, megapascal));
    return;
  }
  if (node->is_number()) {
    if (!at_least(0).holds(node->number)) s.fail(*node, "pressure_MPa", fmt::format("must be >= 0 MPa: {}.", sentence));
    b.pressure = {{0, to_si(node->number, megapascal)}};
    s.write("pressure_MPa", written(b.pressure.front().second, megapascal));
    return;
  }
  if (node->kind != Node::Kind::array || node->items.empty()) s.fail(*node, "pressure_MPa", fmt::format("must be a number or rows: {}.", sentence));
  b.pressure.clear();
  std::string text;
  for (std::size_t r = 0; r < node->items.size(); ++r) {
    const Node& row = node->items[r];
    const std::string name = fmt::format("pressure_MPa[{}]", r);
    const bool good = row.kind == Node::Kind::array && row.items.size() == 2 && row.items[0].kind == Node::Kind::integer && row.items[0].integer >= 0 &&
                      row.items[0].integer <= 1000000000 && row.items[1].is_number() && at_least(0).holds(row.items[1].number);
    if (!good) s.fail(row, name, "must be [from_cycle, MPa], an integer >= 0 and a number >= 0.");
    const int from = int(row.items[0].integer);
    if (!b.pressure.empty() && from <= b.pressure.back().first) s.fail(row, name, "must start at a later cycle than the row before it; sort the rows.");
    b.pressure.emplace_back(from, to_si(row.items[1].number, megapascal));
    text += fmt::format("{}[{}, {}]", r ? ", " : "", from, written(b.pressure.back().second, megapascal));
  }
  s.write("pressure_MPa", "[" + text + "]");
}

void between_row(Section& s, InterfaceEntry& e, const std::vector<std::string>& names) {
  const Node* node = s.value("between", "array", "", "required", "", "the two phases, in any order; the first entry that matches a pair holds, no entry: bonded for good");
  if (!node) return;
  if (node->kind != Node::Kind::array || node->items.size() != 2) s.fail(*node, "between", "must be two names of phases, like [\"active\", \"electrolyte\"].");
  std::array<std::uint8_t, 2> number{};
  for (std::size_t side = 0; side < 2; ++side) {
    const Node& item = node->items[side];
    const auto found = item.kind == Node::Kind::text ? std::find(names.begin(), names.end(), item.text) : names.end();
    if (found == names.end()) {
      const std::string near = nearest(item.text, names);
      s.fail(item, fmt::format("between[{}]", side), fmt::format("must be a phase, one of {}.{}", fmt::join(names, ", "), near.empty() ? "" : " Did you mean \"" + near + "\"?"));
    }
    number[side] = std::uint8_t(found - names.begin());
  }
  e.phase_a = number[0];
  e.phase_b = number[1];
  s.write("between", fmt::format("[{}, {}]", toml_text(names[number[0]]), toml_text(names[number[1]])));
}

}  // namespace

void top_rows(Section& s, Job& job) {
  s.text("title", job.title, "a line for reports");
  s.choice("job", job.kind, {{"cycle", JobKind::cycle}, {"properties", JobKind::properties}}, "cycle, or effective properties of the undeformed image without cycling");
  std::int64_t seed = std::int64_t(job.seed);
  s.integer("seed", seed, std::int64_t(0), no_limit, "of everything random: packing, grains, orientations");
  job.seed = std::uint64_t(seed);
}

void image_rows(Section& s, ImageSettings& image, const std::filesystem::path& folder) {
  s.input_path("file", image.file, folder, "multi-page TIFF, folder of slices, .vti, .vdb, .npy or .raw, relative to this file", "required");
  voxel_size_row(s, image);
  s.write_only_given(true);
  double edge = image.cube_edge_m.value_or(0);
  if (s.number("cube_edge_um", edge, micrometre, above(0), "edge of the cubes that unequal voxels are resampled to", "the smallest of the three")) image.cube_edge_m = edge;
  s.write_only_given(false);
  s.integer("stack_axis", image.stack_axis, 0, 2, "the array axis that points from current collector to separator");
  crop_row(s, image);
  s.integer("coarsen", image.coarsen, 1, 1024, "n^3 voxels to one, by majority");
  s.boolean("flip", image.flip, "the stack runs from separator to collector");
  s.integer("clean_islands_voxels", image.clean_islands_voxels, std::int64_t(0), no_limit, "smaller connected specks take their surroundings' label");
  labels_row(s, image);
  s.input_path("bodies_file", image.bodies_file, folder, "instance labels (uint8, 16, 32) of the same shape, 0 = as `phase.*.bodies` says");
  raw_rows(s, image.raw, "", "none");
  raw_rows(s, image.bodies_raw, "bodies_", "shape");
  if (!image.bodies_raw.shape) image.bodies_raw.shape = image.raw.shape;
  s.finish();
}

void synthetic_rows(Section& s, mesh::SyntheticRecipe& r) {
  const char* size = "voxels along x, y and the stack axis z";
  if (const Node* node = s.value("size_voxels", "array", "voxels", "[70, 70, 70]", ">= 4", size))
    read_triple(s, "size_voxels", *node, 4, r.n, size);
  else
    s.write("size_voxels", list(r.n));
  s.number("voxel_size_um", r.spacing, micrometre, above(0), "edge of a voxel");
  const char* periodic = "axes x, y, z on which the packing goes on at its other side; elsewhere particles stay inside the box";
  const Node* node = s.value("periodic", "array", "", "[true, true, false]; z too if the job is periodic in z", "true | false", periodic);
  if (node) {
    const bool good = node->kind == Node::Kind::array && node->items.size() == 3 &&
                      std::all_of(node->items.begin(), node->items.end(), [](const Node& n) { return n.kind == Node::Kind::boolean; });
    if (!good) s.fail(*node, "periodic", fmt::format("must be three of true and false, like [true, true, false]: {}.", periodic));
    for (std::size_t a = 0; a < 3; ++a) r.periodic[a] = node->items[a].boolean;
  }
  s.write("periodic", list(r.periodic));
  s.number("active_fraction", r.active_fraction, one, inside(0, 1), "volume share of active material in the box");
  s.number("diameter_median_um", r.diameter_median, micrometre, above(0), "median of the particles' diameters, by number");
  s.number("diameter_sigma", r.diameter_sigma, one, within(0, 2), "standard deviation of ln(diameter), 0: all the same");
  s.number("diameter_minimum_um", r.diameter_minimum, micrometre, above(0), "the log-normal distribution is cut here");
  s.number("diameter_maximum_um", r.diameter_maximum, micrometre, above(0), "and here");
  s.number("overlap_tolerance", r.overlap_tolerance, one, {0, 0.5, false, true}, "largest depth of overlap over the smaller diameter");
  s.number("binder_fraction", r.binder_fraction, one, {0, 1, false, true}, "volume share of binder voxels in the box");
  s.number("binder_morphology", r.binder_morphology, one, within(0, 1), "0: at the necks between particles (localised) ... 1: a thin film over their surfaces");
  s.number("binder_blob_share", r.binder_blob_share, one, within(0, 1), "share of the binder that sits as blobs in the electrolyte");
  s.number("binder_blob_diameter_um", r.binder_blob_diameter, micrometre, above(0), "diameter of these blobs");
  s.number("pore_fraction", r.pore_fraction, one, {0, 1, false, true}, "volume share of pores in the box");
  s.number("pore_diameter_um", r.pore_diameter, micrometre, above(0), "diameter of the pores");
  s.finish();
}

void phase_rows(Section& s, Phase& phase, const std::filesystem::path& folder) {
  const std::vector<std::pair<const char*, Role>> roles{
      {"active", Role::active}, {"electrolyte", Role::electrolyte}, {"binder", Role::binder}, {"conductor", Role::conductor}, {"other", Role::other}};
  for (const auto& [name, role] : roles)
    if (phase.name == name) phase.role = role;
  s.choice("role", phase.role, roles, "what tables count it as; what conducts follows from the material", "the phase's name if it is one of these, else \"other\"");
  mesh::BodyRule& rule = phase.bodies;
  using mesh::BodyMode;
  s.choice("bodies", rule.mode,
           {{"one", BodyMode::one}, {"pieces", BodyMode::pieces}, {"particles", BodyMode::particles}, {"grains", BodyMode::grains}, {"rods", BodyMode::rods}, {"file", BodyMode::file}},
           "one, pieces (connected), particles (split where they touch), grains (Voronoi cells inside particles), rods (radial sectors), file (image.bodies_file)");
  s.write_only_given(true);
  s.number("grain_size_um", rule.grain_size, micrometre, above(0), "with grains: size of the cells; with rods: width of the sectors", "required with grains and rods");
  s.write_only_given(false);
  const bool needs_size = rule.mode == BodyMode::grains || rule.mode == BodyMode::rods;
  if (needs_size && !s.given("grain_size_um") && !s.documenting()) s.fail("grain_size_um", "is missing: bodies = \"grains\" and \"rods\" need the size of a grain, in um.");
  using mesh::OrientationMode;
  rule.orientation = rule.mode == BodyMode::rods ? OrientationMode::radial : OrientationMode::random;
  s.choice("orientation", rule.orientation,
           {{"random", OrientationMode::random}, {"radial", OrientationMode::radial}, {"aligned", OrientationMode::aligned}, {"file", OrientationMode::file}},
           "of the crystal, per body, seeded: random, radial (a outward, c tangential), aligned (crystal axes = x, y, z), file", "\"random\", but \"radial\" with rods");
  std::string file;
  const bool has_file = s.input_path("orientation_file", file, folder, "table body,qw,qx,qy,qz of unit quaternions; body = instance label", "required with orientation = \"file\", else not read");
  const bool from_file = rule.orientation == OrientationMode::file;
  if (from_file && !has_file) s.fail("orientation_file", "is missing: orientation = \"file\" needs a table with the columns body,qw,qx,qy,qz.");
  if (from_file) rule.orientation_table = read_orientations(file);
}

void interface_rows(Section& s, InterfaceEntry& e, const std::vector<std::string>& phase_names) {
  between_row(s, e, phase_names);
  s.choice("where", e.where, {{"any", Where::any}, {"within_particle", Where::within_particle}, {"between_particles", Where::between_particles}},
           "faces between bodies of one particle, of two, or any");
  using Kind = InterfaceLawKind;
  s.choice("law", e.law, {{"bilinear", Kind::bilinear}, {"bonded", Kind::bonded}, {"spring", Kind::spring}, {"contact", Kind::contact}},
           "bilinear (cohesive, with damage), bonded for good, spring (linear both ways), contact (never glued)");
  s.number("normal_stiffness_Pa_per_m", e.normal_stiffness, pascal_per_metre, above(0), "of the intact face");
  e.shear_stiffness = e.normal_stiffness;
  s.number("shear_stiffness_Pa_per_m", e.shear_stiffness, pascal_per_metre, above(0), "of the intact face", "normal_stiffness_Pa_per_m");
  s.number("normal_strength_MPa", e.normal_strength, megapascal, above(0), "traction at which opening starts to damage");
  e.shear_strength = e.normal_strength;
  s.number("shear_strength_MPa", e.shear_strength, megapascal, above(0), "traction at which sliding starts to damage", "normal_strength_MPa");
  s.number("toughness_I_J_per_m2", e.toughness_I, joule_per_square_metre, above(0), "work of separation in opening");
  e.toughness_II = e.toughness_I;
  s.number("toughness_II_J_per_m2", e.toughness_II, joule_per_square_metre, above(0), "work of separation in sliding", "toughness_I_J_per_m2");
  s.number("mode_mixing_exponent", e.mode_mixing_exponent, one, above(0), "of Benzeggagh and Kenane");
  s.number("friction_coefficient", e.friction_coefficient, one, at_least(0), "Coulomb, of the damaged part of a closed face");
  s.number("viscosity_s", e.viscosity, second, at_least(0), "relaxation time of damage, 0: none");
  s.choice("normals", e.normals, {{"smoothed", mesh::NormalMode::smoothed}, {"voxel", mesh::NormalMode::voxel}}, "smoothed, or raw face normals and areas (for verification)");
  s.number("ionic_resistance_Ohm_m2", e.ionic_resistance, ohm_square_metre, at_least(0), "of the intact face");
  s.number("electronic_resistance_Ohm_m2", e.electronic_resistance, ohm_square_metre, at_least(0), "of the intact face");
  s.number("recontact", e.recontact, one, within(0, 1), "share of the conductance that a face gets back when it closes again");
  s.number("contact_gap_m", e.contact_gap, metre, above(0), "opened part (damage x normal opening) where conduction starts to fail; gone at twice this");
  for (const char* key : {"fatigue_length_m", "fatigue_threshold"}) s.not_yet(key, "fatigue");
  for (const char* key : {"film_resistance_Ohm_m2", "lithium_resistance_s_per_m"}) s.not_yet(key, "lithium that moves");
  s.finish();
}

void boundary_rows(Section& s, Boundary& b) {
  s.choice("in_plane", b.in_plane, {{"mirror", InPlane::mirror}, {"periodic", InPlane::periodic}, {"free", InPlane::free}},
           "sides: mirror planes, periodic (zero mean in-plane strain), or free; properties with periodic are so along z too");
  s.choice("stack", b.stack, {{"pressure", Stack::pressure}, {"gap", Stack::gap}, {"spring", Stack::spring}},
           "top plate: constant pressure, or after pressure_MPa a fixed gap, or a frame with spring_MPa_per_um");
  pressure_row(s, b);
  s.number("spring_MPa_per_um", b.spring_stiffness, megapascal_per_micrometre, at_least(0), "stiffness of the cell frame, for stack = \"spring\"");
  if (b.stack == Stack::spring && !(b.spring_stiffness > 0) && !s.documenting())
    s.fail("spring_MPa_per_um", "must be > 0 with stack = \"spring\": the stiffness of the cell frame; a frame without stiffness is stack = \"pressure\".");
  s.finish();
}

void lithium_rows(Section& s, Lithium& l) {
  const Node* mode = s.value("mode", "choice", "", "\"prescribed\"", "prescribed", "how lithium moves; only prescribed in this version");
  if (mode && mode->text != "prescribed") {
    if (mode->text == "diffusion" || mode->text == "electrochemical")
      s.fail(*mode, "mode", "is unknown in this version of voxode, which does not have lithium that moves by itself yet; use \"prescribed\".");
    s.fail(*mode, "mode", "must be \"prescribed\".");
  }
  s.write("mode", "\"prescribed\"");
  s.number("discharged", l.discharged, one, at_least(0), "lithium content where strain is zero and cycling starts");
  s.number("charged", l.charged, one, at_least(0), "lithium content at the end of charge");
  s.finish();
}

void cycling_rows(Section& s, Cycling& c) {
  s.integer("cycles", c.cycles, 0, std::numeric_limits<int>::max(), "number of charges and discharges, 0: only the pristine state");
  s.integer("steps_per_half_cycle", c.steps_per_half_cycle, 1, 1000000, "equal steps of lithium content");
  s.number("press_MPa", c.press, megapascal, at_least(0), "fabrication press and release before the first cycle, 0: none");
  s.number("half_cycle_time_s", c.half_cycle_time, second, above(0), "shared evenly by the steps, for viscosity");
  for (const char* key : {"cycle_jump", "cycle_jump_tolerance"}) s.not_yet(key, "cycle jumps");
  s.finish();
}

void effective_rows(Section& s, Effective& e) {
  s.choice("every", e.every, {{"step", Every::step}, {"half-cycle", Every::half_cycle}, {"cycle", Every::cycle}}, "when conductivities are computed");
  s.boolean("ionic", e.ionic, "ionic conductivity");
  s.boolean("electronic", e.electronic, "electronic conductivity");
  s.boolean("tensor", e.tensor, "all nine components instead of through-plane");
  s.boolean("stiffness", e.stiffness, "6 x 6, GPa; with job = \"properties\" and periodic sides");
  s.boolean("swelling", e.swelling, "effective stress-free strain at `charged` relative to `discharged`; with job = \"properties\" and periodic sides");
  s.finish();
}

void field_arrays_row(Section& s, std::vector<std::string>& arrays) {
  const auto joined = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + toml_text(name);
    return text;
  };
  const std::vector<std::string>& known = known_field_arrays();
  const Node* node = s.value("field_arrays", "names", "", ("[" + joined(default_field_arrays()) + "]").c_str(), joined(known).c_str(), "what fields hold of each voxel; potentials only where conduction was solved");
  if (node) {
    if (node->kind != Node::Kind::array) s.fail(*node, "field_arrays", "must be a list of " + joined(known) + ".");
    arrays.clear();
    for (const Node& item : node->items) {
      if (item.kind != Node::Kind::text || std::find(known.begin(), known.end(), item.text) == known.end()) s.fail(item, "field_arrays", "must be one of " + joined(known) + ".");
      arrays.push_back(item.text);
    }
  }
  s.write("field_arrays", "[" + joined(arrays) + "]", "[]");
}

void output_rows(Section& s, OutputSettings& o) {
  const Node* folder = s.value("folder", "path", "", "\"out\"", "", "where results go, relative to the working directory");
  if (folder) {
    if (folder->kind != Node::Kind::text || folder->text.empty()) s.fail(*folder, "folder", "must be a path in quotes.");
    o.folder = folder->text;
  }
  s.write("folder", toml_text(o.folder.string()), "\"\"");
  using Fields = OutputSettings::Fields;
  s.choice("fields", o.fields, {{"none", Fields::none}, {"half-cycle", Fields::half_cycle}, {"step", Fields::step}}, "when fields and cracks are written for ParaView");
  field_arrays_row(s, o.field_arrays);
  s.choice("voids", o.voids, {{"none", Fields::none}, {"half-cycle", Fields::half_cycle}, {"step", Fields::step}}, "when pores and open gaps are written as sparse OpenVDB grids");
  s.choice("checkpoints", o.checkpoints, {{"none", Fields::none}, {"half-cycle", Fields::half_cycle}, {"step", Fields::step}}, "when all is saved that `voxode run --resume` needs to go on; the last two are kept");
  if (const Node* report = s.value("report", "boolean", "", "true", "true | false", "whether a run ends with its page, report.html; `voxode report` makes it later")) {
    if (report->kind != Node::Kind::boolean) s.fail(*report, "report", "must be true or false, without quotes.");
    o.report = report->boolean;
  }
  s.write("report", o.report ? "true" : "false", "\"\"");  // decides no result
  s.finish();
}

void solver_rows(Section& s, Solver& v) {
  s.number("tolerance", v.tolerance, one, {0, 0.1, true, false}, "relative residual, of every linear and nonlinear solve");
  s.choice("precision", v.precision, {{"mixed", Precision::mixed}, {"double", Precision::double_precision}}, "of the preconditioner; displacements and history are always double");
  s.choice("preconditioner", v.preconditioner, {{"multigrid", Preconditioner::multigrid}, {"jacobi", Preconditioner::jacobi}}, "jacobi is the plain baseline for benchmarks");
  s.finish();
}

}  // namespace voxode::io
