#include "io/image/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kernels/error.hpp"

namespace voxode::io {
namespace {

constexpr std::size_t largest_transfer = std::size_t(1) << 30;

std::size_t read_at(int handle, const std::string& path, std::int64_t offset, void* data, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(handle, static_cast<char*>(data) + done, std::min(size - done, largest_transfer), offset + std::int64_t(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw InputError(fmt::format("{}: reading failed at byte {}: {}. Check the disk or network share, or copy the file to another one.", path,
                                   offset + std::int64_t(done), std::strerror(errno)));
    if (n == 0) break;
    done += std::size_t(n);
  }
  return done;
}

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path), handle_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (handle_ < 0) {
    const int reason = errno;
    const char* advice = reason == ENOENT || reason == ENOTDIR ? "Check the path; relative paths count from the folder that the program is started in or the config file lies in."
                                                               : "Check the permissions of the file and its folders.";
    throw InputError(fmt::format("{}: cannot open the image: {}. {}", path, std::strerror(reason), advice));
  }
  struct stat status {};
  if (::fstat(handle_, &status) == 0) size_ = status.st_size;
}

InputFile::~InputFile() {
  if (handle_ >= 0) ::close(handle_);
}

std::size_t InputFile::read_some(std::int64_t offset, void* data, std::size_t size) const { return read_at(handle_, path_, offset, data, size); }

void InputFile::read(std::int64_t offset, void* data, std::size_t size, const std::string& what) const {
  const std::size_t found = read_some(offset, data, size);
  if (found != size)
    throw InputError(fmt::format("{}: the file is truncated: {} needs {} bytes from byte {} on, {} are there (the file has {} bytes). Copy or export the file again.", path_, what,
                                 size, offset, found, size_));
}

OutputFile::OutputFile(const std::string& path) : path_(path), handle_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (handle_ < 0) fail(errno);
}

OutputFile::~OutputFile() {
  if (handle_ < 0) return;
  struct stat status {};
  const bool regular = ::fstat(handle_, &status) == 0 && S_ISREG(status.st_mode);
  ::close(handle_);
  if (regular) ::unlink(path_.c_str());
}

void OutputFile::fail(int reason) const {
  const char* advice = reason == ENOSPC || reason == EDQUOT ? "Free space there or choose another folder."
                       : reason == EFBIG                    ? "Raise the limit on the size of files (ulimit -f) or choose another disk."
                                                            : "Check that the folder exists and may be written to.";
  throw OutputError(fmt::format("{}: cannot write the image: {}. {}", path_, std::strerror(reason), advice));
}

void OutputFile::write(std::int64_t offset, const void* data, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pwrite(handle_, static_cast<const char*>(data) + done, std::min(size - done, largest_transfer), offset + std::int64_t(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(n < 0 ? errno : ENOSPC);
    done += std::size_t(n);
  }
  size_ = std::max(size_, offset + std::int64_t(size));
}

std::size_t OutputFile::read_some(std::int64_t offset, void* data, std::size_t size) const { return read_at(handle_, path_, offset, data, size); }

void OutputFile::close() {
  const int handle = handle_;
  struct stat status {};
  const bool regular = ::fstat(handle, &status) == 0 && S_ISREG(status.st_mode);
  handle_ = -1;
  // A full disk may show only here (delayed allocation, network shares).
  if (::close(handle) != 0) {
    const int reason = errno;
    if (regular) ::unlink(path_.c_str());
    fail(reason);
  }
}

}  // namespace voxode::io
