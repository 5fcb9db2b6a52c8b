#include "cli/verbs.hpp"

int main(int argc, char** argv) { return voxode::cli::main_program(argc, argv); }
