// Writes a scenario as a file again, with changes: a run that broke something becomes a scenario of its own,
// with the schedule that broke it.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::scenario {

/// What is to be different. What is not given stays as it was.
struct scenario_changes {
    struct block_schedule {
        std::size_t step = 0; ///< index in scenario::steps; a concurrent_step
        std::vector<schedule_entry> entries;
    };

    std::optional<std::string> name;
    std::optional<std::string> summary;
    std::optional<std::string> source;
    std::optional<std::string> note;
    std::optional<std::string> on; ///< a constraint
    std::optional<invariant> violates;
    std::optional<std::vector<choice_setting>> set;
    std::optional<std::uint64_t> seed;
    std::vector<block_schedule> schedules;
    std::optional<std::size_t> steps;  ///< only the first so many, counted with repeats written out
    std::vector<std::size_t> left_out; ///< indices in scenario::steps, rising
    bool expectations = true;          ///< false: without what steps expect
};

/// The text of the changed scenario; `read_scenario` reads it, wherever it is put: profiles that were in
/// other files stand in it as programs. Repeats stay, unless a change is about something inside one.
std::string write_scenario(const scenario& s, const scenario_changes& changes = {});

} // namespace seccomp_sim::scenario
