// A request: one system call as a task asks for it, with arguments by name. It is data that never changes
// while the call runs, so the frames of calls in flight only need its index.
#pragma once

#include "seccomp_sim/ids.hpp"

namespace seccomp_sim {

/// What a task can be asked to do. Each is one system call (or one ioctl), and goes through its caller's
/// filters.
enum class operation : std::uint8_t {
    fork,
    exit,
    exit_group,
    kill,
    tgkill,
    sigaction,
    sigprocmask,
    wait,
    exec,
    unshare_pid_ns,
    set_no_new_privs,
    set_child_subreaper,
    drop_capabilities,
    setrlimit_nofile,
    seccomp,
    prctl_seccomp,
    prctl_get_seccomp,
    system_call,
    receive,
    send,
    id_valid,
    addfd,
    set_flags,
    open,
    dup,
    close,
    set_cloexec,
    send_fd,
    receive_fd,
    pidfd_open,
    pidfd_getfd,
    unshare_files,
    epoll_create,
    epoll_ctl,
    epoll_wait,
    poll,
    ptrace_attach,
    ptrace_seize,
    ptrace_cont,
    ptrace_detach,
    ptrace_get_filter,
    read_seccomp_cache,
};

/// CLONE_* bits of request::flags for operation::fork.
namespace clone_flag {
inline constexpr std::uint32_t vm = 0x00000100;
inline constexpr std::uint32_t files = 0x00000400;
inline constexpr std::uint32_t vfork = 0x00004000;
inline constexpr std::uint32_t parent = 0x00008000;
inline constexpr std::uint32_t thread = 0x00010000;
inline constexpr std::uint32_t new_pid = 0x20000000;
} // namespace clone_flag

/// SECCOMP_FILTER_FLAG_* bits of request::flags for operation::seccomp.
namespace install_flag {
inline constexpr std::uint32_t tsync = 1;
inline constexpr std::uint32_t log = 2;
inline constexpr std::uint32_t spec_allow = 4;
inline constexpr std::uint32_t new_listener = 8;
inline constexpr std::uint32_t tsync_esrch = 16;
inline constexpr std::uint32_t wait_killable_recv = 32;
} // namespace install_flag

/// What a request asks to go wrong on its way: a bad pointer, or an allocation that fails.
enum class fault : std::uint8_t {
    nothing,
    bad_pointer,
    bad_instructions,
    filter_memory,
    notification_memory,
    file_memory
};

/// One system call. Which fields matter is said at each operation in kernel-model/entry.cpp.
struct request {
    std::int64_t value = 0;        ///< exit code, reply value, timeout, limit, ...
    std::int64_t native = 0;       ///< what operation::system_call returns when it is let through
    std::uint64_t args[6] = {};    ///< of operation::system_call, as the filters see them
    index_type cookie = 0;         ///< a raw notification id instead of a named one
    std::int32_t error = 0;        ///< reply error
    std::int32_t system_call = -1; ///< its x86_64 number, as the filters see it
    std::uint32_t flags = 0;
    std::uint32_t events = 0; ///< epoll and poll masks; signals of a mask
    program_id program;
    name_id child, fd, as, target, notification, source; ///< names in the scenario
    index_type first_poll = 0, polls = 0;                ///< poll(): a run in kernel::poll_list
    std::int32_t number = -1;                            ///< an fd number asked for, an index, a signal
    operation op = operation::system_call;
    fault fails = fault::nothing;

    friend bool operator==(const request&, const request&) = default;
};

/// One entry of a poll() request.
struct poll_request {
    name_id fd;
    std::uint32_t events = 0;
};

} // namespace seccomp_sim
