#pragma once
// Reading and writing of bytes at positions, with the reason of every failure.
#include <cstdint>
#include <string>

#include "kernels/types.hpp"

namespace voxode::io {

/// A file open for reading. Every failure is an InputError that names the path.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  /// Up to `size` bytes from `offset`; fewer only at the end of the file. InputError when the disk fails.
  std::size_t read_some(std::int64_t offset, void* data, std::size_t size) const;
  /// Exactly `size` bytes; `what` names them in the error of a file that ends too early.
  void read(std::int64_t offset, void* data, std::size_t size, const std::string& what) const;
  std::int64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int handle_ = -1;
  std::int64_t size_ = 0;
};

/// A file open for writing, removed again unless closed. Every failure is an OutputError that names the path.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(std::int64_t offset, const void* data, std::size_t size);
  std::size_t read_some(std::int64_t offset, void* data, std::size_t size) const;
  std::int64_t size() const { return size_; }
  void close();

 private:
  [[noreturn]] void fail(int reason) const;
  std::string path_;
  int handle_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace voxode::io
