// The way to a broken invariant in words: one line a step, a column for each task, and only what changed.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <cstddef>
#include <string>

namespace seccomp_sim::explore {

struct story_options {
    std::size_t width = 120; ///< characters a line
    bool colour = false;     ///< for a terminal; it only repeats what the words say
};

/// Runs the scenario, up to the step that breaks the invariant that it is expected to break (or, if none is,
/// the first that is broken). Throws scenario::input_error if it cannot be run.
std::string tell_story(const scenario::scenario& s, const scenario::chosen_kernel& on,
                       const story_options& options = {});

/// The filter tree before and after that step, for graphviz.
std::string fatal_step_dot(const scenario::scenario& s, const scenario::chosen_kernel& on);

} // namespace seccomp_sim::explore
