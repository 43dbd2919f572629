// Whether a step can be asked for at all at this point of a run.
#include "sim/replay/possible.hpp"

#include "kernel-model/task_table.hpp"

namespace seccomp_sim::replay {
namespace {

obstacle obstacle_of_task(const kernel& k, task_id who) {
    // A child has its name from the beginning of its fork, but runs only once it is on its group's list.
    if (!who || !k.w.tasks[who].has(task_flag::hashed))
        return obstacle::no_task;
    const task& t = k.w.tasks[who];
    if (t.exit_state != exit_state::alive || t.state == task_state::dead)
        return obstacle::dead;
    if (t.state == task_state::stopped || t.state == task_state::traced)
        return obstacle::stopped;
    return t.call ? obstacle::in_call : obstacle::nothing;
}

bool has_fd(const kernel& k, task_id who, name_id fd) {
    if (!fd)
        return true;
    if (!k.w.tasks[who].files)
        return false;
    for (const fd_slot& slot : k.w.fd_tables[k.w.tasks[who].files].slots)
        if (slot.name == fd && slot.file)
            return true;
    return false;
}

bool uses_fd(operation op) {
    switch (op) {
    case operation::receive:
    case operation::send:
    case operation::id_valid:
    case operation::addfd:
    case operation::set_flags:
    case operation::dup:
    case operation::close:
    case operation::set_cloexec:
    case operation::send_fd:
    case operation::epoll_ctl:
    case operation::epoll_wait:
        return true;
    default:
        return false;
    }
}

} // namespace

obstacle obstacle_to(const kernel& k, name_id task, const request& asked) {
    const task_id who = find_task(k, task);
    if (const obstacle own = obstacle_of_task(k, who); own != obstacle::nothing)
        return own;
    if (uses_fd(asked.op) && !has_fd(k, who, asked.fd))
        return obstacle::fd_not_open;
    if ((asked.op == operation::epoll_ctl || asked.op == operation::addfd) && !has_fd(k, who, asked.source))
        return obstacle::source_not_open;
    if (asked.op == operation::send_fd) {
        const task_id to = find_task(k, asked.target);
        if (!to || k.w.tasks[to].exit_state != exit_state::alive)
            return obstacle::target_dead;
    }
    const bool ends = asked.op == operation::exit || asked.op == operation::exit_group;
    return ends && task == scenario::scenario::init() ? obstacle::init_exits : obstacle::nothing;
}

std::string why_impossible(const run& r, const kernel& k, const scenario::call_step& call) {
    const obstacle what = obstacle_to(k, call.task, call.asked);
    if (what == obstacle::nothing)
        return {};
    const auto quoted_name = [&](name_id name) {
        return "\"" + std::string(r.script().name_of(name)) + "\"";
    };
    const std::string called = "task " + quoted_name(call.task);
    const auto not_open = [&](name_id fd) { return "fd " + quoted_name(fd) + " is not open in " + called; };
    switch (what) {
    case obstacle::nothing:
        break;
    case obstacle::no_task:
        return called +
               (r.heard().exit_codes.count(call.task) != 0 ? " is dead and reaped" : " was never born here");
    case obstacle::dead:
        return called + " is dead";
    case obstacle::stopped:
        return called + " is stopped";
    case obstacle::in_call:
        return called + " is still in an earlier call";
    case obstacle::fd_not_open:
        return not_open(call.asked.fd);
    case obstacle::source_not_open:
        return not_open(call.asked.source);
    case obstacle::target_dead:
        return "task " + quoted_name(call.asked.target) + " is dead";
    case obstacle::init_exits:
        return "task \"init\" cannot exit: a kernel without its init panics";
    }
    return {};
}

} // namespace seccomp_sim::replay
