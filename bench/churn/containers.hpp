// A workload for the kernel model: containers that come and go.
#pragma once

#include "seccomp_sim/kernel.hpp"

#include <string_view>

namespace seccomp_sim::bench {

/// Containers of a few processes each: an entrypoint that attaches a filter and forks workers, which exit and
/// are reaped; then the entrypoint goes too. Some containers' last worker outlives its entrypoint and is
/// reaped by init. An event is one system call that changes a task's life or its filter.
class churn {
  public:
    static constexpr int containers = 64; ///< at the same time
    static constexpr int workers = 4;     ///< of a container

    explicit churn(std::string_view preset, bool invariants) : k(find_preset(preset)->choices) {
        k.check_invariants = invariants;
        init_ = k.make_init({});
        k.programs.emplace_back(std::vector<sock_filter>{{0x06, 0, 0, action_allow}});
        fork_ = add(operation::fork);
        exit_ = add(operation::exit_group);
        wait_ = add(operation::wait);
        attach_ = add(operation::seccomp);
        k.requests[attach_.value].value = 1; // SECCOMP_SET_MODE_FILTER
        k.requests[attach_.value].program = {0};
    }

    kernel k;

    request_id add(operation op) {
        request r;
        r.op = op;
        k.requests.push_back(r);
        return {static_cast<index_type>(k.requests.size() - 1)};
    }
    void call(task_id who, request_id what) {
        k.start(who, what);
        k.run_to_rest();
        ++events;
    }
    /// A child; the greatest pid is the newest.
    task_id fork(task_id parent) {
        call(parent, fork_);
        const thread_group& group = k.group_of(parent);
        const group_id newest = k.w.groups[group.first_child].prev_sibling;
        return k.w.groups[newest].leader;
    }
    void attach(task_id who) { call(who, attach_); }
    void exit(task_id who) { call(who, exit_); }
    void wait(task_id who) { call(who, wait_); }
    task_id init() const { return init_; }

    /// Starts containers and ends the oldest ones until so many events have passed.
    void run(std::int64_t until) {
        while (events < until) {
            const std::size_t slot = started_++ % containers;
            if (slots_[slot].entrypoint)
                stop(slots_[slot]);
            start(slots_[slot]);
        }
    }

    std::int64_t events = 0;

  private:
    struct container {
        task_id entrypoint;
        task_id left; ///< the worker that is still there
    };

    void start(container& c) {
        c.entrypoint = fork(init_);
        attach(c.entrypoint);
        for (int i = 1; i < workers; ++i) {
            const task_id worker = fork(c.entrypoint);
            attach(worker);
            exit(worker);
            wait(c.entrypoint);
        }
        c.left = fork(c.entrypoint);
    }
    void stop(container& c) {
        const bool daemon = started_ % 3 == 0;
        if (!daemon) {
            exit(c.left);
            wait(c.entrypoint);
        }
        exit(c.entrypoint);
        wait(init_);
        if (daemon) {
            exit(c.left);
            wait(init_);
        }
    }

    task_id init_;
    request_id fork_, exit_, wait_, attach_;
    container slots_[containers];
    std::uint64_t started_ = 0;
};

} // namespace seccomp_sim::bench
