#pragma once
// The built program as a child process: what it says, where, and how it ends.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "kernels/runtime.hpp"

namespace voxode::test {

/// Whether this build, tests and program alike, computes on a GPU.
inline bool built_for_gpu() { return kernels::kokkos_description().find("CUDA") != std::string::npos; }

struct Ended {
  int code = -1;  ///< exit code; 1000 + signal where one ended the program
  std::string out, err;
};

struct Surroundings {
  std::vector<std::pair<std::string, std::string>> environment{};  ///< set in addition
  std::vector<std::pair<int, rlim_t>> limits{};                    ///< resource (RLIMIT_*) and its value
  std::string standard_output{};                                   ///< a file to write to; empty: read by the test
  std::string folder{};                                            ///< working directory; empty: the test's
};

class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments, const Surroundings& with = {}) {
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
      ADD_FAILURE() << "no pipe";
      return;
    }
    std::vector<std::string> words{VOXODE_BINARY_DIR "/voxode"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int file = with.standard_output.empty() ? -1 : open(with.standard_output.c_str(), O_WRONLY | O_CREAT, 0666);
      dup2(file >= 0 ? file : out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      setenv("OMP_NUM_THREADS", "1", 1);
      setenv("OMP_WAIT_POLICY", "passive", 1);
      unsetenv("OMP_PROC_BIND");  // a user has not set it either
      for (const auto& [name, value] : with.environment) setenv(name.c_str(), value.c_str(), 1);
      for (const auto& [resource, value] : with.limits) {
        const rlimit limit{value, value};
        setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
      }
      if (!with.folder.empty() && chdir(with.folder.c_str()) != 0) _exit(126);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(out[1]);
    close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Program() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      wait();
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Reads until `text` stands in standard error; false if the program ends before.
  bool says(const std::string& text) {
    while (ended_.err.find(text) == std::string::npos)
      if (!read_some()) return false;
    return true;
  }
  void send(int signal) const { kill(child_, signal); }
  Ended wait() {
    while (read_some()) {
    }
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    close(out_);
    close(err_);
    ended_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return ended_;
  }

 private:
  /// False at the end of both streams.
  bool read_some() {
    std::array<pollfd, 2> streams{pollfd{out_open_ ? out_ : -1, POLLIN, 0}, pollfd{err_open_ ? err_ : -1, POLLIN, 0}};
    if (!out_open_ && !err_open_) return false;
    if (poll(streams.data(), streams.size(), -1) < 0) return errno == EINTR;
    take(streams[0], out_, ended_.out, out_open_);
    take(streams[1], err_, ended_.err, err_open_);
    return true;
  }
  static void take(const pollfd& stream, int handle, std::string& text, bool& is_open) {
    if (stream.fd < 0 || stream.revents == 0) return;
    std::array<char, 4096> buffer{};
    const ssize_t n = read(handle, buffer.data(), buffer.size());
    if (n > 0) text.append(buffer.data(), std::size_t(n));
    else if (n == 0 || errno != EINTR) is_open = false;
  }

  pid_t child_ = -1;
  int out_ = -1, err_ = -1;
  bool out_open_ = true, err_open_ = true;
  Ended ended_;
};

inline Ended run_program(const std::vector<std::string>& arguments, const Surroundings& with = {}) { return Program(arguments, with).wait(); }

}  // namespace voxode::test
