// Sending signals and taking them: kernel/signal.c.
#include "kernel-model/signal.hpp"

#include "kernel-model/entry.hpp"
#include "kernel-model/exit.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/job_control.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait_queue.hpp"

#include <bit>

namespace seccomp_sim {
namespace {

constexpr std::uint32_t ignored_by_default =
    signal_bit(17) | signal_bit(18) | signal_bit(23) | signal_bit(28);
constexpr std::uint32_t core_signals = signal_bit(3) | signal_bit(4) | signal_bit(5) | signal_bit(6) |
                                       signal_bit(7) | signal_bit(8) | signal_bit(11) | signal_bit(24) |
                                       signal_bit(25) | signal_bit(31);
constexpr std::uint32_t synchronous =
    signal_bit(4) | signal_bit(5) | signal_bit(7) | signal_bit(8) | signal_bit(11) | signal_bit(31);

/// sig_kernel_only: no handler can be set for it.
bool is_kernel_only(int signal) {
    return signal == signal_number::kill || signal == signal_number::stop;
}

/// sig_ignored: nobody would notice the signal.
bool is_ignored(const kernel& k, task_id t, int signal, bool from_ancestor) {
    const task& record = k.w.tasks[t];
    const thread_group& group = k.w.groups[record.group];
    const std::uint32_t bit = signal_bit(signal);
    if ((record.blocked & bit) != 0)
        return false;
    const sighand actions = dispositions(k, group);
    const bool by_default = (actions.handled & bit) == 0 && (actions.ignored & bit) == 0;
    if (record.tracer && signal != signal_number::kill)
        return false;
    const bool forced = from_ancestor && is_kernel_only(signal);
    if (group.has(group_flag::unkillable) && by_default && !forced)
        return true;
    return (actions.ignored & bit) != 0 || (by_default && (ignored_by_default & bit) != 0);
}

/// wants_signal: a thread that can take a signal sent to its process.
bool wants(const kernel& k, task_id t, int signal) {
    const task& record = k.w.tasks[t];
    if ((record.blocked & signal_bit(signal)) != 0 || record.has(task_flag::exiting))
        return false;
    if (signal == signal_number::kill)
        return true;
    if (record.state == task_state::stopped || record.state == task_state::traced)
        return false;
    return t == k.self || !signal_pending(k, t); // task_curr: it is on its way to look
}

/// complete_signal's group exit: a signal that is sure to kill does so at once, for all threads.
void start_group_exit(kernel& k, group_id g, int signal) {
    thread_group& group = k.w.groups[g];
    begin_group_exit(group, signal);
    for_each_thread(k, g, [&](task_id t) {
        k.w.tasks[t].set(job_flag::all, false);
        k.w.tasks[t].pending |= signal_bit(signal_number::kill);
        signal_wake_up(k, t, true);
        return true;
    });
}

} // namespace

sighand dispositions(const kernel& k, const thread_group& g) {
    return g.sighand ? k.w.sighands[g.sighand] : sighand{};
}

void tell_tracer(kernel& k, task_id t) {
    if (const task_id tracer = k.w.tasks[t].tracer)
        tell_of_change(k, tracer);
}

void recalc_sigpending(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    const std::uint32_t waiting = (record.pending | k.w.groups[record.group].pending) & ~record.blocked;
    record.set(task_flag::sigpending,
               waiting != 0 || record.has(task_flag::stop_pending) || record.has(job_flag::trap_notify));
}

void signal_wake_up(kernel& k, task_id t, bool fatal) {
    task& record = k.w.tasks[t];
    record.set(task_flag::sigpending);
    if (record.state == task_state::dead)
        return;
    if (!record.call && record.state == task_state::running && !record.has(task_flag::kernel_thread))
        interrupt_user_mode(k, t);
    else if (record.state == task_state::traced && record.has(job_flag::frozen))
        return;
    else if (k.wake(t, fatal ? wake_mask::fatal : wake_mask::interruptible) && k.watch)
        k.watch->on_wake(t, {}, 0);
}

void send_signal(kernel& k, int signal, task_id thread, bool to_thread, bool from_ancestor) {
    const group_id g = k.w.tasks[thread].group;
    thread_group& group = k.w.groups[g];
    const std::uint32_t bit = signal_bit(signal);
    if (k.rev.last_exit == last_exit::group_exit && group.has(group_flag::group_exit))
        return; // prepare_signal: the process is on its way out
    cancel_opposites(k, signal, g);
    if (is_ignored(k, thread, signal, from_ancestor))
        return;
    if (to_thread)
        k.w.tasks[thread].pending |= bit;
    else
        group.pending |= bit;

    task_id chosen = wants(k, thread, signal) ? thread : task_id{};
    if (!chosen && !to_thread)
        for_each_thread(k, g, [&](task_id t) {
            if (wants(k, t, signal))
                chosen = t;
            return !chosen;
        });
    if (!chosen)
        return;
    const sighand actions = dispositions(k, group);
    const bool fatal = (actions.handled & bit) == 0 && (actions.ignored & bit) == 0 &&
                       (bit & (ignored_by_default | stop_signals)) == 0;
    const bool kills_now = fatal && !group.has(group_flag::group_exit) && (bit & core_signals) == 0 &&
                           (signal == signal_number::kill || !k.w.tasks[thread].tracer);
    if (kills_now)
        start_group_exit(k, g, signal);
    else
        signal_wake_up(k, chosen, signal == signal_number::kill);
}

void force_signal(kernel& k, int signal, task_id thread) {
    task& record = k.w.tasks[thread];
    thread_group& group = k.w.groups[record.group];
    const std::uint32_t bit = signal_bit(signal);
    if (group.sighand && ((record.blocked & bit) != 0 || (k.w.sighands[group.sighand].ignored & bit) != 0)) {
        k.w.sighands[group.sighand].handled &= ~bit;
        k.w.sighands[group.sighand].ignored &= ~bit;
    }
    record.blocked &= ~bit;
    record.pending |= bit;
    group.set(group_flag::unkillable, false);
    signal_wake_up(k, thread, false);
}

std::int32_t zap_other_threads(kernel& k, task_id self) {
    std::int32_t count = 0;
    for_each_thread(k, k.w.tasks[self].group, [&](task_id t) {
        if (t == self)
            return true;
        ++count;
        task& record = k.w.tasks[t];
        record.set(job_flag::all, false);
        if (record.exit_state == exit_state::alive) {
            record.pending |= signal_bit(signal_number::kill);
            signal_wake_up(k, t, true);
        }
        return true;
    });
    return count;
}

void wake_up_parent(kernel& k, group_id parent) {
    wake_up_all(k, {queue_kind::chldexit, parent.value});
}

task_id find_alive_thread(const kernel& k, group_id g) {
    task_id found;
    for_each_thread(k, g, [&](task_id t) {
        if (!k.w.tasks[t].has(task_flag::exiting))
            found = t;
        return !found;
    });
    return found;
}

task_id parent_thread(const kernel& k, group_id parent) {
    const task_id alive = find_alive_thread(k, parent);
    return alive ? alive : k.w.groups[parent].first_thread;
}

bool do_notify_parent(kernel& k, task_id t, int signal) {
    const task& record = k.w.tasks[t];
    const group_id parent = record.tracer ? k.w.tasks[record.tracer].group : k.w.groups[record.group].parent;
    if (!parent)
        return true;
    wake_pidfd_poll(k, record.group);
    const sighand actions = dispositions(k, k.w.groups[parent]);
    const std::uint32_t bit = signal_bit(signal_number::child);
    bool autoreap = false;
    bool send = signal != 0;
    if (!record.tracer && signal == signal_number::child &&
        ((actions.ignored & bit) != 0 || (actions.no_cld_wait & bit) != 0)) {
        autoreap = true;
        send = (actions.ignored & bit) == 0;
    }
    const task_id told = record.tracer ? record.tracer : parent_thread(k, parent);
    if (send && told)
        send_signal(k, signal, told, false);
    wake_up_parent(k, parent);
    return autoreap;
}

step ptrace_stop::run(kernel& k) {
    kernel_function {
        wait_at("ptrace_stop/siglock", !k.current_group().siglock);
        if (!k.current().tracer || fatal_signal_pending(k, k.self)) {
            return_value(code);
        }
        // Under siglock the stop becomes visible in one step; the tracer is told right after.
        k.current().state = task_state::traced;
        k.current().exit_code = code;
        k.current().stop_event = static_cast<std::uint8_t>(event);
        k.current().set(task_flag::stop_reported, false);
        yield_at("ptrace_stop/before-notify");
        tell_tracer(k, k.self);
        sleep_at("ptrace_stop/stopped");
        code = k.current().exit_code;
        k.current().exit_code = 0;
        k.current().stop_event = 0;
        recalc_sigpending(k, k.self);
        return_value(code);
    }
    return step::returned;
}

namespace {

/// dequeue_signal: synchronous signals first, then by number; the thread's own before the process's.
int dequeue_signal(kernel& k) {
    task& record = k.current();
    thread_group& group = k.current_group();
    for (std::uint32_t* queue : {&record.pending, &group.pending}) {
        std::uint32_t ready = *queue & ~record.blocked;
        if ((ready & synchronous) != 0)
            ready &= synchronous;
        if (ready != 0) {
            const int signal = std::countr_zero(ready) + 1;
            *queue &= ~signal_bit(signal);
            return signal;
        }
    }
    return 0;
}

} // namespace

step get_signal::run(kernel& k) {
    kernel_function {
        for (;;) {
            wait_at("get_signal/siglock", !k.current_group().siglock);
            if (k.current_group().has(continue_untold)) {
                k.current_group().set(continue_untold, false);
                tell_parent_of_change(k, k.current().group);
                if (ptrace_reparented(k, k.current_group().leader))
                    tell_tracer(k, k.current_group().leader);
            }
            if (k.current_group().has(group_flag::group_exit) ||
                (k.current_group().notify_count != 0 && k.current_group().cred_guard != k.self)) {
                signal = signal_number::kill;
                k.current().pending &= ~signal_bit(signal_number::kill);
                break;
            }
            if (stop_if_asked(k)) {
                sleep_at("get_signal/stopped");
                // What the tracer wants delivered counts only where a signal had stopped it.
                k.current().exit_code = 0;
                k.current().stop_event = 0;
                continue;
            }
            of_thread = (k.current().pending & ~k.current().blocked) != 0;
            signal = dequeue_signal(k);
            recalc_sigpending(k, k.self);
            if (signal == 0) {
                return_value(static_cast<std::int64_t>(signal_outcome::nothing));
            }
            k.current().set(job_flag::stop_dequeued,
                            k.current().tracer || (stop_signals & signal_bit(signal)) != 0);
            if (k.current().tracer && signal != signal_number::kill) {
                call_at("get_signal/ptrace-signal", ptrace_stop{{}, signal, 0});
                signal = static_cast<std::int32_t>(k.result());
                if (signal == 0) {
                    k.current().set(job_flag::stop_dequeued, false);
                    continue;
                }
                if ((k.current().blocked & signal_bit(signal)) != 0 || fatal_signal_pending(k, k.self)) {
                    send_signal(k, signal, k.self, of_thread != 0);
                    continue;
                }
            }
            if ((stop_signals & signal_bit(signal)) == 0)
                k.current().set(job_flag::stop_dequeued, false);
            if ((dispositions(k, k.current_group()).ignored & signal_bit(signal)) != 0)
                continue;
            if ((dispositions(k, k.current_group()).handled & signal_bit(signal)) != 0) {
                if (k.watch)
                    k.watch->on_handler(k.self, signal);
                return_value(static_cast<std::int64_t>(
                    (dispositions(k, k.current_group()).restart & signal_bit(signal)) != 0
                        ? signal_outcome::handler_restarts
                        : signal_outcome::handler));
            }
            if ((ignored_by_default & signal_bit(signal)) != 0)
                continue;
            if (k.current_group().has(group_flag::unkillable) && !is_kernel_only(signal))
                continue;
            if ((stop_signals & signal_bit(signal)) != 0) {
                start_group_stop(k);
                continue;
            }
            break;
        }
        // do_exit does not come back.
        if (k.current_group().has(group_flag::group_exit)) {
            call_at("get_signal/die", do_exit{{}, k.current_group().exit_code});
        } else {
            call_at("get_signal/die-as-group", do_group_exit{{}, signal});
        }
    }
    return step::returned;
}

} // namespace seccomp_sim
