// The steps that are private to their task, each with the reason.
#include "sim/explore/label_effects.hpp"

#include "kernel-model/entry.hpp"
#include "kernel-model/exit.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/task_table.hpp"
#include "seccomp_sim/seccomp_action.hpp"

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

template <class Frame>
const Frame& top_frame(const kernel& k, task_id who) {
    const call_stack& s = k.w.stacks[k.w.tasks[who].call];
    return static_cast<const Frame&>(*reinterpret_cast<const frame*>(&s.bytes[s.offsets[s.depth - 1U]]));
}

template <class Frame>
bool on_top(const kernel& k, task_id who) {
    return top_frame<frame>(k, who).function == function_number<Frame>();
}

bool kills(const request& call) {
    switch (call.op) {
    case operation::exit_group:
    case operation::kill:
    case operation::tgkill:
    case operation::exec:
    case operation::ptrace_attach:
    case operation::ptrace_seize:
    case operation::ptrace_cont:
    case operation::ptrace_detach:
    case operation::unshare_pid_ns:
        return true;
    case operation::fork:
        return (call.flags & (clone_flag::new_pid | clone_flag::vfork)) != 0;
    case operation::seccomp:
    case operation::prctl_seccomp:
        return !call.program; // strict mode kills; a filter is looked at by itself
    default:
        return false;
    }
}

/// Whether a filter can end the task that meets it, or send it a signal.
bool kills(const bpf_program& program) {
    for (const sock_filter& insn : program.classic()) {
        constexpr std::uint16_t ret_constant = 0x06, ret_accumulator = 0x16;
        if (insn.code == ret_accumulator)
            return true;
        if (insn.code == ret_constant && takes_precedence(action_of(insn.k), action_errno))
            return true;
    }
    return false;
}

/// A thread whose group's leader stays: its group is never empty, and never dies as a whole.
bool leader_stays(const kernel& k, const scenario_facts& facts, task_id who) {
    const task_id leader = k.w.groups[k.w.tasks[who].group].leader;
    return leader && leader != who && !facts.kills && k.w.tasks.is_live(leader) &&
           k.w.tasks[leader].exit_state == exit_state::alive && !k.w.tasks[leader].has(task_flag::exiting) &&
           !facts.may_exit(k.w.tasks[leader].name);
}

} // namespace

bool scenario_facts::may_exit(name_id task) const {
    return std::find(exiting.begin(), exiting.end(), task) != exiting.end();
}

scenario_facts facts_of(const scenario::scenario& s, const scenario::applicability& applies) {
    scenario_facts facts;
    const auto look_at = [&](const scenario::step_info& info, const scenario::call_step& call) {
        if (!applies(info.on))
            return;
        facts.kills |= kills(call.asked);
        facts.takes_fd_tables |= call.asked.op == operation::pidfd_getfd ||
                                 call.asked.op == operation::unshare_files ||
                                 call.asked.op == operation::exec;
        if (call.asked.op == operation::exit)
            facts.exiting.push_back(call.task);
    };
    for (const scenario::step& step : s.steps) {
        if (const auto* call = std::get_if<scenario::call_step>(&step.what))
            look_at(step.info, *call);
        else if (const auto* block = std::get_if<scenario::concurrent_step>(&step.what))
            for (const auto& branch : block->branches)
                for (const auto& one : branch)
                    look_at(one.info, one.call);
    }
    for (const scenario::named_filter& f : s.filters)
        facts.kills |= kills(f.program);
    return facts;
}

bool is_private(const kernel& k, const scenario_facts& facts, task_id who) {
    const task& t = k.w.tasks[who];
    const thread_group* group = t.group ? &k.w.groups[t.group] : nullptr;
    switch (k.waits_at(who)) {
    // The beginning of a call looks at the caller's mode, which is no longer "disabled" and stays so.
    case label_id{0}:
        return who == k.w.rcu_worker || (on_top<system_call>(k, who) && t.mode != seccomp_mode::disabled);
    // The RCU worker alone takes from its queue, and nobody finds the task that it frees. Whoever puts a task
    // at the end of a queue that is not empty does not meet it.
    case label("rcu_do_batch/before-callback"):
        return k.rev.release != release_point::split || k.rev.tsync_exiting == tsync_exiting::skip;
    case label("free_task/before-free"):
        return who == k.w.rcu_worker && k.w.rcu_first && !k.w.tasks[top_frame<free_task>(k, who).t].filter;
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

} // namespace seccomp_sim::explore
