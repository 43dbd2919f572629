// What exit does to the tasks around the dying one: forget_original_parent, exit_notify's middle,
// __exit_signal (kernel/exit.c), exit_ptrace (kernel/ptrace.c).
#include "kernel-model/reparent.hpp"

#include "kernel-model/exec.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/job_control.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

#include <algorithm>
#include <vector>

namespace seccomp_sim {

void add_dead(kernel& k, task_id& list, task_id t) {
    k.w.tasks[t].next_tracee = list;
    list = t;
}

task_id take_dead(kernel& k, task_id& list) {
    const task_id first = list;
    list = k.w.tasks[first].next_tracee;
    k.w.tasks[first].next_tracee = none;
    return first;
}

bool ptrace_detach(kernel& k, task_id tracee) {
    task& record = k.w.tasks[tracee];
    const bool reparented = ptrace_reparented(k, tracee);
    remove_tracee(k, tracee);
    if (record.exit_state == exit_state::alive) {
        leave_trap(k, tracee);
        return false;
    }
    if (record.exit_state != exit_state::zombie)
        return false;
    bool dead = false;
    if (!is_leader(k, tracee)) {
        dead = true;
    } else if (thread_group_empty(k, k.w.groups[record.group])) {
        dead = reparented ? do_notify_parent(k, tracee, signal_number::child)
                          : (dispositions(k, k.w.groups[k.w.groups[record.group].parent]).ignored &
                             signal_bit(signal_number::child)) != 0;
        if (!reparented)
            wake_up_parent(k, k.w.groups[record.group].parent);
    }
    if (dead)
        record.exit_state = exit_state::dead;
    return dead;
}

void exit_ptrace(kernel& k, task_id& dead) {
    while (k.current().tracees) {
        const task_id tracee = k.current().tracees;
        if (k.w.tasks[tracee].has(task_flag::exit_kill))
            send_signal(k, signal_number::kill, tracee, false, true);
        if (ptrace_detach(k, tracee))
            add_dead(k, dead, tracee);
    }
}

bool is_last_of_pid_ns_init(const kernel& k, task_id t) {
    const thread_group& group = k.w.groups[k.w.tasks[t].group];
    return k.w.namespaces[group.ns].child_reaper == k.w.tasks[t].group && group.live == 0 &&
           k.w.tasks[t].has(task_flag::group_dead);
}

namespace {

/// find_new_reaper: the nearest living subreaper of the same namespace, else the namespace's init.
group_id find_new_reaper(const kernel& k, group_id father) {
    const thread_group& group = k.w.groups[father];
    if (group.has(group_flag::has_subreaper))
        for (group_id g = group.parent; g; g = k.w.groups[g].parent) {
            if (k.w.namespaces[k.w.groups[g].ns].level != k.w.namespaces[group.ns].level)
                break;
            if (k.w.groups[g].has(group_flag::subreaper) && k.w.groups[g].live > 0)
                return g;
        }
    return k.w.namespaces[group.ns].child_reaper;
}

} // namespace

void reparent_children(kernel& k, task_id& dead) {
    const group_id father = k.current().group;
    if (k.w.groups[father].live > 0)
        return; // children belong to the group; another thread waits for them
    const group_id reaper = find_new_reaper(k, father);
    // A namespace's init: the thread that ends the namespace has none left, and until it comes the kernel
    // gives the children of the other threads to it.
    if (reaper == father)
        return;
    while (k.w.groups[father].first_child) {
        const group_id child = k.w.groups[father].first_child;
        remove_child(k, child);
        add_child(k, reaper, child);
        const task_id leader = k.w.groups[child].leader;
        task& record = k.w.tasks[leader];
        if (record.exit_state == exit_state::zombie && !record.tracer &&
            thread_group_empty(k, k.w.groups[child]) && do_notify_parent(k, leader, signal_number::child)) {
            record.exit_state = exit_state::dead;
            add_dead(k, dead, leader);
        }
    }
}

bool become_zombie(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    const thread_group& group = k.w.groups[record.group];
    record.exit_state = exit_state::zombie;
    if (k.watch)
        k.watch->on_exit(t, wait_status(k, t));
    bool autoreap = true;
    if (record.tracer)
        autoreap = do_notify_parent(k, t, signal_number::child);
    else if (is_leader(k, t))
        autoreap = thread_group_empty(k, group) && !k.mutated(mutant::zombie_tells_nobody) &&
                   do_notify_parent(k, t, signal_number::child);
    if (autoreap)
        record.exit_state = exit_state::dead;
    return autoreap;
}

void ptrace_release_task(kernel& k, task_id t) {
    remove_tracee(k, t);
}

void wake_exec_task(kernel& k, group_id g) {
    if (k.w.groups[g].cred_guard)
        k.wake(k.w.groups[g].cred_guard, wake_mask::normal);
}

void exit_signal(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    thread_group& group = k.w.groups[record.group];
    if (!is_leader(k, t) && group.notify_count > group_exec_task_set &&
        --group.notify_count == group_exec_task_set)
        wake_exec_task(k, record.group);
    const bool leader = is_leader(k, t);
    if (k.rev.release == release_point::reap || k.rev.release == release_point::split)
        k.stops_using(t);
    remove_thread(k, t);
    for (pid_namespace_id ns = group.ns; ns; ns = k.w.namespaces[ns].parent) {
        pid_namespace& space = k.w.namespaces[ns];
        --space.processes;
        // free_pid: the init that waits for the last ones.
        if (space.processes <= 2 && space.dying != 0 && space.child_reaper)
            for_each_thread(k, space.child_reaper, [&](task_id waiter) {
                k.wake(waiter, wake_mask::normal);
                return true;
            });
    }
    if (leader)
        remove_child(k, record.group);
}

bool may_zap_leader(kernel& k, task_id leader) {
    task& record = k.w.tasks[leader];
    if (!thread_group_empty(k, k.w.groups[record.group]) || record.exit_state != exit_state::zombie)
        return false;
    if (!do_notify_parent(k, leader, signal_number::child))
        return false;
    record.exit_state = exit_state::dead;
    return true;
}

void retarget_shared_pending(kernel& k, task_id t) {
    const std::uint32_t waiting = k.group_of(t).pending & ~k.w.tasks[t].blocked;
    if (waiting == 0)
        return;
    for_each_thread(k, k.w.tasks[t].group, [&](task_id other) {
        const task& record = k.w.tasks[other];
        if (other != t && !record.has(task_flag::exiting) && (waiting & ~record.blocked) != 0 &&
            !signal_pending(k, other)) {
            signal_wake_up(k, other, false);
            return false;
        }
        return true;
    });
}

sighand& sighand_of(kernel& k, group_id g) {
    thread_group& group = k.w.groups[g];
    if (!group.sighand)
        group.sighand = k.w.sighands.allocate();
    return k.w.sighands[group.sighand];
}

void ignore_sigchld(kernel& k, group_id g) {
    sighand& actions = sighand_of(k, g);
    actions.ignored |= signal_bit(signal_number::child);
    actions.handled &= ~signal_bit(signal_number::child);
}

namespace {

/// The processes of a namespace but for its init. They descend from it, unless some were forked into the
/// namespace from outside.
std::vector<group_id> processes_of(const kernel& k, pid_namespace_id ns) {
    const group_id init = k.w.namespaces[ns].child_reaper;
    std::vector<group_id> found;
    if (k.w.namespaces[ns].outsiders != 0) {
        k.w.groups.for_each([&](group_id g, const thread_group& group) {
            if (g != init && pid_ns_within(k, group.ns, ns))
                found.push_back(g);
        });
        return found;
    }
    const auto add_children = [&](group_id parent) {
        for_each_child(k, parent, [&](group_id child) {
            found.push_back(child);
            return true;
        });
    };
    add_children(init);
    std::size_t next = 0;
    while (next < found.size())
        add_children(found[next++]);
    return found;
}

} // namespace

void kill_pid_ns(kernel& k, pid_namespace_id ns) {
    std::vector<task_id> threads;
    for (const group_id g : processes_of(k, ns))
        for_each_thread(k, g, [&](task_id t) {
            threads.push_back(t);
            return true;
        });
    std::sort(threads.begin(), threads.end(),
              [&](task_id a, task_id b) { return k.w.tasks[a].pid < k.w.tasks[b].pid; });
    for (const task_id t : threads)
        if (!fatal_signal_pending(k, t))
            send_signal(k, signal_number::kill, t, false, true);
}

void free_task_record(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    const group_id g = record.group;
    if (k.watch)
        k.watch->on_free(t);
    if (record.has(task_flag::new_pid_ns))
        k.w.namespaces.for_each([&](pid_namespace_id ns, const pid_namespace& space) {
            if (space.unsharer == t)
                k.w.namespaces[ns].unsharer = none;
        });
    k.w.tasks.free(t);
    thread_group& group = k.w.groups[g];
    if (group.leader == t)
        group.leader = none;
    if (group.leader || group.threads > 0)
        return;
    if (group.sighand)
        k.w.sighands.free(group.sighand);
    const pid_namespace_id ns = group.ns;
    const bool was_reaper = k.w.namespaces[ns].child_reaper == g;
    k.w.groups.free(g);
    if (was_reaper && k.w.namespaces[ns].processes == 0 && !k.w.namespaces[ns].unsharer)
        k.w.namespaces.free(ns);
}

} // namespace seccomp_sim
