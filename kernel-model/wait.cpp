// wait4: do_wait, wait_consider_task and wait_task_zombie of kernel/exit.c.
#include "kernel-model/wait.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/job_control.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait_queue.hpp"

#include "seccomp_sim/errno_name.hpp"

namespace seccomp_sim {

std::int32_t wait_status(const kernel& k, task_id t) {
    const thread_group& group = k.w.groups[k.w.tasks[t].group];
    return group.has(group_flag::group_exit) ? group.exit_code : k.w.tasks[t].exit_code;
}

namespace {

/// An option that no wait4 has: a continued child counts only once its parent was told. It tells by itself,
/// which a tracer may keep it from for as long as it likes.
constexpr std::uint32_t once_told = 1U << 31;

/// What one look at all children came to.
struct look {
    std::int64_t pid = 0;  ///< of a child that has something to tell
    task_id zombie;        ///< to be reaped
    bool eligible = false; ///< there is somebody to wait for
    bool child = false;    ///< and it is a child, not only somebody who is traced
    task_id told;          ///< a stopped or continued task whose state was reported
    enum class change : std::uint8_t { trap, stop, go_on } what = change::trap; ///< and which of it
};

/// wait_consider_task. `as_tracer`: the caller traces the task; else it is the parent.
void consider(const kernel& k, task_id who, task_id t, bool as_tracer, std::uint32_t options, look& result) {
    const task& record = k.w.tasks[t];
    const thread_group& group = k.w.groups[record.group];
    if (record.exit_state == exit_state::dead)
        return;
    result.child |= !as_tracer;
    if (!as_tracer && record.tracer && !ptrace_reparented(k, t))
        as_tracer = true;
    result.eligible = true;
    const auto report = [&] { result.pid = pid_seen_from(k, t, k.w.groups[k.w.tasks[who].group].ns); };
    const auto tell = [&](look::change what) {
        result.told = t;
        result.what = what;
        report();
    };
    const auto delayed = [&] { return group.leader == t && !thread_group_empty(k, group); };
    if (record.exit_state == exit_state::zombie && (as_tracer || !record.tracer) && !delayed()) {
        result.zombie = t;
        report();
        return;
    }
    // What a zombie leader's other threads do can still be told.
    if (as_tracer && record.state == task_state::traced && !record.has(task_flag::stop_reported))
        tell(look::change::trap);
    else if (!as_tracer && (options & wait_option::untraced) != 0 && group.has(group_flag::stopped) &&
             !group.has(group_flag::stop_reported))
        tell(look::change::stop);
    else if ((options & wait_option::continued) != 0 && group.has(group_flag::continued) &&
             !((options & once_told) != 0 && group.has(continue_untold)))
        tell(look::change::go_on);
}

/// The task that a wait by pid looks at: whoever has the pid now; nothing if nobody has.
task_id owner_of_pid(const kernel& k, const kernel_wait4& call) {
    const auto has_pid = [&](task_id t) {
        return t && k.w.tasks.is_live(t) && k.w.tasks[t].pid == call.child_pid;
    };
    if (has_pid(call.child))
        return call.child;
    if (!call.child_group || !k.w.groups.is_live(call.child_group))
        return none;
    const task_id leader = k.w.groups[call.child_group].leader;
    return has_pid(leader) ? leader : none;
}

/// do_wait_pid
look look_at_one(const kernel& k, task_id who, const kernel_wait4& call) {
    look result;
    const task_id t = owner_of_pid(k, call);
    if (!t)
        return result;
    const task& record = k.w.tasks[t];
    const group_id waiting = k.w.tasks[who].group;
    const thread_group& group = k.w.groups[record.group];
    if (group.parent == waiting && group.leader == t)
        consider(k, who, t, false, call.options, result);
    if (result.pid == 0 && record.tracer && k.w.tasks[record.tracer].group == waiting)
        consider(k, who, t, true, call.options, result);
    return result;
}

/// do_wait: each thread's children and then its tracees, the caller's first. The children of a process are
/// those of its first thread that is not on its way out.
look look_around(const kernel& k, task_id who, const kernel_wait4& call) {
    if (call.which)
        return look_at_one(k, who, call);
    look result;
    const group_id g = k.w.tasks[who].group;
    const task_id has_children = find_alive_thread(k, g);
    const auto look_at = [&](task_id thread) {
        if (thread == has_children || !has_children)
            for_each_child(k, g, [&](group_id child) {
                if (const task_id leader = k.w.groups[child].leader)
                    consider(k, who, leader, false, call.options, result);
                return result.pid == 0;
            });
        for (task_id t = k.w.tasks[thread].tracees; t && result.pid == 0; t = k.w.tasks[t].next_tracee)
            consider(k, who, t, true, call.options, result);
        return result.pid == 0;
    };
    bool behind = false; // the caller
    for_each_thread(k, g, [&](task_id t) {
        behind = behind || t == who;
        return !behind || look_at(t);
    });
    if (result.pid == 0)
        for_each_thread(k, g, [&](task_id t) { return t != who && look_at(t); });
    return result;
}

/// wait_task_zombie's first half, by one compare-and-swap in the kernel. A tracer that is not the parent
/// hands the zombie on; says whether the caller is to release it.
bool take_zombie(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    if (!ptrace_reparented(k, t) || !is_leader(k, t)) {
        record.exit_state = exit_state::dead;
        return true;
    }
    remove_tracee(k, t);
    if (!do_notify_parent(k, t, signal_number::child))
        return false;
    record.exit_state = exit_state::dead;
    return true;
}

void mark_told(kernel& k, const look& seen) {
    task& record = k.w.tasks[seen.told];
    thread_group& group = k.w.groups[record.group];
    switch (seen.what) {
    case look::change::trap:
        record.set(task_flag::stop_reported);
        record.exit_code = 0; // wait_task_stopped takes the signal with it
        break;
    case look::change::stop:
        group.set(group_flag::stop_reported);
        break;
    case look::change::go_on:
        group.set(group_flag::continued, false);
        break;
    }
}

} // namespace

bool wait_would_return(const kernel& k, task_id who) {
    kernel_wait4 call = *frame_of<kernel_wait4>(k, who);
    if (call.by_request == 0)
        return false;
    call.options |= once_told;
    const look result = look_around(k, who, call);
    // A stopped child that comes by reparenting wakes nobody, in the kernel too, nor does one whose tracer
    // goes or comes; nor does the end of tracing of the last task that there was to wait for.
    const bool told = result.told && result.what != look::change::stop && k.w.tasks[result.told].tracer;
    return result.zombie || told || (!result.eligible && call.had_child != 0);
}

step kernel_wait4::run(kernel& k) {
    kernel_function {
        if (by_request != 0) {
            which = k.current_request().target;
            options = k.current_request().flags;
            child = find_task(k, which);
            if (child) {
                child_group = k.w.tasks[child].group;
                child_pid = k.w.tasks[child].pid;
            }
        }
        entry = add_wait(k, {queue_kind::chldexit, k.current().group.value}, wake_function::task,
                         k.self.value, 0, false);
        for (;;) {
            wait_at("wait4/tasklist-lock", !k.globals().tasklist_lock);
            // Whoever has something to tell does so under the lock: the state may as well be set here.
            k.current().state = task_state::interruptible;
            {
                const look seen = look_around(k, k.self, *this);
                k.set_result(seen.pid);
                if (seen.told)
                    mark_told(k, seen);
                found = seen.zombie;
                had_child = seen.child ? 1 : 0;
                if (!seen.eligible)
                    k.set_result(-ECHILD);
                if (found && !take_zombie(k, found))
                    found = none;
            }
            if (k.result() != 0)
                break;
            if ((options & wait_option::no_hang) != 0)
                break;
            if (signal_pending(k, k.self)) {
                k.set_result(-errno_restartsys);
                break;
            }
            sleep_at("wait4/sleep");
            if (!k.deref(entry).queued) {
                remove_wait(k, entry);
                entry = add_wait(k, {queue_kind::chldexit, k.current().group.value}, wake_function::task,
                                 k.self.value, 0, false);
            }
        }
        k.current().state = task_state::running;
        remove_wait(k, entry);
        if (found) {
            pid = static_cast<index_type>(k.result());
            call_at("wait4/release-task", release_task{{}, found, {}, 0});
            k.set_result(pid);
        }
        return_value(k.result());
    }
    return step::returned;
}

} // namespace seccomp_sim
