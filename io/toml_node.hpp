#pragma once
// A TOML document as a tree in the order of the file, every key and value with its place; overrides from the command line are laid over it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace voxode::io {

/// Where something stands: file, line and column from 1, or (line 0) an override.
struct Place {
  std::shared_ptr<const std::string> file;
  int line = 0, column = 0;
  std::string text() const;  ///< "cathode.toml:14:23"
};

struct Node {
  enum class Kind { table, array, text, integer, number, boolean, other };
  struct Entry;
  Kind kind = Kind::table;
  Place place;
  std::string text;
  std::int64_t integer = 0;
  double number = 0;  ///< also of an integer
  bool boolean = false;
  std::vector<Entry> entries;  ///< of a table, in file order
  std::vector<Node> items;     ///< of an array

  bool is_number() const { return kind == Kind::number || kind == Kind::integer; }
  const Entry* find(const std::string& key) const;
  Entry* find(const std::string& key);
  /// As one would write it, cut after about 60 characters.
  std::string rendered() const;
};

struct Node::Entry {
  std::string key;
  Place place;
  Node value;
};

/// Reads a TOML file; messages name it `shown`. Throws ConfigError: cannot be read, or no TOML (with line and column).
Node read_toml(const std::filesystem::path& file, const std::string& shown);

/// Parses one TOML text, for shipped data and tests. Throws ConfigError.
Node parse_toml(const std::string& document, const std::string& shown);

/// Lays "a.b=v" or "a[0].b=v" over the tree; v is TOML, or else text. A `material` given by name becomes a table with that `base`. Throws ConfigError.
void apply_override(Node& root, const std::string& assignment);

/// A key as TOML writes it: bare, or quoted; and a text in quotes.
std::string toml_key(const std::string& key);
std::string toml_text(const std::string& text);

/// The part of the tree at "a.b[0].c", or the nearest part around it that exists; `found` says whether it is the thing itself.
struct Located {
  const Node* node;
  Place place;
  bool found;
};
Located locate(const Node& root, const std::string& path);

/// Throws ConfigError "PLACE: path = value message"; where the key is left out, `value_taken` is the value and the place is that of the section.
[[noreturn]] void fail_at(const Node& root, const std::string& path, const std::string& message, const std::string& value_taken = "");

/// The one of `names` that is most like `word` (edit distance, a shared start counts), empty if none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& names);

}  // namespace voxode::io
