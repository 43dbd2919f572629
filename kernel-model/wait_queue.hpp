// Wait queues: kernel/sched/wait.c, and poll_wait of include/linux/poll.h.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// What vfs_poll is asked to do with the file's wait queue (struct poll_table).
/// `poll`: `owner` is the poll()'s own record, a wait entry. `epoll`: `owner` is the epitem. No owner: only
/// look.
struct poll_table {
    wake_function function = wake_function::poll;
    index_type owner = id<void>::nothing;
    std::uint32_t key = 0; ///< the events that the waiter cares for

    bool wants_queue() const { return owner != id<void>::nothing; }
};

/// poll_wait: puts the waiter of `table` on the file's queue, if it wants to be there. What a file's poll
/// does first.
void poll_wait(kernel& k, file_id file, queue_ref queue, const poll_table& table);

/// add_wait_queue, add_wait_queue_exclusive: a new entry; exclusive ones at the tail, others at the head.
/// A `task` or `receive` entry wakes the task `owner`; `receive` only for events in `key`.
wait_entry_id add_wait(kernel& k, queue_ref queue, wake_function function, index_type owner,
                       std::uint32_t key, bool exclusive);
/// remove_wait_queue: takes the entry off its queue if it is still there, and frees it.
void remove_wait(kernel& k, wait_entry_id entry);
/// Lockless: says whether anybody was on the queue at the moment.
bool waitqueue_active(kernel& k, queue_ref queue);

/// Wakes every waiter that is not exclusive and one that is, for these events. One atomic step: the kernel
/// walks the queue under its lock.
void wake_up_poll(kernel& k, queue_ref queue, std::uint32_t events);
/// The same without a key: whatever anybody waits for.
void wake_up(kernel& k, queue_ref queue);
/// Wakes all, exclusive or not.
void wake_up_all(kernel& k, queue_ref queue);
/// do_notify_pidfd: wakes who polls a pidfd of this process. Its death is visible already.
void wake_pidfd_poll(kernel& k, group_id process);

} // namespace seccomp_sim
