// What `explore` does beside exploring one scenario.
#include "sim/cli/explore_modes.hpp"

#include "sim/explore/campaign.hpp"
#include "sim/explore/mutant_hunt.hpp"
#include "sim/explore/shortest.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"

#include <iostream>
#include <set>

namespace seccomp_sim::cli {
namespace {

explore::search_result outcomes_on(const scenario::scenario& s, const named_kernel& kernel,
                                   const explore_settings& asked) {
    explore::search_options o = asked.options;
    o.outcomes = true;
    o.all_findings = true;
    return explore::search(s, kernel.kernel, o).run();
}

/// The endings of `mine` that `other` lacks.
std::set<std::string> only_in(const explore::search_result& mine, const explore::search_result& other) {
    std::set<std::string> only;
    for (const auto& [text, e] : mine.endings)
        if (other.endings.count(text) == 0)
            only.insert(text);
    return only;
}

/// What only one kernel shows, and the shortest schedule that shows any of it there.
void print_only_in(const scenario::scenario& s, const named_kernel& kernel, const std::set<std::string>& only,
                   const explore_settings& asked) {
    for (const std::string& text : only)
        std::cout << "only on " << kernel.name << ": " << text << "\n";
    if (only.empty())
        return;
    explore::shortest_options how;
    how.endings = only;
    how.max_states = asked.options.max_states;
    how.max_memory = asked.options.max_memory == 0 ? std::uint64_t{2} << 30 : asked.options.max_memory;
    how.max_seconds = asked.options.max_seconds;
    how.workers = asked.options.workers;
    const explore::shortest_result r = explore::find_shortest(s, kernel.kernel, how);
    if (!r.found) {
        std::cout << "  the shortest schedule was not found: a limit was hit after all of " << r.layers
                  << " steps\n";
        return;
    }
    std::cout << "  the shortest schedule on " << kernel.name
              << " that the other does not answer alike: " << r.steps << " steps, " << r.switches
              << (r.switches == 1 ? " context switch" : " context switches") << ", to "
              << r.found->what.message << "\n";
    const explore::replayed_path path =
        explore::replay_path(s, kernel.kernel, explore::single_steps_seen, r.found->way);
    for (const explore::atomic_step& step : path.steps)
        std::cout << "    " << s.name_of(step.name) << ": "
                  << (step.label == 0 ? "start" : label_name(step.label)) << "\n";
}

} // namespace

int diff_outcomes(const scenario::scenario& s, const explore_settings& asked) {
    const std::vector<named_kernel> kernels = kernels_for(s, asked.diff, asked.settings);
    const explore::search_result first = outcomes_on(s, kernels.at(0), asked);
    const explore::search_result second = outcomes_on(s, kernels.at(1), asked);
    const bool whole = first.why == explore::stop_reason::exhausted &&
                       second.why == explore::stop_reason::exhausted && !first.bounded && !second.bounded;
    if (!whole) {
        std::cout << "a limit was hit before all outcomes of both were known: nothing can be said\n";
        return something_failed;
    }
    const std::set<std::string> on_first = only_in(first, second);
    const std::set<std::string> on_second = only_in(second, first);
    print_only_in(s, kernels[0], on_first, asked);
    print_only_in(s, kernels[1], on_second, asked);
    if (!on_first.empty() || !on_second.empty())
        return something_failed;
    std::cout << s.name << ": no schedule shows a difference between " << kernels[0].name << " and "
              << kernels[1].name << " (" << first.endings.size()
              << (first.endings.size() == 1 ? " outcome on both)\n" : " outcomes on both)\n");
    return all_held;
}

int hunt_mutants_mode(const explore_settings& asked) {
    std::vector<scenario::scenario> arena;
    const std::vector<std::string> paths{asked.path.empty() ? "scenarios/mutants" : asked.path};
    for (const std::string& file : scenario::value_or_throw(scenario::find_scenarios(paths)))
        arena.push_back(read_one(file));
    const std::uint64_t limit = asked.options.max_states == 0 ? 1'000'000 : asked.options.max_states;
    std::size_t alive = 0;
    for (const explore::mutant_verdict& v : explore::hunt_mutants(arena, limit)) {
        alive += v.killer.empty() ? 1U : 0U;
        std::cout << (v.killer.empty() ? "ALIVE  " : "killed ") << v.mutant->name << " on " << v.preset;
        if (!v.killer.empty())
            std::cout << ": " << v.killer << " in " << v.scenario;
        std::cout << " (" << v.states << " states)\n";
    }
    for (const mutant_info& m : all_mutants())
        if (m.is_equivalent())
            std::cout << "equivalent " << m.name << ": " << m.equivalent << "\n";
    std::cout << alive << " mutants live\n";
    return alive == 0 ? all_held : something_failed;
}

} // namespace seccomp_sim::cli
