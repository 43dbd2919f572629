// A broken invariant as a scenario of its own: as small as it can be made, with the schedule that breaks it,
// so that `run` breaks it again on any machine; and as a story.
#pragma once

#include "sim/explore/search.hpp"
#include "sim/explore/story.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace seccomp_sim::explore {

struct counterexample_options {
    position_options in_position; ///< of the search: what the choices of its ways mean
    bool minimise = true;         ///< false: the scenario as it is, by the way that was found
    bool shortest =
        false; ///< search for the shortest way through the whole scenario without a limit of states
    std::size_t most_candidates = 2'000;            ///< smaller scenarios that are tried
    std::uint64_t most_states = 100'000;            ///< of each of them
    std::uint64_t most_shortest_states = 2'000'000; ///< of the search for the shortest way
    std::uint64_t max_memory = std::uint64_t{4} << 30;
    double max_seconds = 0; ///< of a search for the shortest way; 0: no limit
    unsigned workers = 1;
    story_options story;
};

struct written_counterexample {
    violation what;
    std::string text;         ///< the scenario file
    std::string story;        ///< one line a step
    std::string dot;          ///< the filter tree before and after the fatal step, for graphviz
    std::size_t length = 0;   ///< atomic steps
    std::size_t switches = 0; ///< context switches
    bool shortest = false;    ///< no schedule of the scenario that was explored breaks it in fewer steps
    std::string how_short;    ///< that in words: what is known of shorter ways
};

/// Throws std::logic_error if what was written does not break the same invariant again.
written_counterexample make_counterexample(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                           const finding& found, const counterexample_options& options = {});

/// The scenario with one way of running it as its schedules, verified to break `which` when run.
std::string write_schedule(const scenario::scenario& s, const scenario::chosen_kernel& on,
                           const replayed_path& way, invariant which);

} // namespace seccomp_sim::explore
