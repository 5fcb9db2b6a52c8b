#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <new>

#include "cli/verbs.hpp"
#include "kernels/error.hpp"
#include "kernels/runtime.hpp"

namespace voxode::cli {

std::atomic<int> stop_signal{0};

namespace {

void note_signal(int signal) {
  if (stop_signal.exchange(signal) != 0) std::_Exit(128 + signal);  // asked twice: at once
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is a full disk (exit 6), not a crash
  std::signal(SIGPIPE, SIG_IGN);
}

std::string built_in() {
  std::string text = "TIFF, npy, raw";
#ifdef VOXODE_CLI_WITH_VTK
  text += ", VTK";
#endif
#ifdef VOXODE_CLI_WITH_OPENVDB
  text += ", OpenVDB";
#endif
  return text;
}

int fail(const std::string& message, int code) {
  std::cerr << "voxode: " << message << "\n";
  return code;
}

}  // namespace

int main_program(int argc, char** argv) {
  catch_signals();
  CLI::App app{"Voxel mechanics and conduction of composite battery cathodes."};
  app.name("voxode");
  app.require_subcommand(1);
  app.set_version_flag("--version", "voxode " VOXODE_VERSION "\nKokkos " + kernels::kokkos_description() + "\nbuilt in: " + built_in());
  add_run(app);
  add_check(app);
  add_info(app);
  add_generate(app);
  add_tortuosity(app);
  add_schema(app);
  add_materials(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const Interrupted& error) {
    return fail("stopped by signal " + std::to_string(error.exit_code - 128) + "; the rows and pictures of all finished steps are on disk.", error.exit_code);
  } catch (const Error& error) {
    return fail(error.what(), error.exit_code);
  } catch (const std::bad_alloc&) {
    return fail("out of memory. Crop or coarsen the image (image.crop, image.coarsen); `voxode check` says what a run needs.", 5);
  } catch (const std::exception& error) {
    return fail(std::string("internal error: ") + error.what() + ". This is a bug; please report it with the config.", 1);
  }
}

}  // namespace voxode::cli
