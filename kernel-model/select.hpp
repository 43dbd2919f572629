// poll(2) and the polling of any file: fs/select.c, vfs_poll of include/linux/poll.h, ep_eventpoll_poll and
// pidfd_poll.
#pragma once

#include "kernel-model/wait_queue.hpp"

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// vfs_poll: the result is the file's events. `wake`, `owner` and `key` are the poll_table's. An epoll
/// file's poll scans its ready list right here and polls each file by a frame like this, one for each level
/// of nesting.
struct vfs_poll : frame {
    file_id f;
    std::uint32_t wake = 0; ///< a wake_function
    index_type owner = id<void>::nothing;
    std::uint32_t key = 0;
    epitem_id list;
    epitem_id item;
    std::uint32_t events = 0;
    step run(kernel& k);
};

/// poll: `first_poll` and `polls` are a run in kernel::poll_list, `value` is the timeout. The result counts
/// the fds with events; an fd that is not open has POLLNVAL. A timeout above 0 ends when somebody wakes the
/// task who is neither a queue nor a signal.
struct sys_poll : frame {
    wait_entry_id record; ///< struct poll_wqueues
    wait_entry_id entry;
    file_id f;
    index_type next = 0;
    std::uint32_t wants_queue = 0;
    std::uint32_t timed_out = 0;
    std::int32_t count = 0;
    step run(kernel& k);
};

/// POLLNVAL.
inline constexpr std::uint32_t poll_invalid = 0x20;

} // namespace seccomp_sim
