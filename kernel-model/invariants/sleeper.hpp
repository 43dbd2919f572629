// Why a task sleeps, and whether it still should.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

enum class sleeper_state : std::uint8_t {
    rightly,         ///< what it waits for has not come
    condition_holds, ///< a wakeup was lost
    not_ended,       ///< it waits for an answer although it has one, or cannot get one any more
};

/// Whether the task sleeps in a call (not stopped, not in user mode).
inline bool is_asleep(const task& t) {
    return t.call && (t.state == task_state::interruptible || t.state == task_state::killable ||
                      t.state == task_state::uninterruptible);
}

/// Looks at the function in which the task sleeps and at its condition. Reads only.
sleeper_state look_at_sleeper(const kernel& k, task_id who);

} // namespace seccomp_sim
