#pragma once
// An Archive in memory: saved into first, then loaded from.
#include <cstring>
#include <map>

#include "physics/archive.hpp"

namespace voxode::tests {

class MemoryArchive : public physics::Archive {
 public:
  bool loads_now = false;
  bool loads() const override { return loads_now; }
  void number(const std::string& name, double& value) override { block(name, Type::real, &value, 1); }
  void text(const std::string& name, std::string& value) override {
    value.resize(std::size_t(size(name, Index(value.size()))));
    block(name, Type::uint8, value.data(), Index(value.size()));
  }
  Index size(const std::string& name, Index now) override { return loads_now ? items_.at(name).n : now; }
  void block(const std::string& name, Type type, void* data, Index n) override {
    const std::size_t width = type == Type::uint8 ? 1 : type == Type::uint16 ? 2 : type == Type::real ? 8 : 4;
    if (!loads_now) items_[name] = {n, std::string(n > 0 ? static_cast<const char*>(data) : "", width * std::size_t(n))};
    else if (n > 0) std::memcpy(data, items_.at(name).bytes.data(), items_.at(name).bytes.size());
  }

 private:
  struct Item {
    Index n = 0;
    std::string bytes;
  };
  std::map<std::string, Item> items_;
};

}  // namespace voxode::tests
