// Random scenarios for whoever compares or explores: every step can be asked for on the given kernel.
#pragma once

#include "sim/property/generator.hpp"
#include "sim/property/history_scenario.hpp"
#include "sim/scenario/constraint.hpp"

#include <cstdint>

namespace seccomp_sim::property {

struct random_options {
    generator_options calls;
    std::uint32_t steps = 20;
    /// Only calls whose outcome does not hang on who is faster: each is tried under this many random
    /// schedules and left out if what user space or the counters show differs. 0: anything goes.
    std::uint32_t schedules_tried = 0;
};

/// Options for scenarios that a real kernel replays with one outcome: no calls at the same time, no injected
/// faults, nothing that depends on timing.
random_options replayable_on_a_kernel();

/// A history of `options.steps` calls, or fewer if nobody can act any more, and the names in it.
struct random_history {
    history steps;
    scenario::name_table names;
};
random_history make_history(const revision& on, const random_options& options, choice_source& choices);

/// The same as a scenario. Its name is "random-" and the seed.
scenario::scenario random_scenario(const scenario::chosen_kernel& on, const random_options& options,
                                   std::uint64_t seed);

/// Everything that a user, a counter or a poll shows of a kernel at rest, as text: by it two states are
/// compared whatever the tables' indices are.
std::string visible_state(execution& at_rest);

} // namespace seccomp_sim::property
