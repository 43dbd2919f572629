// Signals, as far as they end, stop or interrupt the calls of tasks: kernel/signal.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

namespace signal_number {
inline constexpr int kill = 9;
inline constexpr int child = 17;
inline constexpr int cont = 18;
inline constexpr int stop = 19;
inline constexpr int trap = 5;
inline constexpr int sys = 31;
} // namespace signal_number

constexpr std::uint32_t signal_bit(int number) {
    return 1U << (number - 1);
}

/// Masks for kernel::wake.
namespace wake_mask {
constexpr std::uint32_t of(task_state s) {
    return 1U << static_cast<unsigned>(s);
}
inline constexpr std::uint32_t interruptible = of(task_state::interruptible);
inline constexpr std::uint32_t normal =
    of(task_state::interruptible) | of(task_state::killable) | of(task_state::uninterruptible);
inline constexpr std::uint32_t fatal = of(task_state::interruptible) | of(task_state::killable) |
                                       of(task_state::stopped) | of(task_state::traced);
inline constexpr std::uint32_t stopped = of(task_state::stopped);
inline constexpr std::uint32_t traced = of(task_state::traced);
} // namespace wake_mask

/// TIF_SIGPENDING: a signal waits for this very task to look.
inline bool signal_pending(const kernel& k, task_id t) {
    return k.w.tasks[t].has(task_flag::sigpending);
}
/// SIGKILL is among what waits.
inline bool fatal_signal_pending(const kernel& k, task_id t) {
    return signal_pending(k, t) && (k.w.tasks[t].pending & signal_bit(signal_number::kill)) != 0;
}
/// Works TIF_SIGPENDING out anew.
void recalc_sigpending(kernel& k, task_id t);

/// Sends a signal to one thread (`thread`), or to its process (`!to_thread`). The sender holds the target's
/// siglock, or nothing can come between. `from_ancestor`: a signal that an init of a pid namespace cannot
/// shrug off.
void send_signal(kernel& k, int signal, task_id thread, bool to_thread, bool from_ancestor = false);
/// force_sig: a signal of the kernel's own that the task cannot ignore or block.
void force_signal(kernel& k, int signal, task_id thread);
/// Wakes a task for a signal: it sees it at its next chance, at once if it is in user mode.
void signal_wake_up(kernel& k, task_id t, bool fatal);
/// zap_other_threads: SIGKILL for every thread but `t`; says how many there are.
std::int32_t zap_other_threads(kernel& k, task_id self);

/// The status in wait's encoding: signal in the low seven bits, exit status above.
constexpr std::int32_t exited_with(std::int64_t status) {
    return static_cast<std::int32_t>((status & 0xff) << 8);
}

/// find_alive_thread: the first thread of a process that is not on its way out; nothing if all are.
task_id find_alive_thread(const kernel& k, group_id g);
/// The thread of a process that news of its children goes to: the first that is not on its way out, since the
/// children of one that exits go to another; the first of all if there is none.
task_id parent_thread(const kernel& k, group_id parent);

/// do_notify_parent: tells the parent (or tracer) of a death; says whether nobody wants the zombie.
bool do_notify_parent(kernel& k, task_id t, int signal);
/// Wakes the threads of a group that sleep in wait4.
void wake_up_parent(kernel& k, group_id parent);

/// __wake_up_parent for the tracer of a task, if it has one.
void tell_tracer(kernel& k, task_id t);
/// What a group has set for signals; all at default if nothing.
sighand dispositions(const kernel& k, const thread_group& g);

/// What get_signal came to.
enum class signal_outcome : std::int64_t { nothing, handler, handler_restarts };

/// get_signal: takes the signals that wait, stops or dies by them, or says that a handler runs.
struct get_signal : frame {
    std::int32_t signal = 0;
    std::uint32_t of_thread = 0; ///< it was sent to this thread, not to its process
    step run(kernel& k);
};

/// ptrace_stop: sleeps until the tracer lets go on; returns the signal to deliver.
struct ptrace_stop : frame {
    std::int32_t code = 0;
    std::uint32_t event = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
