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

template <class Frame>
bool push(kernel& k, const Frame& f) {
    k.push(f);
    return true;
}

/// do_seccomp, or prctl_set_seccomp, whose modes are numbered otherwise.
bool begin_seccomp(kernel& k, const request& call, std::int64_t& value) {
    const bool by_prctl = call.op == operation::prctl_seccomp;
    const std::int64_t op = by_prctl ? call.value - 1 : call.value;
    const std::uint32_t flags = by_prctl ? 0 : call.flags;
    if (op == seccomp_operation::set_mode_filter)
        return push(k, seccomp_set_mode_filter{{}, {}, {}, -1, flags});
    if (op == seccomp_operation::set_mode_strict && flags == 0)
        return push(k, seccomp_set_mode_strict{{}, 0});
    value = by_prctl || op < 0 || op > seccomp_operation::get_notif_sizes ||
                    op == seccomp_operation::set_mode_strict
                ? -EINVAL
                : seccomp_get(call);
    return false;
}

/// The kernel would panic.
bool is_global_init(const kernel& k) {
    const group_id group = k.w.tasks[k.self].group;
    const pid_namespace& ns = k.w.namespaces[k.w.groups[group].ns];
    return !ns.parent && ns.child_reaper == group;
}

} // namespace

bool begin_operation(kernel& k, std::int64_t& value) {
    const request& call = k.current_request();
    value = 0;
    switch (call.op) {
    case operation::fork:
        return push(k, kernel_clone{});
    case operation::exit:
        if (is_global_init(k) && thread_group_empty(k, k.current_group())) {
            value = -EPERM;
            return false;
        }
        return push(k, do_exit{{}, exited_with(call.value), 0});
    case operation::exit_group:
        if (is_global_init(k)) {
            value = -EPERM;
            return false;
        }
        return push(k, do_group_exit{{}, exited_with(call.value), 0});
    case operation::kill:
    case operation::tgkill:
        return push(k, sys_kill{{}, {}, 0});
    case operation::sigaction:
        value = sys_sigaction(k, call);
        return false;
    case operation::sigprocmask:
        value = sys_sigprocmask(k, call);
        return false;
    case operation::wait:
        return push(k, kernel_wait4{{}, {}, 0, 1, {}, {}, 0, {}, {}, 0, 0});
    case operation::exec:
        return push(k, bprm_execve{});
    case operation::unshare_pid_ns:
        value = sys_unshare_pid_ns(k);
        return false;
    case operation::set_no_new_privs:
        value = sys_set_no_new_privs(k);
        return false;
    case operation::set_child_subreaper:
        value = sys_set_child_subreaper(k, call);
        return false;
    case operation::drop_capabilities:
        value = sys_drop_capabilities(k);
        return false;
    case operation::setrlimit_nofile:
        return push(k, sys_setrlimit_nofile{});
    case operation::seccomp:
    case operation::prctl_seccomp:
        return begin_seccomp(k, call, value);
    case operation::prctl_get_seccomp:
        value = static_cast<std::int64_t>(k.current().mode);
        return false;
    case operation::system_call:
        if (call.system_call == nr_pause)
            return push(k, sys_pause{});
        value = sys_other(k, call);
        return false;
    case operation::receive:
    case operation::send:
    case operation::id_valid:
    case operation::addfd:
    case operation::set_flags:
        return push(k, seccomp_notify_ioctl{});
    case operation::open:
        return push(k, sys_open{});
    case operation::dup:
        return push(k, sys_dup{});
    case operation::close:
        return push(k, sys_close{});
    case operation::set_cloexec:
        return push(k, sys_set_cloexec{});
    case operation::send_fd:
        return push(k, sys_send_fd{});
    case operation::receive_fd:
        return push(k, sys_receive_fd{});
    case operation::pidfd_open:
        return push(k, sys_pidfd_open{});
    case operation::pidfd_getfd:
        return push(k, sys_pidfd_getfd{});
    case operation::unshare_files:
        return push(k, sys_unshare_files{});
    case operation::epoll_create:
        return push(k, sys_epoll_create{});
    case operation::epoll_ctl:
        return push(k, sys_epoll_ctl{});
    case operation::epoll_wait:
        return push(k, sys_epoll_wait{});
    case operation::poll:
        return push(k, sys_poll{});
    case operation::ptrace_attach:
    case operation::ptrace_seize:
    case operation::ptrace_cont:
    case operation::ptrace_detach:
    case operation::ptrace_get_filter:
        return push(k, ptrace_request{});
    case operation::read_seccomp_cache:
        return push(k, ptrace_request{});
    }
    value = -ENOSYS;
    return false;
}

} // namespace seccomp_sim
