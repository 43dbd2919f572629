// The seccomp filter tree and the notifications that hang off it: struct seccomp_filter, struct notification,
// struct seccomp_knotif and struct seccomp_kaddfd of kernel/seccomp.c.
#pragma once

#include "seccomp_sim/ids.hpp"

namespace seccomp_sim {

/// Bits of filter::flags.
namespace filter_flag {
inline constexpr std::uint32_t log = 1U << 0;           ///< SECCOMP_FILTER_FLAG_LOG
inline constexpr std::uint32_t wait_killable = 1U << 1; ///< SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
inline constexpr std::uint32_t freed = 1U << 2;         ///< kept in the table so that touching it is seen
inline constexpr std::uint32_t attached = 1U << 3;      ///< it has been some task's filter
} // namespace filter_flag

/// One filter. `usage` (`refs` since 5.9) holds it in memory; `live` (`users` since 5.9, patch v2 before)
/// counts the tasks that use it directly and the dependent filters that are themselves live.
struct filter {
    std::int32_t usage = 0;
    std::int32_t live = 0; ///< unused where the revision has no second counter
    filter_id prev;        ///< the filter it was stacked on
    program_id program;
    notification_id notif; ///< while its listener is open
    task_id notify_lock;   ///< who holds it
    wait_entry_id wqh;     ///< the listener's wait queue (inside `struct notification` before the patch)
    name_id name;
    std::uint32_t flags = 0; ///< filter_flag bits

    bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};

/// The listener's side of a filter.
struct notification {
    std::int32_t requests = 0; ///< the semaphore `request`, or the count that replaced it in 6.6
    index_type next_id = 1;
    index_type last_received = 0; ///< what a scenario means by "the notification", when it names none
    knotif_id first;              ///< the ring of notifications, in list order
    wait_entry_id sleepers;       ///< the semaphore's waiters, first come first served
    std::uint32_t flags = 0;      ///< bit 0: SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
};

/// seccomp_knotif.state.
enum class notify_state : std::uint8_t { init, sent, replied };

/// One trapped call that waits for its answer.
struct knotif {
    std::int64_t val = 0;
    task_id task;
    filter_id filter;
    index_type cookie = 0; ///< the id that RECV tells the supervisor
    knotif_id next, prev;
    kaddfd_id addfd; ///< the ring of pending ADDFD requests, newest first
    std::int32_t error = 0;
    std::uint32_t flags = 0; ///< reply_flag bits
    std::int32_t system_call = 0;
    index_type ready = 0; ///< the completion's count
    notify_state state = notify_state::init;
    std::uint8_t listed = 0; ///< on the list of the notification object
    std::uint16_t reserved = 0;
    std::uint32_t reserved2 = 0;
};

/// SECCOMP_ADDFD_FLAG_* bits.
namespace addfd_flag {
inline constexpr std::uint32_t setfd = 1; ///< at the number that is asked for
inline constexpr std::uint32_t send = 2;  ///< and the trapped call returns that number
} // namespace addfd_flag

/// SECCOMP_USER_NOTIF_FLAG_* bits of a reply.
namespace reply_flag {
inline constexpr std::uint32_t go_on = 1; ///< reply_flag bits
} // namespace reply_flag

/// One SECCOMP_IOCTL_NOTIF_ADDFD that waits for the target to take its file.
struct kaddfd {
    knotif_id knotif;
    kaddfd_id next, prev;
    file_id file;
    name_id name;            ///< what the scenario calls the fd in the target
    index_type fd = 0;       ///< the number asked for with SETFD
    std::uint32_t flags = 0; ///< addfd_flag bits
    std::uint32_t cloexec = 0;
    std::int32_t ret = 0;
    index_type done = 0; ///< the completion's count
    task_id waiter;
    std::uint32_t listed = 0;
};

} // namespace seccomp_sim
