#include "io/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "io/result_file.hpp"
#include "kernels/error.hpp"

#ifdef VOXODE_WITH_HDF5
#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>
#include <xxhash.h>

#include <cstdio>
#include <cstring>
#endif

namespace voxode::io {

namespace {

/// Paths of all in the folder, newest first.
std::vector<std::string> checkpoints_in(const std::string& folder) {
  std::vector<std::pair<int, std::string>> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    int steps = 0, length = 0;
    const std::string name = entry.path().filename().string();
    if (std::sscanf(name.c_str(), "checkpoint_%d.h5%n", &steps, &length) == 1 && length == int(name.size())) found.emplace_back(steps, entry.path().string());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> paths;
  for (const auto& [steps, path] : found) paths.push_back(path);
  return paths;
}

}  // namespace

void remove_checkpoints(const std::string& folder) {
  std::error_code error;
  for (const std::string& path : checkpoints_in(folder)) std::filesystem::remove(path, error);
}

#ifdef VOXODE_WITH_HDF5

bool checkpoints_available() { return true; }

namespace {

constexpr std::size_t head_bytes = 512;  // HDF5's user block

/// An HDF5 identifier that is closed with its scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }
  bool ok() const { return id_ >= 0; }
  /// Closes now; false where that fails.
  bool close() {
    const hid_t id = std::exchange(id_, -1);
    return id >= 0 && close_(id) >= 0;
  }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

hid_t memory_type(physics::Archive::Type type) {
  using Type = physics::Archive::Type;
  return type == Type::uint8 ? H5T_NATIVE_UINT8 : type == Type::uint16 ? H5T_NATIVE_UINT16 : type == Type::int32 ? H5T_NATIVE_INT32 : type == Type::single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}
hid_t file_type(physics::Archive::Type type) {
  using Type = physics::Archive::Type;
  return type == Type::uint8 ? H5T_STD_U8LE : type == Type::uint16 ? H5T_STD_U16LE : type == Type::int32 ? H5T_STD_I32LE : type == Type::single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
}

class Saving : public physics::Archive {
 public:
  Saving(hid_t file, std::string path) : file_(file), path_(std::move(path)), with_groups_(H5Pcreate(H5P_LINK_CREATE), H5Pclose) { H5Pset_create_intermediate_group(with_groups_, 1); }
  bool loads() const override { return false; }
  void number(const std::string& name, double& value) override { put(name, H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, Handle(H5Screate(H5S_SCALAR), H5Sclose), &value); }
  void text(const std::string& name, std::string& value) override {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, value.size() + 1);
    put(name, type, type, Handle(H5Screate(H5S_SCALAR), H5Sclose), value.c_str());
  }
  Index size(const std::string&, Index now) override { return now; }
  void block(const std::string& name, Type type, void* data, Index n) override {
    const hsize_t shape = hsize_t(n);
    put(name, memory_type(type), file_type(type), Handle(H5Screate_simple(1, &shape, nullptr), H5Sclose), n > 0 ? data : &nothing_);
  }

 private:
  void put(const std::string& name, hid_t memory, hid_t stored, const Handle& space, const void* data) const {
    errno = 0;
    const Handle set(H5Dcreate2(file_, name.c_str(), stored, space, with_groups_, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    if (!set.ok() || H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) fail_to_write("the checkpoint", path_, errno);
  }
  hid_t file_;
  std::string path_;
  Handle with_groups_;
  char nothing_ = 0;
};

class Loading : public physics::Archive {
 public:
  explicit Loading(std::string path) : path_(std::move(path)), file_(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose) {}
  bool ok() const { return file_.ok(); }
  bool loads() const override { return true; }
  void number(const std::string& name, double& value) override {
    const Handle set = open(name, 1);
    read(set, name, H5T_NATIVE_DOUBLE, &value);
  }
  void text(const std::string& name, std::string& value) override {
    const Handle set = open(name, 1), type(H5Dget_type(set), H5Tclose);
    value.resize(H5Tget_size(type));
    read(set, name, type, value.data());
    value.resize(std::strlen(value.c_str()));
  }
  Index size(const std::string& name, Index) override { return entries(open(name, -1)); }
  void block(const std::string& name, Type type, void* data, Index n) override {
    const Handle set = open(name, n);
    if (n > 0) read(set, name, memory_type(type), data);
  }

 private:
  static Index entries(hid_t set) {
    const Handle space(H5Dget_space(set), H5Sclose);
    return H5Sget_simple_extent_npoints(space);
  }
  /// `n`: entries that it must have; negative: any number.
  Handle open(const std::string& name, Index n) const {
    const hid_t id = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    if (id < 0) throw InputError(fmt::format("the checkpoint {} has no item {}: it was not written by this version. Run without --resume, or with the version that wrote it.", path_, name));
    const Index has = entries(id);
    if (n < 0 || has == n) return Handle(id, H5Dclose);
    H5Dclose(id);
    throw InputError(fmt::format("the checkpoint {} holds {} entries of {} and this job has {}: it belongs to another job. Run without --resume.", path_, has, name, n));
  }
  void read(const Handle& set, const std::string& name, hid_t memory, void* to) const {
    if (H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0) throw InputError(fmt::format("the checkpoint {} gives no {}: can the disk be read? Run without --resume.", path_, name));
  }
  std::string path_;
  Handle file_;
};

/// XXH3 with 128 bits.
class Hash {
 public:
  Hash() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }
  void add(const void* data, std::size_t n) { XXH3_128bits_update(state_.get(), data, n); }
  std::string text() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

struct Head {
  int format = 0;
  std::string version, hash;
  long long bytes = 0;
};

std::string head_text(const Head& head) { return fmt::format("voxode checkpoint\nformat {}\nversion {}\nbytes {}\nxxh3 {}\n", head.format, head.version, head.bytes, head.hash); }

/// Of a file's bytes after the head: how many, and their hash.
Head examine(const std::string& path) {
  Head head;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return head;
  Hash hash;
  std::vector<char> piece(std::size_t(1) << 20);
  for (off_t at = head_bytes;;) {
    const ssize_t n = pread(file, piece.data(), piece.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    hash.add(piece.data(), std::size_t(n));
    at += n;
    head.bytes += n;
  }
  close(file);
  head.hash = hash.text();
  return head;
}

/// What is wrong with a checkpoint; empty: it is whole, and `head` is its own. Throws InputError for another format.
std::string look_at(const std::string& path, const std::string& version, Head& head) {
  std::array<char, head_bytes + 1> text{};
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "it cannot be opened: " + std::generic_category().message(errno);
  const ssize_t n = pread(file, text.data(), head_bytes, 0);
  close(file);
  std::array<char, 65> its_version{}, hash{};
  if (n < ssize_t(head_bytes) || std::sscanf(text.data(), "voxode checkpoint\nformat %d\nversion %64s\nbytes %lld\nxxh3 %64s\n", &head.format, its_version.data(), &head.bytes, hash.data()) < 2)
    return n < ssize_t(head_bytes) ? "it is cut short" : "it is no checkpoint";
  head.version = its_version.data();
  head.hash = hash.data();
  if (head.format != checkpoint_format)
    throw InputError(fmt::format("the checkpoint {} has format {} (voxode {}) and this voxode ({}) reads format {}: go on with the version that wrote it, or run without --resume.", path, head.format, head.version,
                                 version, checkpoint_format));
  const Head found = examine(path);
  if (found.bytes != head.bytes) return fmt::format("it is cut short, {} of {} bytes", found.bytes + (long long)head_bytes, head.bytes + (long long)head_bytes);
  return found.hash == head.hash ? "" : "its content has changed since it was written (the hash does not match)";
}

}  // namespace

std::string content_hash(const std::vector<std::pair<const void*, std::size_t>>& pieces) {
  Hash hash;
  for (const auto& [data, n] : pieces) hash.add(data, n);
  return hash.text();
}

void write_checkpoint(const std::string& folder, int steps_done, const std::string& version, const std::function<void(physics::Archive&)>& go_over) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const std::string path = (std::filesystem::path(folder) / fmt::format("checkpoint_{:06}.h5", steps_done)).string(), beside = name_beside(path);
  const auto fail = [&](int reason) {
    std::remove(beside.c_str());
    fail_to_write("the checkpoint", path, reason);
  };
  errno = 0;
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_userblock(creation, head_bytes);
  Handle file(H5Fcreate(beside.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT), H5Fclose);
  if (!file.ok()) fail(errno);
  try {
    Saving items(file, path);
    go_over(items);
  } catch (...) {
    file.close();
    std::remove(beside.c_str());
    throw;
  }
  errno = 0;
  if (!file.close()) fail(errno);
  Head head = examine(beside);
  head.format = checkpoint_format;
  head.version = version;
  const std::string text = head_text(head);
  const int handle = open(beside.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written = handle >= 0 && pwrite(handle, text.data(), text.size(), 0) == ssize_t(text.size());
  const int reason = errno;
  if (handle >= 0) close(handle);
  if (!written) fail(reason);
  put_in_place(beside, path);
  int kept = 0;
  std::error_code error;
  for (const std::string& other : checkpoints_in(folder))
    if (other > path || (other < path && ++kept > 1)) std::filesystem::remove(other, error);
}

OpenCheckpoint open_checkpoint(const std::string& folder, const std::string& version) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const std::vector<std::string> paths = checkpoints_in(folder);
  if (paths.empty()) throw InputError(fmt::format("there is no checkpoint in {} to go on from: is it the folder of the run (--out)? A run that ended before its first state leaves none; start it anew, without --resume.", folder));
  OpenCheckpoint open;
  for (const std::string& path : paths) {
    Head head;
    std::string wrong = look_at(path, version, head);
    if (wrong.empty()) {
      auto items = std::make_unique<Loading>(path);
      if (items->ok()) {
        open.path = path;
        open.version = head.version;
        open.items = std::move(items);
        return open;
      }
      wrong = "HDF5 cannot read it";
    }
    open.notes.push_back(fmt::format("the checkpoint {} is of no use: {}", path, wrong));
  }
  std::string all;
  for (const std::string& note : open.notes) all += (all.empty() ? "" : "; ") + note;
  throw InputError(all + ". Start the run anew, without --resume.");
}

#else

bool checkpoints_available() { return false; }
std::string content_hash(const std::vector<std::pair<const void*, std::size_t>>&) { return ""; }
void write_checkpoint(const std::string&, int, const std::string&, const std::function<void(physics::Archive&)>&) { throw InternalError("a checkpoint in a build without HDF5"); }
OpenCheckpoint open_checkpoint(const std::string&, const std::string&) {
  throw ConfigError("--resume reads a checkpoint and this voxode is built without HDF5: build with -DVOXODE_WITH_HDF5=ON, or run without --resume.");
}

#endif

}  // namespace voxode::io
