// Stops and continues of whole processes, and what their parents and tracers are told of them: the jobctl of
// kernel/signal.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Further bits of task::flags.
namespace job_flag {
inline constexpr std::uint32_t trap_notify =
    1U << 21; ///< JOBCTL_TRAP_NOTIFY: a seized task is to tell of a change
inline constexpr std::uint32_t stop_dequeued = 1U << 22; ///< JOBCTL_STOP_DEQUEUED: no SIGCONT came since
/// TASK_FROZEN: a request of its tracer is at work on the stopped tracee, and SIGKILL wakes it only after
/// that.
inline constexpr std::uint32_t frozen = 1U << 23;
/// What JOBCTL_PENDING_MASK covers, and JOBCTL_STOP_DEQUEUED.
inline constexpr std::uint32_t all = task_flag::stop_pending | trap_notify | stop_dequeued;
} // namespace job_flag

/// A further bit of thread_group::flags, SIGNAL_CLD_MASK: the parent is still to be told that it goes on.
inline constexpr std::uint32_t continue_untold = 1U << 7;

/// sig_kernel_stop: SIGSTOP, SIGTSTP, SIGTTIN and SIGTTOU.
inline constexpr std::uint32_t stop_signals = 0xfU << 18;

/// do_notify_parent_cldstop: SIGCHLD for the process of `whom`, unless it is ignored, and an end of waiting.
void tell_of_change(kernel& k, task_id whom);
/// The same for the parent of a group that stopped or went on.
void tell_parent_of_change(kernel& k, group_id g);

/// The whole process is to end: SIGNAL_GROUP_EXIT in place of whatever its flags said of stops.
void begin_group_exit(thread_group& group, std::int32_t code);

/// prepare_signal's part: stops and continues cancel each other before anything is queued.
void cancel_opposites(kernel& k, int signal, group_id g);
/// do_signal_stop for a signal that was taken: every thread of the group is to stop.
void start_group_stop(kernel& k);
/// task_participate_group_stop: a thread that was to stop does so; says whether it was the last.
bool take_part_in_stop(kernel& k, task_id t);
/// do_jobctl_trap: a stop for the tracer to see and to end.
void trap(kernel& k, task_id t);
/// task_join_group_stop: a new thread stops with its group.
void join_group_stop(kernel& k, task_id thread);
/// __ptrace_unlink's part: back into the group's stop, if there is one, else on.
void leave_trap(kernel& k, task_id tracee);
/// get_signal's first half: stops the current task if it is to stop, and says whether it did.
bool stop_if_asked(kernel& k);

} // namespace seccomp_sim
