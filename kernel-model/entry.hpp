// The way into the kernel and back: a system call with its seccomp check, and what happens before user mode
// goes on.
#pragma once

#include "seccomp_sim/kernel.hpp"

#include <limits>

namespace seccomp_sim {

/// do_syscall_64: the filters look, the call runs, signals and task work are taken, and a call may start
/// again.
struct system_call : frame {
    request_id call;
    std::uint32_t unused = 0;
    std::int64_t value = 0;
    step run(kernel& k);
};

/// exit_to_user_mode_loop: returns the value that user space sees, or `restart_call`.
struct exit_to_user_mode : frame {
    std::int64_t value = 0;
    std::uint64_t looked = 0; ///< signals were looked at
    step run(kernel& k);
};

inline constexpr std::int64_t restart_call = std::numeric_limits<std::int64_t>::min();

/// Makes a task in user mode come into the kernel to look at its signals.
void interrupt_user_mode(kernel& k, task_id t);
/// A task's last frame is gone: it runs in user mode now, unless something waits for it already.
void return_to_user_mode(kernel& k, task_id t);

} // namespace seccomp_sim
