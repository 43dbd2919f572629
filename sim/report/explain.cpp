// Who keeps a listener from reporting HUP, and which event would end it.
#include "sim/report/explain.hpp"

#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/task_table.hpp"
#include "sim/report/tree.hpp"

namespace seccomp_sim::report {
namespace {

std::string parent_text(const kernel& k, task_id t) {
    const task& record = k.w.tasks[t];
    if (record.tracer)
        return k.describe(record.tracer) + ", its tracer";
    const group_id parent = k.w.groups[record.group].parent;
    return parent && k.w.groups[parent].leader ? k.describe(k.w.groups[parent].leader) + ", its parent"
                                               : "its parent";
}

/// What has to happen for this task to let go, by the revision's rule.
std::string ending_event(const kernel& k, task_id t) {
    const task& record = k.w.tasks[t];
    const bool is_zombie = record.exit_state != exit_state::alive;
    const bool leader = is_leader(k, t);
    std::string exits =
        record.state == task_state::traced ? "its tracer lets it go on, and it exits" : "it exits";
    if (k.rev.release == release_point::exit)
        return exits;
    if (!leader && !record.tracer)
        return exits;
    std::string threads;
    if (leader && !thread_group_empty(k, k.w.groups[record.group]))
        for_each_thread(k, record.group, [&](task_id other) {
            if (other != t)
                threads += (threads.empty() ? "" : ", ") + k.describe(other);
            return true;
        });
    const std::string reaped = parent_text(k, t) + ", reaps it";
    if (is_zombie)
        return threads.empty() ? reaped : "its threads " + threads + " are gone and " + reaped;
    return exits + " and " + reaped;
}

std::string users_text(const replay::run& r, filter_id base) {
    const kernel& k = r.model();
    std::string text;
    k.w.tasks.for_each([&](task_id t, const task& record) {
        if (!record.filter || !record.has(task_flag::holds_live) || !is_ancestor(k, base, record.filter))
            return;
        text += "  - " + task_text(r, t);
        if (!is_leader(k, t))
            text += ", a thread of " + k.describe(k.w.groups[record.group].leader);
        if (record.filter != base)
            text += ", by way of " + k.describe(record.filter);
        text += ": until " + ending_event(k, t) + "\n";
    });
    return text;
}

} // namespace

std::string explain_text(const replay::run& r, file_id listener) {
    const kernel& k = r.model();
    const filter_id f{k.w.open_files[listener].object};
    const filter& record = k.w.filters[f];
    std::string text;
    if (!k.rev.has_live()) {
        text = "This kernel has no count of a filter's users: the listener of " + k.describe(f) +
               " never reports HUP, whoever is left.\n";
    } else if (record.live == 0) {
        text = "The listener of " + k.describe(f) + " reports HUP: nobody uses the filter.\n";
    } else {
        text = "The listener of " + k.describe(f) + " does not report HUP: live is " +
               std::to_string(record.live) + ". It is kept by\n";
        const std::string users = users_text(r, f);
        text += users.empty() ? "  - nobody: the count was leaked, and HUP will never come\n" : users;
    }
    text += "The listener is open:\n";
    for (const std::string& holder : file_holders(r, listener))
        text += "  - " + holder + "\n";
    return text;
}

} // namespace seccomp_sim::report
