// Runs generated calls on a modelled kernel. Blocks go on as sim/replay/block_runner.cpp takes them, so that
// what happened here happens again when the history is replayed as a scenario.
#include "sim/property/execution.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/property/filter_shelf.hpp"
#include "sim/replay/possible.hpp"

#include <algorithm>

namespace seccomp_sim::property {

void pct_scheduler::start_block() {
    expected_steps_ = std::max<std::uint32_t>(16, (expected_steps_ * 7 + steps_) / 8);
    steps_ = 0;
    priorities_.clear();
    lowest_ = depth_;
    changes_.clear();
    for (std::uint32_t i = 1; i < depth_; ++i)
        changes_.push_back(choices_.below(expected_steps_));
}

std::uint64_t pct_scheduler::priority_of(task_id t) {
    for (const priority& p : priorities_)
        if (p.task == t)
            return p.value;
    priorities_.push_back({t, std::uint64_t{depth_} + 1 + choices_.below(1U << 30)});
    return priorities_.back().value;
}

std::size_t pct_scheduler::choose(std::span<const task_id> ready) {
    const auto highest = [&] {
        std::size_t best = 0;
        for (std::size_t i = 1; i < ready.size(); ++i)
            if (priority_of(ready[i]) > priority_of(ready[best]))
                best = i;
        return best;
    };
    std::size_t chosen = highest();
    for (const std::uint32_t change : changes_) {
        if (change != steps_)
            continue;
        priority_of(ready[chosen]);
        for (priority& p : priorities_)
            if (p.task == ready[chosen])
                p.value = lowest_ > 0 ? --lowest_ : 0;
        chosen = highest();
    }
    ++steps_;
    return chosen;
}

execution::execution(const revision& choices) : k(choices) {
    for (const scenario::named_filter& f : shelf().filters)
        k.programs.push_back(f.program);
    tasks_.push_back(k.make_init(scenario::scenario::init()));
}

execution::execution(const execution& other)
    : k(other.k), atomic_steps(other.atomic_steps), calls(other.calls), tasks_(other.tasks_),
      births_(other.births_) {
    k.watch = nullptr;
}

bool execution::is_possible(const planned_call& call) const {
    return replay::obstacle_to(k, call.task, call.asked) == replay::obstacle::nothing;
}

// A task has one call in flight at most, so its request stands under its own number.
void execution::start(const planned_call& call) {
    const task_id who = find_task(k, call.task);
    if (k.requests.size() <= who.index()) {
        k.requests.resize(who.index() + 64);
        k.poll_list.resize(k.requests.size() * planned_call::most_polls);
    }
    request& asked = k.requests[who.index()];
    asked = call.asked;
    asked.first_poll = static_cast<index_type>(who.index() * planned_call::most_polls);
    for (index_type i = 0; i < asked.polls; ++i)
        k.poll_list[asked.first_poll + i] = call.polled[i];
    if (asked.child)
        births_.push_back({asked.child, who});
    ++calls;
    k.start(who, {who.index()});
}

void execution::find_newborn() {
    std::erase_if(births_, [&](const birth& b) {
        if (const task_id child = find_task(k, b.child)) {
            tasks_.push_back(child);
            return true;
        }
        return !k.w.tasks.is_live(b.parent) || !k.w.tasks[b.parent].call;
    });
    std::erase_if(tasks_, [&](task_id t) { return !k.w.tasks.is_live(t); });
}

void execution::run_call(const planned_call& call) {
    start(call);
    k.run_to_rest();
    find_newborn();
}

void execution::start_ready() {
    for (branch& b : branches_) {
        if (b.left.empty() || (b.task && k.w.tasks.is_live(b.task) && k.w.tasks[b.task].call))
            continue;
        if (!is_possible(b.left.front()))
            continue; // perhaps later: its task may still be born, or come back to user mode
        b.task = find_task(k, b.left.front().task);
        start(b.left.front());
        b.left = b.left.subspan(1);
    }
}

// Tasks of branches first, in the order of branches, then the others by number.
void execution::collect_ready() {
    ready_.clear();
    for (const branch& b : branches_)
        if (b.task && k.can_run(b.task) && std::find(ready_.begin(), ready_.end(), b.task) == ready_.end())
            ready_.push_back(b.task);
    const auto of_branches = static_cast<std::ptrdiff_t>(ready_.size());
    const auto add = [&](task_id t) {
        if (k.can_run(t) &&
            std::find(ready_.begin(), ready_.begin() + of_branches, t) == ready_.begin() + of_branches)
            ready_.push_back(t);
    };
    add(k.w.rcu_worker);
    for (const task_id t : tasks_)
        add(t);
    std::sort(ready_.begin() + of_branches, ready_.end());
}

// A call's way to its first label has no name in a schedule, so it belongs to the turn that passes the label.
bool execution::take_turn(task_id who, std::vector<planned_turn>* taken) {
    const task& t = k.w.tasks[who];
    const name_id name = t.has(task_flag::kernel_thread) ? scenario::scenario::rcu() : t.name;
    bool moved = false;
    for (;;) {
        const label_id label = k.waits_at(who);
        if (k.resume(who) == step::blocked)
            return moved;
        moved = true;
        ++atomic_steps;
        if (label != 0) {
            if (taken != nullptr)
                taken->push_back({name, label});
            return true;
        }
        if (!k.can_run(who))
            return true;
    }
}

void execution::begin_block(std::span<const std::vector<planned_call>> branches) {
    k.preemptive = true;
    branches_.clear();
    for (const std::vector<planned_call>& calls_of_branch : branches)
        branches_.push_back({calls_of_branch, {}});
}

void execution::end_block() {
    k.preemptive = false;
    k.collect_runnable();
    k.run_to_rest();
    find_newborn();
}

void execution::run_block(std::span<const std::vector<planned_call>> branches, scheduler& who,
                          std::vector<planned_turn>* taken) {
    begin_block(branches);
    who.start_block();
    for (bool moved = true; moved;) {
        start_ready();
        collect_ready();
        moved = false;
        while (!ready_.empty() && !moved) {
            const std::size_t chosen = who.choose(ready_);
            moved = take_turn(ready_[chosen], taken);
            ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(chosen));
        }
        find_newborn();
    }
    end_block();
}

void execution::follow_turn(const planned_turn& turn) {
    const task_id who = turn.task == scenario::scenario::rcu() ? k.w.rcu_worker : find_task(k, turn.task);
    // A call passes each label a few times at most; whoever does not come to this one is not held up by it.
    constexpr int patience = 1000;
    for (int i = 0; i < patience; ++i) {
        start_ready();
        if (!who || !k.can_run(who))
            return;
        const bool there = k.waits_at(who) == turn.label;
        if (k.resume(who) == step::blocked)
            return;
        ++atomic_steps;
        find_newborn();
        if (there)
            return;
    }
}

void execution::follow_block(std::span<const std::vector<planned_call>> branches,
                             std::span<const planned_turn> schedule) {
    begin_block(branches);
    for (const planned_turn& turn : schedule)
        follow_turn(turn);
    for (bool moved = true; moved;) {
        start_ready();
        collect_ready();
        moved = false;
        for (std::size_t i = 0; i < ready_.size() && !moved; ++i) {
            moved = k.resume(ready_[i]) != step::blocked;
            atomic_steps += moved ? 1U : 0U;
        }
        find_newborn();
    }
    end_block();
}

} // namespace seccomp_sim::property
