// The subcommands. Each adds itself to the program and leaves what to run in `chosen`, which returns the exit
// code.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace seccomp_sim::cli {

using action = std::function<int()>;

void add_run(CLI::App& program, action& chosen);
void add_diff(CLI::App& program, action& chosen);
void add_explain(CLI::App& program, action& chosen);
void add_tree(CLI::App& program, action& chosen);
void add_validate(CLI::App& program, action& chosen);
void add_explore(CLI::App& program, action& chosen);
void add_schema(CLI::App& program, action& chosen);
void add_fuzz(CLI::App& program, action& chosen);
void add_revisions(CLI::App& program, action& chosen);
void add_kernel(CLI::App& program, action& chosen);
void add_confirm(CLI::App& program, action& chosen);
void add_confirm_inside(CLI::App& program, action& chosen);
void add_guest_init(CLI::App& program, action& chosen);
void add_conform(CLI::App& program, action& chosen);
void add_probe(CLI::App& program, action& chosen);

/// Parses the command line and runs what it asks for.
int run_program(int argc, const char* const* argv);

} // namespace seccomp_sim::cli
