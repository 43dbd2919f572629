// wait4: what a parent or tracer learns of its children, and how it reaps them (kernel/exit.c).
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

namespace wait_option {
inline constexpr std::uint32_t no_hang = 1;
inline constexpr std::uint32_t untraced = 2;
inline constexpr std::uint32_t continued = 8;
} // namespace wait_option

/// do_wait. `which`: a task's name, or nothing for any child. Returns the pid, 0 with WNOHANG, or a negative
/// errno.
struct kernel_wait4 : frame {
    name_id which;
    std::uint32_t options = 0;
    std::uint32_t by_request = 0; ///< `which` is taken from the request
    wait_entry_id entry;
    task_id found;
    index_type pid = 0; ///< of the zombie that is being released
    /// What `which` named when the call began. An exec of another thread hands its pid on within its group.
    task_id child;
    group_id child_group;
    index_type child_pid = 0;
    std::uint32_t had_child = 0; ///< at the last look there was a child to wait for
    step run(kernel& k);
};

/// The status of a dead task in wait's encoding.
std::int32_t wait_status(const kernel& k, task_id t);
/// Whether a sleeping wait4 of `who` would find something now (for the invariants at rest).
bool wait_would_return(const kernel& k, task_id who);

} // namespace seccomp_sim
