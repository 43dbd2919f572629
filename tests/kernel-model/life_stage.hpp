// A stage for tests of tasks' lives: what notify_stage has, and words for waiting, threads, exec and ptrace.
#pragma once

#include "tests/kernel-model/notify_stage.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace seccomp_sim {

class life_stage : public notify_stage {
  public:
    static constexpr std::uint32_t thread_flags = clone_flag::vm | clone_flag::files | clone_flag::thread;

    using notify_stage::notify_stage;

    request call(operation op, const std::string& target = {}) {
        request r;
        r.op = op;
        if (!target.empty())
            r.target = name(target);
        return r;
    }
    /// wait4 for one task, or for any.
    std::optional<std::int64_t> wait(task_id who, const std::string& target = {}, std::uint32_t options = 0) {
        request r = call(operation::wait, target);
        r.flags = options;
        return result_of(who, r);
    }
    task_id thread(task_id of, const std::string& child) { return fork(of, child, thread_flags); }
    /// Ends one thread only.
    void exit_thread(task_id who) { ask(who, call(operation::exit)); }
    std::optional<std::int64_t> exec(task_id who) { return result_of(who, call(operation::exec)); }
    std::optional<std::int64_t> attach(task_id who, std::uint32_t flags = 0) {
        request r = call(operation::seccomp);
        r.program = {0};
        r.value = 1; // SECCOMP_SET_MODE_FILTER
        r.flags = flags;
        return result_of(who, r);
    }
    void ignore_children(task_id who) {
        request r = call(operation::sigaction);
        r.number = signal_number::child;
        r.value = 1; // SIG_IGN
        ask(who, r);
    }

    filter_id leaf(task_id who) const { return k.w.tasks[who].filter; }
    std::int32_t usage(filter_id f) const { return k.w.filters[f].usage; }
    std::int32_t live(filter_id f) const { return k.w.filters[f].live; }
    bool exists(task_id who) const { return k.w.tasks.is_live(who); }
    bool exists(filter_id f) const { return k.w.filters.is_live(f); }
    bool is_zombie(task_id who) const {
        return exists(who) && k.w.tasks[who].exit_state == exit_state::zombie;
    }
    bool hup() { return (poll(init) & poll_event::hup) != 0; }
    bool lets_go_at_exit() const { return k.rev.release == release_point::exit; }

    /// Nothing broken, neither noticed on the way nor by a look at the whole world.
    bool clean() {
        k.audit(true);
        return k.violations.empty();
    }
};

/// Whether a kernel found this invariant broken.
inline bool found(const kernel& k, invariant which) {
    return std::any_of(k.violations.begin(), k.violations.end(),
                       [&](const violation& v) { return v.which == which; });
}

inline const std::vector<std::string_view> presets{"v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15"};

/// A worker, child of the supervisor, under a filter whose listener the supervisor's fd table has.
struct supervised : life_stage {
    explicit supervised(std::string_view preset) : life_stage(preset), w(worker()), f(leaf(w)) {
        counts_live = k.rev.has_live() ? 1 : 0;
    }
    /// `live` only where there is one.
    void check(std::int32_t usage_is, std::int32_t live_is) {
        CHECK(usage(f) == usage_is);
        CHECK(live(f) == live_is * counts_live);
        CHECK(hup() == (live_is == 0 && counts_live == 1));
        CHECK(clean());
    }
    task_id w;
    filter_id f;
    std::int32_t counts_live = 0;
};

} // namespace seccomp_sim
