// epoll: fs/eventpoll.c of 6.19, for every revision. Older kernels differ in locks, and in this, which is
// left out: 5.7 to 5.12 wake no other sleeper after a scan that leaves something ready; before 6.9 an item is
// polled although the last reference of its file has gone; before 6.17 only the instances below a new one
// count as nested.
//
// ep->lock is a spinlock, and what the kernel does under it is one step here. ep->mtx is a lock of the model.
// The global epnested_mutex is not: what needs it, the look for loops and the insertion, is one step.
#pragma once

#include "kernel-model/wait_queue.hpp"

#include "kernel-model/list_links.hpp"
#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// EPOLL_CTL_*, request::number of operation::epoll_ctl.
namespace epoll_op {
inline constexpr std::int32_t add = 1;
inline constexpr std::int32_t del = 2;
inline constexpr std::int32_t mod = 3;
} // namespace epoll_op

/// EP_PRIVATE_BITS: what is asked for beside events.
inline constexpr std::uint32_t epoll_private_bits =
    poll_event::wakeup | poll_event::oneshot | poll_event::et | poll_event::exclusive;

/// EP_MAX_NESTS: how many epoll instances may be below the outermost. It bounds how deep a wake up goes.
inline constexpr int epoll_max_nests = 4;

/// The entries that watch a file (f_ep).
using watcher_links = list_links<&epitem::next_watcher, &epitem::prev_watcher>;

inline bool is_file_epoll(const kernel& k, file_id f) {
    return k.w.open_files[f].kind == file_kind::epoll;
}
/// The instance behind an epoll file.
inline eventpoll_id eventpoll_of(const kernel& k, file_id f) {
    return {k.w.open_files[f].object};
}

/// The instance, which must not have been freed.
eventpoll& deref(kernel& k, eventpoll_id ep);

// --- the ready list (eventpoll_ready.cpp). Each is one step under ep->lock
// --------------------------------------
/// Lockless: whether epoll_wait may find something.
bool ep_events_available(kernel& k, eventpoll_id ep);
/// ep_poll_callback: the file of an item woke its queue for `events`. Says whether that uses up an exclusive
/// wake up.
bool ep_poll_callback(kernel& k, epitem_id item, std::uint32_t events);
/// The item's file was found ready: puts the item on the list, wakes a task in epoll_wait, and says whether
/// the epoll file's own pollers have to be woken.
bool ep_add_ready(kernel& k, epitem_id item);
/// Takes an item that goes off the list.
void ep_remove_ready(kernel& k, epitem_id item);
/// ep_start_scan: takes the list; what becomes ready meanwhile goes on another.
epitem_id ep_start_scan(kernel& k, eventpoll_id ep);
/// ep_done_scan: puts both back. `left` is what the scan did not come to.
void ep_done_scan(kernel& k, eventpoll_id ep, epitem_id left);
/// The next item of a list that ep_start_scan took, taken off it.
epitem_id ep_take(kernel& k, epitem_id& list);
/// An item of a level-triggered file goes back to the tail.
void ep_put_back(kernel& k, epitem_id item);

// --- items (eventpoll_item.cpp)
// --------------------------------------------------------------------------------
/// The item by its key: the file and the number of the fd that it was added by. Under ep->mtx.
epitem_id ep_find(kernel& k, eventpoll_id ep, file_id f, index_type fd);
/// Makes the item of a file, or says why not: -ELOOP, -EINVAL (too many paths to wake up).
std::int32_t ep_attach(kernel& k, eventpoll_id ep, const fd_slot& target, std::uint32_t events,
                       epitem_id& item);
/// ep_loop_check (eventpoll_nest.cpp): whether `outer` may watch `inner`: no loop, and not too deep.
bool ep_may_nest(const kernel& k, eventpoll_id outer, eventpoll_id inner);
/// reverse_path_check: whether a wake up of any file that is reached through `f` has few enough ways to go.
bool ep_paths_are_few(const kernel& k, file_id f);
/// Drops a reference to an epoll instance; frees it with the last one.
void ep_put(kernel& k, eventpoll_id ep);
/// epi_fget: a reference to the item's file; false if its last one has gone already.
bool epi_fget(kernel& k, epitem_id item);

/// __ep_remove, under ep->mtx: 1 if the item is gone, 0 if it is left to eventpoll_release_file.
struct __ep_remove : frame { // NOLINT(bugprone-reserved-identifier): the kernel's name
    epitem_id item;
    std::uint32_t force = 0;
    step run(kernel& k);
};

/// eventpoll_release_file: the file goes, and every item with it.
struct eventpoll_release_file : frame {
    file_id f;
    epitem_id item;
    eventpoll_id ep;
    step run(kernel& k);
};

/// ep_eventpoll_release: the epoll file goes, and its items with it.
struct ep_eventpoll_release : frame {
    eventpoll_id ep;
    epitem_id item;
    epitem_id next;
    step run(kernel& k);
};

// --- calls (eventpoll_ctl.cpp, eventpoll_wait.cpp)
// -------------------------------------------------------------
/// epoll_create1: `as`; bit 0 of `flags` is EPOLL_CLOEXEC.
struct sys_epoll_create : frame {
    eventpoll_id ep;
    std::int32_t fd = 0;
    step run(kernel& k);
};

/// epoll_ctl: `fd` is the epoll fd, `source` the target, `number` an epoll_op, `events`.
struct sys_epoll_ctl : frame {
    file_id f;
    fd_slot target;
    epitem_id item;
    std::int32_t error = 0;
    step run(kernel& k);
};

/// The second half of ep_insert and ep_modify: looks at the file, queues the item if it is ready. `insert`
/// asks for a place on the file's queue.
struct ep_poll_item : frame {
    epitem_id item;
    std::uint32_t insert = 0;
    step run(kernel& k);
};

/// epoll_wait: `fd`, `number` is maxevents (-1: not given, 64), `value` the timeout. A timeout above 0 ends
/// when somebody wakes the task who is neither its queue nor a signal.
struct sys_epoll_wait : frame {
    file_id f;
    eventpoll_id ep;
    wait_entry_id entry;
    std::uint32_t events_available = 0;
    std::uint32_t timed_out = 0;
    std::int32_t events = 0;
    step run(kernel& k);
};

/// ep_send_events: hands out what is ready, at most `max_events`; how many, or -EINTR before a fatal signal.
struct ep_send_events : frame {
    eventpoll_id ep;
    std::int32_t max_events = 0;
    epitem_id list;
    epitem_id item;
    std::int32_t sent = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
