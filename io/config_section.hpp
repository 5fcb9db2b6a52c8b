#pragma once
// A section of the config as rows "key, member, unit, range, sentence". The same rows read and validate a table of the file, write the
// resolved file, or list themselves for the reference.
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "io/toml_node.hpp"

namespace voxode::io {

/// Unit of a key: SI value = written value x 10^power.
struct Unit {
  const char* name = "";
  int power = 0;
};
double to_si(double value, const Unit& unit);
/// The shortest decimal that reads back, through `unit`, to the same SI value.
std::string written(double si, const Unit& unit = {});

/// Range of a number in the key's own unit.
struct Range {
  double lowest = -std::numeric_limits<double>::infinity(), highest = std::numeric_limits<double>::infinity();
  bool open_low = false, open_high = false;
  bool holds(double value) const;
  std::string text() const;  ///< "[0, 1)", "> 0", empty: any finite number
};
inline Range any_number() { return {}; }
inline Range above(double low) { return {low, std::numeric_limits<double>::infinity(), true, true}; }
inline Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), false, true}; }
inline Range within(double low, double high) { return {low, high, false, false}; }
inline Range inside(double low, double high) { return {low, high, true, true}; }

/// A row of the reference.
struct KeyRecord {
  std::string key, type, unit, standard, range, sentence;
};

/// The resolved file as it grows, and what of it counts for the hash.
struct ResolvedText {
  std::string full, hashed;
};

class Section {
 public:
  /// Reads `node` (null: the section is left out, all defaults) and appends to `out`.
  Section(const Node* node, Place place, std::string path, ResolvedText* out);
  /// Lists the rows only.
  Section(std::string path, std::vector<KeyRecord>* records);
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  /// In a material every value may also be { value, source, mark, range }.
  void allow_sources() { with_sources_ = true; }
  /// From here on, keys that are left out are (not) written to the resolved file.
  void write_only_given(bool only) { only_given_ = only; }
  bool documenting() const { return records_ != nullptr; }
  bool given(const std::string& key) const { return node_ && node_->find(key); }
  const std::string& path() const { return path_; }

  // One row each; `standard` replaces the member's value as the default in the reference, "required" makes the key so. Each reads
  // into the member if the key is there, and says whether it is.
  bool number(const char* key, double& member, const Unit& unit, const Range& range, const char* sentence, const char* standard = nullptr);
  bool integer(const char* key, std::int64_t& member, std::int64_t lowest, std::int64_t highest, const char* sentence, const char* standard = nullptr);
  bool integer(const char* key, int& member, int lowest, int highest, const char* sentence, const char* standard = nullptr);
  bool boolean(const char* key, bool& member, const char* sentence, const char* standard = nullptr);
  bool text(const char* key, std::string& member, const char* sentence, const char* standard = nullptr);
  /// A path of an input file: made absolute from `folder`; only its last part counts for the hash. An empty one is not written.
  bool input_path(const char* key, std::string& member, const std::filesystem::path& folder, const char* sentence, const char* standard = nullptr);
  template <class E>
  bool choice(const char* key, E& member, const std::vector<std::pair<const char*, E>>& choices, const char* sentence, const char* standard = nullptr) {
    std::vector<std::string> names;
    std::size_t at = 0;
    for (const auto& [name, value] : choices) {
      if (value == member) at = names.size();
      names.emplace_back(name);
    }
    const bool is_given = choose(key, at, names, sentence, standard);
    member = choices[at].second;
    return is_given;
  }

  /// A table, or array of tables, with rows of its own: known here, no row. Null if it is left out.
  const Node::Entry* table(const char* key);
  /// A row of its own form: the value (without source) if the key is there. The caller reads it, and writes it with `write`.
  const Node* value(const char* key, const char* type, const char* unit, const char* standard, const char* range, const char* sentence);
  void write(const std::string& key, const std::string& toml_value);
  void write(const std::string& key, const std::string& toml_value, const std::string& hashed_value);

  /// A key of a later version: an error that says so.
  void not_yet(const char* key, const char* what);
  /// Throws for keys that no row knows (with the nearest that one does), then for required ones that are missing.
  void finish();

  /// Throws ConfigError "PLACE: path.key = value message", at the key's value if it is there, else at the section.
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;
  [[noreturn]] void fail(const Node& at, const std::string& key, const std::string& message) const;

 private:
  const Node* row(const char* key, const char* type, const char* unit, const std::string& standard, const std::string& range, const char* sentence);
  bool choose(const char* key, std::size_t& at, const std::vector<std::string>& names, const char* sentence, const char* standard);
  const Node* unwrap(const char* key, const Node& node) const;
  std::string full(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

  const Node* node_ = nullptr;
  Place place_;
  std::string path_;
  ResolvedText* out_ = nullptr;
  std::vector<KeyRecord>* records_ = nullptr;
  bool with_sources_ = false, only_given_ = false;
  std::vector<std::string> known_, missing_;
  std::vector<std::pair<std::string, std::string>> later_;
};

}  // namespace voxode::io
