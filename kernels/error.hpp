#pragma once
// Typed failures of the library. Each message is one paragraph: what is wrong, where, what to do. The command line turns
// the type into the exit code that stands beside it.
#include <stdexcept>
#include <string>

namespace voxode {

struct Error : std::runtime_error {
  Error(const std::string& message, int code) : std::runtime_error(message), exit_code(code) {}
  int exit_code;
};
/// A broken internal promise (exit 1).
struct InternalError : Error { explicit InternalError(const std::string& m) : Error(m, 1) {} };
/// Command line or config (exit 2).
struct ConfigError : Error { explicit ConfigError(const std::string& m) : Error(m, 2) {} };
/// Image, table or other input data (exit 3).
struct InputError : Error { explicit InputError(const std::string& m) : Error(m, 3) {} };
/// An iteration did not converge; the message holds the residual history (exit 4).
struct ConvergenceError : Error { explicit ConvergenceError(const std::string& m) : Error(m, 4) {} };
/// Out of host or device memory (exit 5).
struct MemoryError : Error { explicit MemoryError(const std::string& m) : Error(m, 5) {} };
/// A result could not be written (exit 6).
struct OutputError : Error { explicit OutputError(const std::string& m) : Error(m, 6) {} };
/// The user or the system asked to stop (exit 130 or 143).
struct Interrupted : Error { explicit Interrupted(int code) : Error("interrupted", code) {} };

}  // namespace voxode
