// Whether a step can be asked for at all at this point of a run. What the kernel would refuse is no
// impossible step.
#pragma once

#include "sim/replay/run.hpp"

#include <cstdint>
#include <string>

namespace seccomp_sim::replay {

/// What stands in the way of a call.
enum class obstacle : std::uint8_t {
    nothing,
    no_task,
    dead,
    stopped,
    in_call,
    fd_not_open,
    source_not_open,
    target_dead,
    init_exits,
};

/// Whether `task` can be asked for this call now.
obstacle obstacle_to(const kernel& k, name_id task, const request& asked);

/// Why the call cannot be made (its task is dead, its fd is closed), or an empty string.
std::string why_impossible(const run& r, const kernel& k, const scenario::call_step& call);

} // namespace seccomp_sim::replay
