#include "io/config_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "kernels/error.hpp"

namespace voxode::io {
namespace {

constexpr std::array<double, 13> powers_of_ten{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

std::string join(const std::vector<std::string>& names, const char* between) {
  std::string result;
  for (const std::string& name : names) result += (result.empty() ? "" : between) + name;
  return result;
}

const char* kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::table: return "a table";
    case Node::Kind::array: return "an array";
    case Node::Kind::text: return "a text";
    case Node::Kind::integer: return "an integer";
    case Node::Kind::number: return "a number";
    case Node::Kind::boolean: return "true or false";
    case Node::Kind::other: return "a date or time";
  }
  return "";
}

}  // namespace

double to_si(double value, const Unit& unit) {  // one rounding: powers of ten up to 22 are exact
  return unit.power >= 0 ? value * powers_of_ten[std::size_t(unit.power)] : value / powers_of_ten[std::size_t(-unit.power)];
}

std::string written(double si, const Unit& unit) {
  if (unit.power == 0) return fmt::format("{}", si);
  const double value = to_si(si, {"", -unit.power});
  double below = value, above = value;
  for (int step = 0; step < 4; ++step) {
    for (const double candidate : {below, above})
      for (int digits = 1; digits <= 17; ++digits) {
        const double rounded = std::strtod(fmt::format("{:.{}g}", candidate, digits).c_str(), nullptr);
        if (to_si(rounded, unit) == si) return fmt::format("{}", rounded);
      }
    below = std::nextafter(below, -INFINITY);
    above = std::nextafter(above, INFINITY);
  }
  return fmt::format("{:.17g}", value);
}

bool Range::holds(double value) const {
  return std::isfinite(value) && (open_low ? value > lowest : value >= lowest) && (open_high ? value < highest : value <= highest);
}

std::string Range::text() const {
  if (std::isinf(lowest) && std::isinf(highest)) return "";
  if (std::isinf(highest)) return fmt::format("{} {}", open_low ? ">" : ">=", lowest);
  return fmt::format("{}{}, {}{}", open_low ? "(" : "[", lowest, highest, open_high ? ")" : "]");
}

Section::Section(const Node* node, Place place, std::string path, ResolvedText* out) : node_(node), place_(std::move(place)), path_(std::move(path)), out_(out) {
  if (node_ && node_->kind != Node::Kind::table)
    throw ConfigError(fmt::format("{}: {} = {} must be a table (section [{}]), not {}.", node_->place.text(), path_, node_->rendered(), path_, kind_name(*node_)));
}
Section::Section(std::string path, std::vector<KeyRecord>* records) : path_(std::move(path)), records_(records) {}

void Section::fail(const Node& at, const std::string& key, const std::string& message) const {
  throw ConfigError(fmt::format("{}: {} = {} {}", at.place.text(), full(key), at.rendered(), message));
}

void Section::fail(const std::string& key, const std::string& message) const {
  if (node_)
    if (const Node::Entry* entry = node_->find(key)) {
      const Node* value = unwrap(key.c_str(), entry->value);
      fail(*value, key, message);
    }
  throw ConfigError(fmt::format("{}: {} {}", place_.text(), full(key), message));
}

const Node* Section::unwrap(const char* key, const Node& node) const {
  if (!with_sources_ || node.kind != Node::Kind::table) return &node;
  for (const Node::Entry& entry : node.entries) {
    if (entry.key == "value" || entry.key == "source" || entry.key == "mark" || entry.key == "range") continue;
    throw ConfigError(fmt::format("{}: {}.{} is not known; a value is written plainly or as {{ value = ..., source = \"...\", mark = \"...\", range = [lowest, highest] }}.",
                                  entry.place.text(), full(key), entry.key));
  }
  const Node::Entry* value = node.find("value");
  if (!value) throw ConfigError(fmt::format("{}: {} has no value; write {} = {{ value = ..., source = \"...\" }}.", node.place.text(), full(key), key));
  if (const Node::Entry* mark = node.find("mark")) {
    const std::vector<std::string> marks{"seen", "recall", "derived", "sweep"};
    if (mark->value.kind != Node::Kind::text || std::find(marks.begin(), marks.end(), mark->value.text) == marks.end())
      throw ConfigError(fmt::format("{}: {}.mark = {} must be one of {}.", mark->value.place.text(), full(key), mark->value.rendered(), join(marks, ", ")));
  }
  return &value->value;
}

const Node* Section::row(const char* key, const char* type, const char* unit, const std::string& standard, const std::string& range, const char* sentence) {
  known_.emplace_back(key);
  if (records_) records_->push_back({full(key), type, unit, standard, range, sentence});
  const Node::Entry* entry = node_ ? node_->find(key) : nullptr;
  if (!entry && standard == "required") missing_.push_back(fmt::format("{} is missing: {} ({}{}{}).", full(key), sentence, type, *unit ? ", in " : "", unit));
  return entry ? unwrap(key, entry->value) : nullptr;
}

const Node::Entry* Section::table(const char* key) {
  known_.emplace_back(key);
  return node_ ? node_->find(key) : nullptr;
}

const Node* Section::value(const char* key, const char* type, const char* unit, const char* standard, const char* range, const char* sentence) {
  return row(key, type, unit, standard, range, sentence);
}

void Section::write(const std::string& key, const std::string& value, const std::string& hashed) {
  if (!out_) return;
  std::string text = value;
  const Node::Entry* entry = with_sources_ && node_ ? node_->find(key) : nullptr;
  if (entry && entry->value.kind == Node::Kind::table) {
    text = "{ value = " + value;
    for (const char* part : {"source", "mark"})
      if (const Node::Entry* more = entry->value.find(part); more && more->value.kind == Node::Kind::text) text += fmt::format(", {} = {}", part, toml_text(more->value.text));
    text += " }";
  }
  out_->full += fmt::format("{} = {}\n", toml_key(key), text);
  out_->hashed += fmt::format("{} = {}\n", toml_key(key), hashed);
}
void Section::write(const std::string& key, const std::string& value) { write(key, value, value); }

bool Section::number(const char* key, double& member, const Unit& unit, const Range& range, const char* sentence, const char* standard) {
  const Node* node = row(key, "number", unit.name, standard ? standard : written(member, unit), range.text(), sentence);
  if (node) {
    if (!node->is_number()) fail(*node, key, fmt::format("must be a number{}{}, not {}: {}.", *unit.name ? " in " : "", unit.name, kind_name(*node), sentence));
    if (!range.holds(node->number))
      fail(*node, key, fmt::format("must {}{}{}{}: {}. Choose a value there.", range.text().empty() ? "be a finite number" : range.text()[0] == '>' ? "be " : "lie in ",
                                   range.text(), *unit.name && !range.text().empty() ? " " : "", range.text().empty() ? "" : unit.name, sentence));
    member = to_si(node->number, unit);
  }
  if (node || !only_given_) write(key, written(member, unit));
  return node != nullptr;
}

bool Section::integer(const char* key, std::int64_t& member, std::int64_t lowest, std::int64_t highest, const char* sentence, const char* standard) {
  const bool no_end = highest == std::numeric_limits<std::int64_t>::max() || highest == std::numeric_limits<int>::max();
  const std::string range = no_end ? fmt::format(">= {}", lowest) : fmt::format("[{}, {}]", lowest, highest);
  const Node* node = row(key, "integer", "", standard ? standard : fmt::format("{}", member), range, sentence);
  if (node) {
    if (node->kind != Node::Kind::integer) fail(*node, key, fmt::format("must be an integer, not {}: {}.", kind_name(*node), sentence));
    if (node->integer < lowest || node->integer > highest)
      fail(*node, key, fmt::format("must {} {}: {}. Choose a value there.", no_end ? "be" : "lie in", range, sentence));
    member = node->integer;
  }
  if (node || !only_given_) write(key, fmt::format("{}", member));
  return node != nullptr;
}

bool Section::integer(const char* key, int& member, int lowest, int highest, const char* sentence, const char* standard) {
  std::int64_t wide = member;
  const bool is_given = integer(key, wide, std::int64_t(lowest), std::int64_t(highest), sentence, standard);
  member = int(wide);
  return is_given;
}

bool Section::boolean(const char* key, bool& member, const char* sentence, const char* standard) {
  const Node* node = row(key, "boolean", "", standard ? standard : member ? "true" : "false", "true | false", sentence);
  if (node) {
    if (node->kind != Node::Kind::boolean) fail(*node, key, fmt::format("must be true or false, without quotes: {}.", sentence));
    member = node->boolean;
  }
  write(key, member ? "true" : "false");
  return node != nullptr;
}

bool Section::text(const char* key, std::string& member, const char* sentence, const char* standard) {
  const Node* node = row(key, "text", "", standard ? standard : toml_text(member), "", sentence);
  if (node) {
    if (node->kind != Node::Kind::text) fail(*node, key, fmt::format("must be a text in quotes, not {}: {}.", kind_name(*node), sentence));
    member = node->text;
  }
  if (node || !only_given_) write(key, toml_text(member));
  return node != nullptr;
}

bool Section::input_path(const char* key, std::string& member, const std::filesystem::path& folder, const char* sentence, const char* standard) {
  const Node* node = row(key, "path", "", standard ? standard : "none", "", sentence);
  if (node) {
    if (node->kind != Node::Kind::text || node->text.empty()) fail(*node, key, fmt::format("must be a path in quotes: {}.", sentence));
    member = std::filesystem::absolute(folder / node->text).lexically_normal().string();
    std::filesystem::path last(node->text);
    if (last.filename().empty()) last = last.parent_path();
    write(key, toml_text(member), toml_text(last.filename().string()));
  }
  return node != nullptr;
}

bool Section::choose(const char* key, std::size_t& at, const std::vector<std::string>& names, const char* sentence, const char* standard) {
  const Node* node = row(key, "choice", "", standard ? standard : toml_text(names[at]), join(names, " | "), sentence);
  if (node) {
    const auto found = node->kind == Node::Kind::text ? std::find(names.begin(), names.end(), node->text) : names.end();
    if (found == names.end()) {
      const std::string near = node->kind == Node::Kind::text ? nearest(node->text, names) : "";
      fail(*node, key, fmt::format("must be one of \"{}\": {}.{}", join(names, "\", \""), sentence, near.empty() ? "" : " Did you mean \"" + near + "\"?"));
    }
    at = std::size_t(found - names.begin());
  }
  if (node || !only_given_) write(key, toml_text(names[at]));
  return node != nullptr;
}

void Section::not_yet(const char* key, const char* what) { later_.emplace_back(key, what); }

void Section::finish() {
  if (node_)
    for (const Node::Entry& entry : node_->entries) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      const std::string place = entry.place.text(), name = full(entry.key);
      for (const auto& [key, what] : later_)
        if (key == entry.key) throw ConfigError(fmt::format("{}: {} is unknown in this version of voxode, which does not have {} yet. Remove it.", place, name, what));
      const std::string near = nearest(entry.key, known_);
      const std::string where = path_.empty() ? "a config" : path_;
      throw ConfigError(near.empty() ? fmt::format("{}: {} is unknown; {} has the keys {}.", place, name, where, join(known_, ", "))
                                     : fmt::format("{}: {} is unknown; did you mean {}? (`voxode schema` lists all keys.)", place, name, near));
    }
  if (!missing_.empty() && !records_) throw ConfigError(fmt::format("{}: {}", place_.text(), missing_.front()));
}

}  // namespace voxode::io
