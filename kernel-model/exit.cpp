// How a task ends: kernel/exit.c. The order of steps around the filter is what the revisions differ in.
#include "kernel-model/exit.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/job_control.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/reparent.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

namespace seccomp_sim {
namespace {

constexpr std::uint32_t ptrace_event_exit = 6;

/// PF_EXITING: where tasks let go at exit, this is what makes it count as a user no more.
void become_exiting(kernel& k, bool late = false) {
    if (k.mutated(mutant::exiting_late) != late)
        return;
    if (k.rev.release == release_point::exit)
        k.stops_using(k.self);
    k.current().set(task_flag::exiting);
}

/// synchronize_group_exit.
void begin_exit(kernel& k, std::int32_t code) {
    thread_group& group = k.current_group();
    const bool last = --group.quick_threads == 0;
    if (!last || k.rev.last_exit == last_exit::nothing || group.has(group_flag::group_exit))
        return;
    begin_group_exit(group, code);
}

} // namespace

step do_exit::run(kernel& k) {
    kernel_function {
        if (k.rev.last_exit == last_exit::group_exit) {
            wait_at("do_exit/synchronize-siglock", !k.current_group().siglock);
        }
        begin_exit(k, code);
        if (k.current().has(task_flag::trace_exit)) {
            call_at("do_exit/ptrace-event-exit",
                    ptrace_stop{{},
                                signal_number::trap | (static_cast<std::int32_t>(ptrace_event_exit) << 8),
                                ptrace_event_exit});
        }
        // exit_signals: without siglock when nobody else is left to see, or all are dying anyway.
        if (thread_group_empty(k, k.current_group()) || k.current_group().has(group_flag::group_exit)) {
            yield_at("do_exit/before-exiting");
            become_exiting(k);
        } else {
            wait_at("do_exit/exit-signals-siglock", !k.current_group().siglock);
            become_exiting(k);
            retarget_shared_pending(k, k.self);
            if (take_part_in_stop(k, k.self))
                tell_parent_of_change(k, k.current().group);
        }
        if (k.rev.release == release_point::exit) {
            call_at("do_exit/seccomp-filter-release", seccomp_filter_release{{}, k.self, 1, {}, 0});
            if (k.mutated(mutant::exiting_late))
                become_exiting(k, true);
        }
        yield_at("do_exit/before-live-dec");
        group_dead = --k.current_group().live == 0;
        k.current().exit_code = code;
        if (group_dead != 0)
            k.current().set(task_flag::group_dead);
        complete_vfork_done(k, k.self);
        call_at("do_exit/exit-files", exit_files{});
        if (k.current().works) {
            call_at("do_exit/task-work", task_work_run{});
        }
        call_at("do_exit/exit-notify", exit_notify{{}, {}, {}, group_dead});
        // do_task_dead, finish_task_switch.
        k.current().state = task_state::dead;
        put_task_struct_rcu_user(k, k.self);
        return step::ended;
    }
    return step::returned;
}

step do_group_exit::run(kernel& k) {
    kernel_function {
        if (k.current_group().has(group_flag::group_exit)) {
            code = k.current_group().exit_code;
        } else if (thread_group_empty(k, k.current_group())) {
            begin_group_exit(k.current_group(), code);
        } else {
            wait_at("do_group_exit/siglock", !k.current_group().siglock);
            if (k.current_group().has(group_flag::group_exit)) {
                code = k.current_group().exit_code;
            } else if (k.current_group().notify_count != 0) {
                code = 0; // another thread's exec kills this one
            } else {
                begin_group_exit(k.current_group(), code);
                zap_other_threads(k, k.self);
            }
        }
        call_at("do_group_exit/do-exit", do_exit{{}, code, 0});
    }
    return step::returned;
}

step exit_notify::run(kernel& k) {
    kernel_function {
        wait_at("exit_notify/tasklist-lock", !k.globals().tasklist_lock);
        take_tasklist_lock(k);
        exit_ptrace(k, dead);
        if (is_last_of_pid_ns_init(k, k.self)) {
            k.globals().tasklist_lock = none;
            while (dead) {
                next = take_dead(k, dead);
                call_at("exit_notify/release-dead-tracee", release_task{{}, next, {}, 0});
            }
            call_at("exit_notify/zap-pid-ns", zap_pid_ns_processes{{}, k.current_group().ns, 0});
            wait_at("exit_notify/tasklist-lock-again", !k.globals().tasklist_lock);
            take_tasklist_lock(k);
        }
        reparent_children(k, dead);
        yield_at("exit_notify/before-zombie");
        if (become_zombie(k, k.self))
            add_dead(k, dead, k.self);
        // de_thread of another thread may wait for this leader.
        if (k.current_group().notify_count < 0)
            wake_exec_task(k, k.current().group);
        yield_at("exit_notify/before-unlock");
        k.globals().tasklist_lock = none;
        while (dead) {
            next = take_dead(k, dead);
            call_at("exit_notify/release-dead", release_task{{}, next, {}, 0});
        }
    }
    return step::returned;
}

step release_task::run(kernel& k) {
    kernel_function {
        do {
            if (k.rev.has_live() && k.rev.release == release_point::split) {
                call_at("release_task/release-live", seccomp_release_live{{}, p, 0});
            }
            if (k.mutated(mutant::release_before_unhash)) {
                call_at("release_task/early-filter-release", seccomp_filter_release{{}, p, 0, {}, 0});
            }
            wait_at("release_task/tasklist-lock", !k.globals().tasklist_lock);
            take_tasklist_lock(k);
            ptrace_release_task(k, p);
            // __exit_signal, up to the unlock in one step: the list it changes is only walked under one of
            // both locks, and siglock is not held across any other point.
            wait_at("release_task/siglock", !k.group_of(p).siglock);
            leader = k.group_of(p).leader;
            exit_signal(k, p);
            yield_at("release_task/before-zap-leader");
            zap_leader = leader != p && !k.mutated(mutant::zap_leader_forgotten) && may_zap_leader(k, leader);
            yield_at("release_task/before-unlock");
            k.globals().tasklist_lock = none;
            if (k.rev.release == release_point::reap) {
                call_at("release_task/seccomp-filter-release", seccomp_filter_release{{}, p, 0, {}, 0});
            }
            if (k.watch)
                k.watch->on_reap(p);
            put_task_struct_rcu_user(k, p);
            p = leader;
        } while (zap_leader != 0);
    }
    return step::returned;
}

step zap_pid_ns_processes::run(kernel& k) {
    kernel_function {
        k.w.namespaces[ns].dying = 1;
        ignore_sigchld(k, k.current().group);
        wait_at("zap_pid_ns_processes/tasklist-lock", !k.globals().tasklist_lock);
        kill_pid_ns(k, ns);
        // The children that are zombies are reaped here; those that die from now on reap themselves.
        for (;;) {
            k.current().set(task_flag::sigpending, false);
            call_at("zap_pid_ns_processes/wait", kernel_wait4{{}, {}, 0, 0, {}, {}, 0, {}, {}, 0, 0});
            if (k.result() == -ECHILD)
                break;
        }
        for (;;) {
            k.current().state = task_state::interruptible;
            yield_at("zap_pid_ns_processes/before-count");
            if (k.w.namespaces[ns].processes <= (is_leader(k, k.self) ? 1U : 2U))
                break;
            sleep_at("zap_pid_ns_processes/sleep");
        }
        k.current().state = task_state::running;
    }
    return step::returned;
}

step free_task::run(kernel& k) {
    kernel_function {
        k.stops_using(t);
        k.deref(t).set(task_flag::released);
        if (k.rev.puts_in_free_task()) {
            call_at("free_task/put-seccomp-filter", put_seccomp_filter{{}, t, {}});
        } else if (k.deref(t).filter && k.rev.fork == fork_point::after_checks) {
            k.warn("free_task of a task that still has a filter");
        }
        yield_at("free_task/before-free");
        // What the task still stood for goes unreleased with it.
        k.drop_usage_hold(t);
        k.drop_live_hold(t);
        free_task_record(k, t);
    }
    return step::returned;
}

// The two users are the CPU that the task runs on and whoever releases it, in either order.
void put_task_struct_rcu_user(kernel& k, task_id t) {
    if (!k.w.tasks[t].has(task_put_once)) {
        k.w.tasks[t].set(task_put_once);
        return;
    }
    (k.globals().rcu_first ? k.w.tasks[k.globals().rcu_last].next_thread : k.globals().rcu_first) = t;
    k.globals().rcu_last = t;
    start_rcu_batch(k);
}

void start_rcu_batch(kernel& k) {
    if (!k.w.tasks[k.w.rcu_worker].call && k.globals().rcu_first)
        k.enter(k.w.rcu_worker, rcu_do_batch{});
}

step rcu_do_batch::run(kernel& k) {
    kernel_function {
        yield_at("rcu_do_batch/before-callback");
        t = k.globals().rcu_first;
        k.globals().rcu_first = k.w.tasks[t].next_thread;
        k.w.tasks[t].next_thread = none;
        if (!k.globals().rcu_first)
            k.globals().rcu_last = none;
        call_at("rcu_do_batch/free-task", free_task{{}, t, 0});
    }
    return step::returned;
}

} // namespace seccomp_sim
