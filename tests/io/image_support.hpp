#pragma once
// Folders and odd files for the tests of images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "io/image/image.hpp"
#include "kernels/error.hpp"

namespace voxode::test {

/// A folder of its own for each test, gone afterwards.
class ImageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / ("voxode_" + std::string(info->test_suite_name()) + "_" + info->name() + "_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string bytes_file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  std::string bytes_of(const std::string& name) const {
    std::ifstream in(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path folder_;
};

/// Message of the error of type E that `f` throws.
template <class E, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error of the expected type";
  return "";
}

template <class F>
std::string input_error(F&& f) {
  return message_of<InputError>(f);
}
inline std::string read_error(const std::string& path, const io::RawOptions& raw = {}) {
  return input_error([&] { io::read_image(path, raw); });
}

/// 2 x 3 x 4 labels, all different, from 1 on.
inline const std::array<Index, 3> small_shape{2, 3, 4};
template <class T>
std::vector<T> small_labels() {
  std::vector<T> labels(24);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = T(i + 1);
  return labels;
}

inline std::string data_folder() {
  if (const char* given = std::getenv("VOXODE_DATA")) return given;
  return std::string(VOXODE_SOURCE_DIR) + "/../shared/data";
}

}  // namespace voxode::test
