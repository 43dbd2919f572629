// Where tasks come from: copy_process and kernel_clone of kernel/fork.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// kernel_clone: returns the child's pid; waits for it after CLONE_VFORK.
struct kernel_clone : frame {
    task_id child;
    index_type birth_pid = 0; ///< the child's pid in the first namespace, which no later task gets
    index_type pid = 0;       ///< as the caller sees it
    std::uint32_t flags = 0;
    step run(kernel& k);
};

/// copy_process: returns the child's index in the table of tasks, or a negative errno.
struct copy_process : frame {
    task_id child;
    std::uint32_t flags = 0;
    std::int32_t error = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// copy_seccomp: the child gets the filter, its count and the mode of the running task.
struct copy_seccomp : frame {
    task_id child;
    filter_id filter;
    step run(kernel& k);
};

/// A pid namespace below `parent`, for the children of `unsharer` or for the task that is being cloned.
pid_namespace_id new_pid_namespace(kernel& k, pid_namespace_id parent, task_id unsharer);
/// Whether the child that this vfork waits for still uses its parent's address space.
bool vfork_child_runs(const kernel& k, const kernel_clone& vfork);
/// mm_release: whoever waits for its vfork child may go on.
void complete_vfork_done(kernel& k, task_id child);

} // namespace seccomp_sim
