// Open files, fd tables, fds in flight, epoll and wait queues: what the listener's fd can be reached by and
// who is woken when something happens to it.
#pragma once

#include "seccomp_sim/ids.hpp"

#include <cstddef>
#include <cstring>
#include <vector>

namespace seccomp_sim {

/// EPOLL* bits, with the kernel's values.
namespace poll_event {
inline constexpr std::uint32_t in = 0x001;
inline constexpr std::uint32_t out = 0x004;
inline constexpr std::uint32_t err = 0x008;
inline constexpr std::uint32_t hup = 0x010;
inline constexpr std::uint32_t rdnorm = 0x040;
inline constexpr std::uint32_t wrnorm = 0x100;
inline constexpr std::uint32_t exclusive = 1U << 28;
inline constexpr std::uint32_t wakeup = 1U << 29;
inline constexpr std::uint32_t oneshot = 1U << 30;
inline constexpr std::uint32_t et = 1U << 31;
} // namespace poll_event

/// What a file is.
enum class file_kind : std::uint32_t { plain, listener, epoll, pidfd };

/// An open file description (struct file).
struct file {
    file_kind kind = file_kind::plain;
    std::int32_t refs = 0;                 ///< f_count: fds, messages in flight, calls in progress
    index_type object = id<void>::nothing; ///< listener: filter; epoll: eventpoll; pidfd: thread group
    index_type pid = 0;                    ///< pidfd: the group's pid, which outlives the group
    name_id name;                          ///< what the scenario called its first fd
    epitem_id watchers;                    ///< the ring of epoll entries on it (f_ep)
    file_id next_work;                     ///< next on the task_work list that holds its last put
};

/// One slot of an fd table.
struct fd_slot {
    index_type fd = 0;
    file_id file;
    name_id name;              ///< what the scenario calls this fd
    std::uint32_t cloexec = 0; ///< acts at exec only

    friend bool operator==(const fd_slot&, const fd_slot&) = default;
};

/// An fd table (struct files_struct). Fds 0, 1 and 2 are standard streams that nobody closes.
struct files {
    index_type refs = 0; ///< tasks that share it
    std::vector<fd_slot>
        slots; ///< by rising fd number; a slot without a file is reserved (get_unused_fd_flags)

    friend bool operator==(const files&, const files&) = default;
};

/// Feeds an fd table to `mix(pointer, size)`, for the hash of a world.
template <class Mix>
void hash_fields(const files& table, Mix&& mix) {
    mix(&table.refs, sizeof table.refs);
    mix(table.slots.data(), table.slots.size() * sizeof(fd_slot));
}

/// Writes an fd table's bytes by `put(pointer, size)`, and reads them back: says how many there were.
template <class Put>
void pack_fields(const files& table, Put&& put) {
    const auto slots = static_cast<index_type>(table.slots.size());
    put(&table.refs, sizeof table.refs);
    put(&slots, sizeof slots);
    put(table.slots.data(), table.slots.size() * sizeof(fd_slot));
}
inline std::size_t unpack_fields(files& table, const std::byte* from) {
    index_type slots = 0;
    std::memcpy(&table.refs, from, sizeof table.refs);
    std::memcpy(&slots, from + sizeof table.refs, sizeof slots);
    table.slots.resize(slots);
    if (slots > 0)
        std::memcpy(table.slots.data(), from + sizeof table.refs + sizeof slots, slots * sizeof(fd_slot));
    return sizeof table.refs + sizeof slots + slots * sizeof(fd_slot);
}

/// An fd sent by SCM_RIGHTS and not yet received.
struct message {
    message_id next, prev;
    file_id file;
    name_id name;
};

/// An epoll instance (struct eventpoll).
struct eventpoll {
    wait_entry_id wq;        ///< tasks in epoll_wait
    wait_entry_id poll_wait; ///< who polls the epoll fd itself
    epitem_id items;         ///< the ring of entries in the order they were added
    epitem_id ready;         ///< rdllist: the ring of ready entries
    epitem_id overflow;      ///< ovflist: became ready while ep_send_events scanned
    task_id mtx;             ///< who holds ep->mtx
    file_id file;
    std::uint32_t refs = 0;     ///< its file and its items
    std::uint32_t scanning = 0; ///< ovflist is in use
};

/// A file watched by an epoll instance (struct epitem).
struct epitem {
    eventpoll_id ep;
    file_id file;
    index_type fd = 0;
    name_id name;                         ///< the scenario's name of the fd it was added by
    std::uint32_t events = 0;             ///< what was asked for, EPOLLET and the like included
    wait_entry_id wait;                   ///< its entry on the file's wait queue
    epitem_id next, prev;                 ///< among the items of its epoll instance
    epitem_id next_watcher, prev_watcher; ///< among the watchers of its file
    epitem_id next_ready, prev_ready;     ///< on the ready list
    epitem_id next_overflow;
    std::uint32_t is_ready = 0;
    std::uint32_t is_overflow = 0;
    std::uint32_t dying = 0; ///< its file is going: only eventpoll_release_file may remove it
};

/// Whose wait queue head a queue is.
enum class queue_kind : std::uint32_t { nothing, filter, ep_wait, ep_poll, chldexit, pidfd };

/// The name of a wait queue. `object` is the filter, eventpoll or group that it belongs to, or the pid.
struct queue_ref {
    queue_kind kind = queue_kind::nothing;
    index_type object = id<void>::nothing;
    friend bool operator==(const queue_ref&, const queue_ref&) = default;
};

/// The wait queue of a pid (struct pid, wait_pidfd) while somebody waits there.
struct pid_queue {
    index_type pid = 0;
    wait_entry_id waiters;
    friend bool operator==(const pid_queue&, const pid_queue&) = default;
};

/// What happens when an entry's queue is woken (wait_queue_entry.func).
enum class wake_function : std::uint32_t {
    task,    ///< autoremove_wake_function: take the entry off and wake the task
    receive, ///< recv_wake_function of kernel/seccomp.c: as `task`, but looks at the key first
    poll,    ///< pollwake of fs/select.c: looks at the key, wakes the task, stays on the queue
    epoll,   ///< ep_poll_callback of fs/eventpoll.c
};

/// One waiter on a wait queue.
struct wait_entry {
    queue_ref queue;
    wait_entry_id next, prev; ///< the queue's ring
    wake_function function = wake_function::task;
    index_type owner = id<void>::nothing; ///< a task, or the epitem for `epoll`
    std::uint32_t key = 0;                ///< the events that `poll` cares for
    std::uint32_t exclusive = 0;          ///< WQ_FLAG_EXCLUSIVE
    wait_entry_id next_of_task;           ///< the other entries of the same poll()
    wait_entry_id poll; ///< `poll`: the record of the whole poll() (struct poll_wqueues), never queued itself
    file_id file;       ///< `poll`: the file, which the entry holds
    std::uint32_t queued = 0;
    std::uint32_t triggered = 0; ///< of the record of a poll(): one of its entries was woken
};

} // namespace seccomp_sim
