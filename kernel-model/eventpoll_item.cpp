// The items of epoll instances: how they come, which shapes of nested instances are refused, and how they go
// with their file or their instance. Follows attach_epitem, ep_loop_check, reverse_path_check, __ep_remove,
// eventpoll_release_file and ep_clear_and_put of fs/eventpoll.c.
#include "kernel-model/eventpoll.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/list_links.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/ring.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

void link(kernel& k, epitem_id item) {
    epitem& record = k.w.epitems[item];
    watcher_links::add_front(k.w.epitems, k.w.open_files[record.file].watchers, item);
    ring_add_tail(k.w.epitems, k.w.eventpolls[record.ep].items, item);
    ++k.w.eventpolls[record.ep].refs;
}

void unlink_from_file(kernel& k, epitem_id item) {
    epitem& record = k.w.epitems[item];
    watcher_links::remove(k.w.epitems, k.deref(record.file).watchers, item);
}

void unlink_from_instance(kernel& k, epitem_id item) {
    epitem& record = k.w.epitems[item];
    ring_remove(k.w.epitems, k.w.eventpolls[record.ep].items, item);
}

} // namespace

eventpoll& deref(kernel& k, eventpoll_id ep) {
    if (!k.w.eventpolls.is_live(ep))
        k.violate(invariant::no_use_after_free, "an epoll instance was used after it was freed");
    return k.w.eventpolls[ep];
}

epitem_id ep_find(kernel& k, eventpoll_id ep, file_id f, index_type fd) {
    // The kernel looks the key up among the instance's items; few instances watch one file, so this way is
    // shorter.
    const epitem_id first = k.w.open_files[f].watchers;
    for (epitem_id item = first; item; item = watcher_links::after(k.w.epitems, first, item))
        if (k.w.epitems[item].ep == ep && k.w.epitems[item].fd == fd)
            return item;
    return none;
}

std::int32_t ep_attach(kernel& k, eventpoll_id ep, const fd_slot& target, std::uint32_t events,
                       epitem_id& item) {
    const bool nested = is_file_epoll(k, target.file);
    if (nested && !ep_may_nest(k, ep, eventpoll_of(k, target.file)))
        return -ELOOP;
    item = k.w.epitems.allocate();
    epitem& record = k.w.epitems[item];
    record.ep = ep;
    record.file = target.file;
    record.fd = target.fd;
    record.name = target.name;
    record.events = events;
    link(k, item);
    const bool full_check = nested || k.w.open_files[k.w.eventpolls[ep].file].watchers;
    if (!full_check || ep_paths_are_few(k, target.file))
        return 0;
    unlink_from_file(k, item);
    unlink_from_instance(k, item);
    --k.w.eventpolls[ep].refs;
    k.w.epitems.free(item);
    return -EINVAL;
}

void ep_put(kernel& k, eventpoll_id ep) {
    eventpoll& record = deref(k, ep);
    if (--record.refs > 0)
        return;
    if (record.wq || record.poll_wait)
        k.violate(invariant::no_use_after_free,
                  "an epoll instance was freed while somebody was on its wait queue");
    k.w.eventpolls.free(ep);
}

bool epi_fget(kernel& k, epitem_id item) {
    const file_id f = k.w.epitems[item].file;
    if (k.deref(f).refs == 0)
        return false;
    get_file(k, f);
    return true;
}

step __ep_remove::run(kernel& k) {
    kernel_function {
        if (k.w.epitems[item].wait) {
            yield_at("__ep_remove/before-remove-wait");
            if (!k.mutated(mutant::ep_remove_keeps_wait))
                remove_wait(k, k.w.epitems[item].wait);
            k.w.epitems[item].wait = none;
        }
        yield_at("__ep_remove/before-unlink");
        if (k.w.epitems[item].dying != 0 && force == 0) {
            return_value(0);
        }
        unlink_from_file(k, item);
        // Under ep->mtx only the ready list is still looked at by others.
        yield_at("__ep_remove/before-unready");
        unlink_from_instance(k, item);
        ep_remove_ready(k, item);
        k.w.epitems.free(item);
        return_value(1);
    }
    return step::returned;
}

step eventpoll_release_file::run(kernel& k) {
    kernel_function {
        for (;;) {
            yield_at("eventpoll_release_file/before-look");
            item = k.deref(f).watchers;
            if (!item)
                break;
            k.w.epitems[item].dying = 1; // ep_eventpoll_release leaves it to us now, and with it a reference
            ep = k.w.epitems[item].ep;
            wait_at("eventpoll_release_file/mtx", !deref(k, ep).mtx);
            check_lock_order(k, lock_class::mutex, "ep->mtx");
            deref(k, ep).mtx = k.self;
            call_at("eventpoll_release_file/remove", __ep_remove{{}, item, 1});
            yield_at("eventpoll_release_file/unlock");
            deref(k, ep).mtx = none;
            yield_at("eventpoll_release_file/before-put");
            ep_put(k, ep);
        }
    }
    return step::returned;
}

step ep_eventpoll_release::run(kernel& k) {
    kernel_function {
        // The kernel looks at ep->poll_wait first, which nobody is on: who polls the epoll file holds it, and
        // the instances that watch it went in eventpoll_release_file.
        wait_at("ep_eventpoll_release/mtx", !deref(k, ep).mtx);
        check_lock_order(k, lock_class::mutex, "ep->mtx");
        deref(k, ep).mtx = k.self;
        for (item = deref(k, ep).items; item; item = ring_next(k.w.epitems, deref(k, ep).items, item)) {
            if (k.w.epitems[item].wait) {
                yield_at("ep_eventpoll_release/before-remove-wait");
                remove_wait(k, k.w.epitems[item].wait);
                k.w.epitems[item].wait = none;
            }
        }
        item = deref(k, ep).items;
        while (item) {
            next = ring_next(k.w.epitems, deref(k, ep).items, item);
            call_at("ep_eventpoll_release/remove", __ep_remove{{}, item, 0});
            if (k.result() != 0)
                ep_put(k, ep); // never the last: the file's own follows
            item = next;
        }
        yield_at("ep_eventpoll_release/unlock");
        deref(k, ep).mtx = none;
        yield_at("ep_eventpoll_release/before-put");
        ep_put(k, ep);
    }
    return step::returned;
}

} // namespace seccomp_sim
