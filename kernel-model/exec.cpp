// execve: fs/exec.c. The filter and its counters stay; what changes is who else is there to hold them.
#include "kernel-model/exec.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/reparent.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

#include "seccomp_sim/errno_name.hpp"

namespace seccomp_sim {
namespace {

/// The caller takes the leader's pid and place; the old leader is released as a thread.
void exchange_identities(kernel& k, task_id leader) {
    task& caller = k.current();
    task& old = k.w.tasks[leader];
    std::swap(caller.pid, old.pid);
    std::swap(caller.ns_pid, old.ns_pid);
    k.current_group().leader = k.self;
    old.exit_state = exit_state::dead;
    if (old.tracer)
        wake_up_parent(k, k.w.tasks[old.tracer].group);
}

/// flush_signal_handlers: what was handled is at its default again.
void flush_handlers(kernel& k) {
    thread_group& group = k.current_group();
    if (!group.sighand)
        return;
    sighand& actions = k.w.sighands[group.sighand];
    actions.handled = actions.restart = 0;
    actions.no_cld_wait = 0;
}

} // namespace

step de_thread::run(kernel& k) {
    kernel_function {
        if (!thread_group_empty(k, k.current_group())) {
            wait_at("de_thread/siglock", !k.current_group().siglock);
            if (k.current_group().has(group_flag::group_exit) || k.current_group().notify_count != 0) {
                return_value(-EAGAIN);
            }
            k.current_group().notify_count =
                group_exec_task_set + zap_other_threads(k, k.self) - (is_leader(k, k.self) ? 0 : 1);
            while (k.current_group().notify_count > group_exec_task_set) {
                k.current().state = task_state::killable;
                sleep_at("de_thread/wait-for-threads");
                if (fatal_signal_pending(k, k.self)) {
                    k.current_group().notify_count = 0;
                    return_value(-EAGAIN);
                }
                wait_at("de_thread/siglock-again", !k.current_group().siglock);
            }
            k.current().state = task_state::running;
            if (!is_leader(k, k.self)) {
                leader = k.current_group().leader;
                for (;;) {
                    wait_at("de_thread/tasklist-lock", !k.globals().tasklist_lock);
                    take_tasklist_lock(k);
                    k.current_group().notify_count = -1;
                    if (k.deref(leader).exit_state != exit_state::alive)
                        break;
                    k.current().state = task_state::killable;
                    k.globals().tasklist_lock = none;
                    sleep_at("de_thread/wait-for-leader");
                    if (fatal_signal_pending(k, k.self)) {
                        k.current_group().notify_count = 0;
                        return_value(-EAGAIN);
                    }
                }
                exchange_identities(k, leader);
                yield_at("de_thread/before-unlock");
                k.globals().tasklist_lock = none;
                call_at("de_thread/release-leader", release_task{{}, leader, {}, 0});
            }
            yield_at("de_thread/before-done");
            k.current_group().notify_count = 0;
        }
        return_value(0);
    }
    return step::returned;
}

step bprm_execve::run(kernel& k) {
    kernel_function {
        if (k.rev.exec_files == exec_files::before_de_thread) {
            yield_at("execve/before-unshare-files-early");
            unshare_files(k, k.self);
        }
        wait_at("execve/cred-guard-mutex", !k.current_group().cred_guard || signal_pending(k, k.self));
        if (k.current_group().cred_guard) {
            return_value(-errno_restartnointr);
        }
        take_cred_guard_mutex(k);
        call_at("execve/de-thread", de_thread{});
        error = k.result();
        if (error == 0) {
            if (k.rev.exec_files == exec_files::after_de_thread) {
                yield_at("execve/before-unshare-files");
                unshare_files(k, k.self);
            }
            // exec_mmap: a vfork parent goes on.
            complete_vfork_done(k, k.self);
            yield_at("execve/before-close-on-exec");
            call_at("execve/close-on-exec", do_close_on_exec{});
            flush_handlers(k);
            // Tracers of old are told of an exec by a signal.
            if (k.current().tracer && !k.current().has(task_flag::seized))
                send_signal(k, signal_number::trap, k.self, true);
        }
        yield_at("execve/before-unlock");
        k.current_group().cred_guard = none;
        return_value(error);
    }
    return step::returned;
}

} // namespace seccomp_sim
