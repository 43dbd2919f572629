// Lets the steps of named tasks overlap in a scenario that has them one after the other.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <string>
#include <vector>

namespace seccomp_sim::explore {

/// The scenario with all steps from the first to the last that one of these tasks makes in one concurrent
/// block, a branch for each task that makes a step there; expectations in between are left out. Throws
/// scenario::input_error if a task is not there or the steps cannot be taken apart (a repeat).
scenario::scenario overlap_tasks(const scenario::scenario& s, const std::vector<std::string>& tasks);

} // namespace seccomp_sim::explore
