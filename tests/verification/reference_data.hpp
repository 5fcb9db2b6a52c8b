#pragma once
// Reference numbers from tests/data/*.json; an entry without a source is refused.
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace voxode::test {

/// `parsed`, checked to name its source.
inline nlohmann::json with_source(const nlohmann::json& file, const std::string& entry) {
  if (!file.contains(entry)) throw std::runtime_error("reference data: there is no entry " + entry);
  const nlohmann::json& data = file.at(entry);
  if (!data.contains("source") || !data.at("source").is_string() || data.at("source").get<std::string>().size() < 10)
    throw std::runtime_error("reference data: entry " + entry + " names no source; say where its numbers come from");
  return data;
}

/// Entry of tests/data/FILE.
inline nlohmann::json reference(const std::string& file, const std::string& entry) {
  std::ifstream stream(std::string(VOXODE_SOURCE_DIR) + "/tests/data/" + file);
  if (!stream) throw std::runtime_error("reference data: cannot read tests/data/" + file);
  return with_source(nlohmann::json::parse(stream), entry);
}

}  // namespace voxode::test
