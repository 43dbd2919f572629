// Fds that travel over a unix socket (SCM_RIGHTS): net/core/scm.c, net/unix/af_unix.c, in spirit. Each task
// has one socket that everybody can send to; it belongs to that task, and goes with it.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Bits of request::flags for operation::send_fd and receive_fd.
namespace scm_flag {
inline constexpr std::uint32_t in_flight = 1; ///< send_fd: the target does not receive at once
inline constexpr std::uint32_t cloexec = 2;   ///< MSG_CMSG_CLOEXEC: at the receiver
} // namespace scm_flag

/// sendmsg: `fd` goes to the task `target`, who knows it by the same name, or `as`. -EPIPE if its socket is
/// gone. Without scm_flag::in_flight the target's recvmsg is part of the call; an fd for which it has no room
/// is lost.
struct sys_send_fd : frame {
    file_id f;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// recvmsg on the caller's socket, which does not block: the number of the new fd; 0 if the fd that came was
/// lost because there is no room (MSG_CTRUNC); -EAGAIN if nothing came. `as` names the fd.
struct sys_receive_fd : frame {
    file_id f;
    name_id name;
    std::int32_t fd = 0;
    step run(kernel& k);
};

/// Takes the oldest message out of a task's socket, with its reference to the file.
message take_message(kernel& k, task_id t);

} // namespace seccomp_sim
