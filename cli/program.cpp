#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <csignal>
#include <exception>
#include <iostream>

#include "cli/verbs.hpp"
#include "io/toml_node.hpp"
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
#ifdef VOXODE_CLI_WITH_HDF5
  text += ", HDF5";
#endif
  return text;
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(verb->get_name());
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  const std::string near = io::nearest(word, names);
  return near.empty() ? "" : " Did you mean " + near + "?";
}

/// First of the arguments that looks like an option and is none of the verb's; empty: all are known.
std::string unknown_option(const CLI::App& verb, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    const bool is_long = argument.rfind("--", 0) == 0;
    if (argument == "--") break;  // what follows are no options
    if (argument.size() < 2 || argument[0] != '-' || std::isdigit(static_cast<unsigned char>(argument[1]))) continue;
    std::string name = is_long ? argument.substr(0, argument.find('=')) : argument.substr(0, 2);
    if (!verb.get_option_no_throw(name)) return name;
  }
  return "";
}

/// What is wrong with a command line, and what to type instead: CLI11 says "A subcommand is required" of a misspelt verb.
std::string usage_message(const CLI::App& app, const std::vector<std::string>& arguments, const CLI::ParseError& error) {
  const std::vector<std::string> verbs = verbs_of(app);
  std::string listed;
  for (const std::string& verb : verbs) listed += (listed.empty() ? "" : ", ") + verb;
  const std::string known = " The verbs are " + listed + "; `voxode VERB --help` explains one.";
  if (arguments.empty()) return "which verb?" + known;
  const std::string& word = arguments.front();
  if (std::find(verbs.begin(), verbs.end(), word) == verbs.end())
    return (word[0] == '-' ? "unknown option " + word + " before a verb." : "unknown verb \"" + word + "\"." + did_you_mean(word, verbs)) + known;
  const CLI::App& verb = *app.get_subcommand(word);
  const std::string hint = " `voxode " + word + " --help` lists arguments and options.";
  const std::string option = unknown_option(verb, {arguments.begin() + 1, arguments.end()});
  if (!option.empty()) {
    std::vector<std::string> options;
    for (const CLI::Option* o : verb.get_options())
      for (const std::string& name : o->get_lnames()) options.push_back("--" + name);
    return word + ": unknown option " + option + "." + did_you_mean(option, options) + hint;
  }
  return word + ": " + error.what() + "." + hint;
}

/// Standard output went away because its reader ended (`voxode schema | head`): nothing is lost that anyone wanted.
bool reader_left() {
  pollfd state{STDOUT_FILENO, POLLOUT, 0};
  return poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0;
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
  add_export(app);
  add_report(app);
  add_schema(app);
  add_materials(app);
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout && !reader_left()) throw OutputError("could not write to standard output: is the disk full that it goes to? Files that the run wrote are complete.");
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return fail(usage_message(app, {argv + 1, argv + argc}, error), 2);
  } catch (const Interrupted& error) {
    return fail("stopped by signal " + std::to_string(error.exit_code - 128) + "; the rows and pictures of all finished steps are on disk.", error.exit_code);
  } catch (const Error& error) {
    return fail(error.what(), error.exit_code);
  } catch (const std::exception& error) {
    const std::string exhausted = kernels::exhausted_memory(error);
    if (!exhausted.empty()) return fail("out of " + exhausted + ". Crop or coarsen the image (image.crop, image.coarsen); `voxode check` says what a run needs.", 5);
    return fail(std::string("internal error: ") + error.what() + ". This is a bug; please report it with the config.", 1);
  }
}

}  // namespace voxode::cli
