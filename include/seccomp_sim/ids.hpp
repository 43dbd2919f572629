// Names of the objects in a world: typed indices into its tables. The model has no pointers, so a world can
// be copied, compared and hashed, and the same input gives the same bytes on every machine.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace seccomp_sim {

/// The width of an index. A table holds fewer than 2^32 - 1 objects.
using index_type = std::uint32_t;

/// The index of an object of one kind; default-constructed it names nothing (the kernel's NULL).
template <class Of>
struct id {
    static constexpr index_type nothing = std::numeric_limits<index_type>::max();
    index_type value = nothing;

    constexpr explicit operator bool() const { return value != nothing; }
    friend constexpr bool operator==(id, id) = default;
    friend constexpr auto operator<=>(id, id) = default;
};

/// Converts to the id of any kind that names nothing.
struct none_type {
    template <class Of>
    constexpr operator id<Of>() const { // NOLINT(google-explicit-constructor): it stands for NULL
        return {};
    }
    template <class Of>
    friend constexpr bool operator==(id<Of> a, none_type) {
        return !a;
    }
};
inline constexpr none_type none;

using task_id = id<struct task>;
using group_id = id<struct thread_group>;
using sighand_id = id<struct sighand>;
using pid_namespace_id = id<struct pid_namespace>;
using filter_id = id<struct filter>;
using program_id = id<struct bpf_program>;
using notification_id = id<struct notification>;
using knotif_id = id<struct knotif>;
using kaddfd_id = id<struct kaddfd>;
using files_id = id<struct files>;
using file_id = id<struct file>;
using message_id = id<struct message>;
using eventpoll_id = id<struct eventpoll>;
using epitem_id = id<struct epitem>;
using wait_entry_id = id<struct wait_entry>;
using stack_id = id<struct call_stack>;
using request_id = id<struct request>;
/// A name that the scenario gave to a task, an fd, a filter or a notification: an index into its list of
/// names.
using name_id = id<struct name_tag>;

} // namespace seccomp_sim
