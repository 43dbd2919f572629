// The way into the kernel and back: arch/x86/entry and kernel/entry/common.c, in spirit.
#include "kernel-model/entry.hpp"

#include "kernel-model/dispatch.hpp"
#include "kernel-model/exit.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/secure_computing.hpp"
#include "kernel-model/signal.hpp"

#include "seccomp_sim/errno_name.hpp"

namespace seccomp_sim {
namespace {

bool asks_for_restart(std::int64_t value) {
    return value == -errno_restartsys || value == -errno_restartnointr || value == -errno_restartnohand ||
           value == -errno_restart_restartblock;
}

/// What a call's value becomes when a handler runs after it.
std::int64_t after_handler(std::int64_t value, signal_outcome handler) {
    if (!asks_for_restart(value))
        return value;
    const bool restarts = value == -errno_restartnointr ||
                          (value == -errno_restartsys && handler == signal_outcome::handler_restarts);
    return restarts ? restart_call : -EINTR;
}

} // namespace

step system_call::run(kernel& k) {
    kernel_function {
        do {
            // Mode and filter only change to something stricter; a task looks at its own mode first thing.
            if (k.current().mode != seccomp_mode::disabled) {
                call_at("entry/secure-computing", secure_computing{{}, 0, 0, {}, 0});
            } else {
                k.set_result(0);
            }
            if (k.result() != 0) {
                value = k.stack().skip_value;
            } else {
                yield_at("entry/call");
                call_chosen_at("entry/in-call", begin_operation);
                value = k.result();
            }
            if (k.current().works || signal_pending(k, k.self)) {
                call_at("entry/exit-to-user", exit_to_user_mode{{}, value, 0});
                value = k.result();
            }
            if (value == restart_call && k.watch)
                k.watch->on_restart(k.self);
        } while (value == restart_call);
        if (k.watch)
            k.watch->on_return(k.self, call, value);
        return_value(value);
    }
    return step::returned;
}

step exit_to_user_mode::run(kernel& k) {
    kernel_function {
        for (;;) {
            if (k.current().works) {
                call_at("exit_to_user_mode/task-work", task_work_run{});
            }
            yield_at("exit_to_user_mode/before-signals");
            if (!signal_pending(k, k.self))
                break;
            looked = 1;
            call_at("exit_to_user_mode/get-signal", get_signal{});
            if (k.result() != static_cast<std::int64_t>(signal_outcome::nothing))
                value = after_handler(value, static_cast<signal_outcome>(k.result()));
        }
        // Only the signal code knows of restarts: without a signal such a value is one like any other.
        return_value(looked != 0 && asks_for_restart(value) ? restart_call : value);
    }
    return step::returned;
}

void interrupt_user_mode(kernel& k, task_id t) {
    k.enter(t, exit_to_user_mode{});
}

void return_to_user_mode(kernel& k, task_id t) {
    if (t == k.w.rcu_worker)
        start_rcu_batch(k);
    else if (signal_pending(k, t))
        interrupt_user_mode(k, t);
}

} // namespace seccomp_sim
