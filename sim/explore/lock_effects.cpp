// What locks make private: whole sections, and the first of two locks.
#include "sim/explore/lock_effects.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/task_table.hpp"
#include "sim/explore/frames.hpp"

namespace seccomp_sim::explore {
namespace {

/// A thread that dies while its leader stays, and that nobody traces: it has no children to give away, tells
/// nobody, and is released by itself.
bool dies_unnoticed(const kernel& k, const scenario_facts& facts, task_id who) {
    const task& t = k.w.tasks[who];
    return !t.tracer && !t.tracees && leader_stays(k, facts, who) && k.w.groups[t.group].notify_count == 0;
}

/// An exiting thread's section in which it takes its own filter pointer: TSYNC passes it over, and nobody
/// looks at its filters from outside.
bool takes_own_pointer(const kernel& k, const scenario_facts& facts, task_id who) {
    return k.rev.tsync_exiting == tsync_exiting::skip && k.w.tasks[who].has(task_flag::exiting) &&
           top_frame<seccomp_filter_release>(k, who).tsk == who && !facts.looks_at_filters && !facts.kills;
}

} // namespace

bool in_private_section(const kernel& k, const scenario_facts& facts, task_id who) {
    switch (k.waits_at(who)) {
    case label("exit_notify/tasklist-lock"):
        return !k.w.tasklist_lock && dies_unnoticed(k, facts, who);
    case label("exit_notify/before-zombie"):
    case label("exit_notify/before-unlock"):
        return dies_unnoticed(k, facts, who);
    // release_task of a thread that releases itself: what it does under the lock is over, and the task goes
    // to the RCU worker, whom nobody else can give one to meanwhile.
    case label("release_task/before-unlock"): {
        const auto& call = top_frame<release_task>(k, who);
        return call.p == who && call.zap_leader == 0 && called_from<exit_notify>(k, who, 1) != nullptr;
    }
    case label("do_exit/synchronize-siglock"):
        return !k.w.groups[k.w.tasks[who].group].siglock && dies_unnoticed(k, facts, who);
    case label("seccomp_filter_release/siglock"):
        return !k.w.groups[k.w.tasks[who].group].siglock && takes_own_pointer(k, facts, who);
    default:
        return false;
    }
}

bool takes_first_of_two(const kernel& k, const scenario_facts& facts, task_id who) {
    switch (k.waits_at(who)) {
    case label("release_task/tasklist-lock"):
        return !k.w.tasks[top_frame<release_task>(k, who).p].tracer;
    case label("copy_process/tasklist-lock"):
        return true;
    case label("seccomp_set_mode_filter/cred-guard-mutex"):
        return !facts.kills; // a fatal signal ends the wait
    default:
        return false;
    }
}

bool second_is_free(const kernel& k, task_id who) {
    const task_id of =
        k.waits_at(who) == label("release_task/tasklist-lock") ? top_frame<release_task>(k, who).p : who;
    return !k.w.groups[k.w.tasks[of].group].siglock;
}

} // namespace seccomp_sim::explore
