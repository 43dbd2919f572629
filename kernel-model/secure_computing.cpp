// What a task's filters say to a system call: __secure_computing, seccomp_run_filters and __seccomp_filter of
// kernel/seccomp.c.
#include "kernel-model/secure_computing.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/seccomp_user_notification.hpp"
#include "kernel-model/signal.hpp"

#include <algorithm>

namespace seccomp_sim {
namespace {

bool strict_mode_allows(std::int32_t system_call) {
    return system_call == 0 || system_call == 1 || system_call == 15 || system_call == 60;
}

/// seccomp_run_filters: all filters run, newest first; a strictly lower action takes precedence, so ties go
/// to the newest. One step: the path above a task's filter never changes, and the pointer is read once.
std::uint32_t run_filters(kernel& k, const request& call, filter_id& match) {
    seccomp_data data{};
    data.nr = call.system_call;
    data.arch = audit_arch_x86_64;
    std::copy(std::begin(call.args), std::end(call.args), std::begin(data.args));
    std::uint32_t result = action_allow;
    for (filter_id f = k.current().filter; f;) {
        const filter& record = k.deref(f);
        const std::uint32_t returned = k.programs[record.program.value].run(data);
        if (takes_precedence(returned, result)) {
            result = returned;
            match = f;
        }
        f = record.prev;
    }
    return result;
}

} // namespace

step secure_computing::run(kernel& k) {
    kernel_function {
        if (k.current_request().system_call < 0) {
            return_value(0);
        }
        yield_at("secure_computing/before-mode");
        if (k.current().mode == seccomp_mode::dead) {
            k.warn("a task went on after seccomp killed it");
            call_at("secure_computing/dead", do_exit{{}, signal_number::kill});
        }
        if (k.current().mode == seccomp_mode::strict) {
            if (strict_mode_allows(k.current_request().system_call)) {
                return_value(0);
            }
            if (k.rev.mode_dead == presence::yes)
                k.current().mode = seccomp_mode::dead;
            call_at("secure_computing/strict-kill", do_exit{{}, signal_number::kill});
        }
        for (;;) {
            yield_at("secure_computing/before-filters");
            action = run_filters(k, k.current_request(), match);
            if (action_of(action) != action_trace || after_trace != 0)
                break;
            if (!k.current().tracer || !k.current().has(task_flag::trace_seccomp)) {
                k.stack().skip_value = -ENOSYS;
                return_value(1);
            }
            call_at("secure_computing/ptrace-event", ptrace_stop{{}, signal_number::trap, 7});
            if (fatal_signal_pending(k, k.self)) {
                k.stack().skip_value = -EINTR;
                return_value(1);
            }
            after_trace = 1;
            match = none;
        }
        action = action_of(action) == action_trace ? action_allow : action;

        if (action_of(action) == action_user_notif) {
            call_at("secure_computing/user-notification",
                    seccomp_do_user_notification{
                        {}, match, k.current_request().system_call, 0, {}, {}, 0, 0, 0, 0});
            return_value(k.result());
        }
        if (action_of(action) == action_allow || action_of(action) == action_log) {
            return_value(0);
        }
        if (action_of(action) == action_errno) {
            k.stack().skip_value = -action_errno_number(action);
            return_value(1);
        }
        if (action_of(action) == action_trap) {
            force_signal(k, signal_number::sys, k.self);
            k.stack().skip_value = k.current_request().system_call;
            return_value(1);
        }
        if (k.rev.mode_dead == presence::yes)
            k.current().mode = seccomp_mode::dead;
        if (action_of(action) == action_kill_thread && k.current_group().live > 1) {
            call_at("secure_computing/kill-thread", do_exit{{}, signal_number::sys});
        } else {
            call_at("secure_computing/kill-process", do_group_exit{{}, signal_number::sys});
        }
    }
    return step::returned;
}

} // namespace seccomp_sim
