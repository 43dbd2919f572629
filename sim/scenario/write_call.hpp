// Writes a call as a step of a scenario: the inverse of read_call, by the same rows.
#pragma once

#include "sim/scenario/name_table.hpp"
#include "sim/scenario/operation_table.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace seccomp_sim::scenario {

/// What names in a call stand for.
struct call_names {
    const name_table& names;
    std::span<const named_filter> filters; ///< by program_id
};

/// The step's object, with "task" and "do" first. `polled` are the entries of a poll. What is left at its
/// default is left out.
nlohmann::ordered_json write_call(const call_names& with, const operation_row& row, name_id task,
                                  const request& asked, std::span<const poll_request> polled);

} // namespace seccomp_sim::scenario
