// Runs the schedules that a scenario's first concurrently block allows on a kernel with points, one after the
// other, those with the fewest context switches first, and works out after each step whether the kernel still
// keeps its invariants. What the kernel does in the block is not modelled: so it serves a kernel that no
// revision of the model stands for.
#pragma once

#include "sim/live/points/schedule_runner.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

struct exploration_limits {
    std::size_t schedules = 1000;
    std::optional<std::size_t> switches; ///< from a task that could have gone on
    bool stop_at_first = false;          ///< broken invariant
};

struct exploration {
    std::size_t schedules = 0;
    bool exhausted = false;   ///< there is no further schedule within the bound on switches
    std::size_t switches = 0; ///< the most that any schedule had
    std::size_t strayed = 0;  ///< runs in which a choice of an earlier one was not there again
    std::chrono::duration<double> time{};
    std::map<std::string, std::size_t> outcomes; ///< how often each was seen
    std::vector<schedule_run> broken;            ///< the first schedule for each invariant that breaks
};

/// Throws cannot_run, and scenario::input_error for a scenario without a concurrently block.
exploration explore_here(const scenario::scenario& s, const scenario::chosen_kernel& on,
                         points_device& points, white_box& memory, const exploration_limits& limits);

} // namespace seccomp_sim::live
