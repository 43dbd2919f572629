// ptrace: kernel/ptrace.c; PTRACE_SECCOMP_GET_FILTER and /proc/PID/seccomp_cache: kernel/seccomp.c.
#include "kernel-model/ptrace.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/job_control.hpp"
#include "kernel-model/reparent.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

#include "seccomp_sim/errno_name.hpp"

namespace seccomp_sim {
namespace {

/// Bits of request::flags for attaching: the options, as task flags.
constexpr std::uint32_t all_options = task_flag::exit_kill | task_flag::trace_exit | task_flag::trace_seccomp;

std::int64_t may_attach(const kernel& k, task_id target) {
    const task& record = k.w.tasks[target];
    if (record.group == k.w.tasks[k.self].group || record.tracer)
        return -EPERM;
    if (!k.w.tasks[k.self].has(task_flag::sys_admin) && record.has(task_flag::sys_admin))
        return -EPERM;
    return record.exit_state == exit_state::alive ? 0 : -EPERM;
}

void attach(kernel& k, task_id target, bool seize, std::uint32_t options) {
    add_tracee(k, k.self, target);
    task& record = k.w.tasks[target];
    record.set(options & all_options);
    record.set(task_flag::seized, seize);
    if (!seize)
        send_signal(k, signal_number::stop, target, true, true);
    // The group stop becomes a ptrace stop; the attacher waits until it has (JOBCTL_TRAPPING).
    if (record.state == task_state::stopped)
        trap(k, target);
}

/// ptrace_freeze_traced: says whether the tracee stands still, and will until the request is done.
bool freeze(kernel& k, task_id tracee) {
    if (k.w.tasks[tracee].state != task_state::traced || fatal_signal_pending(k, tracee))
        return false;
    k.deref(tracee).set(job_flag::frozen);
    return true;
}

/// ptrace_unfreeze_traced.
void unfreeze(kernel& k, task_id tracee) {
    k.deref(tracee).set(job_flag::frozen, false);
    if (fatal_signal_pending(k, tracee))
        k.wake(tracee, wake_mask::traced);
}

/// PTRACE_CONT and the like: the stopped tracee goes on, with a signal or without.
std::int64_t go_on(kernel& k, task_id target, int signal) {
    task& record = k.w.tasks[target];
    record.exit_code = signal;
    k.wake(target, wake_mask::traced);
    return 0;
}

filter_id nth_filter(const kernel& k, filter_id leaf, std::int64_t index) {
    std::int64_t count = 0;
    for (filter_id f = leaf; f; f = k.w.filters[f].prev)
        ++count;
    if (index < 0 || index >= count)
        return none;
    filter_id f = leaf;
    for (std::int64_t i = count - 1; i > index; --i)
        f = k.w.filters[f].prev;
    return f;
}

} // namespace

step seccomp_get_filter::run(kernel& k) {
    kernel_function {
        if (!k.current().has(task_flag::sys_admin) ||
            (k.current_request().op == operation::ptrace_get_filter &&
             k.current().mode != seccomp_mode::disabled)) {
            return_value(-EACCES);
        }
        wait_at("seccomp_get_filter/siglock", !k.group_of(target).siglock);
        if (k.deref(target).mode != seccomp_mode::filter || !k.deref(target).filter) {
            return_value(-EINVAL);
        }
        // Under siglock, which is dropped again in the same step.
        orig = k.deref(target).filter;
        k.usage_inc(orig);
        k.own_usage(*this, orig);
        yield_at("seccomp_get_filter/before-walk");
        {
            const filter_id found = nth_filter(k, orig, k.current_request().number);
            value = !found ? -ENOENT
                           : static_cast<std::int64_t>(
                                 k.programs[k.w.filters[found].program.value].classic().size());
        }
        if (k.mutated(mutant::get_filter_forgets_put)) {
            k.own_usage(*this, none);
            return_value(value);
        }
        call_at("seccomp_get_filter/put", __put_seccomp_filter{hand_over_usage(*this), orig, {}});
        return_value(value);
    }
    return step::returned;
}

step ptrace_request::run(kernel& k) {
    kernel_function {
        target = find_task(k, k.current_request().target);
        // A tracer names its target by a pid of its own namespace; /proc may be that of the first one.
        if (!target ||
            (k.current_request().op != operation::read_seccomp_cache &&
             pid_seen_from(k, target, k.current_group().ns) == 0) ||
            k.deref(target).exit_state == exit_state::dead || k.deref(target).has(task_flag::unhashed)) {
            return_value(-ESRCH);
        }
        if (k.current_request().op == operation::read_seccomp_cache) {
            if (k.rev.action_cache == presence::no) {
                return_value(-ENOENT);
            }
            call_at("proc/seccomp-cache", seccomp_get_filter{{}, target, {}, 0});
            // Without a filter the file is there and says nothing; with one, which filter was asked for is no
            // matter.
            return_value(k.result() == -EACCES ? -EACCES : 0);
        }
        if (k.current_request().op == operation::ptrace_attach ||
            k.current_request().op == operation::ptrace_seize) {
            // The target's exec holds its cred_guard_mutex until its threads are gone: the attacher waits for
            // it.
            wait_at("ptrace_attach/cred-guard-mutex",
                    !k.group_of(target).cred_guard || signal_pending(k, k.self));
            if (k.group_of(target).cred_guard) {
                return_value(-errno_restartnointr);
            }
            wait_at("ptrace_attach/tasklist-lock", !k.globals().tasklist_lock);
            k.set_result(may_attach(k, target));
            if (k.result() == 0)
                attach(k, target, k.current_request().op == operation::ptrace_seize,
                       k.current_request().flags);
            return_value(k.result());
        }
        yield_at("ptrace/before-check");
        if (is_gone(k, target) || k.deref(target).tracer != k.self || !freeze(k, target)) {
            return_value(-ESRCH);
        }
        if (k.current_request().op == operation::ptrace_get_filter) {
            call_at("ptrace/get-filter", seccomp_get_filter{{}, target, {}, 0});
            unfreeze(k, target);
            return_value(k.result());
        }
        wait_at("ptrace/tasklist-lock", !k.globals().tasklist_lock);
        unfreeze(k, target); // what follows wakes it in the same step
        if (k.current_request().op == operation::ptrace_cont) {
            return_value(go_on(k, target, k.current_request().number));
        }
        k.deref(target).exit_code = k.current_request().number;
        if (ptrace_detach(k, target)) {
            call_at("ptrace/release-task", release_task{{}, target, {}, 0});
        }
        return_value(0);
    }
    return step::returned;
}

} // namespace seccomp_sim
