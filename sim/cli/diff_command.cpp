// `diff`: runs a scenario on two kernels side by side and tells where what user space sees differs.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/replay/words.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace seccomp_sim::cli {
namespace {

struct diff_settings {
    std::string path;
    std::vector<std::string> revisions;
    std::vector<std::string> settings;
    bool all = false;
};

/// What user space can see of a step; counters and memory are not part of it.
std::vector<std::string> observables(const replay::run& r, const replay::step_report& s) {
    std::vector<std::string> seen;
    if (s.skipped)
        return seen;
    const std::string end = replay::end_text(r, s);
    if (!end.empty())
        seen.push_back("call " + end);
    for (const replay::event& e : s.events)
        if (e.what != replay::event::kind::freed && e.what != replay::event::kind::reaped)
            seen.push_back(replay::event_text(r, e));
    for (const replay::poll_state& p : s.polls)
        seen.push_back("poll of " + std::string(r.script().name_of(p.fd)) + ": " +
                       replay::event_names(p.events));
    return seen;
}

replay::step_report next_step(replay::run& r) {
    return scenario::value_or_throw(std::move(*r.next()));
}

void say_side(const std::string& name, const std::vector<std::string>& mine,
              const std::vector<std::string>& other, bool skipped) {
    std::cout << "  " << name << ":";
    if (skipped)
        std::cout << " the step is not for this kernel";
    bool any = skipped;
    for (const std::string& line : mine)
        if (std::find(other.begin(), other.end(), line) == other.end()) {
            std::cout << "\n      " << line;
            any = true;
        }
    std::cout << (any ? "" : " nothing of the kind") << "\n";
}

int diff(const diff_settings& asked) {
    check_revision_options(asked.revisions, asked.settings);
    const scenario::scenario s = read_one(asked.path);
    const std::vector<named_kernel> kernels = kernels_for(s, asked.revisions, asked.settings);
    if (kernels.size() != 2)
        throw scenario::input_error({{"", 0, 0, ""},
                                     "diff compares two revisions, but " + std::to_string(kernels.size()) +
                                         (kernels.size() == 1 ? " was" : " were") + " given",
                                     "expected --revision A --revision B"});
    replay::run a(s, kernels[0].kernel);
    replay::run b(s, kernels[1].kernel);
    std::size_t differences = 0;
    for (std::size_t i = 0; i < s.steps.size(); ++i) {
        const replay::step_report of_a = next_step(a);
        const replay::step_report of_b = next_step(b);
        const bool acts = !std::holds_alternative<scenario::expect_step>(of_a.step->what);
        const std::vector<std::string> seen_a = observables(a, of_a);
        const std::vector<std::string> seen_b = observables(b, of_b);
        if (!acts || (seen_a == seen_b && of_a.skipped == of_b.skipped))
            continue;
        ++differences;
        std::cout << "step " << i + 1 << "  " << replay::step_text(s, s.steps[i]) << "\n";
        say_side(kernels[0].name, seen_a, seen_b, of_a.skipped);
        say_side(kernels[1].name, seen_b, seen_a, of_b.skipped);
        if (!asked.all)
            return something_failed;
    }
    if (differences == 0)
        std::cout << "no difference in " << s.steps.size() << " steps\n";
    return differences == 0 ? all_held : something_failed;
}

} // namespace

void add_diff(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<diff_settings>();
    CLI::App* command = program.add_subcommand("diff", "Find the first step at which two revisions differ");
    command->add_option("file", asked->path, "The scenario, or - for standard input")
        ->required()
        ->type_name("FILE");
    add_revision_options(*command, asked->revisions, asked->settings, "One of the two kernel revisions");
    command->add_flag("--all", asked->all, "Show every step that differs");
    command->callback([asked, &chosen] { chosen = [asked] { return diff(*asked); }; });
}

} // namespace seccomp_sim::cli
