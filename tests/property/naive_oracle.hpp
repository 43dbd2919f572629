// A second opinion on who uses which filter, deliberately naive: after each step it walks all tasks and all
// fds anew, and knows nothing of counters, accounts or who let go of what when.
#pragma once

#include "seccomp_sim/kernel.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace seccomp_sim::property {

/// What must be true of a kernel at rest, by walking. Empty if it is; otherwise what is not.
inline std::string disagreement(kernel& k) {
    const auto path_of = [&](filter_id leaf) {
        std::vector<filter_id> path;
        for (filter_id f = leaf; f; f = k.w.filters[f].prev)
            path.push_back(f);
        return path;
    };
    // A task in memory runs under every filter on its path, zombies included: on kernels where a dying task
    // lets go of its filter it has none any more.
    std::set<filter_id> used;
    k.w.tasks.for_each([&](task_id, const task& t) {
        for (const filter_id f : path_of(t.filter))
            used.insert(f);
    });
    // A listener's file is reached from some fd table, a message in flight, or a call that waits in it; at
    // rest that is the same as being open.
    std::set<filter_id> reached = used;
    std::map<filter_id, file_id> listeners;
    k.w.open_files.for_each([&](file_id id, const file& f) {
        if (f.kind != file_kind::listener)
            return;
        listeners[{f.object}] = id;
        for (const filter_id on_path : path_of({f.object}))
            reached.insert(on_path);
    });
    // A fork or an install that waits for its turn holds filters that are on nobody's path yet.
    std::set<filter_id> held;
    k.w.stacks.for_each([&](stack_id, const call_stack& s) {
        for (std::size_t i = 0; i < s.depth; ++i)
            for (const filter_id f : path_of(s.frame_at(i).owns_usage))
                held.insert(f);
    });
    for (const filter_id f : reached)
        if (!k.w.filters.is_live(f) || k.w.filters[f].has(filter_flag::freed))
            return k.describe(f) + " is reached, but freed";
    std::string wrong;
    k.w.filters.for_each([&](filter_id f, const filter& record) {
        if (!record.has(filter_flag::freed) && reached.count(f) == 0 && held.count(f) == 0)
            wrong = k.describe(f) + " is reached by nobody, but not freed";
    });
    if (!wrong.empty())
        return wrong;
    for (const auto& [f, listener] : listeners) {
        const bool hup = (k.poll_now(listener) & poll_event::hup) != 0;
        const bool expected = k.rev.has_live() && used.count(f) == 0;
        if (hup != expected && held.count(f) == 0)
            return "the listener of " + k.describe(f) + (hup ? " reports" : " does not report") +
                   " HUP, although " + (expected ? "nobody uses it" : "it is used");
    }
    return {};
}

} // namespace seccomp_sim::property
