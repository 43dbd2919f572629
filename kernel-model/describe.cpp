// How tasks and filters are called in messages: by the scenario's name where there is one.
#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

std::string kernel::describe(name_id n) const {
    return n && n.value < names.size() ? names[n.value] : std::string();
}

std::string kernel::describe(task_id t) const {
    if (!t)
        return "nobody";
    const task& record = w.tasks[t];
    std::string name = describe(record.name);
    if (!name.empty())
        return name;
    return record.has(task_flag::kernel_thread) ? "rcu" : "task " + std::to_string(record.pid);
}

std::string kernel::describe(filter_id f) const {
    if (!f)
        return "no filter";
    const std::string name = describe(w.filters[f].name);
    return name.empty() ? "filter " + std::to_string(f.index()) : "filter " + name;
}

} // namespace seccomp_sim
