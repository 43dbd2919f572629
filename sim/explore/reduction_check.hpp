// Tests what the partial order reduction takes for granted, in every state that a scenario can reach without
// it: that a private step is never blocked, and that it and any step of another task lead to the same state
// and the same violations in both orders. A section that goes as one is tried as a whole, against as much of
// another task's way as drops the lock that it needs; the first of two locks is tried against every step that
// can come after it.
#pragma once

#include "sim/explore/search.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace seccomp_sim::explore {

struct reduction_report {
    std::uint64_t states = 0;
    std::uint64_t pairs = 0; ///< of steps that were tried in both orders
    bool exhausted = false;
    /// Of each label that was met: whether its step commuted with every other task's step, always.
    struct label_record {
        std::uint64_t met = 0;
        bool blocked = false;
        label_id conflicts_with = 0; ///< one label of another task whose step does not commute; 0: none
    };
    std::vector<label_record> labels; ///< by label
    /// What is marked as private but is not: one line each.
    std::vector<std::string> lies;
};

/// Looks at up to `max_states` states.
reduction_report check_reduction(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                 std::uint64_t max_states);

} // namespace seccomp_sim::explore
