// Which invariant kills each mutant.
#include "sim/explore/mutant_hunt.hpp"

#include "sim/replay/run.hpp"
#include "sim/scenario/mutated_kernel.hpp"

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

constexpr std::uint64_t replays_of_a_race = 400;

bool has_block(const scenario::scenario& s, const scenario::applicability& applies) {
    return std::any_of(s.steps.begin(), s.steps.end(), [&](const scenario::step& step) {
        return std::holds_alternative<scenario::concurrent_step>(step.what) && applies(step.info.on);
    });
}

/// What a replay finds first: a broken invariant, or an expectation that does not hold.
std::string killer_in_replay(const scenario::scenario& s, const scenario::chosen_kernel& on,
                             std::uint64_t seed) {
    replay::run_options options;
    options.seed = seed;
    replay::run run(s, on, options);
    while (auto step = run.next()) {
        if (!*step)
            return "expectation"; // a step that the unchanged kernel can be asked for
        if (!(*step)->violations.empty())
            return std::string(name_of((*step)->violations.front().which));
        if (!(*step)->failures.empty())
            return "expectation";
    }
    return {};
}

std::string killer_in(const scenario::scenario& s, const scenario::chosen_kernel& on,
                      const scenario::applicability& applies, std::uint64_t max_states,
                      std::uint64_t& states) {
    const bool races = has_block(s, applies);
    if (races) {
        search_options options;
        options.max_states = max_states;
        // What is private relies on the very locks that a mutant may leave out.
        options.in_position.partial_order = false;
        const search_result r = search(s, on, options).run();
        states += r.states;
        if (!r.findings.empty())
            return std::string(name_of(r.findings.front().what.which));
    }
    // What a scenario expects is looked at in replays: a race takes one of its schedules there.
    std::string killer;
    for (std::uint64_t seed = 1; killer.empty() && seed <= (races ? replays_of_a_race : 1); ++seed)
        killer = killer_in_replay(s, on, seed);
    return killer;
}

} // namespace

std::vector<mutant_verdict> hunt_mutants(const std::vector<scenario::scenario>& arena,
                                         std::uint64_t max_states) {
    std::vector<mutant_verdict> verdicts;
    for (const mutant_info& m : all_mutants()) {
        if (m.is_equivalent())
            continue;
        const scenario::chosen_kernel kernel = scenario::with_mutant(m);
        mutant_verdict v;
        v.mutant = &m;
        v.preset = std::string(all_presets()[kernel.preset].name);
        for (const scenario::scenario& s : arena) {
            const scenario::applicability applies(s, kernel);
            if (!applies(s.on))
                continue;
            v.killer = killer_in(s, kernel, applies, max_states, v.states);
            v.scenario = s.name;
            if (!v.killer.empty())
                break;
        }
        verdicts.push_back(std::move(v));
    }
    return verdicts;
}

} // namespace seccomp_sim::explore
