// The sections of report.html that are text and tables.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "io/material_library.hpp"
#include "io/report_page.hpp"
#include "io/report_picture.hpp"
#include "io/report_plots.hpp"
#include "io/report_slices.hpp"

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;

const json& at(const json& from, const char* key) {
  static const json null;
  return from.is_object() && from.contains(key) ? from[key] : null;
}

std::string number_text(double value, int digits = 4) {
  std::string text = fmt::format("{:.{}g}", value, digits);
  if (const std::size_t e = text.find("e+"); e != std::string::npos) text.erase(e + 1, 1);
  return text;
}

std::string change_text(double percent) { return std::abs(percent) < 0.0005 ? "0 %" : fmt::format("{:+.3g} %", percent); }

/// A value of the summary or config as people read it.
std::string text_of(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return number_text(value);
  return value.dump();
}

std::string text_of(const Node* node) {
  if (!node) return "";
  if (node->kind == Node::Kind::text) return node->text;
  if (node->kind == Node::Kind::number) return number_text(node->number, 6);
  const bool rows = node->kind == Node::Kind::array && !node->items.empty() && node->items[0].kind == Node::Kind::array;
  return rows && node->items.size() > 3 ? fmt::format("{} rows", node->items.size()) : node->rendered();
}

class HtmlTable {
 public:
  /// A heading that begins with '#' stands over numbers.
  HtmlTable(const std::string& caption, const std::vector<std::string>& headings) {
    html_ = fmt::format("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\n<table>\n<caption>{0}</caption>\n<thead><tr>", escaped(caption));
    for (const std::string& heading : headings) {
      numbers_.push_back(heading.starts_with('#'));
      html_ += fmt::format("<th scope=\"col\"{}>{}</th>", numbers_.back() ? " class=\"number\"" : "", escaped(heading.substr(numbers_.back() ? 1 : 0)));
    }
    html_ += "</tr></thead>\n<tbody>\n";
  }
  /// The first field names the row.
  void row(const std::vector<std::string>& fields) {
    html_ += "<tr>";
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (f == 0) html_ += fmt::format("<th scope=\"row\">{}</th>", escaped(fields[f]));
      else html_ += fmt::format("<td{}>{}</td>", numbers_.at(f) ? " class=\"number\"" : "", escaped(fields[f]));
    }
    html_ += "</tr>\n";
    ++n_rows_;
  }
  std::string html() const { return n_rows_ > 0 ? html_ + "</tbody>\n</table>\n</div>\n" : ""; }

 private:
  std::string html_;
  std::vector<bool> numbers_;
  int n_rows_ = 0;
};

class Definitions {
 public:
  void add(const std::string& term, const std::string& text) {
    if (!text.empty()) html_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(term), escaped(text));
  }
  std::string html() const { return html_.empty() ? "" : "<dl>\n" + html_ + "</dl>\n"; }

 private:
  std::string html_;
};

std::string list_of(const std::vector<std::string>& items, const char* kind) {
  std::string html;
  for (const std::string& item : items) html += fmt::format("<li>{}</li>\n", escaped(item));
  return html.empty() ? "" : fmt::format("<ul{}>\n{}</ul>\n", kind, html);
}

std::string seconds_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  const long minutes = std::lround(seconds / 60);
  return minutes < 120 ? fmt::format("{} min", minutes) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

/// "thickness_um" -> "Thickness / µm".
std::string key_title(const std::string& key) {
  ColumnTitle title = column_title(key);
  if (key == "E_GPa") title.title = "Young's modulus";
  if (key == "ionic_S_per_m" || key == "electronic_S_per_m") title.title += " conductivity";
  if (key == "open_area_fraction") title.title = "Open share of the interfaces";
  return title.unit.empty() ? title.title : fmt::format("{} / {}", title.title, title.unit);
}

std::string box_text(const ReportRun& run) {
  const json& n = at(at(run.summary, "image"), "voxels_xyz");
  const json& size = at(at(run.summary, "image"), "voxel_size_um");
  if (!n.is_array() || n.size() != 3 || !size.is_number()) return "";
  const double h = size;
  std::string voxels, lengths;
  for (const json& length : n) {
    if (!length.is_number()) return "";
    voxels += fmt::format("{}{}", voxels.empty() ? "" : " × ", length.dump());
    lengths += fmt::format("{}{:.4g}", lengths.empty() ? "" : " × ", double(length) * h);
  }
  return fmt::format("{} voxels (x, y, z) of {:.4g} µm: {} µm", voxels, h, lengths);
}

bool any_material_has(const ReportRun& run, const char* key) {
  const Node* phases = run.key("phase");
  if (!phases) return false;
  return std::any_of(phases->entries.begin(), phases->entries.end(), [&](const Node::Entry& phase) {
    const Node::Entry* material = phase.value.find("material");
    return material && material->value.find(key);
  });
}

}  // namespace

std::string status_section(const ReportRun& run) {
  const char* kind = "warn";
  std::string text;
  const std::string ended = text_of(at(run.summary, "ended"));
  const std::string done = fmt::format("{} cycles and {} load steps are done", text_of(at(run.summary, "cycles_done")), text_of(at(run.summary, "steps_done")));
  if (run.summary.is_null()) text = run.steps.rows.empty() ? "Not finished: the run is under way or was killed, and has no results yet" : fmt::format("Not finished: the run is under way or was killed after {}", row_label(run.steps, run.steps.rows.size() - 1, true));
  else if (run.properties || at(run.summary, "finished") == true) kind = "good", text = "Finished";
  else if (ended == "done") text = fmt::format("Stopped as asked: {}", done);
  else if (ended == "interrupted") text = fmt::format("Interrupted: {}", done);
  else kind = "bad", text = fmt::format("Ended by an error: {}. {}", done, ended);
  const std::string facts = box_text(run);
  return fmt::format("<p class=\"status {}\" id=\"status\">{}</p>\n", kind, escaped(text)) + (facts.empty() ? "" : fmt::format("<p class=\"facts\">{}</p>\n", escaped(facts)));
}

std::string glance_section(const ReportRun& run) {
  const ReportTable& t = run.cycles;
  if (t.rows.empty()) return run.properties ? "" : "<p class=\"note\">No half cycle is done yet.</p>\n";
  std::vector<std::size_t> rows{0};
  const auto add = [&](std::size_t r) {
    if (r < t.rows.size() && std::find(rows.begin(), rows.end(), r) == rows.end()) rows.push_back(r);
  };
  for (const std::size_t r : {std::size_t(1), std::size_t(2), t.rows.size() < 2 ? std::size_t(0) : t.rows.size() - 2, t.rows.size() - 1}) add(r);
  std::vector<std::string> headings{"quantity"};
  for (const std::size_t r : rows) headings.push_back("#" + row_label(t, r, false));
  const std::size_t last = rows.back();
  const bool compares = t.at(last, "state") == "discharged";
  if (compares) headings.emplace_back("#last to pristine");
  HtmlTable table("States of the run, from cycles.csv", headings);
  for (const char* name : {"void_fraction", "thickness_um", "stack_pressure_MPa", "open_area_fraction", "contact_area_fraction", "ionic_conductivity_S_per_m", "electronic_conductivity_S_per_m",
                           "ionic_tortuosity_factor", "electronic_tortuosity_factor", "isolated_active_fraction"}) {
    std::vector<std::string> fields{key_title(name)};
    double value = 0, first = 0;
    bool any = false;
    for (const std::size_t r : rows) {
      fields.push_back(read_field(t.at(r, name), value) ? number_text(value) : "");
      any = any || !fields.back().empty();
    }
    if (compares) fields.push_back(read_field(t.at(0, name), first) && read_field(t.at(last, name), value) && first != 0 ? change_text(100 * (value / first - 1)) : "");
    if (any) table.row(fields);
  }
  return table.html() + "<p class=\"note\">Empty: does not apply, or was not computed. A conductivity of 0: no path from plate to plate.</p>\n";
}

std::string properties_section(const ReportRun& run) {
  if (!run.properties || run.summary.is_null()) return "";
  HtmlTable table("Effective conduction along z", {"carrier", "#conductivity / S/m", "#relative", "#tortuosity factor"});
  for (const char* carrier : {"ionic", "electronic"})
    if (const json& c = at(run.summary, carrier); c.is_object()) table.row({carrier, text_of(at(c, "conductivity_S_per_m")), text_of(at(c, "relative")), text_of(at(c, "tortuosity_factor"))});
  HtmlTable phases("Phases", {"phase", "#share of the box", "#percolating"});
  for (const json& phase : at(run.summary, "phases")) phases.row({text_of(at(phase, "name")), text_of(at(phase, "fraction")), text_of(at(phase, "percolating"))});
  const std::vector<std::string> directions{"", "#xx", "#yy", "#zz", "#yz", "#xz", "#xy"};
  const auto row = [](const std::string& name, const json& values) {
    std::vector<std::string> fields{name};
    for (const json& value : values) fields.push_back(text_of(value));
    return fields;
  };
  HtmlTable stiffness("Stiffness / GPa, engineering shear", directions), swelling("Stress-free strain at `charged` relative to `discharged`, engineering shear", directions);
  if (const json& rows = at(run.summary, "stiffness_GPa"); rows.is_array() && rows.size() == 6)
    for (std::size_t i = 0; i < 6; ++i)
      if (rows[i].size() == 6) stiffness.row(row(directions[i + 1].substr(1), rows[i]));
  if (const json& strain = at(run.summary, "swelling"); strain.is_array() && strain.size() == 6) swelling.row(row("strain", strain));
  return table.html() + phases.html() + stiffness.html() + swelling.html();
}

std::string notes_section(const ReportRun& run) {
  std::vector<std::string> warnings = run.warnings, notes;
  if (const json& list = at(run.summary, "notes"); list.is_array())
    for (const json& note : list) {
      const std::string text = text_of(note);
      const bool warns = text.starts_with("no ") || text.find("warning") != std::string::npos;
      (warns ? warnings : notes).push_back(text);
    }
  return list_of(warnings, " class=\"warnings\"") + list_of(notes, "");
}

std::string cracks_section(const ReportFields& fields) {
  if (fields.slices.is_null()) return "";
  if (fields.cracks.empty()) return "<p class=\"note\">No face is open in the states of this page.</p>\n";
  std::string html = "<div class=\"cracks\">\n", gradient;
  for (const CrackPicture& picture : fields.cracks) {
    const std::string caption = fmt::format("{}: {} open or broken voxel faces, {:.4g} µm², opening up to {:.4g} nm", picture.state, picture.n_faces, picture.area * 1e12, picture.largest_opening * 1e9);
    html += fmt::format("<figure>\n<img alt=\"{0}\" src=\"data:image/png;base64,{1}\">\n<figcaption>{0}</figcaption>\n</figure>\n", escaped(caption), base64(picture.png));
  }
  for (int i = 0; i <= 10; ++i) {
    const auto c = sequential_colour(0.1 * i);
    gradient += fmt::format(", rgb({},{},{})", c[0], c[1], c[2]);
  }
  return html + fmt::format("</div>\n<div class=\"legend\"><div class=\"bar\" style=\"background:linear-gradient(to right{})\"></div><div class=\"ends\"><span>≤ 0</span><span>opening / nm</span><span>≥ {:.3g}</span></div></div>\n", gradient, fields.crack_scale * 1e9) +
         "<p class=\"note\">Faces that are open beyond the contact gap or whose separation is 0.99 or more, on the undeformed voxels; z, from current collector to separator, points up, x to the right and back, y to the left and back.</p>\n";
}

std::string setup_section(const ReportRun& run) {
  Definitions run_is;
  const auto key = [&](const char* path) { return text_of(run.key(path)); };
  run_is.add("Job", key("job"));
  run_is.add("Box", box_text(run));
  run_is.add("Image", key("image.file"));
  if (run.key("synthetic")) run_is.add("Image", fmt::format("synthetic, seed {}: active fraction {}, median diameter {} µm, pore fraction {}", key("seed"), key("synthetic.active_fraction"), key("synthetic.diameter_median_um"), key("synthetic.pore_fraction")));
  const auto spring = key("boundary.stack") == "spring" ? fmt::format(", frame of {} MPa/µm", key("boundary.spring_MPa_per_um")) : std::string();
  if (run.key("boundary")) run_is.add("Boundary", fmt::format("sides {}; top plate: {}, {} MPa{}", key("boundary.in_plane"), key("boundary.stack"), key("boundary.pressure_MPa"), spring));
  if (run.key("lithium")) run_is.add("Lithium content", fmt::format("{}, from {} (discharged) to {} (charged)", key("lithium.mode"), key("lithium.discharged"), key("lithium.charged")));
  if (!run.properties && run.key("cycling")) run_is.add("Cycling", fmt::format("{} cycle{}, load steps in a half cycle: {}, its time {} s", key("cycling.cycles"), key("cycling.cycles") == "1" ? "" : "s", key("cycling.steps_per_half_cycle"), key("cycling.half_cycle_time_s")));
  if (const json& unknowns = at(at(run.summary, "mesh"), "unknowns"); unknowns.is_number()) run_is.add("Mesh", fmt::format("{} unknowns, {} cohesive points", unknowns.dump(), text_of(at(at(run.summary, "mesh"), "cohesive_points"))));

  HtmlTable phases("Phases", {"phase", "role", "material", "#share of the box", "bodies", "#number of bodies", "#particle radius / µm"});
  if (const json& list = at(run.summary, "phases"); list.is_array() && !run.properties)
    for (const json& p : list) {
      const std::string name = text_of(at(p, "name"));
      phases.row({name, text_of(at(p, "role")), text_of(at(p, "material")), text_of(at(p, "volume_fraction")), key(("phase." + toml_key(name) + ".bodies").c_str()), text_of(at(p, "bodies")), text_of(at(p, "particle_radius_um"))});
    }
  HtmlTable results("Interfaces at the end", {"between", "where", "law", "#faces", "#area / µm²", "#open", "#broken", "#mean separation", "#mean damage"});
  if (const json& list = at(run.summary, "interfaces"); list.is_array())
    for (const json& i : list) {
      const json& between = at(i, "between");
      const json& area = at(i, "area_m2");
      results.row({between.is_array() && between.size() == 2 ? text_of(between[0]) + " - " + text_of(between[1]) : "", text_of(at(i, "where")), text_of(at(i, "law")), text_of(at(i, "faces")),
                   area.is_number() ? number_text(double(area) * 1e12) : "", text_of(at(i, "open_area_fraction")), text_of(at(i, "broken_area_fraction")), text_of(at(i, "mean_separation")), text_of(at(i, "mean_damage"))});
    }
  std::string laws;
  if (const Node* list = run.key("interface"); list && !list->items.empty()) {
    std::vector<std::string> headings{"key"}, keys;
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      headings.push_back(fmt::format("#entry {}", i));
      for (const Node::Entry& entry : list->items[i].entries)
        if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) keys.push_back(entry.key);
    }
    HtmlTable table("Laws of the interfaces; the first entry that matches a pair of phases holds", headings);
    for (const std::string& name : keys) {
      std::vector<std::string> fields{key_title(name)};
      for (const Node& item : list->items) {
        const Node::Entry* entry = item.find(name);
        const bool pair = entry && name == "between" && entry->value.items.size() == 2;
        fields.push_back(pair ? entry->value.items[0].text + " - " + entry->value.items[1].text : text_of(entry ? &entry->value : nullptr));
      }
      table.row(fields);
    }
    laws = table.html();
  }
  return run_is.html() + phases.html() + results.html() + laws;
}

std::string materials_section(const ReportRun& run) {
  const Node* phases = run.key("phase");
  std::string html;
  if (!phases) return html;
  for (const Node::Entry& phase : phases->entries) {
    const Node::Entry* material = phase.value.find("material");
    if (!material) continue;
    const auto text = [&](const char* name) { return material->value.find(name) ? material->value.find(name)->value.text : std::string(); };
    HtmlTable table(fmt::format("{}: {}{}", phase.key, text("name"), text("description").empty() ? "" : ", " + text("description")), {"property", "value", "source", "mark"});
    for (const Node::Entry& entry : material->value.entries) {
      if (entry.key == "name" || entry.key == "description" || entry.key == "source" || entry.key == "mark") continue;
      const Node& v = entry.value;
      const auto part = [&](const char* name) { return v.kind == Node::Kind::table && v.find(name) ? &v.find(name)->value : nullptr; };
      const Node* value = part("value");
      table.row({key_title(entry.key), text_of(value ? value : &v), part("source") ? text_of(part("source")) : text("source"), part("mark") ? text_of(part("mark")) : text("mark")});
    }
    html += table.html();
  }
  return html;
}

std::string assumptions_section(const ReportRun& run) {
  if (run.config_text.empty()) return "";
  const auto key = [&](const char* path) { return text_of(run.key(path)); };
  std::vector<std::string> list;
  const bool mechanics = !run.properties || key("effective.stiffness") == "true" || key("effective.swelling") == "true";
  if (mechanics) {
    list.emplace_back("Strains are small: equilibrium, volumes and faces refer to the undeformed voxels.");
    if (!any_material_has(run, "yield_MPa")) list.emplace_back("Materials are linear elastic: nothing yields or creeps, binder included.");
    list.emplace_back("Interfaces run along the faces of voxels between bodies; inside a body nothing cracks.");
    if (key("interface[0].normals") != "voxel") list.emplace_back("Normals and areas of interfaces are those of the smoothed surface, not of the staircase of voxel faces.");
  }
  if (!run.properties) {
    if (key("lithium.mode") == "prescribed") list.emplace_back("Lithium is prescribed: all active material has the same content at a time, without gradients and rates.");
    if (run.config_text.find("fatigue_length_m") == std::string::npos) list.emplace_back("No fatigue: repeated cycles change interfaces only through damage, slip and the largest opening.");
    list.emplace_back("The plates are smooth and flat, and carry no friction; the lower one stands still.");
    if (key("boundary.in_plane") == "mirror") list.emplace_back("The sides are planes of symmetry: the box keeps its width.");
    if (key("boundary.in_plane") == "periodic") list.emplace_back("The microstructure goes on periodically in the plane, with zero mean in-plane strain: the box keeps its width.");
    if (key("boundary.in_plane") == "free") list.emplace_back("No force acts on the sides.");
    list.emplace_back("When a brittle interface snaps, equilibrium is not unique: which face goes first may depend on the steps.");
  }
  list.emplace_back("Conduction is solved on the undeformed voxels; pores do not conduct, and a face conducts by its opened part.");
  return list_of(list, "");
}

std::string provenance_section(const ReportRun& run, const std::string& version) {
  const json& p = at(run.summary, "provenance");
  Definitions list;
  list.add("Version of voxode", text_of(at(p, "voxode_version")));
  if (text_of(at(p, "voxode_version")) != version) list.add("Version that made this page", version);
  list.add("Config", text_of(at(p, "config_file")));
  list.add("Hash of the resolved config", text_of(at(p, "config_hash")));
  list.add("Device", text_of(at(p, "device")));
  list.add("Kokkos", text_of(at(p, "kokkos")));
  if (const json& threads = at(p, "threads"); threads.is_number()) list.add("Threads asked for", threads == 0 ? "all cores" : threads.dump());
  if (const json& time = at(p, "wall_time_s"); time.is_number()) list.add("Wall time", seconds_text(time));
  if (const json& memory = at(p, "peak_memory_bytes"); memory.is_number()) list.add("Peak memory", fmt::format("{:.4g} MB", double(memory) / 1e6));
  list.add("Folder", std::filesystem::absolute(run.folder).lexically_normal().string());
  HtmlTable work("Parts of the work", {"part", "#time", "#count", "#iterations"});
  if (const json& parts = at(p, "work"); parts.is_object())
    for (const auto& [name, part] : parts.items())
      if (const json& time = at(part, "wall_time_s"); time.is_number()) work.row({name, seconds_text(time), text_of(at(part, "count")), text_of(at(part, "iterations"))});
  return list.html() + work.html();
}

}  // namespace voxode::io
