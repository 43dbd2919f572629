// `schema`: prints the JSON Schema of the scenario format.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/scenario/schema.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace seccomp_sim::cli {

void add_schema(CLI::App& program, action& chosen) {
    CLI::App* command = program.add_subcommand("schema", "Print the JSON Schema of the scenario format");
    command->callback([&chosen] {
        chosen = [] {
            std::cout << scenario::scenario_schema();
            return all_held;
        };
    });
}

} // namespace seccomp_sim::cli
