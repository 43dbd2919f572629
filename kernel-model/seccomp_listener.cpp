// The listener's file from its first reference to its last: kernel/seccomp.c.
#include "kernel-model/seccomp_listener.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/knotif.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/wait_queue.hpp"

#include <cerrno>
#include <string>

namespace seccomp_sim {
namespace {

/// The events that the list of trapped calls stands for.
std::uint32_t events_of_list(kernel& k, filter_id f) {
    std::uint32_t events = 0;
    const notification* object = listener_object(k, f);
    if (!object)
        return poll_event::err;
    for (knotif_id n = object->first; n; n = ring_next(k.w.knotifs, object->first, n)) {
        if (k.w.knotifs[n].state == notify_state::init)
            events |= poll_event::in | poll_event::rdnorm;
        if (k.w.knotifs[n].state == notify_state::sent)
            events |= poll_event::out | poll_event::wrnorm;
        if ((events & poll_event::in) != 0 && (events & poll_event::out) != 0)
            break;
    }
    return events;
}

/// hup-true, at the very moment at which the poll looked at `live`.
void check_hup_true(kernel& k, filter_id f, std::uint32_t events) {
    const bool reported = (events & poll_event::hup) != 0;
    const bool due = k.rev.has_live() && k.w.filters[f].live == 0;
    if (reported && !due)
        k.violate(invariant::hup_true, "a poll of the listener of " + k.describe(f) +
                                           " has HUP while live is " + std::to_string(k.w.filters[f].live));
    if (due && !reported)
        k.violate(invariant::hup_true,
                  "a poll of the listener of " + k.describe(f) + " has no HUP while live is 0");
}

/// A reply that the kernel makes itself. One step with its completion: the state is read under notify_lock
/// only.
void answer_with_enosys(kernel& k, knotif_id n) {
    knotif& record = k.w.knotifs[n];
    record.state = notify_state::replied;
    record.error = -ENOSYS;
    record.val = 0;
    complete(k, n);
}

/// seccomp_notify_free. The list goes with the object, and nobody can reach its elements by it any more.
void free_notification(kernel& k, filter_id f) {
    const notification_id object = k.deref(f).notif;
    k.deref(f).notif = none;
    k.touch(f);
    if (!object)
        return;
    while (const knotif_id n = k.w.notifications[object].first) {
        k.w.knotifs[n].listed = 0;
        ring_remove(k.w.knotifs, k.w.notifications[object].first, n);
    }
    k.w.notifications.free(object);
}

knotif_id first_listed(kernel& k, filter_id f) {
    const notification* object = listener_object(k, f);
    return object ? object->first : knotif_id{};
}

} // namespace

file_id init_listener(kernel& k, filter_id f) {
    const fault fails = k.current_request().fails;
    if (fails == fault::notification_memory || fails == fault::file_memory)
        return none; // the object of a file that could not be made is freed at once
    k.deref(f).notif = k.w.notifications.allocate();
    const file_id listener = new_file(k, file_kind::listener, f.value, k.current_request().fd);
    k.usage_inc(f);
    k.listener_opened(f);
    return listener;
}

bool path_has_listener(kernel& k) {
    for (filter_id f = k.current().filter; f; f = k.deref(f).prev)
        if (k.deref(f).notif)
            return true;
    return false;
}

bool has_duplicate_listener(kernel& k, filter_id new_child) {
    return k.deref(new_child).notif && path_has_listener(k);
}

step seccomp_notify_poll::run(kernel& k) {
    kernel_function {
        yield_at("seccomp_notify_poll/before-poll-wait");
        poll_wait(k, file, {queue_kind::filter, filter.value},
                  {static_cast<wake_function>(wake), owner, key});
        wait_at("seccomp_notify_poll/lock", (locked = lock_interruptible(k, filter)) != must_wait);
        if (locked < 0) {
            return_value(poll_event::err);
        }
        events = events_of_list(k, filter);
        yield_at("seccomp_notify_poll/unlock");
        unlock(k, filter);
        yield_at("seccomp_notify_poll/before-live");
        if (k.rev.has_live() && k.deref(filter).live == 0)
            events |= poll_event::hup;
        check_hup_true(k, filter, events);
        return_value(events);
    }
    return step::returned;
}

step seccomp_notify_detach::run(kernel& k) {
    kernel_function {
        if (!filter) {
            return_value(0);
        }
        wait_at("seccomp_notify_detach/lock", try_lock(k, filter));
        for (cursor = first_listed(k, filter); cursor;
             cursor = ring_next(k.w.knotifs, first_listed(k, filter), cursor)) {
            if (k.w.knotifs[cursor].state != notify_state::replied) {
                yield_at("seccomp_notify_detach/before-complete");
                answer_with_enosys(k, cursor);
            }
        }
        // Whether there is a listener is also asked without notify_lock.
        yield_at("seccomp_notify_detach/before-free");
        free_notification(k, filter);
        yield_at("seccomp_notify_detach/unlock");
        unlock(k, filter);
        return_value(0);
    }
    return step::returned;
}

step seccomp_notify_release::run(kernel& k) {
    kernel_function {
        call_at("seccomp_notify_release/detach", seccomp_notify_detach{{}, filter, {}});
        if (filter) {
            // The file no longer stands for a count: the walk that puts it does.
            k.listener_closed(filter);
            k.w.open_files[file].object = id<void>::nothing;
            call_at("seccomp_notify_release/put", __put_seccomp_filter{{}, filter, {}});
        }
        return_value(0);
    }
    return step::returned;
}

} // namespace seccomp_sim
