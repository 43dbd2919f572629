// execve, as far as it ends threads, renames tasks and closes fds: bprm_execve, begin_new_exec and de_thread
// of fs/exec.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// thread_group::notify_count while group_exec_task (group_exit_task before 5.17) is set: this, and one more
/// for each thread that de_thread still waits for; below 0 while it waits for the leader. Apart from 0 so
/// that do_group_exit and get_signal see an exec that waits for nobody yet.
inline constexpr std::int32_t group_exec_task_set = 1;

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
