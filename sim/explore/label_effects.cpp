// Which atomic steps are private.
#include "sim/explore/label_effects.hpp"

#include "kernel-model/entry.hpp"
#include "kernel-model/exit.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/task_table.hpp"
#include "sim/explore/count_effects.hpp"
#include "sim/explore/frames.hpp"
#include "sim/explore/lock_effects.hpp"

namespace seccomp_sim::explore {
namespace {

/// By what the single step touches.
bool touches_nothing_shared(const kernel& k, const scenario_facts& facts, task_id who) {
    const task& t = k.w.tasks[who];
    const thread_group* group = t.group ? &k.w.groups[t.group] : nullptr;
    switch (k.waits_at(who)) {
    // The beginning of a call looks at the caller's mode, which is no longer "disabled" and stays so.
    case label_id{0}:
        return who == k.w.rcu_worker || (on_top<system_call>(k, who) && t.mode != seccomp_mode::disabled);
    // The RCU worker alone takes from its queue, and nobody finds the task that it frees. Whoever puts a task
    // at the end of the queue does not meet it.
    case label("rcu_do_batch/before-callback"):
        return k.rev.release != release_point::split || k.rev.tsync_exiting == tsync_exiting::skip;
    case label("free_task/before-free"):
        return who == k.w.rcu_worker && !k.w.tasks[top_frame<free_task>(k, who).t].filter;
    // The caller's mode is no longer "disabled", and only the caller takes it further.
    case label("secure_computing/before-mode"):
        return true;
    // Only a thread of the same group can change the pointer, by TSYNC; and a call that every filter lets
    // pass does not care.
    case label("secure_computing/before-filters"):
        return group->threads == 1 ||
               (facts.parts.passing_calls && facts.lets_pass(k.w.stacks[t.call].request));

    // Under siglock, on what is written under it alone.
    case label("seccomp_attach_filter/before-attach"):
    case label("seccomp_set_mode_filter/before-mode"):
    case label("seccomp_sync_threads/before-group-exit-test"):
        return true;
    // PF_EXITING is set without siglock only once the whole group is being killed.
    case label("seccomp_sync_threads/before-exiting-test"):
        return k.rev.tsync_exiting == tsync_exiting::sync || !group->has(group_flag::group_exit);
    // The pointer of a thread on the list changes under siglock, but the patch as posted takes the count of
    // `live` that goes with it under none.
    case label("seccomp_sync_threads/before-release"):
        return k.rev.release != release_point::split || k.rev.tsync_order == tsync_order::put_release;
    // The thread itself looks at its mode without a lock; a mode other than "disabled" is left alone.
    case label("seccomp_sync_threads/before-mode"):
        return k.w.tasks[top_frame<seccomp_sync_threads>(k, who).thread].mode != seccomp_mode::disabled;
    // Where exiting threads are skipped, nobody else writes the pointer any more.
    case label("seccomp_filter_release/before-read"):
        return k.rev.tsync_exiting == tsync_exiting::skip;
    // Under siglock, or of a task that nobody can find. With no filter to let go of, release_task goes on in
    // the same step and puts the task into the RCU worker's queue, in which its place is seen.
    case label("seccomp_filter_release/before-detach"): {
        const auto& call = top_frame<seccomp_filter_release>(k, who);
        return call.locked != 0 || k.w.tasks[call.tsk].filter;
    }

    // Locks are dropped, and nothing else happens; but the last one of a call leads to its look at signals.
    case label("seccomp_set_mode_filter/before-siglock-unlock"):
        return (top_frame<seccomp_set_mode_filter>(k, who).flags & install_flag::tsync) != 0;
    case label("seccomp_filter_release/before-unlock"):
        return true;

    // exit looks at whether its thread is the last one and at whether the group is being killed.
    case label("entry/call"):
        return on_top<system_call>(k, who) &&
               k.requests[k.w.stacks[t.call].request.value].op == operation::exit &&
               leader_stays(k, facts, who);
    // Counts of threads and of sharers that the leader keeps above zero, whoever comes first.
    case label("do_exit/before-live-dec"):
        return leader_stays(k, facts, who) && !t.has(task_flag::vfork_pending);
    case label("exit_files/before-detach"):
        return !facts.takes_fd_tables;
    case label("exit_files/before-put"):
        return !facts.takes_fd_tables && leader_stays(k, facts, who) &&
               k.w.tasks[k.w.groups[t.group].leader].files == top_frame<exit_files>(k, who).table;
    // Nobody writes the pointer of a thread that is exiting where TSYNC skips it.
    case label("seccomp_release_live/before-read"):
        return k.rev.tsync_exiting == tsync_exiting::skip;

    // Under tasklist_lock. A thread that nobody traces and that leads no group tells nobody; who is being
    // killed is looked at under siglock alone.
    case label("exit_notify/before-zombie"):
        return !t.tracer && !is_leader(k, who) && group->notify_count >= 0 && !facts.kills;
    // Under tasklist_lock, which whoever makes a leader a zombie holds.
    case label("release_task/before-zap-leader"): {
        const auto& call = top_frame<release_task>(k, who);
        return call.leader == call.p || k.w.tasks[call.leader].exit_state == exit_state::alive;
    }
    default:
        return false;
    }
}

} // namespace

bool is_private(const kernel& k, const scenario_facts& facts, task_id who) {
    return k.rev.mutant == mutant::nothing && (touches_nothing_shared(k, facts, who) ||
                                               (facts.parts.counts && counts_beside_a_user(k, facts, who)) ||
                                               (facts.parts.sections && in_private_section(k, facts, who)));
}

} // namespace seccomp_sim::explore
