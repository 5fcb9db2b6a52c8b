#include "io/toml_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>
#include <toml++/toml.h>

#include "kernels/error.hpp"

namespace voxode::io {
namespace {

using File = std::shared_ptr<const std::string>;

Place place_of(const toml::source_region& region, const File& file) { return {file, int(region.begin.line), int(region.begin.column)}; }

Node convert(const toml::node& source, const File& file) {
  Node node;
  node.place = place_of(source.source(), file);
  if (const auto* table = source.as_table()) {
    for (const auto& [key, value] : *table) node.entries.push_back({std::string(key.str()), place_of(key.source(), file), convert(value, file)});
    std::stable_sort(node.entries.begin(), node.entries.end(), [](const Node::Entry& a, const Node::Entry& b) {
      return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
  } else if (const auto* array = source.as_array()) {
    node.kind = Node::Kind::array;
    for (const toml::node& item : *array) node.items.push_back(convert(item, file));
  } else if (const auto* text = source.as_string()) {
    node.kind = Node::Kind::text;
    node.text = text->get();
  } else if (const auto* integer = source.as_integer()) {
    node.kind = Node::Kind::integer;
    node.integer = integer->get();
    node.number = double(node.integer);
  } else if (const auto* number = source.as_floating_point()) {
    node.kind = Node::Kind::number;
    node.number = number->get();
  } else if (const auto* boolean = source.as_boolean()) {
    node.kind = Node::Kind::boolean;
    node.boolean = boolean->get();
  } else {
    node.kind = Node::Kind::other;
  }
  return node;
}

void set_place(Node& node, const Place& place) {
  node.place = place;
  for (Node& item : node.items) set_place(item, place);
  for (Node::Entry& entry : node.entries) {
    entry.place = place;
    set_place(entry.value, place);
  }
}

/// One step of a path: a key, or an index into an array.
struct Step {
  std::string key;
  int index = -1;
};

/// "a.b[0].\"c d\"" in steps; empty if it is not a path.
std::vector<Step> split_path(const std::string& path) {
  std::vector<Step> steps;
  std::size_t at = 0;
  const auto is_bare = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
  while (at < path.size()) {
    if (path[at] == '[') {
      const std::size_t end = path.find(']', at);
      if (end == std::string::npos || end == at + 1 || end - at > 8) return {};
      for (std::size_t c = at + 1; c < end; ++c)
        if (!std::isdigit(static_cast<unsigned char>(path[c]))) return {};
      steps.push_back({"", std::stoi(path.substr(at + 1, end - at - 1))});
      at = end + 1;
      continue;
    }
    if (!steps.empty() && path[at++] != '.') return {};
    const std::size_t start = at;
    if (at < path.size() && path[at] == '"') {
      const std::size_t end = path.find('"', at + 1);
      if (end == std::string::npos) return {};
      steps.push_back({path.substr(at + 1, end - at - 1)});
      at = end + 1;
    } else {
      while (at < path.size() && is_bare(path[at])) ++at;
      if (at == start) return {};
      steps.push_back({path.substr(start, at - start)});
    }
  }
  return steps;
}

/// The value of an override: TOML, or else the text itself.
Node override_value(const std::string& value, const Place& place) {
  Node node;
  try {
    const toml::table table = toml::parse("value = " + value);
    if (table.size() != 1) throw ConfigError("not one value");
    node = convert(*table.get("value"), place.file);
  } catch (const std::exception&) {
    node = Node{};
    node.kind = Node::Kind::text;
    node.text = value;
  }
  set_place(node, place);
  return node;
}

[[noreturn]] void throw_parse_error(const toml::parse_error& error, const std::string& shown) {
  throw ConfigError(fmt::format("{}:{}:{}: not TOML: {}. Correct the file at that place (texts stand in quotes, every key once, https://toml.io).", shown,
                                error.source().begin.line, error.source().begin.column, error.description()));
}

}  // namespace

std::string Place::text() const {
  const std::string name = file ? *file : std::string("config");
  return line > 0 ? fmt::format("{}:{}:{}", name, line, column) : name;
}

const Node::Entry* Node::find(const std::string& key) const {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return at == entries.end() ? nullptr : &*at;
}
Node::Entry* Node::find(const std::string& key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }

std::string Node::rendered() const {
  std::string result;
  switch (kind) {
    case Kind::text: result = toml_text(text); break;
    case Kind::integer: result = fmt::format("{}", integer); break;
    case Kind::number: result = fmt::format("{}", number); break;
    case Kind::boolean: result = boolean ? "true" : "false"; break;
    case Kind::other: result = "a date or time"; break;
    case Kind::array:
      for (const Node& item : items) result += (result.empty() ? "" : ", ") + item.rendered();
      result = "[" + result + "]";
      break;
    case Kind::table:
      for (const Entry& entry : entries) result += (result.empty() ? "" : ", ") + toml_key(entry.key) + " = " + entry.value.rendered();
      result = "{ " + result + " }";
  }
  if (result.size() <= 60) return result;
  std::size_t cut = 56;
  while (cut > 0 && (static_cast<unsigned char>(result[cut]) & 0xC0) == 0x80) --cut;  // not inside a UTF-8 character
  return result.substr(0, cut) + " ...";
}

Node parse_toml(const std::string& document, const std::string& shown) {
  try {
    return convert(toml::parse(document, shown), std::make_shared<const std::string>(shown));
  } catch (const toml::parse_error& error) {
    throw_parse_error(error, shown);
  }
}

Node read_toml(const std::filesystem::path& file, const std::string& shown) {
  std::error_code code;
  if (std::filesystem::is_directory(file, code)) throw ConfigError(fmt::format("{} is a folder; name the .toml file inside.", shown));
  std::ifstream in(file, std::ios::binary);
  if (!in) throw ConfigError(fmt::format("{} cannot be read; check the path and its permissions.", shown));
  std::ostringstream content;
  content << in.rdbuf();
  return parse_toml(content.str(), shown);
}

void apply_override(Node& root, const std::string& assignment) {
  const Place place{std::make_shared<const std::string>("--set " + assignment), 0, 0};
  const std::size_t equals = assignment.find('=');
  const std::vector<Step> steps = split_path(assignment.substr(0, equals));
  if (equals == std::string::npos || steps.empty() || steps.front().index >= 0)
    throw ConfigError(fmt::format("--set {}: must be key.path=value, like --set boundary.pressure_MPa=4 or --set interface[0].normal_strength_MPa=5.", assignment));
  Node* at = &root;
  std::string last, path;
  for (const Step& step : steps) {
    if (step.index >= 0) {
      if (at->kind == Node::Kind::table && at->entries.empty()) at->kind = Node::Kind::array;
      if (at->kind != Node::Kind::array || std::size_t(step.index) > at->items.size())
        throw ConfigError(fmt::format("--set {}: {} has {} entries, numbered from 0; there is no [{}].", assignment, path, at->items.size(), step.index));
      if (std::size_t(step.index) == at->items.size()) set_place(at->items.emplace_back(), place);
      at = &at->items[std::size_t(step.index)];
      path += fmt::format("[{}]", step.index);
      continue;
    }
    if (at->kind == Node::Kind::text && last == "material") {  // a shipped material with some values replaced
      Node base = *at;
      at->kind = Node::Kind::table;
      at->entries = {{"base", base.place, base}};
    }
    if (at->kind != Node::Kind::table) throw ConfigError(fmt::format("--set {}: {} = {} has no keys.", assignment, path, at->rendered()));
    Node::Entry* entry = at->find(step.key);
    if (!entry) {
      entry = &at->entries.emplace_back(Node::Entry{step.key, place, {}});
      entry->value.place = place;
    }
    if (&step == &steps.back()) entry->place = place;
    at = &entry->value;
    last = step.key;
    path += (path.empty() ? "" : ".") + step.key;
  }
  *at = override_value(assignment.substr(equals + 1), place);
}

std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string::npos;
  return bare ? key : toml_text(key);
}

std::string toml_text(const std::string& text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result + "\"";
}

Located locate(const Node& root, const std::string& path) {
  Located at{&root, root.place, true};
  for (const Step& step : split_path(path)) {
    if (step.index >= 0) {
      if (at.node->kind != Node::Kind::array || std::size_t(step.index) >= at.node->items.size()) return {at.node, at.place, false};
      at.node = &at.node->items[std::size_t(step.index)];
      at.place = at.node->place;
    } else {
      const Node::Entry* entry = at.node->find(step.key);
      if (!entry) return {at.node, at.place, false};
      at = {&entry->value, entry->value.kind == Node::Kind::table || entry->value.kind == Node::Kind::array ? entry->place : entry->value.place, true};
    }
  }
  return at;
}

void fail_at(const Node& root, const std::string& path, const std::string& message, const std::string& value_taken) {
  const Located at = locate(root, path);
  const Node& node = *at.node;
  const bool sections = node.kind == Node::Kind::table || (node.kind == Node::Kind::array && !node.items.empty() && node.items.front().kind == Node::Kind::table);
  std::string value = !at.found ? value_taken : sections ? "" : node.rendered();
  if (!value.empty()) value = " = " + value;
  throw ConfigError(fmt::format("{}: {}{} {}", at.place.text(), path, value, message));
}

std::string nearest(const std::string& word, const std::vector<std::string>& names) {
  const auto distance = [](const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= b.size(); ++j) {
        const std::size_t above = row[j];
        const bool same = std::tolower(static_cast<unsigned char>(a[i - 1])) == std::tolower(static_cast<unsigned char>(b[j - 1]));
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1)});
        diagonal = above;
      }
    }
    return row[b.size()];
  };
  std::string best;
  std::size_t best_distance = 1000;
  for (const std::string& name : names) {
    std::size_t d = distance(word, name);
    if (word.size() >= 4 && (name.rfind(word, 0) == 0 || word.rfind(name, 0) == 0)) d = 1;  // voxel_size for voxel_size_um
    if (d < best_distance && d <= std::max<std::size_t>(2, word.size() / 3)) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace voxode::io
