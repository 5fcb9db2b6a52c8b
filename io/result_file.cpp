#include "io/result_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "kernels/error.hpp"

namespace voxode::io {

namespace {

std::string advice(int reason, const std::string& option) {
  switch (reason) {
    case ENOSPC:
    case EDQUOT:
      return "Free space there, or choose another folder with " + option + ".";
    case EFBIG:
      return "Raise the limit on file sizes (ulimit -f), or ask for less (output.fields, output.voids, output.checkpoints).";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Make it writable, or choose another folder with " + option + ".";
    default:
      return "Choose another folder with " + option + ".";
  }
}

/// 0, or the errno of a failure. What cannot be synced (a pipe, a device) is not a failure.
int sync_file(const std::string& path, int flags) {
  const int handle = open(path.c_str(), flags | O_CLOEXEC);
  if (handle < 0) return errno;
  const int reason = fsync(handle) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? errno : 0;
  close(handle);
  return reason;
}

}  // namespace

void fail_to_write(const std::string& what, const std::string& path, int reason, const char* option) {
  const std::string why = reason != 0 ? std::generic_category().message(reason) : std::string("the cause is not known");
  throw OutputError(fmt::format("could not write {} to {}: {}. {}", what, path, why, advice(reason, option)));
}

void make_folder(const std::string& path, const char* option) {
  std::error_code error;
  if (path.empty()) return;
  std::filesystem::create_directories(path, error);
  if (error) fail_to_write("the folder of results", path, error.value(), option);
}

std::string name_beside(const std::string& path) {
  const std::filesystem::path p(path);
  return (p.parent_path() / (".unfinished_" + p.filename().string())).string();
}

void put_in_place(const std::string& beside, const std::string& path, const char* option) {
  int reason = sync_file(beside, O_RDONLY);
  if (reason == 0 && std::rename(beside.c_str(), path.c_str()) != 0) reason = errno;
  if (reason != 0) {
    unlink(beside.c_str());
    fail_to_write("the result", path, reason, option);
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  sync_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);  // the name itself; file systems that refuse keep the content
}

void write_result_file(const std::string& path, const std::string& text, const char* option) {
  make_folder(std::filesystem::path(path).parent_path().string(), option);
  const std::string beside = name_beside(path);
  const int handle = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (handle < 0) fail_to_write("the result", path, errno, option);
  int reason = 0;
  for (std::size_t done = 0; done < text.size() && reason == 0;) {
    const ssize_t n = write(handle, text.data() + done, text.size() - done);
    if (n >= 0) done += std::size_t(n);
    else if (errno != EINTR) reason = errno;
  }
  if (close(handle) != 0 && reason == 0) reason = errno;
  if (reason != 0) {
    unlink(beside.c_str());
    fail_to_write("the result", path, reason, option);
  }
  put_in_place(beside, path, option);
}

}  // namespace voxode::io
