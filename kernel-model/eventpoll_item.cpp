// The items of epoll instances: how they come, which shapes of nested instances are refused, and how they go
// with their file or their instance. Follows attach_epitem, ep_loop_check, reverse_path_check, __ep_remove,
// eventpoll_release_file and ep_clear_and_put of fs/eventpoll.c.
#include "kernel-model/eventpoll.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/list_links.hpp"
#include "kernel-model/ring.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace seccomp_sim {
namespace {

using watcher_links = list_links<&epitem::next_watcher, &epitem::prev_watcher>;

/// Deeper than anything that is allowed.
constexpr int too_deep = 1000;

/// Calls `use(item)` for each item of an instance until it returns false.
template <class Use>
void for_each_item(const kernel& k, eventpoll_id ep, Use&& use) {
    const epitem_id first = k.w.eventpolls[ep].items;
    for (epitem_id item = first; item; item = ring_next(k.w.epitems, first, item))
        if (!use(k.w.epitems[item]))
            return;
}

/// Calls `use(item)` for each item that watches a file until it returns false.
template <class Use>
void for_each_watcher(const kernel& k, file_id f, Use&& use) {
    const epitem_id first = k.w.open_files[f].watchers;
    for (epitem_id item = first; item; item = watcher_links::after(k.w.epitems, first, item))
        if (!use(k.w.epitems[item]))
            return;
}

bool is_file_epoll(const kernel& k, file_id f) {
    return k.w.open_files[f].kind == file_kind::epoll;
}
eventpoll_id eventpoll_of(const kernel& k, file_id f) {
    return {k.w.open_files[f].object};
}

/// ep_loop_check_proc: how deep instances nest below `ep`, or too_deep if `target` is among them. Recursion
/// is bounded by epoll_max_nests.
int depth_below(const kernel& k, eventpoll_id ep, eventpoll_id target, int depth) {
    int deepest = 0;
    for_each_item(k, ep, [&](const epitem& item) {
        if (!is_file_epoll(k, item.file))
            return true;
        const eventpoll_id next = eventpoll_of(k, item.file);
        if (next == target || depth > epoll_max_nests)
            deepest = too_deep;
        else
            deepest = std::max(deepest, depth_below(k, next, target, depth + 1) + 1);
        return deepest <= epoll_max_nests;
    });
    return deepest;
}

/// ep_get_upwards_depth_proc: how many instances are stacked on `ep`. No more than what was let in, so it is
/// bounded.
int depth_above(const kernel& k, eventpoll_id ep) {
    int deepest = 0;
    for_each_watcher(k, k.w.eventpolls[ep].file, [&](const epitem& item) {
        deepest = std::max(deepest, depth_above(k, item.ep) + 1);
        return true;
    });
    return deepest;
}

/// ep_loop_check.
bool may_nest(const kernel& k, eventpoll_id outer, eventpoll_id inner) {
    const int below = depth_below(k, inner, outer, 0);
    return below <= epoll_max_nests && below + 1 + depth_above(k, outer) <= epoll_max_nests;
}

/// reverse_path_check_proc: counts the ways up from a file by their length; false if there are too many of
/// one length.
bool count_paths(const kernel& k, file_id f, std::size_t depth, std::array<int, 5>& counts) {
    constexpr std::array<int, 5> path_limits = {1000, 500, 100, 50, 10};
    if (depth >= path_limits.size())
        return false;
    bool good = true;
    for_each_watcher(k, f, [&](const epitem& item) {
        const file_id above = k.w.eventpolls[item.ep].file;
        if (k.w.open_files[above].watchers)
            good = count_paths(k, above, depth + 1, counts);
        else
            good = depth == 0 ||
                   ++counts[depth] <= path_limits[depth]; // any number of instances may watch a file
        return good;
    });
    return good;
}

/// reverse_path_check: from each file that can be reached from `f`. Recursion is bounded by epoll_max_nests.
bool paths_are_few(const kernel& k, file_id f) {
    if (!is_file_epoll(k, f)) {
        std::array<int, 5> counts{};
        return count_paths(k, f, 0, counts);
    }
    bool good = true;
    for_each_item(k, eventpoll_of(k, f),
                  [&](const epitem& item) { return good = paths_are_few(k, item.file); });
    return good;
}

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
    if (nested && !may_nest(k, ep, eventpoll_of(k, target.file)))
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
    if (!full_check || paths_are_few(k, target.file))
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
        yield_at("ep_eventpoll_release/before-wake");
        if (waitqueue_active(k, {queue_kind::ep_poll, ep.value})) {
            yield_at("ep_eventpoll_release/wake");
            wake_up_poll(k, {queue_kind::ep_poll, ep.value}, poll_event::in);
        }
        wait_at("ep_eventpoll_release/mtx", !deref(k, ep).mtx);
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
