// The command line as a whole: which subcommand, and how its failure becomes a message and an exit code.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace seccomp_sim::cli {
namespace {

int say_error(const diagnostic& what) {
    std::cout.flush();
    std::cerr << to_text(what) << "\n";
    return bad_input;
}

} // namespace

int run_program(int argc, const char* const* argv) {
    scenario::remove_unfinished_output_on_signals();
    CLI::App program(
        "Simulates the life of a Linux seccomp filter: who holds it, who still runs under it, and when its "
        "listener learns that nobody does.",
        "seccomp-sim");
    program.set_version_flag("--version", SECCOMP_SIM_VERSION);
    program.require_subcommand(1);
    action chosen;
    add_run(program, chosen);
    add_diff(program, chosen);
    add_explain(program, chosen);
    add_tree(program, chosen);
    add_validate(program, chosen);
    add_explore(program, chosen);
    add_schema(program, chosen);
    add_fuzz(program, chosen);
    add_revisions(program, chosen);
    add_kernel(program, chosen);
    add_confirm(program, chosen);
    add_confirm_inside(program, chosen);
    add_guest_init(program, chosen);
    add_conform(program, chosen);
    add_probe(program, chosen);
    try {
        program.parse(argc, argv);
        const int code = chosen();
        std::cout.flush();
        if (!std::cout)
            return say_error({{"-", 0, 0, ""}, "standard output cannot be written", ""});
        return code;
    } catch (const CLI::ParseError& e) {
        return program.exit(e) == 0 ? all_held : bad_input;
    } catch (const scenario::input_error& e) {
        return say_error(e.what_is_wrong);
    }
}

} // namespace seccomp_sim::cli
