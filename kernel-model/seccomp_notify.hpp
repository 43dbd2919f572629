// The supervisor's side of a notification: the ioctls of the listener's file (seccomp_notify_ioctl and what
// it calls in kernel/seccomp.c).
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Bits of request::flags for operation::receive. fault::bad_pointer is a buffer that can be read but not
/// written.
namespace receive_flag {
inline constexpr std::uint32_t not_zeroed = 1; ///< the buffer has something in it
inline constexpr std::uint32_t unreadable = 2; ///< the buffer cannot even be read (a null pointer)
} // namespace receive_flag

/// The notification id that the running task's request means on this listener: the named one, the raw one, or
/// the one that was last received. 0, which no notification has, if there is none.
index_type asked_cookie(kernel& k, filter_id f);

/// Any ioctl of the running task's request on request::fd: receive, send, id_valid, addfd, set_flags.
struct seccomp_notify_ioctl : frame {
    file_id file;
    filter_id filter;
    std::int64_t value = 0;
    step run(kernel& k);
};

/// RECV. `as` names what it got for later requests.
struct seccomp_notify_recv : frame {
    filter_id filter;
    index_type cookie = 0;
    knotif_id n = {};
    task_id target = {};
    step run(kernel& k);
};

/// recv_wait_event: waits until there is a request, or nobody uses the filter any more; 0 or -ERESTARTSYS.
struct recv_wait_event : frame {
    filter_id filter;
    wait_entry_id entry = {};
    std::int32_t interrupted = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// SEND: `value`, `error` (negative, as the supervisor writes it) and `flags` (reply_flag) are the reply.
struct seccomp_notify_send : frame {
    filter_id filter;
    index_type cookie = 0;
    knotif_id n = {};
    std::int32_t err = 0;
    step run(kernel& k);
};

/// ID_VALID: 0 while the trapped call waits for the answer to what a RECV got.
struct seccomp_notify_id_valid : frame {
    filter_id filter;
    index_type cookie = 0;
    knotif_id n = {};
    std::int32_t err = 0;
    step run(kernel& k);
};

/// SET_FLAGS: bit 0 of `flags`.
struct seccomp_notify_set_flags : frame {
    filter_id filter;
    std::int32_t err = 0;
    step run(kernel& k);
};

/// ADDFD: `source` is the supervisor's fd, `flags` are addfd_flag bits, `number` the number for SETFD, bit 0
/// of `value` asks for close-on-exec, and `as` names the fd in the target.
struct seccomp_notify_addfd : frame {
    filter_id filter;
    index_type cookie = 0;
    kaddfd_id addfd = {};
    file_id source = {};
    std::int32_t err = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim
