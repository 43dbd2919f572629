// What `explore` does beside exploring one scenario.
#include "sim/cli/explore_modes.hpp"

#include "sim/explore/campaign.hpp"
#include "sim/explore/mutant_hunt.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"

#include <iostream>

namespace seccomp_sim::cli {
namespace {

explore::search_result outcomes_on(const scenario::scenario& s, const named_kernel& kernel,
                                   const explore_settings& asked) {
    explore::search_options o = asked.options;
    o.outcomes = true;
    o.all_findings = true;
    return explore::search(s, kernel.kernel, o).run();
}

/// The endings of `mine` that `other` lacks; says how many.
std::size_t print_only_in(const named_kernel& kernel, const explore::search_result& mine,
                          const explore::search_result& other) {
    std::size_t only = 0;
    for (const auto& [text, e] : mine.endings) {
        if (other.endings.count(text) != 0)
            continue;
        std::cout << "only on " << kernel.name << ", after " << e.way.size() << " choices: " << text << "\n";
        ++only;
    }
    return only;
}

} // namespace

int diff_outcomes(const scenario::scenario& s, const explore_settings& asked) {
    const std::vector<named_kernel> kernels = kernels_for(s, asked.diff, asked.settings);
    const explore::search_result first = outcomes_on(s, kernels.at(0), asked);
    const explore::search_result second = outcomes_on(s, kernels.at(1), asked);
    const std::size_t only =
        print_only_in(kernels[0], first, second) + print_only_in(kernels[1], second, first);
    const bool whole = first.why == explore::stop_reason::exhausted &&
                       second.why == explore::stop_reason::exhausted && !first.bounded && !second.bounded;
    if (!whole)
        std::cout << "a limit was hit: there may be more on both\n";
    else if (only == 0)
        std::cout << s.name << ": no schedule shows a difference between " << kernels[0].name << " and "
                  << kernels[1].name << " (" << first.endings.size() << " outcomes on both)\n";
    return only == 0 ? all_held : something_failed;
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
