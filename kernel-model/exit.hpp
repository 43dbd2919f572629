// How a task ends: do_exit, exit_notify, release_task and what they call in kernel/exit.c, and free_task of
// kernel/fork.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// `code` in wait's encoding. Does not come back: the task's frames go with it.
struct do_exit : frame {
    std::int32_t code = 0;
    std::uint32_t group_dead = 0;
    step run(kernel& k);
};

struct do_group_exit : frame {
    std::int32_t code = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// Reparents the children, becomes a zombie, tells the parent, and releases what nobody waits for.
struct exit_notify : frame {
    task_id dead; ///< the tasks to release once the lock is dropped
    task_id next;
    std::uint32_t group_dead = 0;
    step run(kernel& k);
};

/// Takes a dead task off all lists; goes on with its leader if it was the last one to keep that from being
/// reaped.
struct release_task : frame {
    task_id p;
    task_id leader;
    std::uint32_t zap_leader = 0;
    step run(kernel& k);
};

/// The init of a pid namespace takes the others with it (kernel/pid_namespace.c).
struct zap_pid_ns_processes : frame {
    pid_namespace_id ns;
    index_type last_pid = 0;
    step run(kernel& k);
};

/// The last reference to a task goes; runs for the RCU callbacks' worker and for a fork that failed.
struct free_task : frame {
    task_id t;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// The RCU callback that is due first.
struct rcu_do_batch : frame {
    task_id t;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// Bit of task::flags: one of the task's two rcu_users is done with it.
inline constexpr std::uint32_t task_put_once = 1U << 15;
/// Whether a task that a call still refers to was unhashed meanwhile, or is gone from memory.
inline bool is_gone(const kernel& k, task_id t) {
    return !k.w.tasks.is_live(t) || k.w.tasks[t].has(task_flag::unhashed);
}
/// One of the two users of a task is done with it; after the second, the RCU worker frees it.
void put_task_struct_rcu_user(kernel& k, task_id t);
/// The RCU worker takes up the next callback, if one is due and it is idle. Where several are due, each is a
/// batch of its own: so it makes no difference to the worker whether a task came to the queue before or after
/// the callback before it was done.
void start_rcu_batch(kernel& k);

} // namespace seccomp_sim
