// A generated history: what tasks do, as plain requests and not yet as a scenario. Small enough that a run of
// a million calls can be kept and cut down.
#pragma once

#include "seccomp_sim/labels.hpp"
#include "seccomp_sim/request.hpp"
#include "sim/scenario/operation_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace seccomp_sim::property {

/// One call that a task is asked to make.
struct planned_call {
    static constexpr std::size_t most_polls = 3;

    const scenario::operation_row* row = nullptr; ///< what the call is named in a scenario
    name_id task;
    request asked; ///< `asked.polls` entries of `polled` belong to it; `first_poll` is set when it runs
    std::array<poll_request, most_polls> polled{};
};

/// One entry of a schedule: `task` runs until it has passed `label`.
struct planned_turn {
    name_id task;
    label_id label = 0;
    friend bool operator==(const planned_turn&, const planned_turn&) = default;
};

/// One step: a single call in a single branch, or calls made at the same time.
struct planned_step {
    std::vector<std::vector<planned_call>> branches;
    std::vector<planned_turn> schedule; ///< of a block

    bool is_block() const { return branches.size() > 1 || !schedule.empty(); }
};

using history = std::vector<planned_step>;

} // namespace seccomp_sim::property
