// How quickly random histories find what is known to be wrong.
#include "sim/property/find_table.hpp"

#include "sim/property/lockstep.hpp"
#include "sim/scenario/mutated_kernel.hpp"

#include <algorithm>

namespace seccomp_sim::property {

namespace {

/// After so many seeds that found nothing, the others are not tried.
constexpr std::uint32_t patience = 3;

/// What exploration found: scenarios/defects has a file for each.
struct explored_defect {
    std::string_view preset;
    invariant which;
    std::string_view function; ///< in which it breaks; empty: seen at rest
};
constexpr explored_defect explored_defects[] = {
    {"v5.0", invariant::no_leak, ""},
    {"patch-v2", invariant::live_exact, "put_seccomp_filter"},
    {"patch-v2", invariant::live_exact, "seccomp_release_live"},
    {"patch-v2", invariant::live_exact, "seccomp_sync_threads"},
    {"patch-v2", invariant::no_leak, ""},
    {"v5.9", invariant::usage_exact, "free_task"},
};

std::string_view function_of(const defect& found) {
    const std::string_view label = found.at == 0 ? "" : label_name(found.at);
    return label.substr(0, label.find('/'));
}

/// What the kernel does wrong without a mutant.
bool is_explored(std::string_view preset, const defect& found) {
    return std::any_of(
        std::begin(explored_defects), std::end(explored_defects), [&](const explored_defect& d) {
            return d.preset == preset && d.which == found.which && d.function == function_of(found);
        });
}

target target_for(const explored_defect& d) {
    std::string name = std::string(d.preset) + " " + std::string(name_of(d.which)) +
                       (d.function.empty() ? "" : " in " + std::string(d.function));
    const scenario::chosen_kernel kernel = scenario::choose(scenario::parse_preset(d.preset).value());
    return {std::move(name), [d, kernel](const fuzz_options& options, std::uint64_t most) {
                return runs_until(kernel, options, most, [&](const defect& found) {
                    return found.which == d.which && function_of(found) == d.function;
                });
            }};
}

target target_for(const mutant_info& m) {
    const scenario::chosen_kernel mutated = scenario::with_mutant(m);
    const std::string_view of = all_presets()[mutated.preset].name;
    std::string name = std::string(of) + " mutant=" + std::string(m.name);
    if (!m.killed_by)
        return {std::move(name), [mutated](const fuzz_options& options, std::uint64_t most) {
                    return runs_until_different(all_presets()[mutated.preset].choices, mutated.choices,
                                                options, most);
                }};
    return {std::move(name), [of, mutated](const fuzz_options& options, std::uint64_t most) {
                return runs_until(mutated, options, most,
                                  [of](const defect& found) { return !is_explored(of, found); });
            }};
}

} // namespace

std::vector<target> all_targets() {
    std::vector<target> out;
    for (const explored_defect& d : explored_defects)
        out.push_back(target_for(d));
    for (const mutant_info& m : all_mutants())
        if (!m.is_equivalent() && m.which != mutant::fork_without_siglock)
            out.push_back(target_for(m));
    return out;
}

find_options default_find_options() {
    find_options options;
    options.runs = default_fuzz_options();
    options.runs.steps = 2000;
    return options;
}

find_result find(const target& wanted, const find_options& options) {
    find_result out;
    std::vector<std::uint64_t> runs;
    for (std::uint32_t seed = 1; seed <= options.seeds; ++seed) {
        if (seed > patience && runs.empty())
            break;
        fuzz_options with = options.runs;
        with.seed = seed;
        const std::uint64_t taken = wanted.look_for(with, options.most_runs);
        ++out.seeds;
        if (taken != 0)
            runs.push_back(taken);
    }
    out.found = static_cast<std::uint32_t>(runs.size());
    if (runs.empty())
        return out;
    std::sort(runs.begin(), runs.end());
    out.least = runs.front();
    out.most = runs.back();
    out.median = runs[runs.size() / 2];
    return out;
}

} // namespace seccomp_sim::property
