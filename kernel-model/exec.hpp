// execve, as far as it ends threads, renames tasks and closes fds: bprm_execve, begin_new_exec and de_thread
// of fs/exec.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

struct bprm_execve : frame {
    std::int64_t error = 0;
    step run(kernel& k);
};

/// de_thread: the caller becomes the only thread and the leader of its group.
struct de_thread : frame {
    task_id leader;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
