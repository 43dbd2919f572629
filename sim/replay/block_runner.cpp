// Runs the branches of a "concurrently" block, one atomic step at a time.
#include "sim/replay/block_runner.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/replay/expectation_checker.hpp"
#include "sim/replay/possible.hpp"
#include "sim/replay/schedule.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/schedule_text.hpp"

#include <algorithm>

namespace seccomp_sim::replay {

block_runner::block_runner(run& r, const scenario::concurrent_step& block, std::uint64_t seed)
    : r_(r), k_(r.k_), block_(block), random_state_(seed), branches_(block.branches.size()) {}

/// SplitMix64: the same numbers on every machine.
std::uint64_t block_runner::random() {
    random_state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t x = random_state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

void block_runner::start_ready() {
    for (std::size_t i = 0; i < branches_.size(); ++i) {
        branch& b = branches_[i];
        const auto& calls = block_.branches[i];
        while (!b.in_call && b.next < calls.size() && !r_.applies_(calls[b.next].info.on))
            ++b.next;
        if (b.in_call || b.next >= calls.size())
            continue;
        const scenario::call_step& call = calls[b.next].call;
        if (!why_impossible(r_, k_, call).empty())
            continue; // perhaps later: its task may still be born, or come back to user mode
        b.task = find_task(k_, call.task);
        b.in_call = true;
        r_.trace_.returned.erase(b.task);
        k_.start(b.task, r_.add_request(call.asked));
        ++b.next;
    }
}

void block_runner::check_call(const scenario::concurrent_step::branch_call& done, call_end end,
                              std::int64_t value, step_report& report) {
    step_report of_call;
    of_call.end = end;
    of_call.value = value;
    expectation_checker(r_, of_call).check_call(done.call, done.info.where, r_.trace_.events);
    report.failures.insert(report.failures.end(), of_call.failures.begin(), of_call.failures.end());
}

void block_runner::finish_calls(step_report& report) {
    for (std::size_t i = 0; i < branches_.size(); ++i) {
        branch& b = branches_[i];
        const auto value = r_.trace_.returned.find(b.task);
        if (!b.in_call || value == r_.trace_.returned.end())
            continue;
        b.in_call = false;
        const auto& done = block_.branches[i][b.next - 1];
        r_.note_pid(done.call.asked.child);
        check_call(done, call_end::returned, value->second, report);
    }
}

std::vector<task_id> block_runner::candidates() {
    std::vector<task_id> result;
    for (const branch& b : branches_)
        if (b.task && k_.can_run(b.task))
            result.push_back(b.task);
    k_.w.tasks.for_each([&](task_id t, const task&) {
        if (k_.can_run(t) && std::find(result.begin(), result.end(), t) == result.end())
            result.push_back(t);
    });
    return result;
}

step block_runner::take_step(task_id who) {
    const task& t = k_.w.tasks[who];
    const pass one{t.has(task_flag::kernel_thread) ? scenario::scenario::rcu() : t.name, k_.waits_at(who)};
    const step outcome = k_.resume(who);
    if (outcome == step::blocked)
        return outcome;
    taken_.push_back(one);
    if (r_.options_.after_pass)
        r_.options_.after_pass(k_, one);
    return outcome;
}

task_id block_runner::scheduled_task(const scenario::schedule_entry& entry) const {
    return entry.task == scenario::scenario::rcu() ? k_.w.rcu_worker : find_task(k_, entry.task);
}

void block_runner::follow(const scenario::schedule_entry& entry, step_report& report) {
    const auto fail = [&](const std::string& why) {
        throw scenario::input_error({r_.s_.place_of(entry.where),
                                     "task \"" + std::string(r_.s_.name_of(entry.task)) + "\" " + why +
                                         " before it passes " +
                                         std::string(scenario::schedule_label_text(entry.label)),
                                     "a label that it reaches on this kernel"});
    };
    for (;;) {
        start_ready();
        const task_id who = scheduled_task(entry);
        if (!who || !k_.can_run(who))
            fail("cannot go on");
        const bool there = k_.waits_at(who) == entry.label;
        if (take_step(who) == step::blocked)
            fail("waits for a lock");
        finish_calls(report);
        if (there)
            return;
    }
}

void block_runner::run_rest(bool by_chance, step_report& report) {
    for (;;) {
        start_ready();
        std::vector<task_id> ready = candidates();
        // A task that only finds a lock taken has not moved: another one is chosen.
        bool moved = false;
        while (!ready.empty() && !moved) {
            const std::size_t chosen = by_chance ? random() % ready.size() : 0;
            moved = take_step(ready[chosen]) != step::blocked;
            ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(chosen));
        }
        finish_calls(report);
        if (!moved)
            return;
    }
}

std::vector<std::string> block_runner::schedule_text() const {
    std::vector<std::string> entries;
    for (const scenario::schedule_entry& entry : schedule_of(taken_))
        entries.push_back(scenario::schedule_entry_text(r_.s_, entry.task, entry.label));
    return entries;
}

/// At rest, after all that the steps themselves checked: what nobody's step shows.
void block_runner::check_rest() {
    std::string stuck;
    for (const task_id t : candidates())
        stuck +=
            (stuck.empty() ? "" : ", ") + k_.describe(t) + " at " + std::string(label_name(k_.waits_at(t)));
    if (!stuck.empty())
        k_.violate(invariant::no_deadlock, "nobody can go on: " + stuck);
    const std::size_t known = k_.violations.size();
    k_.collect_runnable();
    k_.run_to_rest();
    if (k_.check_invariants && k_.violations.size() == known)
        k_.audit(true);
}

void block_runner::run_all(step_report& report) {
    k_.preemptive = true;
    if (block_.schedule)
        for (const scenario::schedule_entry& entry : *block_.schedule)
            follow(entry, report);
    run_rest(!block_.schedule, report);
    k_.preemptive = false;
    check_rest();
    finish_calls(report);
    report.schedule = schedule_text();
    for (std::size_t i = 0; i < branches_.size(); ++i) {
        const branch& b = branches_[i];
        if (!b.in_call)
            continue;
        const auto& last = block_.branches[i][b.next - 1];
        const task_id who = find_task(k_, last.call.task);
        check_call(last, who && k_.w.tasks[who].call ? call_end::blocks : call_end::died, 0, report);
    }
}

} // namespace seccomp_sim::replay
