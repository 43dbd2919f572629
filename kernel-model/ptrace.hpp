// ptrace, as far as it keeps zombies, stops tasks, and reads their filters: kernel/ptrace.c and
// seccomp_get_filter.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// PTRACE_ATTACH, SEIZE, CONT, DETACH and SECCOMP_GET_FILTER, by the request's operation.
struct ptrace_request : frame {
    task_id target;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// seccomp_get_filter: holds a `usage` of the whole path while it looks. `target`'s own for /proc's
/// seccomp_cache.
struct seccomp_get_filter : frame {
    task_id target;
    filter_id orig;
    std::int64_t value = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
