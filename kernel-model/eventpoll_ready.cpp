// The ready list of an epoll instance, and what puts items there: ep_poll_callback, ep_start_scan and
// ep_done_scan of fs/eventpoll.c. Everything here is one step under ep->lock.
#include "kernel-model/eventpoll.hpp"

#include "kernel-model/list_links.hpp"

namespace seccomp_sim {
namespace {

using ready_links = list_links<&epitem::next_ready, &epitem::prev_ready>;

void add_tail_ready(kernel& k, epitem_id item) {
    epitem& record = k.w.epitems[item];
    record.is_ready = 1;
    ready_links::add_tail(k.w.epitems, k.w.eventpolls[record.ep].ready, item);
}

queue_ref waiters(eventpoll_id ep) {
    return {queue_kind::ep_wait, ep.value};
}
queue_ref pollers(eventpoll_id ep) {
    return {queue_kind::ep_poll, ep.value};
}

/// Whether a wake up with these events is what an exclusive item waits for.
bool exclusive_wake_is_used(std::uint32_t asked, std::uint32_t events) {
    constexpr std::uint32_t in_out = poll_event::in | poll_event::out;
    const std::uint32_t came = events & in_out;
    if (came == in_out)
        return false;
    return came == 0 || (asked & came) != 0;
}

} // namespace

bool ep_events_available(kernel& k, eventpoll_id ep) {
    const eventpoll& record = deref(k, ep);
    return record.ready || record.scanning != 0;
}

bool ep_poll_callback(kernel& k, epitem_id item, std::uint32_t events) {
    if (!k.w.epitems.is_live(item))
        k.violate(invariant::no_use_after_free, "an epoll item was woken after it was freed");
    epitem& record = k.w.epitems[item];
    eventpoll& ep = deref(k, record.ep);
    const bool exclusive = (record.events & poll_event::exclusive) != 0;
    const bool disabled = (record.events & ~epoll_private_bits) == 0; // EPOLLONESHOT, after its shot
    if (disabled || (events != 0 && (events & record.events) == 0))
        return !exclusive;

    if (ep.scanning != 0) {
        if (record.is_overflow == 0 && !k.mutated(mutant::ep_loses_events_in_scan)) {
            record.is_overflow = 1;
            record.next_overflow = ep.overflow;
            ep.overflow = item;
        }
    } else if (record.is_ready == 0) {
        add_tail_ready(k, item);
    }

    bool used = false;
    if (ep.wq) {
        used = exclusive && exclusive_wake_is_used(record.events, events);
        wake_up(k, waiters(record.ep));
    }
    // The kernel wakes these after it dropped ep->lock, still under the lock of the queue that called. A task
    // that sees the list in between only finds what it would have been woken for.
    if (ep.poll_wait)
        wake_up_poll(k, pollers(record.ep), poll_event::in);
    return !exclusive || used;
}

bool ep_add_ready(kernel& k, epitem_id item) {
    const epitem& record = k.w.epitems[item];
    if (record.is_ready != 0)
        return false;
    add_tail_ready(k, item);
    const eventpoll& ep = k.w.eventpolls[record.ep];
    if (ep.wq)
        wake_up(k, waiters(record.ep));
    return static_cast<bool>(ep.poll_wait);
}

void ep_remove_ready(kernel& k, epitem_id item) {
    epitem& record = k.w.epitems[item];
    if (record.is_ready == 0)
        return;
    record.is_ready = 0;
    ready_links::remove(k.w.epitems, k.w.eventpolls[record.ep].ready, item);
}

epitem_id ep_start_scan(kernel& k, eventpoll_id ep) {
    eventpoll& record = deref(k, ep);
    const epitem_id list = record.ready;
    record.ready = none;
    record.scanning = 1;
    return list;
}

void ep_done_scan(kernel& k, eventpoll_id ep, epitem_id left) {
    eventpoll& record = deref(k, ep);
    while (record.overflow) {
        const epitem_id item = record.overflow;
        epitem& overflowed = k.w.epitems[item];
        record.overflow = overflowed.next_overflow;
        overflowed.next_overflow = none;
        overflowed.is_overflow = 0;
        if (overflowed.is_ready == 0) {
            overflowed.is_ready = 1;
            ready_links::add_front(k.w.epitems, record.ready, item);
        }
    }
    record.scanning = 0;
    ready_links::splice(k.w.epitems, record.ready, left);
    if (record.ready && record.wq)
        wake_up(k, waiters(ep));
}

epitem_id ep_take(kernel& k, epitem_id& list) {
    const epitem_id item = list;
    ready_links::remove(k.w.epitems, list, item);
    k.w.epitems[item].is_ready = 0;
    return item;
}

void ep_put_back(kernel& k, epitem_id item) {
    add_tail_ready(k, item);
}

} // namespace seccomp_sim
