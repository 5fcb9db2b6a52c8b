#pragma once
// Runs code in a forked child whose files may not grow beyond a limit: a full disk that needs no disk. The child reports by its exit status only.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>

namespace voxode::test {

/// Exit status of `body` (an int returning callable) in the child; 99 if it throws, 98 if a signal ended it.
template <class Body>
int run_with_file_limit(rlim_t bytes, const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);  // writing then fails with EFBIG
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    int status = 99;
    try {
      status = body();
    } catch (...) {
      status = 99;
    }
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

}  // namespace voxode::test
