// The command line as a whole: which subcommand, and how its failure becomes a message and an exit code.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/output_file.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace seccomp_sim::cli {
namespace {

int say_error(const diagnostic& what) {
    std::cout.flush();
    std::cerr << to_text(what) << "\n";
    return bad_input;
}

/// What the command line begins with has to be a subcommand, or one of the few options of the program itself.
void check_first_word(const CLI::App& program, int argc, const char* const* argv) {
    if (argc < 2)
        return;
    const std::string first = argv[1];
    std::vector<std::string> names = {"-h", "--help", "--version"};
    bool known = std::find(names.begin(), names.end(), first) != names.end();
    for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
        known = known || command->get_name() == first;
        if (!command->get_group().empty()) // a hidden one is known but not offered
            names.push_back(command->get_name());
    }
    if (known)
        return;
    const std::vector<std::string_view> valid(names.begin(), names.end());
    std::string expected = "one of";
    for (std::size_t i = 3; i < names.size(); ++i)
        expected += (i == 3 ? " " : ", ") + names[i];
    throw scenario::input_error({{"", 0, 0, ""},
                                 seccomp_sim::quoted(first) + " is no subcommand",
                                 hint_text(expected, scenario::nearest_name(first, valid).value_or(""))});
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
        check_first_word(program, argc, argv);
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
