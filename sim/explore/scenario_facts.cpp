// What can happen at all in the rest of a scenario.
#include "sim/explore/scenario_facts.hpp"

#include "seccomp_sim/seccomp_action.hpp"

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

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

/// What a filter says to a call.
std::uint32_t answer(const bpf_program& program, const request& call) {
    if (program.error() != 0 || call.system_call < 0)
        return action_allow; // it cannot be installed, or is not asked
    seccomp_data data{};
    data.nr = call.system_call;
    data.arch = audit_arch_x86_64;
    std::copy(std::begin(call.args), std::end(call.args), std::begin(data.args));
    return action_of(program.run(data));
}

bool takes_fd_tables(operation op) {
    return op == operation::pidfd_getfd || op == operation::unshare_files || op == operation::exec;
}

bool looks_at_filters(operation op) {
    return op == operation::ptrace_get_filter || op == operation::read_seccomp_cache;
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
        // A filter can end the task that meets it, or send it a signal.
        for (const scenario::named_filter& f : s.filters)
            facts.kills |= takes_precedence(answer(f.program, call.asked), action_errno);
        facts.takes_fd_tables |= takes_fd_tables(call.asked.op);
        facts.looks_at_filters |= looks_at_filters(call.asked.op);
        if (call.asked.op != operation::exit)
            return;
        facts.exiting.push_back(call.task);
        // With the init of a pid namespace all others in it die.
        facts.kills |= call.task == scenario::scenario::init();
    };
    for (const scenario::step& step : s.steps) {
        if (const auto* call = std::get_if<scenario::call_step>(&step.what))
            look_at(step.info, *call);
        else if (const auto* block = std::get_if<scenario::concurrent_step>(&step.what))
            for (const auto& branch : block->branches)
                for (const auto& one : branch)
                    look_at(one.info, one.call);
    }
    return facts;
}

std::vector<std::uint8_t> passing_requests(const kernel& k) {
    std::vector<std::uint8_t> passing(k.requests.size(), 1);
    for (std::size_t i = 0; i < passing.size(); ++i)
        for (const bpf_program& program : k.programs) {
            const std::uint32_t action = answer(program, k.requests[i]);
            if (action != action_allow && action != action_log)
                passing[i] = 0;
        }
    return passing;
}

bool stays(const kernel& k, const scenario_facts& facts, task_id who) {
    return !facts.kills && k.w.tasks.is_live(who) && k.w.tasks[who].exit_state == exit_state::alive &&
           !k.w.tasks[who].has(task_flag::exiting) && !facts.may_exit(k.w.tasks[who].name);
}

bool leader_stays(const kernel& k, const scenario_facts& facts, task_id who) {
    const task_id leader = k.w.groups[k.w.tasks[who].group].leader;
    return leader && leader != who && stays(k, facts, leader);
}

} // namespace seccomp_sim::explore
