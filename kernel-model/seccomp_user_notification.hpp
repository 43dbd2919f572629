// The trapped task's side of a notification: seccomp_do_user_notification and seccomp_handle_addfd of
// kernel/seccomp.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Tells the listener of `match` about the running task's call and waits for the answer. Returns 0 to let the
/// call run; otherwise 1, and call_stack::skip_value is what the call returns (also a -ERESTARTSYS).
struct seccomp_do_user_notification : frame {
    filter_id match;
    std::int32_t system_call = 0;
    std::int64_t value = 0;
    knotif_id n = {};
    kaddfd_id addfd = {};
    std::int32_t err = 0;
    std::uint32_t flags = 0;
    std::uint32_t killable = 0;
    std::uint32_t answered = 0;
    step run(kernel& k);
};

/// Takes the file that a supervisor sent into the running task's fd table, under notify_lock.
struct seccomp_handle_addfd : frame {
    kaddfd_id addfd = {};
    std::int32_t fd = 0;
    file_id replaced = {};
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
