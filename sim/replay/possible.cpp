// Whether a step can be asked for at all at this point of a run.
#include "sim/replay/possible.hpp"

#include "kernel-model/task_table.hpp"

namespace seccomp_sim::replay {
namespace {

std::string quoted_name(const run& r, name_id name) {
    return "\"" + std::string(r.script().name_of(name)) + "\"";
}

std::string why_task_cannot(const run& r, const kernel& k, name_id name) {
    const task_id who = find_task(k, name);
    const std::string called = "task " + quoted_name(r, name);
    if (!who)
        return called +
               (r.heard().exit_codes.count(name) != 0 ? " is dead and reaped" : " was never born here");
    const task& t = k.w.tasks[who];
    if (t.exit_state != exit_state::alive || t.state == task_state::dead)
        return called + " is dead";
    if (t.state == task_state::stopped || t.state == task_state::traced)
        return called + " is stopped";
    if (t.call)
        return called + " is still in an earlier call";
    return {};
}

bool has_fd(const kernel& k, task_id who, name_id fd) {
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

std::string why_fd_cannot(const run& r, const kernel& k, task_id who, name_id fd) {
    if (!fd || has_fd(k, who, fd))
        return {};
    return "fd " + quoted_name(r, fd) + " is not open in task " + quoted_name(r, k.w.tasks[who].name);
}

} // namespace

std::string why_impossible(const run& r, const kernel& k, const scenario::call_step& call) {
    std::string why = why_task_cannot(r, k, call.task);
    if (!why.empty())
        return why;
    const task_id who = find_task(k, call.task);
    const request& asked = call.asked;
    if (uses_fd(asked.op))
        why = why_fd_cannot(r, k, who, asked.fd);
    if (why.empty() && (asked.op == operation::epoll_ctl || asked.op == operation::addfd))
        why = why_fd_cannot(r, k, who, asked.source);
    if (why.empty() && asked.op == operation::send_fd) {
        const task_id to = find_task(k, asked.target);
        if (!to || k.w.tasks[to].exit_state != exit_state::alive)
            why = "task " + quoted_name(r, asked.target) + " is dead";
    }
    const bool ends = asked.op == operation::exit || asked.op == operation::exit_group;
    if (why.empty() && ends && call.task == scenario::scenario::init())
        why = "task \"init\" cannot exit: a kernel without its init panics";
    return why;
}

} // namespace seccomp_sim::replay
