#include "io/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "io/result_file.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

FolderLock::FolderLock(const std::string& folder) {
  make_folder(folder);
  const std::string path = (std::filesystem::path(folder) / ".voxode_lock").string();
  handle_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (handle_ < 0) fail_to_write("the lock of a run", path, errno);
  if (flock(handle_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {  // a file system without locks leaves the folder unguarded
    std::array<char, 32> who{};
    const ssize_t n = pread(handle_, who.data(), who.size() - 1, 0);
    close(handle_);
    throw OutputError(fmt::format("another run{} is at work in {}: wait until it has ended, or choose another folder with --out.", n > 0 ? fmt::format(" (process {})", who.data()) : "", folder));
  }
  const std::string self = std::to_string(getpid());
  if (ftruncate(handle_, 0) == 0 && pwrite(handle_, self.data(), self.size(), 0) < 0) return;  // no room for a number: the lock holds all the same
}

FolderLock::~FolderLock() { close(handle_); }

}  // namespace voxode::io
