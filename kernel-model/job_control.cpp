// Stops and continues of whole processes: kernel/signal.c.
#include "kernel-model/job_control.hpp"

#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

namespace seccomp_sim {
namespace {

/// Where task_set_jobctl_pending does nothing.
bool is_dying(const kernel& k, task_id t) {
    return k.w.tasks[t].has(task_flag::exiting) || fatal_signal_pending(k, t);
}

/// ptrace_trap_notify: interrupts a seized task, which then tells its tracer.
void trap_notify(kernel& k, task_id t) {
    if (is_dying(k, t))
        return;
    k.w.tasks[t].set(job_flag::trap_notify);
    signal_wake_up(k, t, false);
}

bool anybody_is_to_stop(const kernel& k, group_id g) {
    bool found = false;
    for_each_thread(k, g, [&](task_id t) {
        found = k.w.tasks[t].has(task_flag::stop_pending);
        return !found;
    });
    return found;
}

} // namespace

void tell_of_change(kernel& k, task_id whom) {
    const group_id g = k.w.tasks[whom].group;
    if ((dispositions(k, k.w.groups[g]).ignored & signal_bit(signal_number::child)) == 0)
        send_signal(k, signal_number::child, whom, false);
    wake_up_parent(k, g);
}

void tell_parent_of_change(kernel& k, group_id g) {
    const group_id parent = k.w.groups[g].parent;
    if (const task_id told = parent ? parent_thread(k, parent) : task_id{})
        tell_of_change(k, told);
}

void begin_group_exit(thread_group& group, std::int32_t code) {
    group.set(group_flag::stopped | group_flag::stop_reported | group_flag::continued | continue_untold,
              false);
    group.set(group_flag::group_exit);
    group.exit_code = code;
}

void cancel_opposites(kernel& k, int signal, group_id g) {
    const std::uint32_t bit = signal_bit(signal);
    thread_group& group = k.w.groups[g];
    if ((bit & stop_signals) != 0) {
        group.pending &= ~signal_bit(signal_number::cont);
        for_each_thread(k, g, [&](task_id t) {
            k.w.tasks[t].pending &= ~signal_bit(signal_number::cont);
            return true;
        });
    } else if (signal == signal_number::cont) {
        group.pending &= ~stop_signals;
        const bool stops = anybody_is_to_stop(k, g) || group.has(group_flag::stopped);
        for_each_thread(k, g, [&](task_id t) {
            task& record = k.w.tasks[t];
            record.pending &= ~stop_signals;
            record.set(task_flag::stop_pending | job_flag::stop_dequeued, false);
            if (record.has(task_flag::seized))
                trap_notify(k, t);
            else
                k.wake(t, wake_mask::stopped);
            return true;
        });
        // The parent is told by the first thread that comes to get_signal.
        if (stops) {
            group.set(group_flag::stopped | group_flag::stop_reported, false);
            group.set(group_flag::continued | continue_untold);
        }
    }
}

void start_group_stop(kernel& k) {
    if (!k.current().has(job_flag::stop_dequeued))
        return;
    for_each_thread(k, k.current().group, [&](task_id t) {
        task& record = k.w.tasks[t];
        if (is_dying(k, t) || record.state == task_state::stopped)
            return true;
        record.set(task_flag::stop_pending);
        if (t == k.self)
            return true;
        if (record.has(task_flag::seized))
            trap_notify(k, t);
        else
            signal_wake_up(k, t, false);
        return true;
    });
}

bool take_part_in_stop(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    thread_group& group = k.w.groups[record.group];
    if (!record.has(task_flag::stop_pending))
        return false;
    record.set(task_flag::stop_pending | job_flag::stop_dequeued, false);
    if (group.has(group_flag::stopped) || anybody_is_to_stop(k, record.group))
        return false;
    group.set(group_flag::continued | continue_untold | group_flag::stop_reported, false);
    group.set(group_flag::stopped);
    return true;
}

void trap(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    constexpr std::uint8_t event_stop = 128;
    const bool seized = record.has(task_flag::seized);
    const bool stops =
        k.w.groups[record.group].has(group_flag::stopped) || record.has(task_flag::stop_pending);
    record.state = task_state::traced;
    record.exit_code = seized && !stops ? signal_number::trap : signal_number::stop;
    record.stop_event = seized ? event_stop : 0;
    record.set(task_flag::stop_reported | job_flag::trap_notify, false);
    const bool was_last = take_part_in_stop(k, t);
    tell_tracer(k, t);
    if (was_last && ptrace_reparented(k, t))
        tell_parent_of_change(k, record.group);
}

void join_group_stop(kernel& k, task_id thread) {
    if (!k.group_of(thread).has(group_flag::stopped) && !k.current().has(task_flag::stop_pending))
        return;
    k.w.tasks[thread].set(task_flag::stop_pending);
    signal_wake_up(k, thread, false);
}

void leave_trap(kernel& k, task_id tracee) {
    task& record = k.w.tasks[tracee];
    const thread_group& group = k.w.groups[record.group];
    const bool was_traced = record.state == task_state::traced;
    record.set(job_flag::trap_notify, false);
    if (!record.has(task_flag::exiting) &&
        (group.has(group_flag::stopped) || anybody_is_to_stop(k, record.group)))
        record.set(task_flag::stop_pending);
    if (was_traced) {
        record.set(task_flag::sigpending);
        k.wake(tracee, wake_mask::traced);
    } else if (record.has(task_flag::stop_pending)) {
        signal_wake_up(k, tracee, false);
    }
}

bool stop_if_asked(kernel& k) {
    task& record = k.current();
    if (record.has(task_flag::stop_pending) && !record.tracer) {
        record.state = task_state::stopped;
        record.set(task_flag::stop_reported, false);
        if (take_part_in_stop(k, k.self))
            tell_parent_of_change(k, record.group);
    } else if (record.has(task_flag::stop_pending) || record.has(job_flag::trap_notify)) {
        trap(k, k.self);
    } else {
        return false;
    }
    recalc_sigpending(k, k.self);
    return true;
}

} // namespace seccomp_sim
