// `confirm`: runs scenarios with their schedules on real kernels that have points, beside the model.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/lab/run_in_guest.hpp"
#include "sim/live/points/add_points.hpp"
#include "sim/live/points/every_schedule.hpp"
#include "sim/live/points/kernel_revision.hpp"
#include "sim/live/points/story.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace seccomp_sim::cli {
namespace {

using scenario::value_or_throw;

struct confirm_settings {
    std::vector<std::string> paths;
    std::string kernel = "all";
    std::vector<std::string> revisions, settings;
    bool quiet = false;
    bool outcomes = false, invariants = false;
    std::size_t schedules = 1000;
    std::optional<std::size_t> switches;
    std::string write;
    unsigned seconds = 600;
};

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
        if (live::read_points(k.folder))
            found.push_back(std::move(k));
    return found;
}

named_kernel model_for(const scenario::scenario& s, const live::lab_kernel& k,
                       const confirm_settings& asked) {
    std::vector<std::string> revisions = asked.revisions;
    if (revisions.empty())
        revisions.push_back(value_or_throw(live::revision_of(k)));
    const std::vector<named_kernel> kernels = kernels_for(s, revisions, asked.settings);
    if (kernels.size() != 1)
        throw scenario::input_error(
            {{"--revision", 0, 0, ""}, "a kernel is held against one revision", "one --revision"});
    return kernels.front();
}

bool is_for(const scenario::scenario& s, const named_kernel& on) {
    return scenario::applicability(s, on.kernel)(s.on);
}

std::string rate_text(const live::exploration& e) {
    const auto rate = static_cast<long>(static_cast<double>(e.schedules) / e.time.count());
    return std::to_string(e.schedules) +
           (e.exhausted ? " schedules, all that there are within the bounds" : " schedules, not all") + ", " +
           std::to_string(rate) + " a second";
}

/// The scenario with the schedule that was found, as a file that replays.
void write_schedule(const scenario::scenario& s, const live::schedule_run& found, const std::string& path) {
    scenario::scenario_changes changes;
    const live::kernel_violation& broken = found.broken.front();
    changes.summary =
        "Found on a kernel: it breaks " + std::string(name_of(broken.which)) + ", " + broken.message;
    const auto block = std::find_if(s.steps.begin(), s.steps.end(), [](const scenario::step& step) {
        return std::holds_alternative<scenario::concurrent_step>(step.what);
    });
    changes.schedules.push_back({static_cast<std::size_t>(block - s.steps.begin()), found.entries});
    scenario::output_file file = value_or_throw(scenario::output_file::open(path));
    file.write(scenario::write_scenario(s, changes));
    value_or_throw(file.commit());
}

std::string schedule_text(const scenario::scenario& s, const live::schedule_run& run) {
    std::string text;
    for (const scenario::schedule_entry& e : run.entries)
        text += "    " + std::string(s.name_of(e.task)) + ": " + std::string(label_name(e.label)) + "\n";
    return text;
}

/// All schedules of one scenario.
int explore_one(const scenario::scenario& s, const std::string& where, const scenario::chosen_kernel& on,
                live::points_device& device, live::white_box& memory, const confirm_settings& asked) {
    const live::exploration e =
        live::explore_here(s, on, device, memory, {asked.schedules, asked.switches, asked.invariants});
    std::cout << s.name << " on " << where << ": " << rate_text(e) << "\n";
    if (asked.outcomes)
        for (const auto& [outcome, times] : e.outcomes)
            std::cout << "  " << times << "  " << outcome << "\n";
    for (const live::schedule_run& run : e.broken) {
        const live::kernel_violation& v = run.broken.front();
        std::cout << "broken  " << name_of(v.which) << ": " << v.message << "\n  by the schedule\n"
                  << schedule_text(s, run);
    }
    if (!e.broken.empty() && !asked.write.empty()) {
        write_schedule(s, e.broken.front(), asked.write);
        std::cout << "  written to " << asked.write << "\n";
    }
    return e.broken.empty() ? all_held : something_failed;
}

/// Inside of the guest: all scenarios, one after the other.
int confirm_inside(const confirm_settings& asked) {
    const live::lab_kernel k = value_or_throw(live::find_kernel(asked.kernel));
    const auto points = live::read_points(k.folder);
    if (!points)
        throw scenario::input_error({{asked.kernel, 0, 0, ""}, "this kernel has no points", ""});
    const std::set<std::string> labels(points->placed.begin(), points->placed.end());
    live::points_device device;
    const std::unique_ptr<live::white_box> memory =
        value_or_throw(live::open_own_kernel(k, [&](std::uint64_t address, void* into, std::size_t size) {
            return device.read_memory(address, {static_cast<std::byte*>(into), size});
        }));
    int code = all_held;
    for (const std::string& path : asked.paths) {
        const scenario::scenario s = read_one(path);
        const named_kernel on = model_for(s, k, asked);
        if (!is_for(s, on)) {
            std::cout << "left out  " << s.name << " on " << k.name << ": it is not for " << on.name << "\n";
            continue;
        }
        if (asked.outcomes || asked.invariants) {
            code = std::max(code, explore_one(s, k.name, on.kernel, device, *memory, asked));
            continue;
        }
        const live::confirmation c = live::confirm_here(s, on.kernel, device, *memory, labels);
        std::cout << live::story_text(s.name, k.name + " (" + on.name + ")", c, !asked.quiet) << std::flush;
        if (c.how == live::confirmation::verdict::not_reproduced)
            code = something_failed;
        else if (c.how == live::confirmation::verdict::cannot_be_scheduled && code == all_held)
            code = cannot_be_done;
    }
    return code;
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
        command.read_only = asked.write.empty();
        command.limit = std::chrono::seconds(asked.seconds);
        std::cout.flush();
        const result<int> end = live::run_in_guest(k, command);
        // A kernel that dies or hangs of the schedule is what was looked for; its last lines were shown.
        if (!end)
            std::cout << "the kernel broke down  " << k.name << ": " << end.error().message << "\n";
        code = std::max(code, end ? *end : something_failed);
    }
    return code;
}

void add_options(CLI::App& command, confirm_settings& asked) {
    command.add_option("files", asked.paths, "Scenarios, or folders of them")
        ->required()
        ->type_name("FILE|DIR");
    command.add_option("--kernel", asked.kernel, "A kernel built with points, or all of them")
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
