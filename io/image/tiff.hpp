#pragma once
// What reading and writing of TIFF share. Included only where libtiff is built in.
#include <tiffio.h>

#include <exception>
#include <string>

namespace voxode::io {

/// Turns libtiff's messages into a string instead of standard error, while it lives. One at a time per thread.
class TiffMessages {
 public:
  TiffMessages();
  ~TiffMessages();
  TiffMessages(const TiffMessages&) = delete;
  TiffMessages& operator=(const TiffMessages&) = delete;
  /// The last error since the last call, as ` (libtiff: "...")`; empty if there was none.
  std::string take();

 private:
  std::string message_;
  TIFFErrorHandler error_, warning_;
  TIFFErrorHandlerExt error_ext_, warning_ext_;
};

/// Position in a file of ours and the first failure of it: libtiff is C, an exception must wait until it has returned.
template <class File>
struct TiffStream {
  File* file;
  std::int64_t position = 0;
  std::exception_ptr failure{};

  void rethrow() const {
    if (failure) std::rethrow_exception(failure);
  }
  static TiffStream& of(thandle_t handle) { return *static_cast<TiffStream*>(handle); }
  static tmsize_t read(thandle_t handle, void* data, tmsize_t size) {
    auto& s = of(handle);
    try {
      const auto n = s.file->read_some(s.position, data, std::size_t(size));
      s.position += std::int64_t(n);
      return tmsize_t(n);
    } catch (...) {
      if (!s.failure) s.failure = std::current_exception();
      return -1;
    }
  }
  static tmsize_t write(thandle_t handle, void* data, tmsize_t size) {
    auto& s = of(handle);
    if constexpr (requires { s.file->write(0, data, std::size_t(size)); }) {
      try {
        s.file->write(s.position, data, std::size_t(size));
        s.position += size;
        return size;
      } catch (...) {
        if (!s.failure) s.failure = std::current_exception();
      }
    }
    return -1;
  }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& s = of(handle);
    const std::int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? s.position : s.file->size();
    return toff_t(s.position = base + std::int64_t(offset));
  }
  static toff_t size(thandle_t handle) { return toff_t(of(handle).file->size()); }
  static int close(thandle_t) { return 0; }

  TIFF* open(const std::string& path, const char* mode) { return TIFFClientOpen(path.c_str(), mode, this, read, write, seek, close, size, nullptr, nullptr); }
};

}  // namespace voxode::io
