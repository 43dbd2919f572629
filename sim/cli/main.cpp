// The program seccomp-sim.
#include "sim/cli/commands.hpp"

int main(int argc, char** argv) {
    return seccomp_sim::cli::run_program(argc, argv);
}
