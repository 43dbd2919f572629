// The guest's side of `confirm`.
#include "sim/cli/confirm_inside.hpp"

#include "sim/cli/options.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/points/add_points.hpp"
#include "sim/live/points/every_schedule.hpp"
#include "sim/live/points/kernel_revision.hpp"
#include "sim/live/points/modelled_outcomes.hpp"
#include "sim/live/points/outcome_text.hpp"
#include "sim/live/points/story.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <algorithm>
#include <iostream>

namespace seccomp_sim::cli {
namespace {

using scenario::value_or_throw;

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

/// A scenario, and what it is held against.
struct subject {
    const scenario::scenario& s;
    const named_kernel& model;
    std::string where; ///< "v6.11-points (v6.11)"
};

std::string count_text(const live::exploration& e, const confirm_settings& asked) {
    std::string text = std::to_string(e.schedules) + (e.schedules == 1 ? " schedule" : " schedules");
    if (e.exhausted)
        text += asked.switches ? ", all with up to " + std::to_string(*asked.switches) + " context switches"
                               : ", all that the points allow";
    else
        text += ", not all; up to " + std::to_string(e.switches) + " context switches";
    const auto rate = static_cast<long>(static_cast<double>(e.schedules) / e.time.count());
    text += "; " + std::to_string(rate) + " a second";
    if (e.strayed != 0)
        text += "; " + std::to_string(e.strayed) + " runs could not be taken the same way again";
    return text;
}

/// The scenario with the schedule that was found, as a file that replays.
void write_schedule(const subject& of, const live::schedule_run& found, const std::string& path) {
    scenario::scenario_changes changes;
    const live::kernel_violation& broken = found.broken.front();
    const std::size_t block = live::first_block(of.s, of.model.kernel).value();
    changes.name = of.s.name + "-" + std::string(name_of(broken.which));
    changes.summary =
        "Found on a kernel: it breaks " + std::string(name_of(broken.which)) + ", " + broken.message;
    changes.source = "confirm --invariants";
    changes.violates = broken.which;
    changes.schedules.push_back({block, found.entries});
    changes.steps = block + 1;
    changes.expectations = false;
    scenario::output_file file = value_or_throw(scenario::output_file::open(path));
    file.write(scenario::write_scenario(of.s, changes));
    value_or_throw(file.commit());
}

std::string schedule_text(const scenario::scenario& s, const live::schedule_run& run) {
    std::string text;
    for (const scenario::schedule_entry& e : run.entries)
        text += "    " + std::string(s.name_of(e.task)) + ": " + std::string(label_name(e.label)) + "\n";
    return text;
}

int tell_invariants(const subject& of, const live::exploration& e, const confirm_settings& asked) {
    for (const live::schedule_run& run : e.broken) {
        const live::kernel_violation& v = run.broken.front();
        std::cout << "broken  " << of.s.name << " on " << of.where << ": " << name_of(v.which) << ", "
                  << v.message << "\n";
        if (!asked.quiet)
            std::cout << "  by the schedule\n" << schedule_text(of.s, run);
    }
    std::cout << (e.broken.empty() ? "kept  " : "  after ");
    if (e.broken.empty())
        std::cout << of.s.name << " on " << of.where << ": no invariant breaks in ";
    std::cout << count_text(e, asked) << "\n";
    if (!e.broken.empty() && !asked.write.empty()) {
        write_schedule(of, e.broken.front(), asked.write);
        std::cout << "  written to " << asked.write << "\n";
    }
    return e.broken.empty() ? all_held : something_failed;
}

int tell_outcomes(const subject& of, const live::exploration& e, const confirm_settings& asked) {
    const live::modelled_outcomes model = live::outcomes_of_model(of.s, of.model.kernel);
    std::size_t both = 0;
    std::string text;
    for (const auto& [outcome, times] : e.outcomes) {
        const bool known = model.all.count(outcome) != 0;
        both += known ? 1U : 0U;
        if (!known || !asked.quiet)
            text += (known ? "  both          " : "  only kernel   ") + outcome + "  (" +
                    std::to_string(times) + (times == 1 ? " schedule)\n" : " schedules)\n");
    }
    for (const std::string& outcome : model.all)
        if (e.outcomes.count(outcome) == 0)
            text += "  only model    " + outcome + "\n";
    const std::size_t lacking = e.outcomes.size() - both;
    const bool differs = lacking != 0 && model.missing.empty();
    std::cout << (differs ? "differs  " : "agrees  ") << of.s.name << " on " << of.where << ": " << both
              << " of the model's " << model.all.size() << " outcomes shown";
    if (lacking != 0)
        std::cout << ", and " << lacking << " that the model lacks";
    std::cout << "; " << count_text(e, asked) << "\n";
    if (!model.missing.empty())
        std::cout << "  there may be more in the model: " << model.missing << "\n";
    std::cout << text;
    return differs ? something_failed : all_held;
}

int explore_one(const subject& of, live::points_device& device, live::white_box& memory,
                const confirm_settings& asked) {
    try {
        const live::exploration e =
            live::explore_here(of.s, of.model.kernel, device, memory,
                               {asked.schedules, asked.switches, asked.invariants && !asked.outcomes});
        int code = all_held;
        if (asked.outcomes)
            code = tell_outcomes(of, e, asked);
        // Whoever asks for outcomes hears of a broken invariant, too.
        if (asked.invariants || !e.broken.empty())
            code = std::max(code, tell_invariants(of, e, asked));
        return code;
    } catch (const live::cannot_run& e) {
        std::cout << "cannot be scheduled  " << of.s.name << " on " << of.where << ": " << e.why << "\n";
        return cannot_be_done;
    }
}

int confirm_one(const subject& of, live::points_device& device, live::white_box& memory,
                const std::set<std::string>& labels, const confirm_settings& asked) {
    const live::confirmation c = live::confirm_here(of.s, of.model.kernel, device, memory, labels);
    std::cout << live::story_text(of.s.name, of.where, c, !asked.quiet);
    switch (c.how) {
    case live::confirmation::verdict::not_reproduced:
        return something_failed;
    case live::confirmation::verdict::cannot_be_scheduled:
        return cannot_be_done;
    default:
        return all_held;
    }
}

} // namespace

int worse_code(int a, int b) {
    const auto weight = [](int code) { return code == something_failed ? 2 : code == all_held ? 0 : 1; };
    return weight(b) > weight(a) ? b : a;
}

namespace {

/// Throws live::cannot_run.
int confirm_all(const confirm_settings& asked) {
    const live::lab_kernel k = value_or_throw(live::find_kernel(asked.kernel));
    const auto points = live::read_points(k.folder);
    if (!points)
        throw scenario::input_error({{asked.kernel, 0, 0, ""}, "this kernel has no points", ""});
    const std::set<std::string> labels(points->placed.begin(), points->placed.end());
    live::points_device device;
    if (asked.under_locks && !device.hold_under_locks())
        throw live::cannot_run("the kernel " + k.name +
                               " has one CPU: a task that waits under a spinlock would stand still for ever");
    // Whoever wants a spinlock that a held task has does not settle.
    constexpr unsigned short_patience = 200;
    if (asked.under_locks)
        device.patience(short_patience);
    const std::unique_ptr<live::white_box> memory =
        value_or_throw(live::open_own_kernel(k, [&](std::uint64_t address, void* into, std::size_t size) {
            return device.read_memory(address, {static_cast<std::byte*>(into), size});
        }));
    int code = all_held;
    for (const std::string& path : asked.paths) {
        const scenario::scenario s = read_one(path);
        const named_kernel on = model_for(s, k, asked);
        if (!scenario::applicability(s, on.kernel)(s.on)) {
            std::cout << "left out  " << s.name << " on " << k.name << ": it is not for " << on.name << "\n";
            continue;
        }
        const subject of = {s, on, k.name + " (" + on.name + ")"};
        code = worse_code(code, asked.outcomes || asked.invariants
                                    ? explore_one(of, device, *memory, asked)
                                    : confirm_one(of, device, *memory, labels, asked));
        std::cout << std::flush;
    }
    return code;
}

} // namespace

int confirm_inside(const confirm_settings& asked) {
    try {
        return confirm_all(asked);
    } catch (const live::cannot_run& e) {
        std::cout << "cannot be scheduled  on " << asked.kernel << ": " << e.why << "\n";
        return cannot_be_done;
    }
}

} // namespace seccomp_sim::cli
