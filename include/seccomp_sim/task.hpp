// Tasks, thread groups and pid namespaces: what struct task_struct, signal_struct, sighand_struct and
// pid_namespace are to the life of a seccomp filter.
#pragma once

#include "seccomp_sim/ids.hpp"

namespace seccomp_sim {

/// What a task is doing, as far as a wakeup must know (the kernel's __state).
enum class task_state : std::uint8_t {
    running,         ///< on a CPU or ready to be
    interruptible,   ///< sleeps until woken or signalled
    killable,        ///< sleeps until woken or fatally signalled
    uninterruptible, ///< sleeps until woken
    stopped,         ///< job control stop; SIGCONT or SIGKILL ends it
    traced,          ///< ptrace stop; the tracer or SIGKILL ends it
    dead,            ///< has run its last instruction
};

/// task_struct.exit_state.
enum class exit_state : std::uint8_t {
    alive,
    zombie, ///< waits to be reaped, by the parent or the tracer
    dead,   ///< on its way out of the tables; nobody can wait for it any more
};

/// task_struct.seccomp.mode; `dead` exists where the revision has SECCOMP_MODE_DEAD.
enum class seccomp_mode : std::uint8_t { disabled, strict, filter, dead };

/// Bits of task::flags.
namespace task_flag {
inline constexpr std::uint32_t exiting = 1U << 0;        ///< PF_EXITING
inline constexpr std::uint32_t no_new_privs = 1U << 1;   ///< PFA_NO_NEW_PRIVS
inline constexpr std::uint32_t sys_admin = 1U << 2;      ///< has CAP_SYS_ADMIN in its user namespace
inline constexpr std::uint32_t holds_usage = 1U << 3;    ///< its filter pointer stands for one `usage`
inline constexpr std::uint32_t holds_live = 1U << 4;     ///< its filter pointer stands for one `live`
inline constexpr std::uint32_t unhashed = 1U << 5;       ///< passed __unhash_process: no longer in its group
inline constexpr std::uint32_t trace_exit = 1U << 6;     ///< PTRACE_O_TRACEEXIT
inline constexpr std::uint32_t trace_seccomp = 1U << 7;  ///< PTRACE_O_TRACESECCOMP
inline constexpr std::uint32_t exit_kill = 1U << 8;      ///< PTRACE_O_EXITKILL
inline constexpr std::uint32_t seized = 1U << 9;         ///< attached by PTRACE_SEIZE
inline constexpr std::uint32_t vfork_pending = 1U << 10; ///< its vfork parent still sleeps
inline constexpr std::uint32_t new_pid_ns = 1U << 11; ///< its children go to the namespace that it unshared
inline constexpr std::uint32_t stop_reported = 1U << 12; ///< its present stop was seen by a wait
inline constexpr std::uint32_t group_dead = 1U << 13;    ///< it was the last of its group to pass do_exit
inline constexpr std::uint32_t kernel_thread = 1U << 14; ///< no user mode: the RCU callbacks' worker
inline constexpr std::uint32_t stop_pending = 1U << 16;  ///< JOBCTL_STOP_PENDING: takes part in a group stop
inline constexpr std::uint32_t hashed = 1U << 17;        ///< on its group's list of threads
inline constexpr std::uint32_t sigpending = 1U << 18;    ///< TIF_SIGPENDING
inline constexpr std::uint32_t released = 1U << 19;      ///< free_task took it: it is about to leave memory
} // namespace task_flag

/// One task: a thread, or a process with a single one.
struct task {
    name_id name;          ///< the scenario's name for it; nothing for generated tasks
    index_type pid = 0;    ///< in the first pid namespace
    index_type ns_pid = 0; ///< in its own
    group_id group;
    task_id next_thread, prev_thread; ///< the ring of its group (signal_struct.thread_head)
    filter_id filter;                 ///< seccomp.filter: the leaf of its path
    index_type filter_count = 0;      ///< seccomp.filter_count: attaches along the path
    files_id files;                   ///< nothing: only the three standard streams so far
    stack_id call;                    ///< the calls in flight; nothing in user mode
    task_id tracer;
    task_id tracees;            ///< the first of the tasks that it traces
    task_id next_tracee;        ///< ptrace_entry: among tracees, or on a list of dead tasks
    std::uint32_t pending = 0;  ///< signals sent to this thread, bit n-1 for signal n
    std::uint32_t blocked = 0;  ///< signal mask
    file_id works;              ///< task_work: files whose last reference went away in this call
    message_id mailbox;         ///< fds in flight to its socket
    std::int32_t exit_code = 0; ///< exit status, or the signal of the present ptrace stop
    std::uint32_t flags = 0;    ///< task_flag bits
    task_state state = task_state::running;
    enum exit_state exit_state = exit_state::alive;
    enum seccomp_mode mode = seccomp_mode::disabled;
    std::uint8_t stop_event = 0; ///< PTRACE_EVENT_* of the present ptrace stop

    bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
    void set(std::uint32_t flag, bool on = true) { flags = on ? flags | flag : flags & ~flag; }
};

/// Bits of thread_group::flags.
namespace group_flag {
inline constexpr std::uint32_t group_exit = 1U << 0;    ///< SIGNAL_GROUP_EXIT
inline constexpr std::uint32_t subreaper = 1U << 1;     ///< is_child_subreaper
inline constexpr std::uint32_t has_subreaper = 1U << 2; ///< has_child_subreaper: an ancestor is one
inline constexpr std::uint32_t unkillable = 1U << 3;    ///< SIGNAL_UNKILLABLE: the init of a pid namespace
inline constexpr std::uint32_t stopped = 1U << 4;       ///< SIGNAL_STOP_STOPPED
inline constexpr std::uint32_t stop_reported = 1U << 5; ///< the stop was seen by a wait
inline constexpr std::uint32_t continued = 1U << 6;     ///< SIGNAL_STOP_CONTINUED, not yet seen by a wait
} // namespace group_flag

/// A thread group (process): signal_struct and the lock of its sighand_struct.
struct thread_group {
    task_id leader;
    task_id first_thread; ///< the ring of threads that were not yet unhashed
    group_id parent;      ///< whose wait reaps it (real_parent, by group)
    group_id first_child; ///< the ring of children in the order of their births
    group_id next_sibling, prev_sibling;
    pid_namespace_id ns;
    sighand_id sighand;             ///< nothing: every signal at its default
    task_id siglock;                ///< who holds sighand->siglock
    task_id cred_guard;             ///< who holds cred_guard_mutex
    std::uint32_t pending = 0;      ///< signals sent to the process, bit n-1 for signal n
    index_type limit_nofile = 1024; ///< RLIMIT_NOFILE, soft
    wait_entry_id chldexit;         ///< wait_chldexit: threads in wait4
    index_type threads = 0;         ///< nr_threads: on the ring
    index_type live = 0;            ///< signal->live: have not passed the start of do_exit
    index_type quick_threads = 0;   ///< have not begun do_exit
    std::int32_t exit_code = 0;     ///< group_exit_code
    std::int32_t notify_count = 0;  ///< signal->notify_count, see kernel-model/exec.hpp; 0: nobody execs
    std::uint32_t flags = 0;        ///< group_flag bits

    bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
    void set(std::uint32_t flag, bool on = true) { flags = on ? flags | flag : flags & ~flag; }
};

/// Signal dispositions other than the default ones; bit n-1 for signal n.
struct sighand {
    std::uint32_t handled = 0;
    std::uint32_t ignored = 0;
    std::uint32_t restart = 0;     ///< SA_RESTART
    std::uint32_t no_cld_wait = 0; ///< SA_NOCLDWAIT, on SIGCHLD
};

struct pid_namespace {
    pid_namespace_id parent;
    group_id child_reaper;       ///< its init
    index_type processes = 0;    ///< pid_allocated: tasks with a pid in it, descendants' namespaces included
    index_type level = 0;        ///< 0 for the first
    index_type next_pid = 1;     ///< the next pid in it
    task_id unsharer;            ///< whose children it is for, after unshare(CLONE_NEWPID)
    std::uint32_t dying = 0;     ///< PIDNS_ADDING is off: its init is on the way out
    std::uint32_t outsiders = 0; ///< somebody outside forked into it after its init
};

} // namespace seccomp_sim
