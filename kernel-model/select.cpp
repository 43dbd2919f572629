// poll(2): do_sys_poll and what it calls in fs/select.c.
#include "kernel-model/select.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/signal.hpp"

#include "seccomp_sim/errno_name.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// poll_initwait: the record that all entries of one poll() belong to. It is on no queue.
wait_entry_id new_record(kernel& k) {
    const wait_entry_id record = k.w.wait_entries.allocate();
    wait_entry& e = k.w.wait_entries[record];
    e.function = wake_function::poll;
    e.owner = k.self.value;
    return record;
}

const poll_request& asked_fd(kernel& k, index_type number) {
    return k.poll_list[k.current_request().first_poll + number];
}

/// What the caller wants of an fd; POLLERR and POLLHUP come unasked.
std::uint32_t events_wanted(kernel& k, index_type number) {
    return asked_fd(k, number).events | poll_event::err | poll_event::hup;
}

void report(kernel& k, index_type number, std::uint32_t events) {
    if (k.watch)
        k.watch->on_event(k.self, asked_fd(k, number).fd, events);
}

/// poll_schedule_timeout up to the sleep: whether the task has to sleep. Setting the state and looking at
/// `triggered` is one step, since a wake up changes both: before it, or after it, the outcome is the same. So
/// is schedule()'s own look for a signal.
bool prepare_to_sleep(kernel& k, wait_entry_id record) {
    if (k.deref(record).triggered != 0 || signal_pending(k, k.self))
        return false;
    k.current().state = task_state::interruptible;
    return true;
}

/// The task was woken, but by none of its queues, and not for a signal.
bool ran_out_of_time(kernel& k, wait_entry_id record) {
    return k.current_request().value > 0 && k.deref(record).triggered == 0 && !signal_pending(k, k.self);
}

} // namespace

step sys_poll::run(kernel& k) {
    kernel_function {
        if (k.current_request().polls > k.current_group().limit_nofile) {
            return_value(-EINVAL);
        }
        record = new_record(k);
        timed_out = k.current_request().value == 0;
        wants_queue = timed_out == 0;
        for (;;) {
            for (next = 0; next < k.current_request().polls; ++next) {
                yield_at("do_pollfd/before-fget");
                f = fget(k, k.self, asked_fd(k, next).fd);
                if (!f) {
                    k.set_result(poll_invalid);
                } else {
                    call_at("do_pollfd/poll", vfs_poll{{},
                                                       f,
                                                       static_cast<std::uint32_t>(wake_function::poll),
                                                       wants_queue != 0 ? record.value : id<void>::nothing,
                                                       events_wanted(k, next),
                                                       {},
                                                       {},
                                                       0});
                    k.set_result(k.result() & events_wanted(k, next));
                    yield_at("do_pollfd/before-fput");
                    fput(k, f);
                }
                if (k.result() != 0) {
                    report(k, next, static_cast<std::uint32_t>(k.result()));
                    ++count;
                    wants_queue = 0;
                }
            }
            wants_queue = 0; // all waiters stand in their queues now
            yield_at("do_poll/before-signal-check");
            if (count == 0 && signal_pending(k, k.self))
                count = -errno_restart_restartblock;
            if (count != 0 || timed_out != 0)
                break;
            if (prepare_to_sleep(k, record)) {
                sleep_at("poll_schedule_timeout/sleep");
                timed_out = ran_out_of_time(k, record);
            }
            yield_at("poll_schedule_timeout/before-clear");
            k.deref(record).triggered = 0;
        }
        while ((entry = k.deref(record).next_of_task)) {
            yield_at("poll_freewait/before-remove");
            f = k.deref(entry).file;
            k.deref(record).next_of_task = k.deref(entry).next_of_task;
            remove_wait(k, entry);
            yield_at("poll_freewait/before-fput");
            fput(k, f);
        }
        remove_wait(k, record);
        record = none;
        return_value(count);
    }
    return step::returned;
}

} // namespace seccomp_sim
