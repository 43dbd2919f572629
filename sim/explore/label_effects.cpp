// The steps that are private to their task, each with the reason.
#include "sim/explore/label_effects.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/task_table.hpp"

namespace seccomp_sim::explore {
namespace {

template <class Frame>
const Frame& top_frame(const kernel& k, task_id who) {
    const call_stack& s = k.w.stacks[k.w.tasks[who].call];
    return static_cast<const Frame&>(*reinterpret_cast<const frame*>(&s.bytes[s.offsets[s.depth - 1U]]));
}

} // namespace

bool is_private(const kernel& k, task_id who) {
    const task& t = k.w.tasks[who];
    const thread_group* group = t.group ? &k.w.groups[t.group] : nullptr;
    switch (k.waits_at(who)) {
    // The caller's mode is no longer "disabled", and only the caller takes it further.
    case label("secure_computing/before-mode"):
        return true;
    // Only a thread of the same group can change the pointer, by TSYNC.
    case label("secure_computing/before-filters"):
        return group->threads == 1;

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
    case label("seccomp_filter_release/before-detach"):
        return true; // under siglock, or of a task that nobody can find

    // Locks are dropped, and nothing else happens; but the last one of a call leads to its look at signals.
    case label("seccomp_set_mode_filter/before-siglock-unlock"):
        return (top_frame<seccomp_set_mode_filter>(k, who).flags & install_flag::tsync) != 0;
    case label("seccomp_filter_release/before-unlock"):
        return true;

    // Under tasklist_lock, which whoever makes a leader a zombie holds.
    case label("release_task/before-zap-leader"): {
        const auto& call = top_frame<release_task>(k, who);
        return call.leader == call.p || k.w.tasks[call.leader].exit_state == exit_state::alive;
    }
    default:
        return false;
    }
}

} // namespace seccomp_sim::explore
