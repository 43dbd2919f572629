// The filter tree's counters on the way up: who takes them, and who lets go (kernel/seccomp.c, first half).
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// __seccomp_filter_orphan (patch v2: seccomp_filter_release): up the path while `live` reaches zero, waking
/// each filter's queue with HUP. The caller hands over one count of `orig`.
struct __seccomp_filter_orphan : frame {
    filter_id orig;
    std::uint32_t looked_idle = 0; ///< of a mutant: the queue was empty when it looked too early
    step run(kernel& k);
};

/// __put_seccomp_filter: up the path while `usage` reaches zero, freeing. The caller hands over one count of
/// `orig`.
struct __put_seccomp_filter : frame {
    filter_id orig;
    filter_id freeme;
    step run(kernel& k);
};

/// Orphan and put in one walk, which no kernel has (see fused_walk). Its result is the filter of which one
/// count of `usage` is left to put, or no filter.
struct __seccomp_filter_release_fused : frame {
    filter_id orig;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// __seccomp_filter_release: orphan, then put, of a filter that a task let go of. Where there is no `live`,
/// only put.
struct __seccomp_filter_release : frame {
    filter_id orig;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// seccomp_filter_release: a dead or dying task lets go of its filter. `locked`: under siglock, for do_exit.
struct seccomp_filter_release : frame {
    task_id tsk;
    std::uint32_t locked = 0;
    filter_id orig;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// patch v2's seccomp_filter_release, from release_task: only `live`, and the pointer stays.
struct seccomp_release_live : frame {
    task_id tsk;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// put_seccomp_filter, from free_task: what the task still holds.
struct put_seccomp_filter : frame {
    task_id tsk;
    filter_id orig;
    step run(kernel& k);
};

/// get_seccomp_filter: takes one `usage` and one `live` of the task's filter for a call in flight, which the
/// frame that called it owns afterwards (see take_over).
struct get_seccomp_filter : frame {
    filter_id orig;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
