// The lists that tasks and thread groups are on: threads of a group, children of a group, tracees of a task,
// and the first tasks of a world. Plain list work, done under the locks that the callers hold.
#pragma once

#include "kernel-model/list_links.hpp"
#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// signal_struct.thread_head and task_struct.children.
using thread_links = list_links<&task::next_thread, &task::prev_thread>;
using sibling_links = list_links<&thread_group::next_sibling, &thread_group::prev_sibling>;

/// Makes the task that stands for the CPU running RCU callbacks.
void make_rcu_worker(kernel& k);

/// A task, not yet on any list, with a pid of its own.
task_id new_task(kernel& k, name_id name);
/// The task of that name, alive or zombie; nothing if it was never born or is gone from memory.
task_id find_task(const kernel& k, name_id name);

void add_thread(kernel& k, group_id g, task_id t);
void remove_thread(kernel& k, task_id t);
/// list_empty but for the thread itself.
inline bool thread_group_empty(const kernel& k, const thread_group& g) {
    return !g.first_thread || k.w.tasks[g.first_thread].next_thread == g.first_thread;
}
inline bool is_leader(const kernel& k, task_id t) {
    return k.w.groups[k.w.tasks[t].group].leader == t;
}

/// Calls `use(task_id)` for each thread on the group's list, in order, until it returns false.
template <class Use>
void for_each_thread(const kernel& k, group_id g, Use&& use) {
    const task_id first = k.w.groups[g].first_thread;
    for (task_id t = first; t;) {
        const task_id next = thread_links::after(k.w.tasks, first, t);
        if (!use(t))
            return;
        t = next;
    }
}

void add_child(kernel& k, group_id parent, group_id child);
void remove_child(kernel& k, group_id child);
/// Calls `use(group_id)` for each child in the order of births until it returns false; `use` may not unlink.
template <class Use>
void for_each_child(const kernel& k, group_id parent, Use&& use) {
    const group_id first = k.w.groups[parent].first_child;
    for (group_id g = first; g;) {
        const group_id next = sibling_links::after(k.w.groups, first, g);
        if (!use(g))
            return;
        g = next;
    }
}

void add_tracee(kernel& k, task_id tracer, task_id tracee);
/// __ptrace_unlink's list work: the task is traced by nobody.
void remove_tracee(kernel& k, task_id tracee);
/// Whether the tracer belongs to another group than the parent.
bool ptrace_reparented(const kernel& k, task_id t);

/// task_pid_nr_ns: the pid as seen from a namespace; 0 if the task is not visible there. From a namespace
/// between the first and the task's own it is given as in the first: three nested namespaces' numbers are not
/// kept apart.
index_type pid_seen_from(const kernel& k, task_id t, pid_namespace_id ns);
/// Whether `ns` is `outer` or a descendant of it.
bool pid_ns_within(const kernel& k, pid_namespace_id ns, pid_namespace_id outer);

} // namespace seccomp_sim
