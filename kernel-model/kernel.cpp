// The machinery under the modelled functions: stacks of frames, the queue of runnable tasks, and who runs
// next when nobody else decides. It stands for what kernel/sched/core.c is to the real functions.
#include "seccomp_sim/kernel.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/task_table.hpp"

#include "kernel-model/entry.hpp"

#include <bit>
#include <cassert>
#include <cstdlib>
#include <utility>

namespace seccomp_sim {

step resume_frame(kernel& k, std::uint32_t function, void* frame);

kernel::kernel(const revision& choices) : rev(choices) {
    make_rcu_worker(*this);
}

namespace {

/// The label at which a frame goes on; 0 before its first and after its last.
label_id label_at(const frame& f) {
    static_assert(sizeof(boost::asio::coroutine) == sizeof(int));
    int resume_point = 0;
    std::memcpy(&resume_point, &f.at, sizeof resume_point);
    return resume_point > 0 ? static_cast<label_id>(resume_point) : label_id{0};
}

} // namespace

stack_id kernel::new_stack(task_id who) {
    if (!log_)
        return w.stacks.allocate();
    // Explored: a task's stack is of its own lane, whoever makes it enter the kernel.
    const index_type running = std::exchange(log_->lane, lane_of(who));
    const stack_id stack = w.stacks.allocate();
    log_->lane = running;
    return stack;
}

index_type kernel::lane_of(task_id who) const {
    const name_id name = w.tasks[who].name;
    return name ? name.value : who == w.rcu_worker ? unnamed_lane_ : unnamed_lane_ + 1;
}

void kernel::explore_with(journal& changes, index_type lanes) {
    log_ = &changes;
    unnamed_lane_ = lanes;
    w.for_each_table([&](auto& table) { table.enter_lanes(changes, lanes + 2); });
}

void kernel::start(task_id who, request_id call) {
    [[maybe_unused]] const task& t = deref(who);
    assert(!t.call && t.state == task_state::running);
    enter(who, system_call{{}, call}).request = call;
}

step kernel::resume(task_id who) {
    run_as(who);
    if (log_) {
        log_->lane = lane_of(who);
        where_ = waits_at(who); // the last label that was reached may be of a way that was undone
    }
    call_stack& s = stack();
    step outcome = step::returned;
    while (outcome == step::returned && s.depth > 0) {
        frame& top = s.top();
        outcome = resume_frame(*this, top.function, &top);
        if (outcome == step::returned)
            s.pop();
    }
    s.blocked = outcome == step::blocked;
    s.asleep = outcome == step::slept;
    if (outcome == step::returned || outcome == step::ended)
        w.stacks.free(std::exchange(current().call, none));
    if (outcome == step::returned)
        return_to_user_mode(*this, who);
    if (outcome == step::slept && check_invariants)
        sleepers_.push_back(who);
    if (last_touched_)
        check_touched();
    return outcome;
}

bool kernel::wake(task_id who, std::uint32_t mask) {
    task& t = deref(who);
    if ((mask & (1U << static_cast<unsigned>(t.state))) == 0)
        return false;
    t.state = task_state::running;
    make_runnable(who);
    return true;
}

void kernel::run_to_rest() {
    std::size_t stuck = 0; // how many at the end of the queue only wait for a lock
    while (runnable_.size() > stuck) {
        const task_id who = runnable_.front();
        runnable_.pop_front();
        if (!can_run(who))
            continue;
        if (resume(who) == step::blocked) {
            runnable_.push_back(who);
            ++stuck;
        } else {
            stuck = 0;
        }
    }
    if (check_invariants)
        check_at_rest();
}

void kernel::collect_runnable() {
    runnable_.clear();
    w.tasks.for_each([&](task_id t, const task&) {
        if (can_run(t))
            runnable_.push_back(t);
    });
}

bool kernel::at_rest() const {
    bool rest = true;
    w.tasks.for_each([&](task_id t, const task& record) {
        if (can_run(t) && w.stacks[record.call].blocked == 0)
            rest = false;
    });
    return rest;
}

label_id kernel::waits_at(task_id who) const {
    const task& t = w.tasks[who];
    if (!t.call)
        return 0;
    const call_stack& s = w.stacks[t.call];
    return label_at(s.top());
}

void kernel::warn(std::string_view text) {
    ++globals().warnings;
    if (watch)
        watch->on_warning(text);
}

void kernel::violate(invariant which, std::string message) {
    if (!check_invariants)
        return;
    if (where_ != 0) {
        message += " (";
        message += describe(self);
        message += " at ";
        message += label_name(where_);
        message += ")";
    }
    violations.push_back({which, std::move(message)});
    if (watch)
        watch->on_violation(violations.back());
}

} // namespace seccomp_sim
