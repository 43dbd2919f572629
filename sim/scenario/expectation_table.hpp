// What can be expected between steps: one row for each key of "expect". The reader and the JSON schema follow
// these rows.
#pragma once

#include "sim/scenario/expectation.hpp"
#include "sim/scenario/json_fields.hpp"

#include <span>
#include <string_view>

namespace seccomp_sim::scenario {

class reading;
struct expect_step;

struct expectation_row {
    std::string_view key;
    std::string_view meaning;
    std::string_view schema; ///< of its value, as JSON; "$defs" are those of the scenario's schema
    /// Reads its value and appends what it says.
    void (*read)(reading& r, source_ref value, expect_step& out);
};

std::span<const expectation_row> expectation_rows();

/// The words of "tasks", and of a notification's "state".
std::span<const enum_name<task_condition>> task_conditions();
std::span<const enum_name<notify_state>> notification_states();

} // namespace seccomp_sim::scenario
