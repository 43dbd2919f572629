// The calls that only touch the caller's own process, or send a signal: kernel/signal.c, kernel/sys.c, in
// short.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

std::int64_t sys_sigaction(kernel& k, const request& call);
std::int64_t sys_sigprocmask(kernel& k, const request& call);
std::int64_t sys_unshare_pid_ns(kernel& k);
std::int64_t sys_set_no_new_privs(kernel& k);
std::int64_t sys_set_child_subreaper(kernel& k, const request& call);
std::int64_t sys_drop_capabilities(kernel& k);
/// A call that does nothing to filters: what it returns when it is let through.
std::int64_t sys_other(kernel& k, const request& call);
/// SECCOMP_GET_ACTION_AVAIL and SECCOMP_GET_NOTIF_SIZES.
std::int64_t seccomp_get(const request& call);

/// kill and tgkill.
struct sys_kill : frame {
    task_id target;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// pause: sleeps until a signal's handler runs.
struct sys_pause : frame {
    step run(kernel& k);
};

} // namespace seccomp_sim
