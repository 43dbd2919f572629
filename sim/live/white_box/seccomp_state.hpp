// What a kernel really holds: its filter tree with the counters, and which tasks point into it. The same
// values whether they come from the running kernel or from a lab kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace seccomp_sim::live {

/// A struct seccomp_knotif on a listener's list.
struct notification_record {
    enum class notify_state : std::uint32_t { init, sent, replied };

    std::uint64_t id = 0;
    pid_t tid = 0; ///< of the trapped task; 0 when it cannot be named
    notify_state state = notify_state::init;

    bool operator==(const notification_record&) const = default;
};

/// A struct seccomp_filter.
struct filter_record {
    std::uint64_t address = 0;
    std::uint64_t prev = 0;  ///< address of the older filter; 0: none
    std::uint32_t usage = 0; ///< `refs` since 5.9, `usage` before
    /// `users` since 5.9, `live` in the patch as posted; nothing on a kernel that has one counter only.
    std::optional<std::uint32_t> live;
    bool has_listener = false; ///< there is a notification object
    bool waited_on = false;    ///< somebody sits on the wait queue that HUP goes to
    /// Notifications announced and not received: the semaphore's count, or `requests` since 6.6.
    std::optional<std::int32_t> requests;
    std::vector<notification_record>
        notifications; ///< oldest first on kernels since 5.19, newest first before

    bool operator==(const filter_record&) const = default;
};

/// A struct task_struct.
struct task_record {
    pid_t tid = 0;
    pid_t tgid = 0;
    std::string comm;
    std::uint64_t filter = 0;                  ///< address; 0: none
    std::uint32_t mode = 0;                    ///< 0 disabled, 1 strict, 2 filter, 3 dead
    std::optional<std::uint32_t> filter_count; ///< since 5.9
    bool exiting = false;                      ///< PF_EXITING
    std::uint32_t exit_state = 0;              ///< EXIT_ZOMBIE 32, EXIT_DEAD 16; 0 while it lives

    bool operator==(const task_record&) const = default;
};

/// One look. Tasks by tid, filters by address, each once.
struct seccomp_state {
    std::vector<task_record> tasks;
    /// The filters on the paths of these tasks, and of the listeners that are open in them.
    std::vector<filter_record> filters;

    const filter_record* filter_at(std::uint64_t address) const;
    const task_record* task_of(pid_t tid) const;
};

/// Sorts and drops what is there twice, as the type says.
void put_in_order(seccomp_state& state);

} // namespace seccomp_sim::live
