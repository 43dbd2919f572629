// The listener's file: how it comes to be, how it is polled, and how it goes (init_listener,
// seccomp_notify_poll, seccomp_notify_detach and seccomp_notify_release of kernel/seccomp.c).
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// init_listener: gives a filter that nobody can see yet its notification object and a file with one
/// reference, which itself holds one `usage`. Nothing stands for -ENOMEM, as request::fails asks for.
file_id init_listener(kernel& k, filter_id f);

/// Whether a filter of the running task has a listener that is open. In one step: at most one filter on a
/// path has one, but for the race that the test under siglock ended, so no other order of reads can say
/// anything else.
bool path_has_listener(kernel& k);
/// has_duplicate_listener: the same, asked under siglock, if the filter to be attached has a listener.
bool has_duplicate_listener(kernel& k, filter_id new_child);

/// poll of the listener's file; the result is the event mask. `wake`, `owner` and `key` are the
/// poll_table's; it asks for a place on the filter's wait queue if it has an owner.
struct seccomp_notify_poll : frame {
    filter_id filter;
    file_id file;
    std::uint32_t wake = 0; ///< a wake_function
    index_type owner = id<void>::nothing;
    std::uint32_t key = 0;
    std::uint32_t events = 0;
    std::int32_t locked = 0; ///< what lock_interruptible said
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// Answers every trapped call with ENOSYS and frees the notification object. Does nothing for no filter.
struct seccomp_notify_detach : frame {
    filter_id filter;
    knotif_id cursor = {};
    step run(kernel& k);
};

/// The last reference of a listener's file is gone. `file` is what held the `usage`; a file that a failed
/// install took its filter from has no filter.
struct seccomp_notify_release : frame {
    filter_id filter;
    file_id file;
    step run(kernel& k);
};

} // namespace seccomp_sim
