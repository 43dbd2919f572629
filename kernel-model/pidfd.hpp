// Pidfds: pidfd_open and pidfd_getfd of kernel/pid.c, pidfd_poll of kernel/fork.c and fs/pidfs.c.
// Left out: POLLHUP once the process is reaped (since 6.9), and pidfds of threads.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// pidfd_poll's look at the process: readable once its last thread has exited.
std::uint32_t pidfd_events(const kernel& k, file_id pidfd);

/// pidfd_open: `target` is a thread group's leader, `as` the new fd.
struct sys_pidfd_open : frame {
    group_id process;
    index_type pid = 0;
    std::int32_t fd = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// pidfd_getfd: `fd` is the name in the table of `target`, whom the caller has a pidfd of; `as` the new fd.
struct sys_pidfd_getfd : frame {
    file_id f;
    std::int32_t fd = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
