// Installing a filter: seccomp_set_mode_filter, seccomp_attach_filter and the thread sync of
// kernel/seccomp.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// seccomp(SECCOMP_SET_MODE_FILTER) and prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER). Returns 0, the listener's
/// fd, the id of a thread that could not be synced, or a negative errno.
struct seccomp_set_mode_filter : frame {
    filter_id prepared;
    file_id listener_f;
    std::int32_t listener = -1;
    std::uint32_t flags = 0;
    std::uint32_t takes_cred_guard = 0;
    std::uint32_t unused = 0;
    std::int64_t ret = 0;
    step run(kernel& k);
    /// A failed install: its listener's file is gone, but the count that the file held is only given up with
    /// the filter.
    bool holds_for_listener() const { return listener >= 0 && !listener_f; }
};

/// seccomp_attach_filter, under siglock: 0, a thread's id, or a negative errno.
struct seccomp_attach_filter : frame {
    filter_id filter;
    std::uint32_t flags = 0;
    step run(kernel& k);
};

/// seccomp_sync_threads: every other thread gets the caller's filter, under siglock and cred_guard_mutex.
struct seccomp_sync_threads : frame {
    task_id thread;
    task_id next;
    filter_id leaf;
    filter_id old;
    step run(kernel& k);
};

/// seccomp_set_mode_strict.
struct seccomp_set_mode_strict : frame {
    std::int64_t ret = 0;
    step run(kernel& k);
};

/// is_ancestor: whether `parent` is on the path of `child`; nothing is the ancestor of every filter.
bool is_ancestor(const kernel& k, filter_id parent, filter_id child);

} // namespace seccomp_sim
