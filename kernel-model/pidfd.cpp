// Pidfds: kernel/pid.c, fs/pidfs.c, and do_notify_pidfd of kernel/signal.c.
#include "kernel-model/pidfd.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait_queue.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// pid_task(pid, PIDTYPE_TGID): the leader, until it is reaped. A group's place in the table may be taken by
/// another group later; pids are not used twice.
task_id leader_of(const kernel& k, const file& pidfd) {
    const group_id g{pidfd.object};
    if (!k.w.groups.is_live(g))
        return none;
    const task_id leader = k.w.groups[g].leader;
    const bool same = leader && k.w.tasks.is_live(leader) && k.w.tasks[leader].pid == pidfd.pid;
    return same && !k.w.tasks[leader].has(task_flag::unhashed) ? leader : task_id{};
}

/// find_get_pid: the task of that name, if it has a pid in the caller's namespace.
task_id find_visible(kernel& k, name_id name) {
    const task_id t = find_task(k, name);
    if (!t || k.w.tasks[t].has(task_flag::unhashed))
        return none;
    return pid_ns_within(k, k.group_of(t).ns, k.current_group().ns) ? t : task_id{};
}

/// ptrace_may_access with PTRACE_MODE_ATTACH, where everybody has the same uid: what counts are capabilities.
bool may_attach(kernel& k, task_id target) {
    return k.w.tasks[target].group == k.current().group || k.current().has(task_flag::sys_admin) ||
           !k.w.tasks[target].has(task_flag::sys_admin);
}

/// __pidfd_fget: takes a reference to the file, or says why not.
std::int32_t pidfd_fget(kernel& k, file_id& f) {
    const task_id target = find_visible(k, k.current_request().target);
    if (!target)
        return -ESRCH;
    if (!may_attach(k, target))
        return -EPERM;
    f = fget(k, target, k.current_request().fd);
    if (f)
        return 0;
    return k.w.tasks[target].has(task_flag::exiting) ? -ESRCH : -EBADF;
}

} // namespace

std::uint32_t pidfd_events(const kernel& k, file_id pidfd) {
    const task_id leader = leader_of(k, k.w.open_files[pidfd]);
    if (!leader)
        return poll_event::in | poll_event::rdnorm;
    const bool exited = k.w.tasks[leader].exit_state != exit_state::alive &&
                        thread_group_empty(k, k.w.groups[k.w.tasks[leader].group]);
    return exited ? poll_event::in | poll_event::rdnorm : 0;
}

void wake_pidfd_poll(kernel& k, group_id process) {
    wake_up_all(k, {queue_kind::pidfd, k.w.tasks[k.w.groups[process].leader].pid});
}

step sys_pidfd_open::run(kernel& k) {
    kernel_function {
        yield_at("pidfd_open/before-find-pid");
        if (const task_id t = find_visible(k, k.current_request().target)) {
            if (!is_leader(k, t)) {
                return_value(-EINVAL);
            }
            process = k.w.tasks[t].group;
            pid = k.w.tasks[t].pid;
        } else {
            return_value(-ESRCH);
        }
        yield_at("pidfd_open/before-alloc-fd");
        fd = get_unused_fd(k, k.self, true);
        if (fd < 0) {
            return_value(fd);
        }
        if (k.current_request().fails == fault::file_memory) {
            yield_at("pidfd_open/before-put-fd");
            put_unused_fd(k, k.self, fd);
            return_value(-ENOMEM);
        }
        yield_at("pidfd_open/before-install");
        {
            const file_id f = new_file(k, file_kind::pidfd, process.value, k.current_request().as);
            k.w.open_files[f].pid = pid;
            fd_install(k, k.self, fd, f, k.current_request().as);
        }
        return_value(fd);
    }
    return step::returned;
}

step sys_pidfd_getfd::run(kernel& k) {
    kernel_function {
        if (k.rev.pidfd_getfd == presence::no) {
            return_value(-ENOSYS);
        }
        yield_at("pidfd_getfd/before-fget-task");
        fd = pidfd_fget(k, f);
        if (fd < 0) {
            return_value(fd);
        }
        yield_at("pidfd_getfd/before-alloc-fd");
        fd = get_unused_fd(k, k.self, true);
        if (fd < 0) {
            yield_at("pidfd_getfd/before-fput");
            fput(k, f);
            return_value(fd);
        }
        yield_at("pidfd_getfd/before-install");
        fd_install(k, k.self, fd, f, k.current_request().as);
        return_value(fd);
    }
    return step::returned;
}

} // namespace seccomp_sim
