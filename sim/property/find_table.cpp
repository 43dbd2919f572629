// How quickly random histories find what is known to be wrong.
#include "sim/property/find_table.hpp"

#include "sim/property/known_defects.hpp"

#include <algorithm>

namespace seccomp_sim::property {

namespace {

/// After so many seeds that found nothing, the others are not tried.
constexpr std::uint32_t patience = 3;

} // namespace

std::vector<target> all_targets() {
    std::vector<target> out;
    const auto presets = all_presets();
    for (std::size_t p = 0; p < presets.size(); ++p)
        for (std::size_t i = 0; i < invariants.size(); ++i) {
            const auto which = static_cast<invariant>(i);
            if (!known_defect(presets[p].choices, which).empty())
                out.push_back({std::string(presets[p].name) + " " + std::string(name_of(which)),
                               scenario::choose(static_cast<std::uint8_t>(p)), which});
        }
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
        const std::uint64_t taken = runs_until(wanted.kernel, with, options.most_runs, [&](const defect& d) {
            return wanted.breaks ? d.which == *wanted.breaks
                                 : known_defect(wanted.kernel.choices, d.which).empty();
        });
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
