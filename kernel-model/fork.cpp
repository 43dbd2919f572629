// copy_process: the order of its steps around the filter decides what a fork that fails late leaves behind.
#include "kernel-model/fork.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/job_control.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/reparent.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

#include "seccomp_sim/errno_name.hpp"

namespace seccomp_sim {
namespace {

/// The combinations that copy_process refuses before it does anything.
bool refuses(const kernel& k, const task& caller, std::uint32_t flags) {
    const thread_group& group = k.w.groups[caller.group];
    if ((flags & clone_flag::thread) != 0 && (flags & clone_flag::vm) == 0)
        return true;
    const bool new_ns = (flags & clone_flag::new_pid) != 0 || caller.has(task_flag::new_pid_ns);
    if ((flags & clone_flag::thread) != 0 && new_ns)
        return true;
    return (flags & clone_flag::parent) != 0 && group.has(group_flag::unkillable);
}

/// dup_task_struct and the copies that nobody else can see yet: files, signal handlers, limits.
task_id duplicate(kernel& k, std::uint32_t flags) {
    const task_id child = new_task(k, k.current_request().child);
    task& copy = k.w.tasks[child];
    const task& parent = k.current();
    copy.flags |= parent.flags & (task_flag::sys_admin | task_flag::no_new_privs);
    copy.blocked = parent.blocked;
    if ((flags & clone_flag::vfork) != 0)
        copy.set(task_flag::vfork_pending); // before anybody can kill it
    copy_files(k, child, (flags & clone_flag::files) != 0);
    if ((flags & clone_flag::thread) != 0) {
        copy.group = parent.group;
        return child;
    }
    const group_id g = k.w.groups.allocate();
    const thread_group& from = k.current_group();
    thread_group& group = k.w.groups[g];
    group.leader = child;
    group.ns = from.ns;
    group.limit_nofile = from.limit_nofile;
    if (from.has(group_flag::subreaper) || from.has(group_flag::has_subreaper))
        group.set(group_flag::has_subreaper);
    if (from.sighand) {
        group.sighand = k.w.sighands.allocate();
        k.w.sighands[group.sighand] = k.w.sighands[from.sighand];
    }
    copy.group = g;
    return child;
}

/// The namespace that an earlier unshare made for the running task's children.
pid_namespace_id unshared_namespace(const kernel& k) {
    pid_namespace_id found;
    k.w.namespaces.for_each([&](pid_namespace_id ns, const pid_namespace& space) {
        if (space.unsharer == k.self)
            found = ns;
    });
    return found;
}

/// alloc_pid: in each namespace from the child's up; a dying one lets nobody in. The first task of a
/// namespace is its init.
bool allocate_pid(kernel& k, task_id child, std::uint32_t flags) {
    thread_group& group = k.group_of(child);
    if ((flags & clone_flag::thread) == 0) {
        if ((flags & clone_flag::new_pid) != 0)
            group.ns = new_pid_namespace(k, group.ns, none);
        else if (k.current().has(task_flag::new_pid_ns))
            group.ns = unshared_namespace(k);
    }
    pid_namespace& space = k.w.namespaces[group.ns];
    if (space.dying != 0)
        return false;
    if (!space.child_reaper) {
        space.child_reaper = k.w.tasks[child].group;
        group.set(group_flag::unkillable);
    } else if (group.ns != k.current_group().ns) {
        space.outsiders = 1;
    }
    k.w.tasks[child].ns_pid = space.next_pid++;
    for (pid_namespace_id ns = group.ns; ns; ns = k.w.namespaces[ns].parent) {
        ++k.w.namespaces[ns].processes;
        if (!k.w.namespaces[ns].parent) // nobody else has the pid by which the first namespace sees the child
            k.w.namespaces[ns].next_pid = k.w.tasks[child].pid + 1;
    }
    return true;
}

/// The child becomes visible to everybody, under tasklist_lock and siglock.
void link(kernel& k, task_id child, std::uint32_t flags) {
    const group_id g = k.w.tasks[child].group;
    add_thread(k, g, child);
    ++k.w.groups[g].live;
    ++k.w.groups[g].quick_threads;
    if ((flags & clone_flag::thread) != 0) {
        join_group_stop(k, child);
        return;
    }
    add_child(k, (flags & clone_flag::parent) != 0 ? k.current_group().parent : k.current().group, g);
}

/// What copy_process undoes when it fails after the copies.
void undo_copies(kernel& k, task_id child, bool has_pid) {
    drop_files(k, child);
    if (!has_pid)
        return;
    for (pid_namespace_id ns = k.group_of(child).ns; ns; ns = k.w.namespaces[ns].parent)
        --k.w.namespaces[ns].processes;
}

} // namespace

pid_namespace_id new_pid_namespace(kernel& k, pid_namespace_id parent, task_id unsharer) {
    const pid_namespace_id ns = k.w.namespaces.allocate();
    pid_namespace& space = k.w.namespaces[ns];
    space.parent = parent;
    space.level = k.w.namespaces[parent].level + 1;
    space.unsharer = unsharer;
    return ns;
}

step copy_seccomp::run(kernel& k) {
    kernel_function {
        filter = k.current().filter;
        if (filter && !k.mutated(mutant::fork_skips_get)) {
            call_at("copy_seccomp/get", get_seccomp_filter{{}, filter, 0});
        }
        yield_at("copy_seccomp/before-copy");
        k.set_filter(child, filter, this);
        k.w.tasks[child].filter_count = k.current().filter_count;
        k.w.tasks[child].mode = k.current().mode;
        // The task may have got no_new_privs from another thread's TSYNC since it was copied.
        if (k.current().has(task_flag::no_new_privs))
            k.w.tasks[child].set(task_flag::no_new_privs);
    }
    return step::returned;
}

step copy_process::run(kernel& k) {
    kernel_function {
        if (refuses(k, k.current(), flags)) {
            return_value(-EINVAL);
        }
        yield_at("copy_process/before-signal-test");
        if (signal_pending(k, k.self)) {
            return_value(-errno_restartnointr);
        }
        if ((flags & clone_flag::new_pid) != 0 && !k.current().has(task_flag::sys_admin)) {
            return_value(-EPERM);
        }
        // copy_pid_ns: the namespace that was unshared is not the caller's own.
        if ((flags & clone_flag::new_pid) != 0 && k.current().has(task_flag::new_pid_ns)) {
            return_value(-EINVAL);
        }
        child = duplicate(k, flags);
        yield_at("copy_process/before-alloc-pid");
        if (!allocate_pid(k, child, flags)) {
            error = -ENOMEM;
            undo_copies(k, child, false);
        } else {
            wait_at("copy_process/tasklist-lock", !k.globals().tasklist_lock);
            take_tasklist_lock(k);
            if (!k.mutated(mutant::fork_without_siglock)) {
                wait_at("copy_process/siglock", !k.current_group().siglock);
                take_siglock(k, k.current().group);
            }
            if (k.rev.fork == fork_point::before_checks) {
                call_at("copy_process/copy-seccomp-early", copy_seccomp{{}, child, {}});
            }
            // Both tests in one step: signals come under siglock, so only the first can change its answer
            // here.
            yield_at("copy_process/before-checks");
            if (k.w.namespaces[k.group_of(child).ns].dying != 0)
                error = -ENOMEM;
            else if (fatal_signal_pending(k, k.self))
                error = -EINTR;
            if (error == 0 && k.rev.fork == fork_point::after_checks) {
                call_at("copy_process/copy-seccomp", copy_seccomp{{}, child, {}});
            }
            if (error == 0)
                link(k, child, flags);
            yield_at("copy_process/before-unlock");
            if (!k.mutated(mutant::fork_without_siglock))
                k.current_group().siglock = none;
            k.globals().tasklist_lock = none;
            if (error != 0)
                undo_copies(k, child, true);
        }
        if (error != 0) {
            call_at("copy_process/free-task", free_task{{}, child, 0});
            return_value(error);
        }
        return_value(child.value);
    }
    return step::returned;
}

step kernel_clone::run(kernel& k) {
    kernel_function {
        flags = k.current_request().flags;
        call_at("kernel_clone/copy-process", copy_process{{}, {}, flags, 0, 0});
        if (k.result() < 0) {
            return_value(k.result());
        }
        child = {static_cast<index_type>(k.result())};
        birth_pid = k.w.tasks[child].pid;
        pid = pid_seen_from(k, child, k.current_group().ns);
        if ((flags & clone_flag::vfork) == 0) {
            return_value(pid);
        }
        // wait_for_vfork_done: until the child has let go of the address space, or a fatal signal comes.
        for (;;) {
            k.current().state = task_state::killable;
            yield_at("kernel_clone/before-vfork-test");
            if (!vfork_child_runs(k, *this) || fatal_signal_pending(k, k.self))
                break;
            sleep_at("kernel_clone/vfork-sleep");
        }
        k.current().state = task_state::running;
        return_value(pid);
    }
    return step::returned;
}

bool vfork_child_runs(const kernel& k, const kernel_clone& vfork) {
    const task& child = k.w.tasks[vfork.child];
    return k.w.tasks.is_live(vfork.child) && child.pid == vfork.birth_pid &&
           child.has(task_flag::vfork_pending);
}

// Whoever called clone. That is a thread of the child's parent, which spares a look at every task, unless it
// was by CLONE_PARENT or CLONE_THREAD, or somebody was reparented since.
void complete_vfork_done(kernel& k, task_id child) {
    if (!k.w.tasks[child].has(task_flag::vfork_pending))
        return;
    k.w.tasks[child].set(task_flag::vfork_pending, false);
    bool woken = false;
    const auto wake_if_waiting = [&](task_id t) {
        const task& record = k.w.tasks[t];
        if (woken || record.state != task_state::killable || !record.call)
            return;
        const kernel_clone* vfork = frame_of<kernel_clone>(k, t);
        if (vfork == nullptr || vfork->child != child)
            return;
        woken = true;
        k.wake(t, wake_mask::of(task_state::killable));
    };
    if (const group_id parent = k.group_of(child).parent)
        for_each_thread(k, parent, [&](task_id thread) {
            wake_if_waiting(thread);
            return !woken;
        });
    if (!woken)
        k.w.tasks.for_each([&](task_id t, const task&) { wake_if_waiting(t); });
}

} // namespace seccomp_sim
