// `confirm`: runs scenarios with their schedules on real kernels that have points, beside the model.
#include "sim/cli/commands.hpp"
#include "sim/cli/confirm_inside.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/lab/run_in_guest.hpp"
#include "sim/live/points/add_points.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace seccomp_sim::cli {
namespace {

using scenario::value_or_throw;

/// Such a kernel is looked at when it is named.
bool has_wrong_change(const live::lab_kernel& k) {
    return std::any_of(k.origin.patches.begin(), k.origin.patches.end(),
                       [](const std::string& patch) { return patch.ends_with(".cocci"); });
}

std::vector<live::lab_kernel> kernels_with_points(const std::string& name) {
    std::vector<live::lab_kernel> found;
    if (name != "all") {
        live::lab_kernel k = value_or_throw(live::find_kernel(name));
        if (!live::read_points(k.folder))
            throw scenario::input_error(
                {{name, 0, 0, ""}, "this kernel has no points", "one built with kernel build --points"});
        return {std::move(k)};
    }
    for (live::lab_kernel& k : value_or_throw(live::all_kernels()))
        if (live::read_points(k.folder) && !has_wrong_change(k))
            found.push_back(std::move(k));
    return found;
}

std::vector<std::string> inside_arguments(const confirm_settings& asked, const std::string& kernel,
                                          const std::vector<std::string>& paths) {
    std::vector<std::string> argv = {std::filesystem::read_symlink("/proc/self/exe"), "confirm-inside",
                                     "--kernel", kernel};
    for (const std::string& r : asked.revisions)
        argv.insert(argv.end(), {"--revision", r});
    for (const std::string& s : asked.settings)
        argv.insert(argv.end(), {"--set", s});
    if (asked.quiet)
        argv.emplace_back("--quiet");
    if (asked.outcomes)
        argv.emplace_back("--outcomes");
    if (asked.invariants)
        argv.emplace_back("--invariants");
    if (asked.under_locks)
        argv.emplace_back("--under-locks");
    argv.insert(argv.end(), {"--schedules", std::to_string(asked.schedules)});
    if (asked.switches)
        argv.insert(argv.end(), {"--switches", std::to_string(*asked.switches)});
    if (!asked.write.empty())
        argv.insert(argv.end(), {"--output", asked.write});
    argv.emplace_back("--");
    argv.insert(argv.end(), paths.begin(), paths.end());
    return argv;
}

int confirm(const confirm_settings& asked) {
    check_revision_options(asked.revisions, asked.settings);
    const std::vector<std::string> paths = value_or_throw(scenario::find_scenarios(asked.paths));
    for (const std::string& path : paths)
        read_one(path);
    const std::vector<live::lab_kernel> kernels = kernels_with_points(asked.kernel);
    if (kernels.empty()) {
        std::cerr << "seccomp-sim: no kernel with points has been built here; `seccomp-sim kernel build "
                     "SOURCE --points` builds one\n";
        return cannot_be_done;
    }
    int code = all_held;
    for (const live::lab_kernel& k : kernels) {
        live::guest_command command;
        command.argv = inside_arguments(asked, k.name, paths);
        // Tasks that are only ever held asleep need no more, and are quicker on one.
        command.one_cpu = !asked.under_locks;
        command.read_only = asked.write.empty();
        command.limit = std::chrono::seconds(asked.seconds);
        std::cout.flush();
        const result<int> end = live::run_in_guest(k, command);
        // A kernel that dies or hangs of the schedule is what was looked for; its last lines were shown.
        if (!end)
            std::cout << "the kernel broke down  " << k.name << ": " << end.error().message << "\n";
        code = worse_code(code, end ? *end : something_failed);
    }
    return code;
}

void add_options(CLI::App& command, confirm_settings& asked) {
    command.add_option("files", asked.paths, "Scenarios, or folders of them")
        ->required()
        ->type_name("FILE|DIR");
    command
        .add_option("--kernel", asked.kernel,
                    "A kernel built with points, or all of them but those with a semantic patch")
        ->type_name("NAME")
        ->capture_default_str();
    add_revision_options(command, asked.revisions, asked.settings,
                         "What the model is (default: what the kernel is taken for)");
    command.add_flag("-q,--quiet", asked.quiet, "Only the verdicts");
    command.add_flag("--outcomes", asked.outcomes,
                     "Run every schedule of the points and list what can be seen at the end");
    command.add_flag("--invariants", asked.invariants,
                     "Run schedules until one breaks an invariant, by the kernel's own memory");
    command.add_option("--schedules", asked.schedules, "So many schedules at most")->capture_default_str();
    command.add_option("--switches", asked.switches, "At most so many switches from a task that could go on");
    command.add_flag("--under-locks", asked.under_locks,
                     "Hold tasks at points under a spinlock, too, where they spin; takes several CPUs");
    command
        .add_option("-o,--output", asked.write, "Write the schedule that breaks an invariant as a scenario")
        ->type_name("FILE");
}

} // namespace

void add_confirm(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<confirm_settings>();
    CLI::App* command = program.add_subcommand("confirm", "Run schedules on real kernels that have points");
    add_options(*command, *asked);
    command->add_option("--timeout", asked->seconds, "End a guest after so many seconds")
        ->capture_default_str();
    command->callback([asked, &chosen] { chosen = [asked] { return confirm(*asked); }; });
}

void add_confirm_inside(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<confirm_settings>();
    CLI::App* command =
        program.add_subcommand("confirm-inside", "The guest's side of confirm; not for people");
    command->group("");
    add_options(*command, *asked);
    command->callback([asked, &chosen] { chosen = [asked] { return confirm_inside(*asked); }; });
}

} // namespace seccomp_sim::cli
