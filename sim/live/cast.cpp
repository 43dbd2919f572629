// Which real task each name is.
#include "sim/live/cast.hpp"

#include <algorithm>

namespace seccomp_sim::live {

puppet* cast::find(name_id name) {
    return name && name.value < by_name_.size() ? by_name_[name.value] : nullptr;
}

const puppet* cast::find(name_id name) const {
    return const_cast<cast*>(this)->find(name);
}

puppet& cast::add(name_id name, std::size_t slot, pid_t group, pid_t task) {
    if (puppet* before = find(name)) {
        before->name = none;
        before->gone = true; // its slot is the new one's
    }
    puppet& p = *puppets_.emplace_back(std::make_unique<puppet>());
    if (by_name_.size() <= name.value)
        by_name_.resize(name.value + 1);
    by_name_[name.value] = &p;
    p.name = name;
    p.slot = slot;
    p.group = group;
    p.task = task;
    p.pid_namespace = pid_namespace_of(task);
    p.status = status_file(group, task);
    p.seen = p.status.read();
    if (p.seen) {
        p.pids = p.seen->pids;
        p.group_pids = p.seen->group_pids;
    }
    return p;
}

bool cast::knows(pid_t task) const {
    return std::any_of(puppets_.begin(), puppets_.end(),
                       [task](const auto& p) { return p->task == task && !p->gone; });
}

name_id cast::name_of(pid_t pid, const puppet& whom) const {
    for (const bool gone : {false, true}) // a pid is the living one's
        for (auto p = puppets_.rbegin(); p != puppets_.rend(); ++p)
            if ((*p)->name && (*p)->gone == gone && pid_for(**p, whom, false) == pid)
                return (*p)->name;
    return none;
}

name_id cast::name_of_group(pid_t group) const {
    for (const auto& p : puppets_)
        if (p->name && p->task == group && !p->gone)
            return p->name;
    return none;
}

pid_t cast::pid_for(const puppet& target, const puppet& whom, bool of_group) {
    const std::vector<pid_t>& list = of_group ? target.group_pids : target.pids;
    const std::size_t level = whom.pids.size();
    const bool beside = list.size() == level && target.pid_namespace != whom.pid_namespace;
    return level == 0 || list.size() < level || beside ? nobody : list[level - 1];
}

} // namespace seccomp_sim::live
