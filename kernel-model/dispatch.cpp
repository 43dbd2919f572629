// The system call table: from a request to the function that serves it.
#include "kernel-model/dispatch.hpp"

#include "kernel-model/eventpoll.hpp"
#include "kernel-model/exec.hpp"
#include "kernel-model/exit.hpp"
#include "kernel-model/file_calls.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/pidfd.hpp"
#include "kernel-model/process_calls.hpp"
#include "kernel-model/ptrace.hpp"
#include "kernel-model/scm.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/seccomp_notify.hpp"
#include "kernel-model/select.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait.hpp"

namespace seccomp_sim {
namespace {

constexpr std::int32_t nr_pause = 34;

enum seccomp_operation : std::int64_t { set_mode_strict = 0, set_mode_filter = 1, get_notif_sizes = 3 };

/// A call that is done at once.
step done(kernel& k, std::int64_t value) {
    k.set_result(value);
    return step::returned;
}

/// do_seccomp, or prctl_set_seccomp, whose modes are numbered otherwise.
step begin_seccomp(kernel& k, label_id where, const request& call) {
    const bool by_prctl = call.op == operation::prctl_seccomp;
    const std::int64_t op = by_prctl ? call.value - 1 : call.value;
    const std::uint32_t flags = by_prctl ? 0 : call.flags;
    if (op == seccomp_operation::set_mode_filter)
        return k.call(where, seccomp_set_mode_filter{{}, {}, {}, -1, flags});
    if (op == seccomp_operation::set_mode_strict && flags == 0)
        return k.call(where, seccomp_set_mode_strict{{}, 0});
    const bool refused = by_prctl || op < 0 || op > seccomp_operation::get_notif_sizes ||
                         op == seccomp_operation::set_mode_strict;
    return done(k, refused ? -EINVAL : seccomp_get(call));
}

/// The kernel would panic.
bool is_global_init(const kernel& k) {
    const group_id group = k.w.tasks[k.self].group;
    const pid_namespace& ns = k.w.namespaces[k.w.groups[group].ns];
    return !ns.parent && ns.child_reaper == group;
}

} // namespace

step begin_operation(kernel& k, label_id where) {
    const request& call = k.current_request();
    switch (call.op) {
    case operation::fork:
        return k.call(where, kernel_clone{});
    case operation::exit:
        if (is_global_init(k) && thread_group_empty(k, k.current_group())) {
            return done(k, -EPERM);
        }
        return k.call(where, do_exit{{}, exited_with(call.value), 0});
    case operation::exit_group:
        if (is_global_init(k)) {
            return done(k, -EPERM);
        }
        return k.call(where, do_group_exit{{}, exited_with(call.value), 0});
    case operation::kill:
    case operation::tgkill:
        return k.call(where, sys_kill{{}, {}, 0});
    case operation::sigaction:
        return done(k, sys_sigaction(k, call));
    case operation::sigprocmask:
        return done(k, sys_sigprocmask(k, call));
    case operation::wait:
        return k.call(where, kernel_wait4{{}, {}, 0, 1, {}, {}, 0, {}, {}, 0, 0});
    case operation::exec:
        return k.call(where, bprm_execve{});
    case operation::unshare_pid_ns:
        return done(k, sys_unshare_pid_ns(k));
    case operation::set_no_new_privs:
        return done(k, sys_set_no_new_privs(k));
    case operation::set_child_subreaper:
        return done(k, sys_set_child_subreaper(k, call));
    case operation::drop_capabilities:
        return done(k, sys_drop_capabilities(k));
    case operation::setrlimit_nofile:
        return k.call(where, sys_setrlimit_nofile{});
    case operation::seccomp:
    case operation::prctl_seccomp:
        return begin_seccomp(k, where, call);
    case operation::prctl_get_seccomp:
        return done(k, static_cast<std::int64_t>(k.current().mode));
    case operation::system_call:
        if (call.system_call == nr_pause)
            return k.call(where, sys_pause{});
        return done(k, sys_other(k, call));
    case operation::receive:
    case operation::send:
    case operation::id_valid:
    case operation::addfd:
    case operation::set_flags:
        return k.call(where, seccomp_notify_ioctl{});
    case operation::open:
        return k.call(where, sys_open{});
    case operation::dup:
        return k.call(where, sys_dup{});
    case operation::close:
        return k.call(where, sys_close{});
    case operation::set_cloexec:
        return k.call(where, sys_set_cloexec{});
    case operation::send_fd:
        return k.call(where, sys_send_fd{});
    case operation::receive_fd:
        return k.call(where, sys_receive_fd{});
    case operation::pidfd_open:
        return k.call(where, sys_pidfd_open{});
    case operation::pidfd_getfd:
        return k.call(where, sys_pidfd_getfd{});
    case operation::unshare_files:
        return k.call(where, sys_unshare_files{});
    case operation::epoll_create:
        return k.call(where, sys_epoll_create{});
    case operation::epoll_ctl:
        return k.call(where, sys_epoll_ctl{});
    case operation::epoll_wait:
        return k.call(where, sys_epoll_wait{});
    case operation::poll:
        return k.call(where, sys_poll{});
    case operation::ptrace_attach:
    case operation::ptrace_seize:
    case operation::ptrace_cont:
    case operation::ptrace_detach:
    case operation::ptrace_get_filter:
        return k.call(where, ptrace_request{});
    case operation::read_seccomp_cache:
        return k.call(where, ptrace_request{});
    }
    return done(k, -ENOSYS);
}

} // namespace seccomp_sim
