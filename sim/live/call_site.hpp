// Where a scenario's request becomes a system call of a real task: names become fds and pids, structures are
// laid out in the task's slot, and what the call left there is read back.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/live/cast.hpp"
#include "sim/live/stage.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace seccomp_sim::live {

/// The ids that the kernel gave to notifications.
struct notification_ids {
    std::map<name_id, std::uint64_t> by_name;
    std::map<name_id, std::uint64_t> last_of; ///< by the filter's name
    /// What the kernel adds to the number of a filter's notification, from 1, by the filter's name.
    std::map<name_id, std::uint64_t> before_first;
};

/// One task's calls. The model tells which number each named fd has; it is asked before it takes the step.
class call_site {
  public:
    call_site(const stage& where, const seccomp_sim::kernel& model, const cast& everybody,
              const notification_ids& ids, const puppet& caller)
        : stage_(where), k_(model), cast_(everybody), ids_(ids), caller_(caller) {}

    /// Lays the call out in the caller's slot. Throws cannot_run for what no real kernel can be made to do.
    raw_call prepare(const request& asked);
    /// recvmsg on the stage's socket: how a task takes an fd.
    raw_call receive_message(bool cloexec);
    /// The fd in the message that a recvmsg took; 0 if the kernel had no room for it.
    static std::int64_t received_fd(const slot& s);

    /// The number of the caller's fd of that name; one that is not open if it has none.
    int fd(name_id name) const;
    /// The filter whose listener the caller knows by that name; nothing if it is none.
    filter_id filter_of(name_id listener) const;

  private:
    std::int64_t put(const void* bytes, std::size_t size);
    std::int64_t put_text(std::string_view text);
    std::int64_t pid(name_id target, bool of_group = false) const;
    raw_call birth(const request& asked);
    raw_call exec();
    raw_call process_call(const request& asked);
    raw_call seccomp(const request& asked);
    raw_call listener_call(const request& asked);
    raw_call file_call(const request& asked);
    raw_call watch_call(const request& asked);
    raw_call send_message(const request& asked);
    raw_call ptrace(const request& asked) const;
    raw_call other(const request& asked) const;
    std::uint64_t notification(const request& asked) const;

    const stage& stage_;
    const seccomp_sim::kernel& k_;
    const cast& cast_;
    const notification_ids& ids_;
    const puppet& caller_;
    std::size_t used_ = 0;
};

/// The number of a task's fd of that name; one that is not open if it has none.
int fd_number(const seccomp_sim::kernel& model, name_id task, name_id fd);

/// What travels with an fd through the stage's socket.
struct fd_message {
    std::uint32_t to = 0; ///< name_id of the task
    std::uint32_t name = 0;
    std::uint32_t in_flight = 0;
    std::uint32_t cloexec = 0;
};

/// struct seccomp_notif, as far as it matters.
struct received_notification {
    std::uint64_t id = 0;
    std::uint32_t pid = 0;
    std::uint32_t flags = 0;
};

/// struct epoll_event.
struct __attribute__((packed)) reported_event {
    std::uint32_t events = 0;
    std::uint64_t data = 0; ///< the name of the watched fd
};

/// The most events that a puppet's epoll_wait has room for.
inline constexpr std::int32_t most_events = 200;
/// An address at which there is nothing.
inline constexpr std::int64_t bad_address = 8;

} // namespace seccomp_sim::live
