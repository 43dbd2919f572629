// What exit does to the tasks around the dying one, each part under tasklist_lock: tracees, children, parent,
// leader.
#pragma once

#include "kernel-model/wait.hpp"
#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// A list of dead tasks to be released, the last added first.
void add_dead(kernel& k, task_id& list, task_id t);
task_id take_dead(kernel& k, task_id& list);

/// exit_ptrace: the running task traces nobody any more; zombies among its tracees that nobody else wants go
/// to `dead`.
void exit_ptrace(kernel& k, task_id& dead);
/// Whether `t` is the last thread of the init of its pid namespace.
bool is_last_of_pid_ns_init(const kernel& k, task_id t);
/// forget_original_parent: the running task's children get a new parent once its group has no other live
/// thread.
void reparent_children(kernel& k, task_id& dead);
/// The task's exit_state becomes zombie, or dead when nobody is to reap it; tells parent or tracer. Says
/// whether the task is to be released at once.
bool become_zombie(kernel& k, task_id t);
/// ptrace_release_task: the task is traced by nobody.
void ptrace_release_task(kernel& k, task_id t);
/// __exit_signal and __unhash_process: off its group's list; wakes an exec that counts threads.
void exit_signal(kernel& k, task_id t);
/// Whether the leader was only kept by the thread that just went and nobody waits for it.
bool may_zap_leader(kernel& k, task_id leader);
/// Wakes the thread that is in de_thread.
void wake_exec_task(kernel& k, group_id g);
/// retarget_shared_pending: another thread takes the process's signals.
void retarget_shared_pending(kernel& k, task_id t);
void ignore_sigchld(kernel& k, group_id g);
/// SIGKILL to every task of the namespace but the running one's group.
void kill_pid_ns(kernel& k, pid_namespace_id ns);
/// The task's memory, and its group's when it was the last one.
void free_task_record(kernel& k, task_id t);
/// __ptrace_detach of a tracee by its tracer's end or PTRACE_DETACH; says whether it is to be released.
bool ptrace_detach(kernel& k, task_id tracee);

/// The dispositions of a group, made its own to be written to.
sighand& sighand_of(kernel& k, group_id g);

} // namespace seccomp_sim
