#pragma once
// A state gone over item by item, to save it or to put back what was saved: one list of items for both. Who owns a state writes the list, io/ the file.
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/types.hpp"

namespace voxode::physics {

class Archive {
 public:
  enum class Type { uint8, uint16, int32, single, real };

  virtual ~Archive() = default;
  /// Whether items get the values that were saved, rather than being saved.
  virtual bool loads() const = 0;
  virtual void number(const std::string& name, double& value) = 0;
  virtual void text(const std::string& name, std::string& value) = 0;
  /// Entries of an array: those that were saved, or `now`.
  virtual Index size(const std::string& name, Index now) = 0;
  /// Host memory of `n` entries. Throws InputError where another number of them was saved.
  virtual void block(const std::string& name, Type type, void* data, Index n) = 0;

  template <class T>
  static constexpr Type type_of() {
    if constexpr (sizeof(T) == 1) return Type::uint8;
    else if constexpr (sizeof(T) == 2) return Type::uint16;
    else if constexpr (std::is_same_v<T, double>) return Type::real;
    else if constexpr (std::is_same_v<T, float>) return Type::single;
    else return Type::int32;
  }
  void count(const std::string& name, int& value) { as_number(name, value); }
  void count(const std::string& name, Index& value) { as_number(name, value); }
  void flag(const std::string& name, bool& value) { as_number(name, value); }
  /// Empty is saved as a number that is none.
  void optional(const std::string& name, std::optional<double>& value);
  template <class T>
  void list(const std::string& name, std::vector<T>& values) {
    values.resize(std::size_t(size(name, Index(values.size()))));
    block(name, type_of<T>(), values.data(), Index(values.size()));
  }

 private:
  template <class T>
  void as_number(const std::string& name, T& value) {
    double as_real = double(value);
    number(name, as_real);
    value = T(as_real);
  }
};

}  // namespace voxode::physics
