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
    check_notify_lock(k, f);
    for (knotif_id n = object->first; n; n = ring_next(k.w.knotifs, object->first, n)) {
        if (deref(k, n).state == notify_state::init)
            events |= poll_event::in | poll_event::rdnorm;
        if (k.w.knotifs[n].state == notify_state::sent)
            events |= poll_event::out | poll_event::wrnorm;
        if ((events & poll_event::in) != 0 && (events & poll_event::out) != 0)
            break;
    }
    return events;
}

/// poll_wait of the listener.
void wait_for_events(kernel& k, const seccomp_notify_poll& poll) {
    poll_wait(k, poll.file, {queue_kind::filter, poll.filter.value},
              {static_cast<wake_function>(poll.wake), poll.owner, poll.key});
}

std::int32_t lock_for_poll(kernel& k, filter_id f) {
    return k.mutated(mutant::poll_without_lock) ? 0 : lock_interruptible(k, f);
}

/// Whether poll is to report HUP.
bool is_unused(kernel& k, filter_id f) {
    if (k.mutated(mutant::poll_hup_by_usage))
        return k.deref(f).usage == 1;
    return k.rev.has_live() && k.deref(f).live == 0 && !k.mutated(mutant::poll_forgets_hup);
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

/// Whether a call that is still listed is to end with its listener.
bool needs_answer(const kernel& k, knotif_id n) {
    const notify_state state = k.w.knotifs[n].state;
    if (k.mutated(mutant::detach_answers_nobody))
        return false;
    return k.mutated(mutant::detach_skips_sent) ? state == notify_state::init
                                                : state != notify_state::replied;
}

/// A reply that the kernel makes itself. One step with its completion: the state is read under notify_lock
/// only.
void answer_with_enosys(kernel& k, knotif_id n) {
    knotif& record = k.w.knotifs[n];
    record.state = notify_state::replied;
    record.error = -ENOSYS;
    record.val = 0;
    if (!k.mutated(mutant::detach_wakes_nobody))
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
    check_notify_lock(k, f);
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
    if (!k.mutated(mutant::listener_without_usage))
        k.usage_inc(f);
    k.listener_opened(f, listener);
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
        if (!k.mutated(mutant::poll_queues_late))
            wait_for_events(k, *this);
        wait_at("seccomp_notify_poll/lock", (locked = lock_for_poll(k, filter)) != must_wait);
        if (locked < 0) {
            return_value(poll_event::err);
        }
        events = events_of_list(k, filter);
        yield_at("seccomp_notify_poll/unlock");
        unlock(k, filter);
        yield_at("seccomp_notify_poll/before-live");
        if (is_unused(k, filter))
            events |= poll_event::hup;
        check_hup_true(k, filter, events);
        if (k.mutated(mutant::poll_queues_late))
            wait_for_events(k, *this);
        return_value(events);
    }
    return step::returned;
}

step seccomp_notify_detach::run(kernel& k) {
    kernel_function {
        if (!filter) {
            return_value(0);
        }
        wait_at("seccomp_notify_detach/lock", k.mutated(mutant::detach_without_lock) || try_lock(k, filter));
        for (cursor = first_listed(k, filter); cursor;
             cursor = ring_next(k.w.knotifs, first_listed(k, filter), cursor)) {
            if (needs_answer(k, cursor)) {
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
            if (!k.mutated(mutant::close_forgets_put)) {
                call_at("seccomp_notify_release/put", __put_seccomp_filter{{}, filter, {}});
            }
        }
        return_value(0);
    }
    return step::returned;
}

} // namespace seccomp_sim
