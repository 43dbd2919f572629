// `validate` and `revisions`.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace seccomp_sim::cli {
namespace {

int validate(const std::vector<std::string>& paths) {
    for (const auto& [path, s] : scenario::value_or_throw(scenario::read_scenarios(paths))) {
        std::cout << path << ": " << s.name << ", " << s.steps.size() << " steps\n";
        for (const scenario::named_filter& f : s.filters)
            for (const diagnostic& note : f.notes)
                std::cout << "  note: " << to_text(note) << "\n";
    }
    return all_held;
}

void say_preset(const preset& p) {
    std::cout << p.name << "  (" << p.kernels << ")  " << p.summary << "\n";
    for (const choice& c : all_choices()) {
        if (c.name == "mutant")
            continue; // no kernel has one
        const choice::value& v = c.values[c.get(p.choices)];
        std::cout << "  " << c.name << "=" << v.name
                  << std::string(c.name.size() + v.name.size() < 32 ? 32 - c.name.size() - v.name.size() : 1,
                                 ' ')
                  << c.summary << ": " << v.meaning << "\n";
    }
}

const preset& preset_named(const std::string& name) {
    return all_presets()[scenario::value_or_throw(scenario::parse_preset(name))];
}

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

int mutants() {
    for (const mutant_info& m : all_mutants()) {
        const bool everywhere =
            m.first_preset == all_presets().front().name && m.last_preset == all_presets().back().name;
        std::cout << padded(m.name, 30) << padded(m.function, 30) << m.what << "\n    ";
        if (m.is_equivalent())
            std::cout << "nothing can tell: " << m.equivalent;
        else
            std::cout << "killed by " << (m.killed_by ? name_of(*m.killed_by) : "what scenarios expect");
        if (!everywhere)
            std::cout << ", on " << m.first_preset
                      << (m.first_preset == m.last_preset ? "" : " to " + std::string(m.last_preset));
        std::cout << "\n";
    }
    return all_held;
}

int revisions(const std::vector<std::string>& names, bool only_names) {
    if (only_names || names.empty()) {
        for (const preset& p : all_presets()) {
            std::cout << p.name;
            if (!only_names)
                std::cout << std::string(10 - p.name.size(), ' ') << p.kernels
                          << std::string(p.kernels.size() < 28 ? 28 - p.kernels.size() : 1, ' ') << p.summary;
            std::cout << "\n";
        }
        return all_held;
    }
    const preset& first = preset_named(names[0]);
    if (names.size() == 1) {
        say_preset(first);
        return all_held;
    }
    const preset& second = preset_named(names[1]);
    for (const choice& c : all_choices())
        if (c.get(first.choices) != c.get(second.choices))
            std::cout << c.name << ": " << c.value_in(first.choices) << " -> " << c.value_in(second.choices)
                      << "  (" << c.summary << ": " << c.values[c.get(second.choices)].meaning << ")\n";
    return all_held;
}

} // namespace

void add_validate(CLI::App& program, action& chosen) {
    auto paths = std::make_shared<std::vector<std::string>>();
    CLI::App* command = program.add_subcommand("validate", "Read scenarios without running them");
    command->add_option("paths", *paths, "Scenario files, folders of them, or -")
        ->required()
        ->type_name("FILE|DIR|-");
    command->callback([paths, &chosen] { chosen = [paths] { return validate(*paths); }; });
}

void add_revisions(CLI::App& program, action& chosen) {
    struct settings {
        std::vector<std::string> names;
        bool only_names = false;
        bool mutants = false;
    };
    auto asked = std::make_shared<settings>();
    CLI::App* command = program.add_subcommand(
        "revisions", "List the kernel revisions; what one consists of; or how two differ");
    command->add_option("names", asked->names, "One revision, or two to compare")
        ->expected(0, 2)
        ->type_name("REVISION");
    command->add_flag("--names", asked->only_names, "Only the names");
    command
        ->add_flag("--mutants", asked->mutants,
                   "The mistakes that --set mutant=NAME makes in a kernel function, and what notices each")
        ->excludes("names", "--names");
    command->callback([asked, &chosen] {
        chosen = [asked] { return asked->mutants ? mutants() : revisions(asked->names, asked->only_names); };
    });
}

} // namespace seccomp_sim::cli
