#pragma once
// One run a folder.
#include <string>

namespace voxode::io {

/// Holds a lock on `folder`/.voxode_lock as long as it lives; the system lets it go with the process, however that ends.
class FolderLock {
 public:
  /// Makes the folder where it is missing. Throws OutputError where another run holds the lock, naming its process, or the folder is not writable.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int handle_ = -1;
};

}  // namespace voxode::io
