// Runs the schedules that a scenario's first concurrently block allows on a kernel with points, one after the
// other, and works out after each step whether the kernel still keeps its invariants. What the kernel does in
// the block is not modelled: so it serves a kernel that no revision of the model stands for.
#pragma once

#include "sim/live/points/kernel_invariants.hpp"
#include "sim/live/points/points_device.hpp"
#include "sim/live/white_box/white_box.hpp"
#include "sim/scenario/scenario.hpp"

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

/// One schedule that was run.
struct schedule_run {
    std::vector<scenario::schedule_entry> entries; ///< each point that was passed in its turn
    std::string outcome;                           ///< what can be seen at the end, in one line
    std::vector<kernel_violation> broken;
};

struct exploration {
    std::size_t schedules = 0;
    bool exhausted = false; ///< there is no further schedule within the limits
    std::chrono::duration<double> time{};
    std::map<std::string, std::size_t> outcomes; ///< how often each was seen
    std::vector<schedule_run> broken;            ///< the first schedule for each invariant that breaks
};

/// Throws cannot_run, and scenario::input_error for a scenario without a concurrently block.
exploration explore_here(const scenario::scenario& s, const scenario::chosen_kernel& on,
                         points_device& points, white_box& memory, const exploration_limits& limits);

} // namespace seccomp_sim::live
