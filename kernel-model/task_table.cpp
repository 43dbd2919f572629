// The lists that tasks and thread groups are on, and the first tasks of a world (init/init_task.c, in
// spirit).
#include "kernel-model/task_table.hpp"

namespace seccomp_sim {

void make_rcu_worker(kernel& k) {
    k.w.rcu_worker = k.w.tasks.allocate();
    k.w.tasks[k.w.rcu_worker].set(task_flag::kernel_thread);
}

task_id new_task(kernel& k, name_id name) {
    const task_id t = k.w.tasks.allocate();
    task& record = k.w.tasks[t];
    record.name = name;
    record.pid = k.globals().next_pid++;
    if (name)
        set_meaning(k.lists().named_tasks, name, t);
    return t;
}

task_id find_task(const kernel& k, name_id name) {
    const std::vector<task_id>& named = k.lists().named_tasks;
    if (!name || name.value >= named.size())
        return none;
    const task_id t = named[name.value];
    return t && k.w.tasks.is_live(t) && k.w.tasks[t].name == name ? t : task_id{};
}

task_id kernel::make_init(name_id name) {
    const pid_namespace_id ns = w.namespaces.allocate();
    const group_id g = w.groups.allocate();
    const task_id t = new_task(*this, name);
    w.tasks[t].group = g;
    w.tasks[t].set(task_flag::sys_admin);
    w.groups[g].leader = t;
    w.groups[g].live = 1;
    w.groups[g].quick_threads = 1;
    w.groups[g].ns = ns;
    w.groups[g].set(group_flag::unkillable);
    w.namespaces[ns].child_reaper = g;
    w.tasks[t].ns_pid = w.namespaces[ns].next_pid++;
    w.namespaces[ns].processes = 1;
    add_thread(*this, g, t);
    return t;
}

void add_thread(kernel& k, group_id g, task_id t) {
    thread_group& group = k.w.groups[g];
    task& record = k.w.tasks[t];
    record.group = g;
    record.set(task_flag::hashed);
    ++group.threads;
    thread_links::add_tail(k.w.tasks, group.first_thread, t);
}

void remove_thread(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    thread_group& group = k.w.groups[record.group];
    --group.threads;
    thread_links::remove(k.w.tasks, group.first_thread, t);
    record.set(task_flag::unhashed);
}

void add_child(kernel& k, group_id parent, group_id child) {
    k.w.groups[child].parent = parent;
    sibling_links::add_tail(k.w.groups, k.w.groups[parent].first_child, child);
}

void remove_child(kernel& k, group_id child) {
    thread_group& record = k.w.groups[child];
    if (!record.parent)
        return;
    sibling_links::remove(k.w.groups, k.w.groups[record.parent].first_child, child);
    record.parent = none;
}

void add_tracee(kernel& k, task_id tracer, task_id tracee) {
    task& record = k.w.tasks[tracee];
    record.tracer = tracer;
    record.next_tracee = k.w.tasks[tracer].tracees;
    k.w.tasks[tracer].tracees = tracee;
}

void remove_tracee(kernel& k, task_id tracee) {
    task& record = k.w.tasks[tracee];
    if (!record.tracer)
        return;
    // Linked one way to keep tasks small; the tracer's own end takes them from the front.
    task_id* link = &k.w.tasks[record.tracer].tracees;
    while (*link != tracee)
        link = &k.w.tasks[*link].next_tracee;
    *link = record.next_tracee;
    record.tracer = record.next_tracee = none;
    record.set(task_flag::trace_exit | task_flag::trace_seccomp | task_flag::exit_kill | task_flag::seized,
               false);
}

bool ptrace_reparented(const kernel& k, task_id t) {
    const task& record = k.w.tasks[t];
    return record.tracer && k.w.tasks[record.tracer].group != k.w.groups[record.group].parent;
}

index_type pid_seen_from(const kernel& k, task_id t, pid_namespace_id ns) {
    const task& record = k.w.tasks[t];
    const pid_namespace_id own = k.w.groups[record.group].ns;
    if (own == ns)
        return record.ns_pid;
    return pid_ns_within(k, own, ns) ? record.pid : 0;
}

bool pid_ns_within(const kernel& k, pid_namespace_id ns, pid_namespace_id outer) {
    while (ns && ns != outer)
        ns = k.w.namespaces[ns].parent;
    return ns == outer;
}

} // namespace seccomp_sim
