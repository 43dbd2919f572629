// Names of the objects in a world: typed indices into its tables. The model has no pointers, so a world can
// be copied, compared and hashed, and the same input gives the same bytes on every machine.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace seccomp_sim {

/// The width of an index.
using index_type = std::uint32_t;

struct task;
struct thread_group;
struct sighand;
struct pid_namespace;
struct filter;
struct notification;
struct knotif;
struct kaddfd;
struct file;
struct files;
struct message;
struct eventpoll;
struct epitem;
struct wait_entry;
struct call_stack;

/// An id says of what kind its object is: the kind's tag is above the index. So a word in the bytes of a
/// world that names an object can be told from one that does not, by whoever renames objects. Tags are odd:
/// a single flag is never taken for one.
namespace id_bits {
inline constexpr unsigned index_width = 27; ///< a table holds fewer than 2^27 objects
inline constexpr index_type index_mask = (index_type{1} << index_width) - 1;

template <class... Objects>
struct kind_list {
    static constexpr std::size_t size = sizeof...(Objects);
    template <class Of>
    static consteval index_type number_of() {
        index_type number = 0;
        index_type found = size;
        ((std::is_same_v<Of, Objects> ? found = number++ : number++), ...);
        return found;
    }
};
using kinds = kind_list<task, thread_group, sighand, pid_namespace, filter, notification, knotif, kaddfd,
                        file, files, message, eventpoll, epitem, wait_entry, call_stack>;
/// The number of the table that objects of this kind are in.
template <class Of>
inline constexpr index_type kind = kinds::number_of<Of>();
static_assert(kind<task> == 0 && kind<call_stack> + 1 == kinds::size);
constexpr index_type tag_of_kind(index_type number) {
    return (2 * number + 1) << index_width;
}
} // namespace id_bits

/// The name of an object of one kind; default-constructed it names nothing (the kernel's NULL). Of objects
/// that are in no table of the world (names, programs, requests), `value` is a plain index.
template <class Of>
struct id {
    static constexpr index_type nothing = std::numeric_limits<index_type>::max();
    index_type value = nothing;

    /// The place in the object's table.
    constexpr index_type index() const { return value & id_bits::index_mask; }

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
