// All small scenarios up to a size, each explored on each kernel: a container's task under a filter with a
// listener, its thread and its child, and the supervisor that holds the listener; and at the same time one
// call each of up to so many of them, in every combination.
#pragma once

#include "sim/explore/search.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace seccomp_sim::explore {

struct campaign_options {
    unsigned size = 2;            ///< calls at the same time
    std::uint64_t max_states = 0; ///< of each exploration; 0: no limit
    unsigned workers = 2;
};

/// One defect: what broke, in which pair of kernel functions.
struct defect {
    invariant which = invariant::usage_exact;
    std::string function; ///< whose step broke it; "rest" if it was seen when nobody could move
    std::string other;    ///< the function of another task before it, in the shortest way found
    std::string preset;
    std::string scenario; ///< the text of the scenario with the shortest way
    finding shortest;
    std::uint64_t times = 0; ///< scenarios that have it
};

struct campaign_result {
    std::vector<defect> defects; ///< by preset, then invariant, then function
    std::uint64_t scenarios = 0;
    std::uint64_t explorations = 0;
    std::uint64_t states = 0;
    std::uint64_t cut_off = 0; ///< explorations that a limit stopped
};

/// The texts of the scenarios of a size, in a fixed order.
std::vector<std::string> campaign_scenarios(unsigned size);

/// Told after each scenario: how many are done, and of how many.
using campaign_progress = std::function<void(std::size_t done, std::size_t all)>;
campaign_result run_campaign(const std::vector<std::uint8_t>& presets, const campaign_options& options,
                             const campaign_progress& progress = {});

/// A table preset x defect, in Markdown.
std::string campaign_table(const campaign_result& r);
/// A file name for a defect: "patch-v2-live-exact-release_task.json".
std::string defect_file_name(const defect& d);

} // namespace seccomp_sim::explore
